#pragma once

#include <functional>
#include <optional>
#include <string>

#include "settings/setting.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace easel::cli {

/// Adds a setting's flags to `command`. `take` gets the value as text, "true" for a flag without a value. `standard` is
/// the default that the help shows.
CLI::Option* add_setting(CLI::App& command, const SettingFacts& setting, const std::optional<std::string>& standard,
                         std::function<void(const std::string& text)> take);

/// The same for a value that is kept in `owner`. Both `owner` and `setting` must outlive the command.
template <typename Owner>
CLI::Option* add_setting(CLI::App& command, const Setting<Owner>& setting, Owner& owner) {
    return add_setting(command, setting, text_of(setting, get(owner, setting)),
                       [&owner, &setting](const std::string& text) { set_from_text(owner, setting, text); });
}

}  // namespace easel::cli
