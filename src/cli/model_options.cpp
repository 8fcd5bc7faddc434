#include "cli/model_options.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>

#include "base/error.h"
#include "cli/config_file.h"
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

/// A model that is named nowhere on the command line, and by what it is named: for an error about it.
struct StandingModel {
    std::string text, origin;
};

std::string model_that_ships() {
    if (const auto model = find_shipped_model("emoji-starter")) return model->string();
    fail_usage("no model was given and the one that ships with easel is not there; give one with --model");
}

StandingModel standing_model(const std::vector<ConfigEntry>& config) {
    if (const auto model = environment("EASEL_MODEL")) return {with_home(*model), "EASEL_MODEL"};
    if (const ConfigEntry* entry = find_entry(config, "model"); entry && !entry->value.empty())
        return {entry->value, entry->where};
    return {model_that_ships(), "easel"};
}

/// Where the model is. Throws Error, naming what names it, when it is neither there nor one of a hub.
fs::path find_standing_model(const StandingModel& model, std::stop_token stop, Reporting reporting) {
    fs::path path = local_model(model.text, std::move(stop), reporting);
    std::error_code ignored;
    if (!fs::exists(path, ignored) && !ignored)
        fail(ErrorKind::not_found, "{}: no such file or folder; {} names it as the model", path.string(), model.origin);
    return path;
}

}  // namespace

void ModelOptions::add_model_to(CLI::App& command) {
    command.add_option("-m,--model", model,
                       "The model: a diffusers folder, a .safetensors file, or owner/name[@revision] on a Hugging Face "
                       "hub (default: $EASEL_MODEL, else model = \"...\" in "
                       "$XDG_CONFIG_HOME/easel/config.toml, else the one that ships)");
    add(command, "tokenizer");
}

void ModelOptions::add_device_to(CLI::App& command) {
    add(command, "device");
    add(command, "threads");
}

void ModelOptions::add_runtime_to(CLI::App& command) {
    add_device_to(command);
    for (const std::string_view field : {"precision", "vae_precision", "max_memory"}) add(command, field);
}

void ModelOptions::add(CLI::App& command, std::string_view field) {
    const Setting<EngineOptions>& setting = engine_setting(field);
    add_setting(command, setting, text_of(setting, get(runtime, setting)), [this, &setting](const std::string& text) {
        set_from_text(runtime, setting, text);
        given.push_back(setting.field);
    });
}

void ModelOptions::set_precision(const std::string& precision) {
    const Setting<EngineOptions>& setting = engine_setting("precision");
    set_from_text(runtime, setting, precision);
    given.push_back(setting.field);
}

EngineOptions ModelOptions::runtime_options() const {
    EngineOptions options = runtime;
    apply_config(read_config(), options, given);
    return options;
}

EngineOptions ModelOptions::engine_options(std::stop_token stop, Reporting reporting) const {
    EngineOptions options = runtime_options();
    options.model = model.empty() ? find_standing_model(standing_model(read_config()), std::move(stop), reporting)
                                  : local_model(model, std::move(stop), reporting);
    return options;
}

}  // namespace easel::cli
