#include "adapters/lora_facts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

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

/// The columns of the weight that the parts change; none if their kind does not show them.
std::optional<std::int64_t> columns_of(const LoraParts& parts) {
    for (const char* part : {"lora_down.weight", "hada_w1_b", "diff"})
        if (const auto found = parts.find(part); found != parts.end() && found->second.shape.size() == 2)
            return found->second.shape[1];
    return std::nullopt;
}

/// By the width of the text that the UNet attends to.
std::string family_of(const LoraGroups& groups, const Metadata& metadata) {
    if (is_for_sdxl(groups, metadata)) return "Stable Diffusion XL";
    for (const auto& [layer, parts] : groups) {
        const bool reads_text = layer.find("attn2") != std::string::npos && layer.ends_with("to_k");
        const auto width = reads_text ? columns_of(parts) : std::nullopt;
        if (width == 768) return "Stable Diffusion 1.x";
        if (width == 1024) return "Stable Diffusion 2.x";
        if (width == 2048) return "Stable Diffusion XL";
    }
    return "";
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
        if (const auto down = parts.find("lora_down.weight"); down != parts.end() && !down->second.shape.empty())
            facts.ranks.insert(down->second.shape[0]);
        if (const auto alpha = parts.find("alpha"); alpha != parts.end() && is_float(alpha->second.dtype)) {
            const std::vector<float> values = floats_of(alpha->second.bytes, alpha->second.dtype);
            if (values.size() == 1 && std::isfinite(values[0])) facts.alphas.insert(values[0]);
        }
    }
    const std::size_t count = facts.unet_layers + facts.text_encoder_layers;
    if (count == 0 || 2 * count < groups.size()) return std::nullopt;
    facts.family = family_of(groups, content.metadata);
    facts.words = words_of(content.metadata);
    facts.title = text_at(content.metadata, "modelspec.title");
    if (facts.title.empty()) facts.title = text_at(content.metadata, "ss_output_name");
    facts.has_thumbnail = !text_at(content.metadata, "modelspec.thumbnail").empty();
    return facts;
}

std::string LoraFacts::description() const {
    std::string layers = fmt::format("{} layers of the UNet", unet_layers);
    if (text_encoder_layers > 0) layers += fmt::format(" and {} of the text encoder", text_encoder_layers);
    return fmt::format("a {}{}: {}{}{}", fmt::join(kinds, " and "), family.empty() ? "" : " for " + family, layers,
                       range_of("rank", ranks), range_of("alpha", alphas));
}

}  // namespace easel
