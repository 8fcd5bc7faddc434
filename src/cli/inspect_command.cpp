#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "adapters/embedding_file.h"
#include "adapters/lora_facts.h"
#include "adapters/lora_hash.h"
#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/overloaded.h"
#include "base/quoted.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/progress.h"
#include "collection/embedding_files.h"
#include "pictures/format.h"
#include "pictures/parameters.h"
#include "pipeline/open_networks.h"
#include "settings/stored_settings.h"
#include "weights/contents.h"
#include "weights/lone_network.h"
#include "weights/model_facts.h"
#include "weights/safetensors.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

/// Prints a picture's settings: as they are stored and, in JSON, by name.
void inspect_picture(const fs::path& path, bool as_json) {
    const auto parameters = read_parameters(path);
    if (!parameters) fail(ErrorKind::not_found, "{}: no settings are stored in this picture", path.string());
    if (!as_json) {
        print_out("{}\n", *parameters);
        return;
    }
    nlohmann::ordered_json json = {{"kind", "picture"}, {"path", path.string()}, {"parameters", *parameters}};
    try {
        const StoredSettings stored = parse_parameters(*parameters, path.string());
        json["prompt"] = stored.request.prompt;
        json["negative_prompt"] = stored.request.negative_prompt;
        for (const Lora& lora : stored.request.loras) json["loras"].push_back(lora.file.string());
        for (const auto& [name, value] : parameters_entries(*parameters, path.string())) json["settings"][name] = value;
    } catch (const Error&) {  // a text of another form, which is printed as it is
    }
    print_json(json);
}

nlohmann::ordered_json json_of(const ModelFacts& facts, const fs::path& path) {
    const auto pixels = [&](int latents) { return latents * facts.latents.downsampling; };
    nlohmann::ordered_json json = {{"kind", "model"},
                                   {"path", path.string()},
                                   {"name", facts.identity.name},
                                   {"family", facts.identity.family},
                                   {"layout", facts.identity.layout},
                                   {"description", facts.identity.description},
                                   {"weight_bytes", facts.identity.weight_bytes},
                                   {"native_width", pixels(facts.sizes.native.width)},
                                   {"native_height", pixels(facts.sizes.native.height)},
                                   {"size_is_fixed", facts.sizes.fixed},
                                   {"latent_channels", facts.latents.channels},
                                   {"scaling_factor", facts.latents.scaling_factor}};
    if (facts.text.layers) json["text_layers"] = *facts.text.layers;
    if (facts.scheduler_config)
        json["scheduler"] =
            parse_json(*facts.scheduler_config, fmt::format("{}: scheduler_config.json", path.string()));
    json["notes"] = facts.notes;
    return json;
}

void inspect_model(const fs::path& path, bool json) {
    const ModelFacts facts = open_networks(path).facts;
    if (json) return print_json(json_of(facts, path));
    print_out("{}: {}\n", path.string(), facts.identity.description);
    for (const std::string& sentence : facts.notes) print_out("note: {}\n", on_one_line(sentence));
}

/// The first few words that a LoRA was trained with, and how often each was there.
constexpr std::size_t words_shown = 10;

void inspect_lora(const fs::path& path, const LoraFacts& facts, bool as_json) {
    if (as_json) {
        nlohmann::ordered_json words = nlohmann::ordered_json::object();
        for (const auto& [word, count] : facts.words) words[word] = count;
        return print_json({{"kind", "lora"},
                           {"path", path.string()},
                           {"title", facts.title},
                           {"family", facts.family},
                           {"kinds", facts.kinds},
                           {"unet_layers", facts.unet_layers},
                           {"text_encoder_layers", facts.text_encoder_layers},
                           {"text_encoder_2_layers", facts.text_encoder_2_layers},
                           {"ranks", facts.ranks},
                           {"alphas", facts.alphas},
                           {"words", words},
                           {"hash", lora_hash(path)},
                           {"thumbnail", facts.has_thumbnail}});
    }
    print_out("{}: {}\n", path.string(), facts.description());
    if (!facts.title.empty()) print_out("title: {}\n", in_quotes(facts.title));
    std::vector<std::string> words;
    for (const auto& [word, count] : facts.words)
        if (words.size() < words_shown) words.push_back(fmt::format("{} ({})", in_quotes(word), count));
    if (!words.empty()) print_out("trained with: {}\n", fmt::join(words, ", "));
    if (facts.has_thumbnail) print_out("its metadata has a thumbnail\n");
}

