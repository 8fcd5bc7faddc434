#include "weights/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "weights/layouts.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// What a scheduler_config.json says of the prediction and the end of the noise, for a person; empty for the usual.
std::string training_in_words(const std::string& scheduler_config) {
    // Whether it is sound is found out where it is used.
    const auto config = nlohmann::json::parse(scheduler_config, nullptr, /*allow_exceptions=*/false);
    if (!config.is_object()) return {};
    const auto is = [&](const char* key, const nlohmann::json& value) {
        return config.contains(key) && config[key] == value;
    };
    return fmt::format("{}{}", is("prediction_type", "v_prediction") ? ", v-prediction" : "",
                       is("rescale_betas_zero_snr", true) ? ", zero terminal SNR" : "");
}

}  // namespace

Checkpoint Checkpoint::open(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found)
        fail(ErrorKind::not_found,
             "{}: there is no such file or folder; give a diffusers folder or a .safetensors file", path.string());
    return fs::is_directory(status) ? open_diffusers_folder(path) : open_single_file(path);
}

std::vector<const Weights*> Checkpoint::all_weights() const {
    std::vector<const Weights*> all = {&text_encoder.weights, &unet.weights, &vae.weights};
    if (text_encoder_2) all.push_back(&text_encoder_2->weights);
    return all;
}

std::uint64_t Checkpoint::total_bytes() const {
    std::uint64_t bytes = 0;
    for (const Weights* weights : all_weights()) bytes += weights->total_bytes();
    return bytes;
}

MappedFiles Checkpoint::files() const {
    MappedFiles all;
    for (const Weights* weights : all_weights())
        for (const auto& file : weights->files())
            if (std::ranges::find(all, file) == all.end()) all.push_back(file);
    return all;
}

std::string Checkpoint::description() const {
    std::set<std::string_view> types;
    for (const Weights* weights : all_weights())
        for (const DType dtype : weights->dtypes()) types.insert(easel::name(dtype));
    const UNetVariant* variant = unet_variant(unet.config.in_channels, vae.config.latent_channels);
    const bool is_plain = !variant || variant->name.empty();
    return fmt::format(
        "{}{}{}{}, {}, {}, {:.1f} MB{}", row_of(family).name, is_plain ? "" : ", ", is_plain ? "" : variant->name,
        unet.config.time_cond_proj_dim > 0 ? ", takes the guidance scale (LCM)" : "",
        layout == Layout::diffusers_folder ? "diffusers folder" : "single file", fmt::join(types, " and "),
        static_cast<double>(total_bytes()) / 1e6, scheduler_config ? training_in_words(*scheduler_config) : "");
}

void check_parts(const TextEncoderConfig& text_encoder, const UNetConfig& unet, const VaeConfig& vae, Family family,
                 const std::string& where, const TextEncoderConfig* text_encoder_2) {
    const FamilyRow& row = row_of(family);
    if (!row.is_drawn)
        fail(ErrorKind::unsupported, "{}: is a {} model, which is not supported yet; {}", where, row.name,
             drawn_families());
    const UNetVariant* variant = unet_variant(unet.in_channels, vae.latent_channels);
    const bool is_drawn =
        variant && variant->is_drawn && !(variant->guidance == GuidanceRows::three && row.has_added_conditions());
    if (variant && !is_drawn)
        fail(
            ErrorKind::unsupported,
            "{}: is {} (its UNet takes {} channels, its VAE has {} latent channels), which is not supported yet; plain "
            "models are",
            where, variant->name, unet.in_channels, vae.latent_channels);
    if (!variant || unet.out_channels != vae.latent_channels)
        fail(ErrorKind::damaged, "{}: its UNet takes {} and gives {} channels, but its VAE has {} latent channels",
             where, unet.in_channels, unet.out_channels, vae.latent_channels);
    const int width = text_encoder.hidden_size + (text_encoder_2 ? text_encoder_2->hidden_size : 0);
    if (unet.cross_attention_dim != width)
        fail(ErrorKind::damaged, "{}: its UNet takes embeddings of width {}, but its text encoder{} {}", where,
             unet.cross_attention_dim, text_encoder_2 ? "s give" : " gives", width);
    const TextEncoderConfig& pooled = text_encoder_2 ? *text_encoder_2 : text_encoder;
    const int sizes = row.size_ids * unet.addition_time_embed_dim;
    if (row.has_added_conditions() && unet.added_conditions != pooled.projection_dim + sizes)
        fail(ErrorKind::damaged,
             "{}: its UNet takes {} added conditions, but its {}text encoder gives {} and the {} {}", where,
             unet.added_conditions, text_encoder_2 ? "second " : "", pooled.projection_dim,
             row.takes_aesthetic_score() ? "sizes and the aesthetic score" : "sizes", sizes);
    // A model of its own may have a factor of its own.
    const auto has_this_factor = [&](const FamilyRow& other) {
        return other.scaling_factor != row.scaling_factor && std::abs(other.scaling_factor - vae.scaling_factor) < 1e-6;
    };
    if (const auto other = std::ranges::find_if(families(), has_this_factor);
        row.has_added_conditions() && other != families().end())
        fail(ErrorKind::damaged,
             "{}: its VAE is one of {} (it scales latents by {}), and its UNet one of {} (by {}); they do not belong "
             "together",
             where, other->name, vae.scaling_factor, row.name, row.scaling_factor);
}

void add_as_diffusers_stores(Weights& weights, const std::string& diffusers_name, TensorView tensor,
                             const SafetensorsFile& file) {
    const std::string_view name = diffusers_name;
    if (name.ends_with("embeddings.position_ids")) return;
    const bool projection = name.ends_with(".weight") &&
                            name.find(".mid_block.attentions.") != std::string_view::npos &&
                            name.find(".to_") != std::string_view::npos;
    if (projection && tensor.shape.size() == 4 && tensor.shape[2] == 1 && tensor.shape[3] == 1) tensor.shape.resize(2);
    weights.add(diffusers_name, tensor, file.file());
}

}  // namespace easel
