#include "weights/lone_network.h"

#include <cmath>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/overloaded.h"
#include "weights/checkpoint.h"
#include "weights/contents.h"
#include "weights/pickle.h"
#include "weights/safetensors.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// The latent channels of the families in the table.
constexpr int channels_of_families = 4;
/// Of Stable Diffusion 3 and of Flux.
constexpr int channels_of_others = 16;

/// The refiner shares its VAE with the family that it refines.
template <typename Predicate>
std::vector<std::string> family_names_where(Predicate fits) {
    std::vector<std::string> names;
    for (const FamilyRow& row : families())
        if (!row.takes_aesthetic_score() && fits(row)) names.emplace_back(row.name);
    return names;
}

std::vector<std::string> families_with_latents(int channels) {
    if (channels == channels_of_others) return {"Stable Diffusion 3", "Flux"};
    if (channels != channels_of_families) return {};
    return family_names_where([](const FamilyRow&) { return true; });
}

std::vector<std::string> families_of_vae(const LoneVae& vae) {
    if (!vae.states_scaling || vae.config.latent_channels != channels_of_families)
        return families_with_latents(vae.config.latent_channels);
    return family_names_where(
        [&](const FamilyRow& row) { return std::abs(row.scaling_factor - vae.config.scaling_factor) < 1e-6; });
}

/// As of a UNet: by what it takes beside the text, else by the form of its projections.
std::vector<std::string> families_of_controlnet(const ControlNetConfig& config) {
    const Family family = config.unet.added_conditions > 0    ? Family::stable_diffusion_xl
                          : config.unet.use_linear_projection ? Family::stable_diffusion_2
                                                              : Family::stable_diffusion_1;
    return {std::string(row_of(family).name)};
}

/// "A, B or C"
std::string alternatives(std::span<const std::string> names) {
    if (names.size() < 2) return names.empty() ? "" : names.front();
    return fmt::format("{} or {}", fmt::join(names.first(names.size() - 1), ", "), names.back());
}

void add_weights(LoneNetwork& found, const Weights& weights) {
    found.dtypes = weights.dtypes();
    found.weight_bytes = weights.total_bytes();
}

LoneNetwork lone_vae(const fs::path& path, bool is_folder) {
    Network<VaeConfig> vae = open_vae(path);
    const LoneVae network{.config = std::move(vae.config), .states_scaling = is_folder};
    LoneNetwork found{.path = path, .network = network, .families = families_of_vae(network), .is_folder = is_folder};
    add_weights(found, vae.weights);
    return found;
}

LoneNetwork lone_tiny_vae(const fs::path& path, bool is_folder) {
    const TinyVae vae = open_tiny_vae(path);
    LoneNetwork found{.path = path,
                      .network = LoneTinyVae{.latent_channels = vae.config.latent_channels,
                                             .downsampling = vae.config.downsampling(),
                                             .has_decoder = true,
                                             .has_encoder = vae.has_encoder},
                      .families = families_with_latents(vae.config.latent_channels),
                      .is_folder = is_folder};
    add_weights(found, vae.weights);
    return found;
}

/// A file with the encoder alone, in the original's names.
LoneNetwork lone_tiny_encoder(const fs::path& path) {
    const TinyVae vae = open_tiny_vae_encoder(path);
    LoneNetwork found{.path = path,
                      .network = LoneTinyVae{.latent_channels = vae.config.latent_channels,
                                             .downsampling = 1 << (vae.config.encoder_blocks.size() - 1),
                                             .has_encoder = true},
                      .families = families_with_latents(vae.config.latent_channels)};
    add_weights(found, vae.weights);
    return found;
}

LoneNetwork lone_controlnet(const fs::path& path, bool is_folder) {
    std::vector<std::string> notes;
    Network<ControlNetConfig> net = open_controlnet(path, notes);
    LoneNetwork found{.path = path,
                      .network = net.config,
                      .families = families_of_controlnet(net.config),
                      .is_folder = is_folder,
                      .notes = std::move(notes)};
    add_weights(found, net.weights);
    return found;
}

std::optional<LoneNetwork> lone_upscaler(const fs::path& path) {
    const auto upscaler = find_upscaler(path);
    if (!upscaler) return std::nullopt;
    LoneNetwork found{.path = path, .network = upscaler->config};
    add_weights(found, upscaler->weights);
    return found;
}

