#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

#include "cli/progress.h"
#include "settings/setting.h"

namespace CLI {
class App;
}

namespace easel::cli {

/// The path of the model that a person calls `text`: that path, else the model "owner/name[@revision]" of a hub, which
/// is downloaded unless it is in the cache.
std::filesystem::path local_model(const std::string& text, std::stop_token stop, Reporting reporting);

/// A model that was downloaded before.
struct DownloadedModel {
    /// "owner/name"
    std::string name;
    std::filesystem::path path;
};

/// Those in the hub's cache that are complete.
std::vector<DownloadedModel> downloaded_models();

/// The options with the paths of the model and the refiner in place of what a person calls them: see local_model().
/// Without a model it is $EASEL_MODEL, else `model` of the configuration file, else the one that ships with easel.
EngineOptions with_local_model(EngineOptions options, std::stop_token stop, Reporting reporting);

/// The description of --model in the help.
std::string model_description();

/// The flags that say which model to open and how to run it.
struct ModelOptions {
    std::string model;
    /// Without the model, as the flags say; `given` has the fields that were given.
    EngineOptions runtime;
    std::vector<std::string_view> given;

    void add_model_to(CLI::App& command);
    /// --device and --threads.
    void add_device_to(CLI::App& command);
    void add_precision_to(CLI::App& command);
    /// Those, --precision, --vae-precision and --max-memory.
    void add_runtime_to(CLI::App& command);
    void add_refiner_to(CLI::App& command);
    /// Of a command that shows previews.
    void add_previews_to(CLI::App& command);

    /// What the flags say, else the configuration file; without the model.
    EngineOptions runtime_options() const;

    /// The same with the model, as with_local_model() has it.
    EngineOptions engine_options(std::stop_token stop = {}, Reporting reporting = Reporting::human) const;

  private:
    void add(CLI::App& command, std::string_view field);
    void add(CLI::App& command, const Setting<EngineOptions>& setting);

    bool shows_previews_ = false;
};

}  // namespace easel::cli
