#include "weights/family.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/ranges.h>

namespace easel {
namespace {

/// Ids of "<|endoftext|>" and of "!".
constexpr int end_of_text = 49407, exclamation_mark = 0;

constexpr std::string_view clip_l_prefixes[] = {"cond_stage_model.transformer.", "text_encoders.clip_l.transformer."};
constexpr std::string_view open_clip_h_prefixes[] = {"cond_stage_model.model.", "conditioner.embedders.0.model."};
constexpr std::string_view xl_clip_l_prefixes[] = {"conditioner.embedders.0.transformer.",
                                                   "text_encoders.clip_l.transformer."};
constexpr std::string_view xl_open_clip_g_prefixes[] = {"conditioner.embedders.1.model.",
                                                        "text_encoders.clip_g.transformer."};
constexpr std::string_view refiner_open_clip_g_prefixes[] = {"conditioner.embedders.0.model."};

constexpr FamilyTextEncoder texts_of_1[] = {
    {"text_encoder", clip_l_prefixes, TextNames::transformers, TextLayer::last, true, false, end_of_text}};
// The last layer but one, as the published config has one layer less.
constexpr FamilyTextEncoder texts_of_2[] = {{"text_encoder", open_clip_h_prefixes, TextNames::open_clip,
                                             TextLayer::penultimate, true, false, exclamation_mark}};
constexpr FamilyTextEncoder texts_of_xl[] = {
    {"text_encoder", xl_clip_l_prefixes, TextNames::transformers, TextLayer::penultimate, false, false, end_of_text},
    {"text_encoder_2", xl_open_clip_g_prefixes, TextNames::open_clip, TextLayer::penultimate, false, true,
     exclamation_mark}};
constexpr FamilyTextEncoder texts_of_refiner[] = {{"text_encoder_2", refiner_open_clip_g_prefixes, TextNames::open_clip,
                                                   TextLayer::penultimate, false, true, exclamation_mark}};

constexpr std::string_view scheduler_of_1 = R"({
    "_class_name": "PNDMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000, "prediction_type": "epsilon", "clip_sample": false, "set_alpha_to_one": false,
    "skip_prk_steps": true, "steps_offset": 1, "timestep_spacing": "leading", "trained_betas": null})";
constexpr std::string_view scheduler_of_2 = R"({
    "_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000, "prediction_type": "v_prediction", "clip_sample": false, "set_alpha_to_one": false,
    "steps_offset": 1, "trained_betas": null})";
constexpr std::string_view scheduler_of_xl = R"({
    "_class_name": "EulerDiscreteScheduler", "beta_start": 0.00085, "beta_end": 0.012,
    "beta_schedule": "scaled_linear", "num_train_timesteps": 1000, "prediction_type": "epsilon", "steps_offset": 1,
    "timestep_spacing": "leading", "trained_betas": null})";

constexpr std::array rows = {
    FamilyRow{Family::stable_diffusion_1, "Stable Diffusion 1.x", texts_of_1, 0, 512, 512, false, 0.18215,
              scheduler_of_1, true},
    FamilyRow{Family::stable_diffusion_2, "Stable Diffusion 2.x", texts_of_2, 0, 512, 768, true, 0.18215,
              scheduler_of_2, true},
    FamilyRow{Family::stable_diffusion_xl, "Stable Diffusion XL", texts_of_xl, 6, 1024, 1024, false, 0.13025,
              scheduler_of_xl, true},
    FamilyRow{Family::stable_diffusion_xl_refiner, "Stable Diffusion XL refiner", texts_of_refiner, 5, 1024, 1024,
              false, 0.13025, scheduler_of_xl, true},
};

constexpr bool rows_follow_the_enum() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].family) != i) return false;
    return true;
}
static_assert(rows_follow_the_enum());

constexpr std::string_view all_unet_prefixes[] = {"model.diffusion_model."};
constexpr std::string_view all_vae_prefixes[] = {"first_stage_model.", "vae."};

constexpr UNetVariant variants[] = {
    {"", 1, 0, GuidanceRows::two, Masking::between_steps, true},
    {"an inpainting model", 2, 1, GuidanceRows::two, Masking::in_the_unet, true},
    {"an InstructPix2Pix model", 2, 0, GuidanceRows::three, Masking::between_steps, true},
    {"a depth model", 1, 1, GuidanceRows::two, Masking::between_steps, false},
    {"an upscaler", 1, 3, GuidanceRows::two, Masking::between_steps, false},
};

/// Width of the embeddings of Stable Diffusion 2.x.
constexpr int open_clip_h_width = 1024;

}  // namespace

std::span<const FamilyRow> families() { return rows; }

const FamilyRow& row_of(Family family) { return rows[static_cast<std::size_t>(family)]; }

std::span<const std::string_view> unet_prefixes() { return all_unet_prefixes; }
std::span<const std::string_view> vae_prefixes() { return all_vae_prefixes; }

std::string drawn_families() {
    std::vector<std::string_view> names;
    for (const FamilyRow& row : rows)
        if (row.is_drawn) names.push_back(row.name);
    return fmt::format("{} {}", fmt::join(names, ", "), names.size() == 1 ? "is" : "are");
}

const UNetVariant* unet_variant(int in_channels, int latent_channels) {
    for (const UNetVariant& variant : variants)
        if (in_channels == variant.times_latents * latent_channels + variant.more) return &variant;
    return nullptr;
}

Family family_of(const TextEncoderConfig& text_encoder, const UNetConfig& unet) {
    if (unet.addition_time_embed_dim > 0) return Family::stable_diffusion_xl;
    const bool has_its_width =
        text_encoder.hidden_size == open_clip_h_width && unet.cross_attention_dim == open_clip_h_width;
    // A small model may have another.
    const bool is_built_so = text_encoder.hidden_act == "gelu" && unet.use_linear_projection;
    return has_its_width || is_built_so ? Family::stable_diffusion_2 : Family::stable_diffusion_1;
}

}  // namespace easel
