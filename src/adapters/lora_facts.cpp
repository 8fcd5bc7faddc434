#include "adapters/lora_facts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "adapters/layer_table.h"
#include "adapters/lora_groups.h"
#include "weights/floats.h"

namespace easel {
namespace {

using Metadata = std::map<std::string, std::string>;

/// More than anyone has, so that sums stay whole.
constexpr std::int64_t most_pictures = 1'000'000'000;

bool is_of_text_encoder(std::string_view layer) {
    return layer.starts_with("lora_te") || layer.starts_with("text_encoder");
}

bool is_of_second_text_encoder(std::string_view layer) {
    return layer.starts_with("lora_te2_") || layer.starts_with(diffusers_prefix(AdaptedNetwork::text_encoder_2));
}

/// Of all folders of pictures together.
std::vector<std::pair<std::string, std::int64_t>> words_of(const Metadata& metadata) {
    const auto found = metadata.find("ss_tag_frequency");
    if (found == metadata.end()) return {};
    const auto folders = nlohmann::json::parse(found->second, nullptr, /*allow_exceptions=*/false);
    std::map<std::string, std::int64_t> counts;
    if (folders.is_object())
        for (const auto& folder : folders)
            if (folder.is_object())
                for (const auto& [word, count] : folder.items())
                    if (count.is_number_integer()) counts[word] += std::min(count.get<std::int64_t>(), most_pictures);
    std::vector<std::pair<std::string, std::int64_t>> words(counts.begin(), counts.end());
    std::ranges::stable_sort(words, [](const auto& a, const auto& b) { return a.second > b.second; });
    return words;
}

std::string text_at(const Metadata& metadata, const std::string& key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? "" : found->second;
}

/// "rank 4", "rank 4 to 16"; empty for no number.
template <typename Numbers>
std::string range_of(std::string_view name, const Numbers& numbers) {
    if (numbers.empty()) return "";
    if (numbers.size() == 1) return fmt::format(", {} {}", name, *numbers.begin());
    return fmt::format(", {} {} to {}", name, *numbers.begin(), *numbers.rbegin());
}

}  // namespace

std::optional<LoraFacts> lora_facts(const SafetensorsContent& content) {
    const LoraGroups groups = grouped(content.tensors);
    LoraFacts facts;
    for (const auto& [layer, parts] : groups) {
        const LoraKind* kind = lora_kind(parts);
        if (!kind) continue;
        facts.kinds.emplace(kind->name);
        ++(is_of_text_encoder(layer) ? facts.text_encoder_layers : facts.unet_layers);
        if (is_of_second_text_encoder(layer)) ++facts.text_encoder_2_layers;
        if (const auto down = parts.find("lora_down.weight"); down != parts.end() && !down->second.shape.empty())
            facts.ranks.insert(down->second.shape[0]);
        if (const auto alpha = parts.find("alpha"); alpha != parts.end() && is_float(alpha->second.dtype)) {
            const std::vector<float> values = floats_of(alpha->second.bytes, alpha->second.dtype);
            if (values.size() == 1 && std::isfinite(values[0])) facts.alphas.insert(values[0]);
        }
    }
    const std::size_t count = facts.unet_layers + facts.text_encoder_layers;
    if (count == 0 || 2 * count < groups.size()) return std::nullopt;
    facts.family = names_of(families_of(groups, content.metadata));
    facts.words = words_of(content.metadata);
    facts.title = text_at(content.metadata, "modelspec.title");
    if (facts.title.empty()) facts.title = text_at(content.metadata, "ss_output_name");
    facts.has_thumbnail = !text_at(content.metadata, "modelspec.thumbnail").empty();
    return facts;
}

std::string LoraFacts::description() const {
    std::string layers = fmt::format("{} layers of the UNet", unet_layers);
    if (text_encoder_layers > 0)
        layers += fmt::format(" and {} of the text encoder{}", text_encoder_layers, text_encoder_2_layers ? "s" : "");
    return fmt::format("a {}{}: {}{}{}", fmt::join(kinds, " and "), family.empty() ? "" : " for " + family, layers,
                       range_of("rank", ranks), range_of("alpha", alphas));
}

}  // namespace easel
