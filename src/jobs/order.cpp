#include "jobs/order.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace easel::jobs {

std::vector<std::size_t> drawing_order(std::span<const Work> pictures) {
    std::map<std::string, std::size_t> engines;
    std::map<std::pair<std::string, std::string>, std::size_t> sizes;
    std::vector<std::pair<std::size_t, std::size_t>> places;  // by the first picture of the engine, of the size
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        const Work& work = pictures[i];
        places.emplace_back(engines.try_emplace(work.engine, i).first->second,
                            sizes.try_emplace({work.engine, work.size}, i).first->second);
    }
    std::vector<std::size_t> order(pictures.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return places[i]; });
    return order;
}

}  // namespace easel::jobs
