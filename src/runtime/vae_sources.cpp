#include "runtime/vae_sources.h"

#include <cmath>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "networks/tiny_vae.h"
#include "networks/vae.h"
#include "networks/weight_use.h"
#include "weights/layouts.h"
#include "weights/tiny_vae.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

/// A copy of a network that was built once, for one size of its latents or pictures.
std::shared_ptr<ov::Model> reshaped(const ov::Model& graph, int channels, int height, int width) {
    auto copy = graph.clone();
    copy->reshape(ov::PartialShape{1, channels, height, width});
    return copy;
}

/// A source of copies of `graph`, whose input has `times` as many rows and columns as the latents.
VaeSource source_of(std::shared_ptr<ov::Model> graph, int channels, int times, MappedFiles files) {
    return {.graph =
                [graph = std::move(graph), channels, times](const LatentSize& size) {
                    return reshaped(*graph, channels, times * size.height, times * size.width);
                },
            .files = std::move(files)};
}

/// `path` as the user gave it must exist: the readers would name a part of it.
void check_exists(std::string_view field, const fs::path& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) refuse_value(field, path.string(), "there is no such file or folder");
}

void check_latents(std::string_view field, const fs::path& path, const LatentSpace& space, int channels,
                   int downsampling) {
    if (channels != space.channels || downsampling != space.downsampling)
        refuse_value(field, path.string(),
                     "its latents have {} channels, one for {} x {} pixels, but the model's have {}, one for {} x {}; "
                     "they do not belong together",
                     channels, downsampling, downsampling, space.channels, space.downsampling, space.downsampling);
}

/// The names of the families with a scaling factor, for a sentence.
std::string families_scaled_by(double factor) {
    std::string names;
    for (const FamilyRow& row : families())
        if (std::abs(row.scaling_factor - factor) < 1e-6)
            names += fmt::format("{}{}", names.empty() ? "" : ", ", row.name);
    return names.empty() ? "another model" : names;
}

/// The scaling factor that goes with a VAE, if its files say so.
std::optional<double> stated_scaling(const fs::path& path, const VaeConfig& config) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return config.scaling_factor;
    const std::optional<Family> family = family_of_single_file(path);
    return family ? std::optional(row_of(*family).scaling_factor) : std::nullopt;
}

/// For a picture's metadata.
std::string vae_name(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored) ? last_component(path) : path.stem().string();
}

/// Looks for weights that are not finite in `weights` too.
void check_weights_too(ModelNetworks& networks, const Weights& weights) {
    networks.weight_that_is_not_finite = [before = std::move(networks.weight_that_is_not_finite),
                                          weights]() -> std::optional<std::string> {
        if (const auto name = easel::weight_that_is_not_finite(weights))
            return fmt::format("{}: the {}'s tensor {}", weights.where(), weights.network(), *name);
        return before ? before() : std::nullopt;
    };
}

/// The tiny VAE that the field names. Throws Error if it does not belong to these latents.
TinyVae open_tiny_vae_for(std::string_view field, const fs::path& path, const LatentSpace& space) {
    check_exists(field, path);
    TinyVae vae = open_tiny_vae(path);
    check_latents(field, path, space, vae.config.latent_channels, vae.config.downsampling());
    return vae;
}

VaeSource decoder_of(const TinyVae& vae) {
    return source_of(build_tiny_vae_decoder(vae.weights, vae.config), vae.config.latent_channels, 1,
                     vae.weights.files());
}

}  // namespace

VaeSource vae_decoder_of(const Network<VaeConfig>& network, std::vector<std::string>& notes) {
    const WeightUse use(network.weights);
    auto built = build_vae_decoder(use.weights(), network.config);
    if (auto note = use.note(weights_of_vae_encoder())) notes.push_back(*std::move(note));
    return source_of(std::move(built), network.config.latent_channels, 1, network.weights.files());
}

VaeSource vae_encoder_of(Network<VaeConfig> network) {
    MappedFiles files = network.weights.files();
    auto graph = [network = std::move(network)](const LatentSize& size) {
        const auto& [config, weights] = network;
        auto model = build_vae_encoder(weights, config);
        model->reshape(ov::PartialShape{1, config.in_channels, config.downsampling() * size.height,
                                        config.downsampling() * size.width});
        return model;
    };
    return {.graph = std::move(graph), .files = std::move(files)};
}

void use_vae(ModelNetworks& networks, const fs::path& path) {
    check_exists("vae", path);
    Network<VaeConfig> vae = open_vae(path);
    LatentSpace& space = networks.facts.latents;
    check_latents("vae", path, space, vae.config.latent_channels, vae.config.downsampling());
    if (const auto factor = stated_scaling(path, vae.config); factor && std::abs(*factor - space.scaling_factor) > 1e-6)
        refuse_value("vae", path.string(),
                     "its latents are scaled by {} ({}), but the model's by {} ({}); they do not belong together",
                     *factor, families_scaled_by(*factor), space.scaling_factor,
                     families_scaled_by(space.scaling_factor));
    space.decoder_unscales = false;
    space.encoder_gives_latents = false;
    space.overflows_in_f16 = vae.config.force_upcast;
    networks.facts.identity.vae = vae_name(path);
    check_weights_too(networks, vae.weights);
    networks.vae_decoder = vae_decoder_of(vae, networks.facts.notes);
    networks.vae_encoder = vae_encoder_of(std::move(vae));
}

void use_tiny_vae(ModelNetworks& networks, const fs::path& path) {
    LatentSpace& space = networks.facts.latents;
    const TinyVae vae = open_tiny_vae_for("taesd", path, space);
    const TinyVaeConfig& config = vae.config;
    check_weights_too(networks, vae.weights);
    networks.vae_decoder = decoder_of(vae);
    space.decoder_unscales = true;
    networks.facts.identity.vae = vae_name(path);
    if (!vae.has_encoder) {
        networks.facts.notes.push_back(fmt::format(
            "{}: there is no encoder beside it, so pictures are encoded by the model's own VAE", path.string()));
        return;
    }
    networks.vae_encoder =
        source_of(build_tiny_vae_encoder(vae.weights, config), 3, config.downsampling(), vae.weights.files());
    space.encoder_gives_latents = true;
}

void use_tiny_vae_for_previews(ModelNetworks& networks, const fs::path& path) {
    networks.preview_decoder = decoder_of(open_tiny_vae_for("preview_taesd", path, networks.facts.latents));
}

}  // namespace easel
