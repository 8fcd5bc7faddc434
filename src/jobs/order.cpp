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

std::vector<std::size_t> parts_of(std::span<const std::uint64_t> weights, std::size_t count) {
    const std::uint64_t all = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
    std::vector<std::size_t> parts;
    std::uint64_t before = 0;
    for (const std::uint64_t weight : weights) {
        // Where the middle of the piece lies; in whole numbers, which are the same on all machines.
        const std::uint64_t part = all == 0 ? 0 : (2 * before + weight) * count / (2 * all);
        parts.push_back(std::min<std::size_t>(part, count - 1));
        before += weight;
    }
    return parts;
}

std::size_t place_in(std::span<const std::uint64_t> weights, double begin) {
    const auto all = static_cast<double>(std::accumulate(weights.begin(), weights.end(), std::uint64_t{0}));
    double before = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (before >= begin * all) return i;
        before += static_cast<double>(weights[i]);
    }
    return 0;
}

}  // namespace easel::jobs
