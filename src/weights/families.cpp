#include "weights/families.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace easel {
namespace {

enum class Where { begins, contains };

/// A name that only tensors of one kind of file have.
struct Mark {
    Where where;
    std::string_view text;
    const char* kind;
};

/// What is trained for a model. Files of whole models carry such tensors too, left over or beside the model.
constexpr Mark additions[] = {
    {Where::begins, "lora_", "a LoRA"},
    {Where::contains, ".lora_down.", "a LoRA"},
    {Where::contains, ".lora_up.", "a LoRA"},
    {Where::contains, ".lora_A.", "a LoRA"},
    {Where::contains, ".lora_B.", "a LoRA"},
    {Where::contains, ".lora.down.", "a LoRA"},
    {Where::contains, "_lora.down.", "a LoRA"},
    {Where::contains, ".lora_linear_layer.", "a LoRA"},
    {Where::contains, ".hada_w1", "a LoRA (LoHa)"},
    {Where::contains, ".lokr_w1", "a LoRA (LoKr)"},
};

constexpr Mark marks[] = {
    {Where::begins, "control_model.", "a ControlNet"},
    {Where::begins, "controlnet_", "a ControlNet"},
    {Where::begins, "input_hint_block.", "a ControlNet"},
    {Where::begins, "ip_adapter.", "an IP-Adapter"},
    {Where::begins, "image_proj.", "an IP-Adapter"},
    {Where::contains, "motion_modules.", "a motion module (AnimateDiff)"},
    {Where::begins, "emb_params", "a textual inversion embedding"},
    {Where::begins, "string_to_param", "a textual inversion embedding"},
    {Where::begins, "clip_l", "a textual inversion embedding"},
    {Where::begins, "clip_g", "a textual inversion embedding"},
    {Where::begins, "conditioner.embedders.", "a Stable Diffusion XL model"},
    {Where::begins, "cond_stage_model.model.", "a Stable Diffusion 2.x model"},
    {Where::begins, "joint_blocks.", "a Stable Diffusion 3 model"},
    {Where::contains, ".joint_blocks.", "a Stable Diffusion 3 model"},
    {Where::begins, "double_blocks.", "a Flux model"},
    {Where::contains, ".double_blocks.", "a Flux model"},
};

bool fits(const Mark& mark, std::string_view name) {
    return mark.where == Where::begins ? name.starts_with(mark.text) : name.find(mark.text) != std::string_view::npos;
}

/// Which of the three networks a file of original names has, and what files of one network alone begin their names
/// with.
struct Part {
    std::string_view original;
    const char* alone;
    std::string_view beginnings[3];
};

constexpr Part unet = {"model.diffusion_model.", "a UNet alone", {"down_blocks.", "input_blocks.", "mid_block."}};
constexpr Part vae = {"first_stage_model.", "a VAE alone", {"encoder.down.", "encoder.down_blocks.", "decoder.up"}};
/// What only the text encoder of Stable Diffusion 1.x begins with: 2.x has `cond_stage_model.model.`.
constexpr std::string_view clip = "cond_stage_model.transformer.";
constexpr Part text_encoder = {
    "cond_stage_model.", "a text encoder alone", {"text_model.", "embeddings.", "transformer.text_model."}};

}  // namespace

std::optional<std::string> other_kind(const std::map<std::string, TensorView>& tensors) {
    const auto any = [&](auto condition) {
        return std::ranges::any_of(tensors, [&](const auto& entry) { return condition(entry.first); });
    };
    const auto any_begins = [&](std::string_view beginning) {
        return any([&](std::string_view name) { return name.starts_with(beginning); });
    };

    const auto kind_by = [&](std::span<const Mark> candidates) -> std::optional<std::string> {
        for (const Mark& mark : candidates)
            if (any([&](std::string_view name) { return fits(mark, name); })) return mark.kind;
        return std::nullopt;
    };
    const bool is_whole = any_begins(unet.original) && any_begins(vae.original) && any_begins(clip);
    if (auto kind = is_whole ? std::nullopt : kind_by(additions)) return kind;
    if (auto kind = kind_by(marks)) return kind;
    if (tensors.size() == 1 && tensors.begin()->second.shape.size() <= 2) return "a textual inversion embedding";

    const bool has_unet = any_begins(unet.original), has_vae = any_begins(vae.original),
               has_text_encoder = any_begins(text_encoder.original);
    if (has_unet && has_vae && has_text_encoder) return std::nullopt;
    if (has_unet && has_vae) return "a UNet and a VAE without a text encoder";
    if (has_unet && has_text_encoder) return "a UNet and a text encoder without a VAE";
    if (has_vae && has_text_encoder) return "a VAE and a text encoder without a UNet";
    for (const Part& part : {unet, vae, text_encoder}) {
        const bool alone = std::ranges::any_of(part.beginnings, any_begins);
        if (alone || any_begins(part.original)) return part.alone;
    }
    return "a safetensors file, but no Stable Diffusion checkpoint";
}

}  // namespace easel
