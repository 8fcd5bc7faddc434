#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

namespace easel::cli {

/// A setting of the configuration file: a long flag without dashes, and its value as the flag would have it.
struct ConfigEntry {
    std::string key, value;
    /// "/home/you/.config/easel/config.toml:3", for messages.
    std::string where;
};

/// What stands in $XDG_CONFIG_HOME/easel/config.toml: `model`, and any setting of a request or of how to run a model. A
/// leading ~ of a path is expanded. Nothing when there is no such file. Throws Error, naming file and line, on what is
/// no TOML and on an unknown key.
std::vector<ConfigEntry> read_config();

/// Sets what the entries say of a request, or of how to run a model; with `untouched`, only settings other than those
/// fields. Throws Error, naming file and line, on a value that the setting cannot have.
void apply_config(const std::vector<ConfigEntry>& entries, Request& request);
void apply_config(const std::vector<ConfigEntry>& entries, EngineOptions& options,
                  const std::vector<std::string_view>& untouched);

/// The last value of a key; null when it is not there.
const ConfigEntry* find_entry(const std::vector<ConfigEntry>& entries, std::string_view key);

/// "~/x" in the home folder; any other path as it is.
std::string with_home(const std::string& path);

}  // namespace easel::cli
