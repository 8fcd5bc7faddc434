#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/reference/completions.h"

namespace easel::cli {
namespace {

/// A text in single quotes.
std::string in_quotes(std::string_view text) {
    std::string shell = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') shell += '\\';
        shell += c;
    }
    return shell + "'";
}

/// How the values of a flag or an argument are completed; -x is without files.
std::string values_of(const ValueName& value) {
    switch (value.kind) {
        case ValueKind::choice:
            return fmt::format(" -x -a '{}'", fmt::join(value.choices, " "));
        case ValueKind::device:
            return R"sh( -x -a "(easel devices 2>/dev/null | string replace -r ':.*' '')")sh";
        case ValueKind::picture:
            return R"sh( -x -a "(__fish_complete_suffix .png .jpg .jpeg .webp)")sh";
        case ValueKind::folder:
            return R"sh( -x -a "(__fish_complete_directories)")sh";
        case ValueKind::path:
            return " -r -F";
        case ValueKind::text:
        case ValueKind::number:
            return " -x";
        case ValueKind::none:
            break;
    }
    return "";
}

std::string flags_of(const CommandReference& command, std::string_view condition) {
    std::string script;
    for (const OptionReference& option : command.options) {
        script += fmt::format("complete -c easel -n '{}'", condition);
        for (const std::string& flag : option.flags)
            script += flag.starts_with("--") ? " -l " + flag.substr(2) : " -s " + flag.substr(1);
        script += values_of(option.value) + " -d " + in_quotes(option.description) + "\n";
    }
    return script;
}

std::string lines_of(const CommandReference& command) {
    const std::string condition = fmt::format("__easel_is {}", command.key());
    std::string script = flags_of(command, condition);
    for (const CommandReference& sub_command : command.commands) {
        script += fmt::format("complete -c easel -n '{}' -a {} -d {}\n", condition, sub_command.name(),
                              in_quotes(sub_command.description));
        script += lines_of(sub_command);
    }
    if (!command.arguments.empty() && command.arguments.front().value.kind >= ValueKind::picture) {
        const ValueName& value = command.arguments.front().value;
        script += fmt::format("complete -c easel -n '{}'{}\n", condition,
                              value.kind == ValueKind::path ? " -F" : values_of(value));
    }
    return script;
}

}  // namespace

std::string fish_completion(const CommandReference& easel) {
    std::vector<std::string> names;
    std::string nested;
    for (const CommandReference& command : easel.commands) {
        names.push_back(command.name());
        for (const CommandReference& sub_command : command.commands)
            nested +=
                fmt::format("    if test \"$words[2] $words[3]\" = '{} {}'\n        echo {}\n        return\n    end\n",
                            command.name(), sub_command.name(), sub_command.key());
    }
    std::string script = fmt::format(R"sh(# Completion of easel for fish, made from its help.

# The sub-command before the cursor; generate when none was typed.
function __easel_command
    set -l words (commandline -opc) '' ''
{}    if contains -- "$words[2]" {} help
        echo $words[2]
    else
        echo generate
    end
end

function __easel_is
    test (__easel_command) = $argv[1]
end

function __easel_is_first
    test (count (commandline -opc)) -eq 1
end

complete -c easel -f
)sh",
                                     nested, fmt::join(names, " "));
    for (const CommandReference& command : easel.commands)
        script += fmt::format("complete -c easel -n __easel_is_first -a {} -d {}\n", command.name(),
                              in_quotes(command.description));
    script += "complete -c easel -n __easel_is_first -a help -d 'Show the help of a command'\n";
    script += fmt::format("complete -c easel -n '__easel_is help' -a '{}'\n", fmt::join(names, " "));
    script += flags_of(easel, "__easel_is_first");
    for (const CommandReference& command : easel.commands) script += lines_of(command);
    return script;
}

}  // namespace easel::cli
