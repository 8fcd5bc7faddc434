#include "adapters/lora_groups.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/ranges.h>

#include "adapters/lora_keys.h"

namespace easel {
namespace {

/// In names of layers that only Stable Diffusion XL has: of the second text encoder, and of what the UNet is told
/// beside the text.
constexpr std::string_view xl_marks[] = {"lora_te2_", "text_encoder_2.", "add_embedding", "label_emb_0_"};
/// In names of attention at the highest resolution, which it has not.
constexpr std::string_view other_marks[] = {
    "unet_input_blocks_1_1_",    "unet_input_blocks_2_1_",   "unet_output_blocks_9_1_",
    "unet_output_blocks_10_1_",  "unet_output_blocks_11_1_", "down_blocks_0_attentions_",
    "down_blocks.0.attentions.", "up_blocks_3_attentions_",  "up_blocks.3.attentions."};

/// Widths of the text that the published UNets attend to.
constexpr std::pair<std::int64_t, Family> text_widths[] = {
    {768, Family::stable_diffusion_1}, {1024, Family::stable_diffusion_2}, {2048, Family::stable_diffusion_xl}};

bool has_mark(const LoraGroups& groups, std::span<const std::string_view> marks) {
    return std::ranges::any_of(groups, [&](const auto& group) {
        return std::ranges::any_of(marks,
                                   [&](std::string_view mark) { return group.first.find(mark) != std::string::npos; });
    });
}

/// The columns of the weight that the parts change; none if their kind does not show them.
std::optional<std::int64_t> columns_of(const LoraParts& parts) {
    for (const char* part : {"lora_down.weight", "hada_w1_b", "diff"})
        if (const auto found = parts.find(part); found != parts.end() && found->second.shape.size() == 2)
            return found->second.shape[1];
    return std::nullopt;
}

std::optional<Family> family_by_text_width(const LoraGroups& groups) {
    for (const auto& [layer, parts] : groups) {
        const bool reads_text = layer.find("attn2") != std::string::npos && layer.ends_with("to_k");
        const auto width = reads_text ? columns_of(parts) : std::nullopt;
        for (const auto& [known, family] : text_widths)
            if (width == known) return family;
    }
    return std::nullopt;
}

}  // namespace

LoraGroups grouped(const std::map<std::string, TensorView>& tensors) {
    LoraGroups groups;
    for (const auto& [name, tensor] : tensors) {
        LoraKey key = lora_key(name);
        groups[std::move(key.layer)].emplace(std::move(key.part), tensor);
    }
    return groups;
}

std::vector<Family> families_of(const LoraGroups& groups, const std::map<std::string, std::string>& metadata) {
    const auto base = metadata.find("ss_base_model_version");
    const bool says_xl = base != metadata.end() && base->second.find("sdxl") != std::string::npos;
    if (says_xl || has_mark(groups, xl_marks)) return {Family::stable_diffusion_xl};
    if (const auto family = family_by_text_width(groups)) return {*family};
    if (has_mark(groups, other_marks)) return {Family::stable_diffusion_1, Family::stable_diffusion_2};
    return {};
}

std::string names_of(const std::vector<Family>& families) {
    std::vector<std::string_view> names;
    for (const Family family : families) names.push_back(row_of(family).name);
    return fmt::format("{}", fmt::join(names, " or "));
}

}  // namespace easel
