#include "cli/setting_options.h"

#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace easel::cli {
namespace {

std::string type_name(const SettingKind& kind) {
    if (std::holds_alternative<WholeNumber>(kind) || std::holds_alternative<SeedNumber>(kind)) return "INT";
    return std::holds_alternative<RealNumber>(kind) ? "FLOAT" : "TEXT";
}

}  // namespace

CLI::Option* add_setting(CLI::App& command, const SettingFacts& setting, const std::optional<std::string>& standard,
                         std::function<void(const std::string& text)> take) {
    const std::string flags(setting.flags);
    if (std::holds_alternative<Truth>(setting.kind)) {
        const auto take_count = [take = std::move(take)](std::int64_t count) { take(count > 0 ? "true" : "false"); };
        return command.add_flag_function(flags, take_count, setting.help);
    }
    if (std::holds_alternative<FileList>(setting.kind)) {
        const auto take_all = [take = std::move(take)](const std::vector<std::string>& all) {
            take(fmt::format("{}", fmt::join(all, "\n")));
        };
        return command.add_option_function<std::vector<std::string>>(flags, take_all, setting.help)
            ->type_name("TEXT")
            ->allow_extra_args(false);
    }
    // CLI11 would convert numbers in its own way: 0042 would be octal.
    CLI::Option* option = command.add_option_function(flags, std::move(take), setting.help);
    return option->type_name(type_name(setting.kind))->default_str(standard.value_or(""));
}

}  // namespace easel::cli