std::optional<LoneNetwork> in_lone_folder(const fs::path& folder) {
    std::error_code ignored;
    if (fs::exists(folder / "model_index.json", ignored)) return std::nullopt;
    if (!fs::exists(folder / "config.json", ignored)) {
        const bool is_tiny = fs::exists(folder / "taesd_decoder.safetensors", ignored) ||
                             fs::exists(folder / "taesdxl_decoder.safetensors", ignored);
        return is_tiny ? std::optional(lone_tiny_vae(folder, true)) : std::nullopt;
    }
    const fs::path path = folder / "config.json";
    const nlohmann::json config = parse_json(read_text_file(path), path.string());
    if (!config.is_object()) return std::nullopt;
    const auto found = config.find("_class_name");
    if (found == config.end() || !found->is_string()) return std::nullopt;
    const std::string name = *found;
    if (name == "AutoencoderKL") return lone_vae(folder, true);
    if (name == "AutoencoderTiny") return lone_tiny_vae(folder, true);
    // Others of this name are refused by it.
    if (name.starts_with("ControlNet")) return lone_controlnet(folder, true);
    return std::nullopt;
}

std::optional<LoneNetwork> in_lone_file(const fs::path& path) {
    if (is_pickle(MappedFile(path).bytes())) {
        // Upscalers are published so; other pickles are not opened.
        const bool may_be_upscaler = path.extension() == ".pth" || path.extension() == ".pt";
        return may_be_upscaler ? lone_upscaler(path) : std::nullopt;
    }
    const SafetensorsFile file(path);
    const Contents contents = contents_of(file.tensors());
    if (contents.model) return std::nullopt;
    if (contents.name == vae_alone) return lone_vae(path, false);
    if (contents.name == tiny_vae_alone)
        return is_tiny_vae_encoder(file) ? lone_tiny_encoder(path) : lone_tiny_vae(path, false);
    if (contents.name == controlnet_alone) return lone_controlnet(path, false);
    return lone_upscaler(path);
}

std::string latents_in_words(int channels, int downsampling) {
    return fmt::format("latents of {} channels, one for {} x {} pixels", channels, downsampling, downsampling);
}

std::string in_words(const LoneVae& vae) {
    return fmt::format("{}, {}", latents_in_words(vae.config.latent_channels, vae.config.downsampling()),
                       vae.states_scaling ? fmt::format("scaling factor {}", vae.config.scaling_factor)
                                          : "its scaling factor is not told");
}

std::string in_words(const LoneTinyVae& vae) {
    return fmt::format("{}, {}", latents_in_words(vae.latent_channels, vae.downsampling),
                       !vae.has_decoder  ? "encoder"
                       : vae.has_encoder ? "decoder and encoder"
                                         : "decoder");
}

std::string in_words(const ControlNetConfig& net) {
    return fmt::format("text of width {}, {}{}{}", net.unet.cross_attention_dim,
                       latents_in_words(net.unet.in_channels, net.downsampling()),
                       net.is_bgr ? ", takes blue before red" : "",
                       net.global_pool_conditions ? ", gives means of channels" : "");
}

std::string in_words(const UpscalerConfig& upscaler) {
    const bool is_rrdb = upscaler.kind == UpscalerConfig::Kind::rrdb;
    return fmt::format("{}, {} times larger, {} filters, {} {}", is_rrdb ? "ESRGAN" : "Real-ESRGAN Compact",
                       upscaler.scale, upscaler.filters, is_rrdb ? upscaler.blocks : upscaler.convolutions + 2,
                       is_rrdb ? "blocks" : "convolutions");
}

}  // namespace

std::string_view LoneNetwork::kind() const {
    return std::visit(Overloaded{[](const LoneVae&) { return "vae"; }, [](const LoneTinyVae&) { return "tiny_vae"; },
                                 [](const ControlNetConfig&) { return "controlnet"; },
                                 [](const UpscalerConfig&) { return "upscaler"; }},
                      network);
}

std::string LoneNetwork::description() const {
    const char* const what = std::visit(
        Overloaded{
            [](const LoneVae&) { return "a VAE"; },
            [](const LoneTinyVae& vae) { return vae.has_decoder ? "a tiny VAE (TAESD)" : "a tiny VAE's encoder"; },
            [](const ControlNetConfig&) { return "a ControlNet"; },
            [](const UpscalerConfig&) { return "an upscaler"; }},
        network);
    std::vector<std::string_view> types;
    for (const DType dtype : dtypes) types.push_back(easel::name(dtype));
    return fmt::format("{}{}{}: {}, {}, {}, {:.1f} MB", what, families.empty() ? "" : " for ", alternatives(families),
                       std::visit([](const auto& one) { return in_words(one); }, network),
                       is_folder ? "folder" : "single file", fmt::join(types, " and "),
                       static_cast<double>(weight_bytes) / 1e6);
}

std::optional<LoneNetwork> find_lone_network(const fs::path& path) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return in_lone_folder(path);
    return fs::is_regular_file(path, ignored) ? in_lone_file(path) : std::nullopt;
}

}  // namespace easel
