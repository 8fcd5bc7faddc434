#include "cli/flag_names.h"

#include <algorithm>
#include <optional>

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

}  // namespace

std::string flag_of(const CLI::Option& option, std::span<const TypedFlag> typed) {
    for (const TypedFlag& flag : typed)
        if (flag.option == &option) return flag.text;
    return option.get_lnames().empty() ? option.get_name() : "--" + option.get_lnames().front();
}

std::string with_flags(std::string_view sentence, const CLI::App& command, std::span<const TypedFlag> typed) {
    return with_field_names(sentence, [&](std::string_view field) -> std::optional<std::string> {
        const CLI::Option* option = command.get_option_no_throw("--" + key_of_field(field));
        return option ? flag_of(*option, typed) : std::string(field);
    });
}

std::string with_job_keys(std::string_view sentence) {
    return with_field_names(sentence, [](std::string_view field) { return key_of_field(field); });
}

}  // namespace easel::cli