void inspect_embedding(const EmbeddingFile& file, bool as_json) {
    if (as_json)
        return print_json({{"kind", "embedding"},
                           {"path", file.path.string()},
                           {"token", file.token},
                           {"vectors", file.vectors},
                           {"width", file.width},
                           {"width_2", file.width_2},
                           {"sha256", file.sha256}});
    print_out("{}: an embedding{}: {} of {} numbers{}\n", file.path.string(),
              file.width_2 > 0 ? " for Stable Diffusion XL" : "",
              file.vectors == 1 ? "1 vector" : fmt::format("{} vectors", file.vectors),
              file.width_2 > 0 ? fmt::format("{} and {}", file.width, file.width_2) : fmt::format("{}", file.width),
              file.token.empty() ? "" : fmt::format(", its token is {}", in_quotes(file.token)));
}

nlohmann::ordered_json json_of(const LoneNetwork& found) {
    nlohmann::ordered_json json = {{"kind", found.kind()},
                                   {"path", found.path.string()},
                                   {"families", found.families},
                                   {"layout", found.is_folder ? "folder" : "single file"},
                                   {"description", found.description()},
                                   {"weight_bytes", found.weight_bytes}};
    for (const DType dtype : found.dtypes) json["precisions"].push_back(name(dtype));
    const auto add_latents = [&](int channels, int downsampling) {
        json["latent_channels"] = channels;
        json["pixels_per_latent"] = downsampling;
    };
    std::visit(Overloaded{[&](const LoneVae& vae) {
                              add_latents(vae.config.latent_channels, vae.config.downsampling());
                              if (vae.states_scaling) json["scaling_factor"] = vae.config.scaling_factor;
                          },
                          [&](const LoneTinyVae& vae) {
                              add_latents(vae.latent_channels, vae.downsampling);
                              json["has_decoder"] = vae.has_decoder;
                              json["has_encoder"] = vae.has_encoder;
                          },
                          [&](const ControlNetConfig& net) {
                              add_latents(net.unet.in_channels, net.downsampling());
                              json["cross_attention_dim"] = net.unet.cross_attention_dim;
                              json["added_conditions"] = net.unet.added_conditions;
                              json["is_bgr"] = net.is_bgr;
                              json["global_pool_conditions"] = net.global_pool_conditions;
                          },
                          [&](const UpscalerConfig& upscaler) {
                              json["architecture"] = upscaler.kind == UpscalerConfig::Kind::rrdb ? "rrdb" : "compact";
                              json["scale"] = upscaler.scale;
                              json["filters"] = upscaler.filters;
                          }},
               found.network);
    json["notes"] = found.notes;
    return json;
}

void inspect_network(const LoneNetwork& found, bool as_json) {
    if (as_json) return print_json(json_of(found));
    print_out("{}: {}\n", found.path.string(), found.description());
    for (const std::string& sentence : found.notes) print_out("note: {}\n", on_one_line(sentence));
}

/// What a file of tensors is a LoRA by; none for other files.
std::optional<LoraFacts> lora_in(const fs::path& path) {
    if (path.extension() != ".safetensors") return std::nullopt;
    const SafetensorsFile file(path);
    if (contents_of(file.tensors()).model) return std::nullopt;
    return lora_facts({.tensors = file.tensors(), .metadata = file.metadata()});
}

/// An embedding is small; what else is as small is none.
std::optional<EmbeddingFile> embedding_in(const fs::path& path) {
    constexpr std::uintmax_t largest = 16u << 20;
    if (fs::file_size(path) > largest || !embedding_folder("").has_extension(path)) return std::nullopt;
    try {
        return open_embedding(path);
    } catch (const Error&) {
        if (path.extension() != ".safetensors") throw;  // a pickle is nothing else that can be shown
        return std::nullopt;
    }
}

void inspect(const fs::path& path, bool json) {
    if (!fs::is_regular_file(path)) {
        const auto network = find_lone_network(path);
        return network ? inspect_network(*network, json) : inspect_model(path, json);
    }
    if (format_of_bytes(MappedFile(path).bytes())) return inspect_picture(path, json);
    if (const auto lora = lora_in(path)) return inspect_lora(path, *lora, json);
    if (const auto network = find_lone_network(path)) return inspect_network(*network, json);
    if (const auto embedding = embedding_in(path)) return inspect_embedding(*embedding, json);
    inspect_model(path, json);
}

}  // namespace

void add_inspect(CLI::App& app) {
    CLI::App* command =
        app.add_subcommand("inspect", "Show what a model, a LoRA or the like is, or the settings of a picture");
    const auto path = std::make_shared<std::string>();
    command
        ->add_option("file", *path,
                     "A model (.safetensors, a diffusers folder, OpenVINO IR), a VAE, a ControlNet, an upscaler, a "
                     "LoRA, an embedding, or a picture")
        ->required();
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "Print one JSON object");
    command->callback([path, json] { inspect(*path, *json); });
}

}  // namespace easel::cli
