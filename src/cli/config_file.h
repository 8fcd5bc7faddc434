#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

#include "collection/collection.h"

namespace easel::cli {

/// A setting of the configuration file: a long flag without dashes, and its value as the flag would have it.
struct ConfigEntry {
    std::string key, value;
    /// "/home/you/.config/easel/config.toml:3", for messages.
    std::string where;
};

/// The content of $XDG_CONFIG_HOME/easel/config.toml: `model`, and any setting of a request, of how to run a model or
/// of its previews. A leading ~ of a path is expanded. Empty if there is no such file. Throws Error, naming file and
/// line, on a file that is not TOML and on an unknown key.
std::vector<ConfigEntry> read_config();

/// Applies the entries to a request, or to how a model is run, there without the fields in `untouched`. Throws Error,
/// naming file and line, on a value that the setting cannot have.
void apply_config(const std::vector<ConfigEntry>& entries, Request& request);
void apply_config(const std::vector<ConfigEntry>& entries, Collection& collection);
void apply_config(const std::vector<ConfigEntry>& entries, EngineOptions& options,
                  const std::vector<std::string_view>& untouched);
/// The same of preview_settings_table().
void apply_preview_config(const std::vector<ConfigEntry>& entries, EngineOptions& options,
                          const std::vector<std::string_view>& untouched);

/// The entry with that key; null if there is none.
const ConfigEntry* find_entry(const std::vector<ConfigEntry>& entries, std::string_view key);

/// The path with a leading ~ replaced by the home folder.
std::string with_home(const std::string& path);

}  // namespace easel::cli
