#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

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
    /// All but the model, as the flags have it; `given` has the fields that they gave.
    EngineOptions runtime;
    std::vector<std::string_view> given;

    void add_model_to(CLI::App& command);
    /// --device and --threads.
    void add_device_to(CLI::App& command);
    /// These, --precision, --vae-precision and --max-memory.
    void add_runtime_to(CLI::App& command);

    /// As --precision does.
    void set_precision(const std::string& precision);

    /// What the flags say, and under them the configuration file; without the model.
    EngineOptions runtime_options() const;

    /// The same with the model: the flag's, else $EASEL_MODEL, else `model` of the configuration file, else the one
    /// that ships. As local_model() has it.
    EngineOptions engine_options(std::stop_token stop = {}, Reporting reporting = Reporting::human) const;

  private:
    void add(CLI::App& command, std::string_view field);
};

}  // namespace easel::cli
