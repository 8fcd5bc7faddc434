#pragma once

#include <stop_token>
#include <string>

#include <easel/easel.h>

#include "cli/progress.h"

namespace CLI {
class App;
}

namespace easel::cli {

/// The flags that say what to open and how to run it.
struct ModelOptions {
    std::string model;
    std::string tokenizer;
    std::string device = "CPU";
    std::string precision = "auto";
    int threads = 0;

    void add_model_to(CLI::App& command);
    /// --device and --threads.
    void add_device_to(CLI::App& command);
    /// These and --precision.
    void add_runtime_to(CLI::App& command);

    /// With the standing model in place of one that was not given: $EASEL_MODEL, else `model` in easel's configuration
    /// file
    /// ($XDG_CONFIG_HOME/easel/config.toml), else the one that ships.
    /// A model of a hub ("owner/name", where no file or folder has that path) is downloaded unless it is there.
    EngineOptions engine_options(std::stop_token stop = {}, Reporting reporting = Reporting::human) const;
};

}  // namespace easel::cli
