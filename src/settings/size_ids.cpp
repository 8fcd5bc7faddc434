#include "settings/size_ids.h"

#include <optional>
#include <variant>

#include "settings/number_pair.h"
#include "settings/table.h"

namespace easel {
namespace {

constexpr std::string_view told_size_fields[] = {"original_size",          "crop",          "target_size",
                                                 "negative_original_size", "negative_crop", "negative_target_size"};

/// Height and width, or top and left, of "WxH" or "X,Y".
using Pair = std::pair<double, double>;
Pair pair_of(const std::optional<std::string>& text, char between, const Pair& missing) {
    const auto pair = text ? number_pair(*text, between) : std::nullopt;
    return pair ? Pair(pair->second, pair->first) : missing;
}

}  // namespace

SizeIds size_ids_of(const Request& request, const Size& size, Task task) {
    const Pair drawn(size.height, size.width);
    const Pair original = pair_of(request.original_size, 'x', drawn);
    const Pair crop = pair_of(request.crop, ',', {0.0, 0.0});
    const Pair target = pair_of(request.target_size, 'x', drawn);
    const auto joined = [](const Pair& a, const Pair& b, const Pair& c) {
        return std::vector<double>{a.first, a.second, b.first, b.second, c.first, c.second};
    };
    SizeIds ids{.cond = joined(original, crop, target), .uncond = joined(original, crop, target)};
    const bool from_text = task == Task::text_to_image;
    if (!from_text || (request.negative_original_size && request.negative_target_size))
        ids.uncond = joined(pair_of(request.negative_original_size, 'x', original),
                            from_text ? pair_of(request.negative_crop, ',', {0.0, 0.0}) : crop,
                            pair_of(request.negative_target_size, 'x', target));
    return ids;
}

std::vector<std::pair<std::string_view, std::string>> told_sizes(const Request& request) {
    std::vector<std::pair<std::string_view, std::string>> told;
    for (const std::string_view field : told_size_fields)
        if (const Value value = get(request, setting(field));
            std::holds_alternative<std::string>(value) && !std::get<std::string>(value).empty())
            told.emplace_back(field, std::get<std::string>(value));
    return told;
}

}  // namespace easel
