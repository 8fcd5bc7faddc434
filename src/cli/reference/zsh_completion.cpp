#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/reference/completions.h"

namespace easel::cli {
namespace {

constexpr std::string_view beginning = R"sh(#compdef easel
# Completion of easel for zsh, made from its help.

_easel_list_devices() {
    local -a devices
    devices=(${(f)"$(easel devices 2>/dev/null | sed 's/:.*//')"})
    compadd -a devices
}

_easel_list_pictures() { _files -g '*.(#i)(png|jpg|jpeg|webp)(-.)' }

)sh";

/// A text within an _arguments specification in single quotes.
std::string zsh_escaped(std::string_view text) {
    std::string shell;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') shell += '\\';
        shell += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return shell;
}

std::string action_of(const ValueName& value) {
    switch (value.kind) {
        case ValueKind::choice:
            return fmt::format("({})", fmt::join(value.choices, " "));
        case ValueKind::device:
            return "_easel_list_devices";
        case ValueKind::picture:
            return "_easel_list_pictures";
        case ValueKind::folder:
            return "_files -/";
        case ValueKind::path:
            return "_files";
        case ValueKind::text:
        case ValueKind::number:
        case ValueKind::none:
            break;
    }
    return " ";
}

/// One flag: '(-W --width)-W+[Pixels]:N: '.
std::string specification(const OptionReference& option, const std::string& flag) {
    const bool has_value = option.value.kind != ValueKind::none;
    std::string_view mark;
    if (has_value) mark = flag.starts_with("--") ? "=" : "+";
    std::string text =
        fmt::format("'({}){}{}[{}]", fmt::join(option.flags, " "), flag, mark, zsh_escaped(option.description));
    if (has_value) text += fmt::format(":{}:{}", option.value.name, zsh_escaped(action_of(option.value)));
    return text + "'";
}

std::string function_name(const CommandReference& command) {
    std::string name = "_" + command.words;
    for (char& c : name)
        if (c == ' ') c = '_';
    return name;
}

std::string list_of(const std::vector<CommandReference>& commands) {
    std::string list;
    for (const CommandReference& command : commands)
        list += fmt::format("        '{}:{}'\n", command.name(), zsh_escaped(command.description));
    return list;
}

/// A function for the words from the command on.
std::string function_of(const CommandReference& command) {
    std::string script;
    for (const CommandReference& sub_command : command.commands) script += function_of(sub_command);
    script += fmt::format("{}() {{\n", function_name(command));
    if (!command.commands.empty()) {
        script += fmt::format("    local -a commands=(\n{}    )\n", list_of(command.commands));
        script +=
            "    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then\n        _describe command commands\n        "
            "return\n    fi\n";
        for (const CommandReference& sub_command : command.commands)
            script += fmt::format(
                "    if [[ $words[2] == {} ]]; then\n        shift words\n        ((CURRENT--))\n        {}\n        "
                "return\n    fi\n",
                sub_command.name(), function_name(sub_command));
    }
    script += "    _arguments -s -S";
    for (const OptionReference& option : command.options)
        for (const std::string& flag : option.flags) script += " \\\n        " + specification(option, flag);
    for (const OptionReference& argument : command.arguments)
        script +=
            fmt::format(" \\\n        ':{}:{}'", zsh_escaped(argument.name), zsh_escaped(action_of(argument.value)));
    return script + "\n}\n\n";
}

}  // namespace

std::string zsh_completion(const CommandReference& easel) {
    std::string script(beginning);
    for (const CommandReference& command : easel.commands) script += function_of(command);
    script += fmt::format(R"sh(_easel() {{
    local -a commands=(
{}        'help:Show the help of a command'
    )
    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
        _describe command commands
        return
    fi
    if ((CURRENT == 2)); then
        _arguments -s -S)sh",
                          list_of(easel.commands));
    for (const OptionReference& option : easel.options)
        for (const std::string& flag : option.flags) script += " \\\n            " + specification(option, flag);
    script += R"sh(
    fi
    if [[ $words[2] == help ]]; then
        _describe command commands
    elif ((CURRENT > 2)) && (( ${+functions[_easel_$words[2]]} )) && [[ -n ${commands[(r)$words[2]:*]} ]]; then
        shift words
        ((CURRENT--))
        _easel_$words[1]
    else
        _easel_generate
    fi
}

_easel "$@"
)sh";
    return script;
}

}  // namespace easel::cli
