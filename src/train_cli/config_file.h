#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace easel::train_cli {

/// A run's configuration file: TOML, its keys those of the command's flags with underscores, and a table for the
/// config.json of each new network.
struct ConfigFile {
    /// "--learning-rate=0.0001", for each key.
    std::vector<std::string> flags;
    /// The tables [text_encoder], [unet] and [vae]; null where there is none.
    nlohmann::json text_encoder, unet, vae;
};

/// Throws Error, naming file and line, on a file that is not TOML and on values that are neither text, number nor
/// truth.
ConfigFile read_config_file(const std::filesystem::path& path);

}  // namespace easel::train_cli
