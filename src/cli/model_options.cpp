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
#include "jobs/drawing.h"
#include "settings/table.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

std::optional<std::string> environment(const char* name) {
    const char* const value = std::getenv(name);
    if (!value || !*value) return std::nullopt;
    return value;
}

/// A model that the command line does not name, and what names it: for an error about it.
struct StandingModel {
    std::string text, origin;
};

std::string model_that_ships() {
    if (const auto model = find_shipped_model("emoji")) return model->string();
    fail_usage("no model was given, and the one that ships with easel is not installed; give one with --model");
}

StandingModel standing_model(const std::vector<ConfigEntry>& config) {
    if (const auto model = environment("EASEL_MODEL")) return {with_home(*model), "EASEL_MODEL"};
    if (const ConfigEntry* entry = find_entry(config, "model"); entry && !entry->value.empty())
        return {entry->value, entry->where};
    return {model_that_ships(), "easel"};
}

/// The path of the model. Throws Error, saying what names the model, if it is neither a path nor a model of a hub.
fs::path find_standing_model(const StandingModel& model, std::stop_token stop, Reporting reporting) {
    fs::path path = local_model(model.text, std::move(stop), reporting);
    std::error_code ignored;
    if (!fs::exists(path, ignored) && !ignored)
        fail(ErrorKind::not_found, "{}: no such file or folder; {} names it as the model", path.string(), model.origin);
    return path;
}

}  // namespace

EngineOptions with_local_model(EngineOptions options, std::stop_token stop, Reporting reporting) {
    options.model = options.model.empty() ? find_standing_model(standing_model(read_config()), stop, reporting)
                                          : local_model(options.model.string(), stop, reporting);
    if (!options.refiner.empty()) options.refiner = local_model(options.refiner.string(), std::move(stop), reporting);
    return options;
}

std::string model_description() {
    return jobs::find_drawing_setting("model")->facts->help +
           " (default: $EASEL_MODEL, else model = \"...\" in $XDG_CONFIG_HOME/easel/config.toml, else the one that "
           "ships with easel)";
}

void ModelOptions::add_model_to(CLI::App& command) {
    command.add_option("-m,--model", model, model_description());
    add(command, "tokenizer");
}

void ModelOptions::add_device_to(CLI::App& command) {
    add(command, "device");
    add(command, "threads");
}

void ModelOptions::add_precision_to(CLI::App& command) { add(command, "precision"); }

void ModelOptions::add_runtime_to(CLI::App& command) {
    add_device_to(command);
    for (const std::string_view field : {"precision", "vae_precision", "vae", "taesd", "wildcard_dir", "max_memory"})
        add(command, field);
}

void ModelOptions::add_refiner_to(CLI::App& command) { add(command, "refiner"); }

void ModelOptions::add_previews_to(CLI::App& command) {
    shows_previews_ = true;
    for (const Setting<EngineOptions>& setting : preview_settings_table()) add(command, setting);
}

void ModelOptions::add(CLI::App& command, std::string_view field) { add(command, engine_setting(field)); }

void ModelOptions::add(CLI::App& command, const Setting<EngineOptions>& setting) {
    add_setting(command, setting, text_of(setting, get(runtime, setting)), [this, &setting](const std::string& text) {
        set_from_text(runtime, setting, text);
        given.push_back(setting.field);
    });
}

EngineOptions ModelOptions::runtime_options() const {
    EngineOptions options = runtime;
    const std::vector<ConfigEntry> config = read_config();
    apply_config(config, options, given);
    if (shows_previews_) apply_preview_config(config, options, given);
    return options;
}

EngineOptions ModelOptions::engine_options(std::stop_token stop, Reporting reporting) const {
    EngineOptions options = runtime_options();
    options.model = model;
    return with_local_model(std::move(options), std::move(stop), reporting);
}

}  // namespace easel::cli
