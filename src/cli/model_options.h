#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

#include <easel/easel.h>

#include "cli/progress.h"

namespace CLI {
class App;
}

namespace easel::cli {

/// Where the model is that a person calls `text`: at that path, else what "owner/name[@revision]" means on a hub, which
/// is downloaded unless it is there.
std::filesystem::path local_model(const std::string& text, std::stop_token stop, Reporting reporting);

/// The flags that say what to open and how to run it.
struct ModelOptions {
    std::string model;
    /// All but the model.
    EngineOptions runtime;

    void add_model_to(CLI::App& command);
    /// --device and --threads.
    void add_device_to(CLI::App& command);
    /// These, --precision, --vae-precision and --max-memory.
    void add_runtime_to(CLI::App& command);

    /// With the standing model in place of one that was not given: $EASEL_MODEL, else `model` in easel's configuration
    /// file
    /// ($XDG_CONFIG_HOME/easel/config.toml), else the one that ships.
    /// As local_model() has it.
    EngineOptions engine_options(std::stop_token stop = {}, Reporting reporting = Reporting::human) const;
};

}  // namespace easel::cli
