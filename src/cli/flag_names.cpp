#include "cli/flag_names.h"

#include <algorithm>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>

#include "base/field_names.h"
#include "settings/table.h"

namespace easel::cli {
namespace {

/// "num-inference-steps"; of `composite` "no-composite".
std::string key_of_field(std::string_view field) {
    if (const auto* setting = find_field(settings_table(), field)) return std::string(key_of(*setting));
    std::string key(field);
    std::ranges::replace(key, '_', '-');
    return key;
}

/// Whether an argument is that flag: "--seed", "--seed=5", "-W512".
bool is_flag(std::string_view argument, std::string_view flag) {
    if (!argument.starts_with(flag)) return false;
    return argument.size() == flag.size() || !flag.starts_with("--") || argument[flag.size()] == '=';
}

/// The option's flag as it was typed, else its first long one.
std::string flag_of(const CLI::Option& option, std::span<const std::string> arguments) {
    std::vector<std::string> flags;
    for (const std::string& name : option.get_lnames()) flags.push_back("--" + name);
    for (const std::string& name : option.get_snames()) flags.push_back("-" + name);
    for (const std::string& flag : flags)
        if (std::ranges::any_of(arguments, [&](const std::string& argument) { return is_flag(argument, flag); }))
            return flag;
    return flags.front();
}

}  // namespace

std::string with_flags(std::string_view sentence, const CLI::App& command, std::span<const std::string> arguments) {
    return with_field_names(sentence, [&](std::string_view field) -> std::optional<std::string> {
        const CLI::Option* option = command.get_option_no_throw("--" + key_of_field(field));
        return option ? flag_of(*option, arguments) : std::string(field);
    });
}

std::string with_job_keys(std::string_view sentence) {
    return with_field_names(sentence, [](std::string_view field) { return key_of_field(field); });
}

}  // namespace easel::cli
