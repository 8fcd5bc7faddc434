#include "weights/tiny_vae.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/error.h"
#include "weights/contents.h"
#include "weights/safetensors.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view encoder = "encoder.layers.", decoder = "decoder.layers.";
constexpr const char* network = "tiny VAE";
constexpr int most_layers = 256;

/// The number that a tensor's name begins with, and the rest; none if it does not begin so.
std::optional<std::pair<int, std::string_view>> numbered(std::string_view name) {
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || number < 0 || number > most_layers || end == name.data() + name.size() || *end != '.')
        return std::nullopt;
    return std::pair(number, name.substr(static_cast<std::size_t>(end - name.data())));
}

bool is_original_decoder(const SafetensorsFile& file) { return file.tensors().contains("3.conv.0.weight"); }
bool is_of_diffusers(const SafetensorsFile& file) {
    return file.tensors().contains("decoder.layers.0.weight") && file.tensors().contains("encoder.layers.0.weight");
}

/// Adds a file in the original's names. Its numbers are higher than diffusers' by `skipped`: the decoder's first layer
/// there is the clamp.
void add_original(Weights& weights, const SafetensorsFile& file, std::string_view side, int skipped) {
    weights.add_file(file.file());
    for (const auto& [name, tensor] : file.tensors())
        if (const auto found = numbered(name); found && found->first >= skipped)
            weights.add(fmt::format("{}{}{}", side, found->first - skipped, found->second), tensor, file.file());
}

/// The encoder's file beside a decoder's, if there is one.
std::optional<fs::path> encoder_beside(const fs::path& decoder_path) {
    constexpr std::string_view part = "decoder";
    std::string name = decoder_path.filename().string();
    const std::size_t at = name.rfind(part);
    if (at == std::string::npos) return std::nullopt;
    const fs::path path = decoder_path.parent_path() / name.replace(at, part.size(), "encoder");
    std::error_code ignored;
    return fs::is_regular_file(path, ignored) ? std::optional(path) : std::nullopt;
}

/// The file to open for a path.
fs::path file_of(const fs::path& path) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) return path;
    for (const char* name : {"diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors",
                             "taesd_decoder.safetensors", "taesdxl_decoder.safetensors"})
        if (fs::exists(path / name, ignored)) return path / name;
    fail(ErrorKind::not_found, "{}: has no tiny VAE (diffusion_pytorch_model.safetensors or taesd_decoder.safetensors)",
         path.string());
}

/// Residual blocks in each stretch of one side: a stretch ends at a layer that is a convolution and not the first.
std::vector<int> blocks_of(const Weights& weights, std::string_view side, int& last) {
    std::vector<int> blocks = {0};
    last = 0;
    for (int layer = 1; layer < most_layers; ++layer) {
        if (weights.has(fmt::format("{}{}.conv.0.weight", side, layer))) {
            ++blocks.back();
        } else if (weights.has(fmt::format("{}{}.weight", side, layer))) {
            last = layer;
            // The last one has a bias.
            if (weights.has(fmt::format("{}{}.bias", side, layer))) return blocks;
            blocks.push_back(0);
        }
    }
    fail(ErrorKind::damaged, "{}: the tiny VAE's {} has no last convolution", weights.where(),
         side == decoder ? "decoder" : "encoder");
}

int side_of(const Weights& weights, const std::string& name, std::size_t axis) {
    const Weight weight = weights.at(name);
    constexpr std::int64_t most = 1 << 16;
    if (weight.shape.size() != 4 || weight.shape[axis] < 1 || weight.shape[axis] > most)
        fail(ErrorKind::damaged, "{}: the tiny VAE's tensor {} is no convolution", weights.where(),
             weights.name_in_file(name));
    return static_cast<int>(weight.shape[axis]);
}

/// Reads the encoder's blocks; returns the channels that it gives.
int read_encoder(const Weights& weights, TinyVaeConfig& config) {
    int last = 0;
    config.encoder_blocks = blocks_of(weights, encoder, last);
    return side_of(weights, fmt::format("{}{}.weight", encoder, last), 0);
}

TinyVaeConfig config_of(const Weights& weights, bool has_encoder) {
    TinyVaeConfig config;
    int last = 0;
    config.decoder_blocks = blocks_of(weights, decoder, last);
    config.latent_channels = side_of(weights, "decoder.layers.0.weight", 1);
    config.width = side_of(weights, "decoder.layers.0.weight", 0);
    constexpr std::size_t most_stretches = 8;
    if (config.decoder_blocks.size() > most_stretches)
        fail(ErrorKind::damaged, "{}: the tiny VAE's decoder doubles the picture {} times", weights.where(),
             config.decoder_blocks.size() - 1);
    if (!has_encoder) return config;
    const int channels = read_encoder(weights, config);
    if (config.encoder_blocks.size() != config.decoder_blocks.size() || channels != config.latent_channels)
        fail(
            ErrorKind::damaged,
            "{}: the tiny VAE's encoder gives {} channels and halves {} times, but its decoder takes {} and doubles {} "
            "times; they do not belong together",
            weights.where(), channels, config.encoder_blocks.size() - 1, config.latent_channels,
            config.decoder_blocks.size() - 1);
    return config;
}

}  // namespace

bool is_tiny_vae_encoder(const SafetensorsFile& file) { return file.tensors().contains("1.conv.0.weight"); }

TinyVae open_tiny_vae_encoder(const fs::path& path) {
    TinyVae vae{.weights = Weights(network, path.string()), .has_encoder = true};
    add_original(vae.weights, SafetensorsFile(path), encoder, 0);
    vae.config.latent_channels = read_encoder(vae.weights, vae.config);
    vae.config.width = side_of(vae.weights, "encoder.layers.0.weight", 0);
    return vae;
}

TinyVae open_tiny_vae(const fs::path& given) {
    const fs::path path = file_of(given);
    const SafetensorsFile file(path);
    const bool is_original = is_original_decoder(file) && !is_tiny_vae_encoder(file);
    const auto name_in_file = [is_original](std::string_view name) {
        if (!is_original || !name.starts_with(decoder)) return std::string(name);
        const auto found = numbered(name.substr(decoder.size()));
        return found ? fmt::format("{}{}", found->first + 1, found->second) : std::string(name);
    };
    TinyVae vae{.weights = Weights(network, path.string(), name_in_file)};
    if (is_original) {
        add_original(vae.weights, file, decoder, 1);
        if (const auto beside = encoder_beside(path)) {
            add_original(vae.weights, SafetensorsFile(*beside), encoder, 0);
            vae.has_encoder = true;
        }
    } else if (is_of_diffusers(file)) {
        vae.weights.add_file(file.file());
        for (const auto& [name, tensor] : file.tensors()) vae.weights.add(name, tensor, file.file());
        vae.has_encoder = true;
    } else if (is_tiny_vae_encoder(file)) {
        fail(ErrorKind::unsupported, "{}: is a tiny VAE's encoder; give its decoder, beside which the encoder is found",
             path.string());
    } else {
        fail(ErrorKind::unsupported, "{}: is {}, where a tiny VAE (TAESD) is expected", path.string(),
             contents_of(file.tensors()).name);
    }
    vae.config = config_of(vae.weights, vae.has_encoder);
    return vae;
}

}  // namespace easel
