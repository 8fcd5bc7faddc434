#include <filesystem>
#include <memory>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/progress.h"
#include "pictures/format.h"
#include "pictures/parameters.h"
#include "pipeline/open_networks.h"
#include "settings/stored_settings.h"
#include "weights/model_facts.h"

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
    for (const std::string& sentence : facts.notes) print_out("note: {}\n", sentence);
}

void inspect(const fs::path& path, bool json) {
    if (fs::is_regular_file(path) && format_of_bytes(MappedFile(path).bytes()))
        inspect_picture(path, json);
    else
        inspect_model(path, json);
}

}  // namespace

void add_inspect(CLI::App& app) {
    CLI::App* command = app.add_subcommand("inspect", "Show what a model is, or the settings stored in a picture");
    const auto path = std::make_shared<std::string>();
    command
        ->add_option("file", *path,
                     "A .safetensors file, a diffusers folder, a folder of OpenVINO IR, or a PNG, JPEG or WebP picture")
        ->required();
    const auto json = std::make_shared<bool>(false);
    command->add_flag("--json", *json, "Print one JSON object");
    command->callback([path, json] { inspect(*path, *json); });
}

}  // namespace easel::cli
