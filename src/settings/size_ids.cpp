#include "settings/size_ids.h"

#include <optional>
#include <utility>

#include "settings/number_pair.h"
#include "settings/table.h"

namespace easel {
namespace {

constexpr std::string_view told_size_fields[] = {"original_size",   "crop",
                                                 "target_size",     "negative_original_size",
                                                 "negative_crop",   "negative_target_size",
                                                 "aesthetic_score", "negative_aesthetic_score"};

/// Height and width, or top and left, of "WxH" or "X,Y".
using Pair = std::pair<double, double>;
Pair pair_of(const std::optional<std::string>& text, char between, const Pair& missing) {
    const auto pair = text ? number_pair(*text, between) : std::nullopt;
    return pair ? Pair(pair->second, pair->first) : missing;
}

/// For a UNet that is told an aesthetic score. Source: StableDiffusionXLImg2ImgPipeline, the one class that does so.
SizeIds ids_with_score(const Request& request, const Pair& original, const Pair& crop) {
    const Pair original_of_uncond = pair_of(request.negative_original_size, 'x', original);
    const Pair crop_of_uncond = pair_of(request.negative_crop, ',', {0.0, 0.0});
    return {.cond = {original.first, original.second, crop.first, crop.second,
                     request.aesthetic_score.value_or(usual_aesthetic_score)},
            .uncond = {original_of_uncond.first, original_of_uncond.second, crop_of_uncond.first, crop_of_uncond.second,
                       request.negative_aesthetic_score.value_or(usual_negative_aesthetic_score)}};
}

}  // namespace

SizeIds size_ids_of(const Request& request, const ModelFacts& facts, const Size& size, Task task) {
    if (!facts.text.is_pooled) return {};
    const Pair drawn(size.height, size.width);
    const Pair original = pair_of(request.original_size, 'x', drawn);
    const Pair crop = pair_of(request.crop, ',', {0.0, 0.0});
    if (facts.takes_aesthetic_score) return ids_with_score(request, original, crop);
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

bool has_zero_negative(const Request& request, const ModelFacts& facts) {
    if (!facts.text.is_pooled || !request.negative_prompt.empty() || !request.negative_prompt_2.empty()) return false;
    return request.empty_negative ? *request.empty_negative == "zeros" : facts.text.zeros_for_no_negative;
}

std::vector<std::pair<std::string_view, std::string>> told_sizes(const Request& request) {
    std::vector<std::pair<std::string_view, std::string>> told;
    for (const std::string_view field : told_size_fields)
        if (auto text = text_of(setting(field), get(request, setting(field))); text && !text->empty())
            told.emplace_back(field, *std::move(text));
    return told;
}

}  // namespace easel
