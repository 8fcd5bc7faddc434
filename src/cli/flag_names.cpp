#include "cli/flag_names.h"

#include <algorithm>
#include <optional>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <fmt/format.h>

#include "base/field_names.h"
#include "jobs/drawing.h"

namespace easel::cli {
namespace {

/// Null when the command has no flag for it.
const CLI::Option* option_of(std::string_view field, const CLI::App& command) {
    if (const CLI::Option* option = command.get_option_no_throw("--" + jobs::key_of_field(field))) return option;
    std::string flag = fmt::format("--{}", field);
    std::ranges::replace(flag, '_', '-');
    return command.get_option_no_throw(flag);
}

}  // namespace

std::string flag_of(const CLI::Option& option, std::span<const TypedFlag> typed) {
    for (const TypedFlag& flag : typed)
        if (flag.option == &option) return flag.text;
    return option.get_lnames().empty() ? option.get_name() : "--" + option.get_lnames().front();
}

std::string with_flags(std::string_view sentence, const CLI::App& command, std::span<const TypedFlag> typed) {
    return with_field_names(sentence, [&](std::string_view field) -> std::optional<std::string> {
        const CLI::Option* option = option_of(field, command);
        return option ? flag_of(*option, typed) : std::string(field);
    });
}

}  // namespace easel::cli
