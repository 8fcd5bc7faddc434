#include "cli/model_options.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>

#include "base/error.h"
#include "cli/setting_options.h"
#include "settings/table.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

std::optional<std::string> environment(const char* name) {
    const char* const value = std::getenv(name);
    if (!value || !*value) return std::nullopt;
    return value;
}

std::optional<fs::path> configuration_file() {
    if (const auto folder = environment("XDG_CONFIG_HOME")) return fs::path(*folder) / "easel" / "config.toml";
    if (const auto home = environment("HOME")) return fs::path(*home) / ".config" / "easel" / "config.toml";
    return std::nullopt;
}

/// `model = "..."` of the configuration file, where there is one.
std::optional<std::string> configured_model() {
    const auto file = configuration_file();
    std::error_code ignored;
    if (!file || !fs::exists(*file, ignored)) return std::nullopt;
    std::vector<CLI::ConfigItem> items;
    try {
        items = CLI::ConfigTOML().from_file(file->string());
    } catch (const CLI::Error& error) {
        fail("{}: cannot be read ({})", file->string(), error.what());
    }
    std::optional<std::string> model;
    for (const CLI::ConfigItem& item : items) {
        if (item.fullname() != "model" || item.inputs.size() != 1)
            fail("{}: \"{}\" is not a setting; write model = \"a folder or file\"", file->string(), item.fullname());
        model = item.inputs.front();
    }
    return model;
}

std::string model_that_ships() {
    if (const auto model = find_shipped_model("emoji-starter")) return model->string();
    fail_usage("no model was given and the one that ships with easel is not there; give one with --model");
}

std::string standing_model() {
    if (const auto model = environment("EASEL_MODEL")) return *model;
    if (const auto model = configured_model()) return *model;
    return model_that_ships();
}

}  // namespace

void ModelOptions::add_model_to(CLI::App& command) {
    command.add_option("-m,--model", model,
                       "The model: a diffusers folder, a .safetensors file, or owner/name[@revision] on a Hugging Face "
                       "hub. Else $EASEL_MODEL, else model = \"...\" in "
                       "$XDG_CONFIG_HOME/easel/config.toml, else the one that ships");
    add_setting(command, engine_setting("tokenizer"), runtime);
}

void ModelOptions::add_device_to(CLI::App& command) {
    add_setting(command, engine_setting("device"), runtime);
    add_setting(command, engine_setting("threads"), runtime);
}

void ModelOptions::add_runtime_to(CLI::App& command) {
    add_device_to(command);
    for (const char* field : {"precision", "vae_precision", "max_memory"})
        add_setting(command, engine_setting(field), runtime);
}

EngineOptions ModelOptions::engine_options(std::stop_token stop, Reporting reporting) const {
    EngineOptions options = runtime;
    options.model = local_model(model.empty() ? standing_model() : model, std::move(stop), reporting);
    return options;
}

}  // namespace easel::cli
