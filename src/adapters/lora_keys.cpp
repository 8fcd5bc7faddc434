#include "adapters/lora_keys.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace easel {
namespace {

struct Ending {
    std::string_view ending, part;
};

/// How diffusers' names end, the longer ones first where one ends like another.
constexpr std::array<Ending, 9> endings = {{
    {".lora_A.weight", "lora_down.weight"},
    {".lora_B.weight", "lora_up.weight"},
    {".lora_magnitude_vector.weight", "dora_scale"},
    {".lora_magnitude_vector", "dora_scale"},
    {".lora.down.weight", "lora_down.weight"},
    {".lora.up.weight", "lora_up.weight"},
    {".lora_linear_layer.down.weight", "lora_down.weight"},
    {".lora_linear_layer.up.weight", "lora_up.weight"},
    {".alpha", "alpha"},
}};

/// The layers of an attention as its old processors called them, and their names in the UNet and in the text encoder.
struct OfProcessor {
    std::string_view name, in_unet, in_text_encoder;
};
constexpr std::array<OfProcessor, 4> of_processors = {{
    {".to_q_lora", "to_q", "q_proj"},
    {".to_k_lora", "to_k", "k_proj"},
    {".to_v_lora", "to_v", "v_proj"},
    {".to_out_lora", "to_out.0", "out_proj"},
}};

bool drop_ending(std::string_view& name, std::string_view ending) {
    if (!name.ends_with(ending)) return false;
    name.remove_suffix(ending.size());
    return true;
}

std::string of_a_network(std::string_view layer) {
    const bool has_one =
        layer.starts_with("unet.") || layer.starts_with("text_encoder.") || layer.starts_with("text_encoder_2.");
    return has_one ? std::string(layer) : fmt::format("unet.{}", layer);
}

}  // namespace

LoraKey lora_key(std::string_view name) {
    if (name.starts_with("lora_unet_") || name.starts_with("lora_te")) {
        const std::size_t dot = std::min(name.find('.'), name.size());
        return {std::string(name.substr(0, dot)), std::string(name.substr(std::min(dot + 1, name.size())))};
    }
    for (const auto& [ending, part] : endings)
        if (std::string_view layer = name; drop_ending(layer, ending)) return {of_a_network(layer), std::string(part)};
    for (const std::string_view way : {"down", "up"})
        for (const OfProcessor& old : of_processors) {
            std::string_view attention = name;
            if (!drop_ending(attention, fmt::format("{}.{}.weight", old.name, way))) continue;
            drop_ending(attention, ".processor");
            const bool is_text = attention.find("text_model") != std::string_view::npos;
            return {of_a_network(fmt::format("{}.{}", attention, is_text ? old.in_text_encoder : old.in_unet)),
                    fmt::format("lora_{}.weight", way)};
        }
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return {std::string(name), ""};
    return {std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
}

}  // namespace easel
