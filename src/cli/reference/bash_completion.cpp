#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/reference/completions.h"

namespace easel::cli {
namespace {

constexpr std::string_view beginning = R"sh(# Completion of easel for bash, made from its help.

# Offers files, of pictures only those of easel's kinds, and folders.
_easel_files() {
    local kind=$1 current=$2 name
    compopt -o filenames 2>/dev/null
    while IFS= read -r name; do
        [[ $kind == folder && ! -d $name ]] && continue
        [[ $kind == picture && ! -d $name && ! ${name,,} =~ \.(png|jpe?g|webp)$ ]] && continue
        COMPREPLY+=("$name")
    done < <(compgen -f -- "$current")
}

_easel_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2"); }

_easel() {
    local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} command=generate
    COMPREPLY=()
    # Bash takes --flag=value for three words.
    if [[ $current == "=" ]]; then
        current=""
    elif [[ $option == "=" ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
    fi
)sh";

constexpr std::string_view end = R"sh(}
complete -F _easel easel
)sh";

/// What completes a value.
std::string completion_of(const ValueName& value) {
    switch (value.kind) {
        case ValueKind::choice:
            return fmt::format("_easel_words \"{}\" \"$current\"", fmt::join(value.choices, " "));
        case ValueKind::device:
            return R"sh(_easel_words "$(easel devices 2>/dev/null | sed 's/:.*//')" "$current")sh";
        case ValueKind::picture:
            return R"sh(_easel_files picture "$current")sh";
        case ValueKind::folder:
            return R"sh(_easel_files folder "$current")sh";
        case ValueKind::path:
            return R"sh(_easel_files path "$current")sh";
        case ValueKind::text:
        case ValueKind::number:
        case ValueKind::none:
            break;
    }
    return ":";
}

std::string names_of(const std::vector<CommandReference>& commands) {
    std::vector<std::string> names;
    for (const CommandReference& command : commands) names.push_back(command.name());
    return fmt::format("{}", fmt::join(names, " "));
}

/// The values of a command's flags, then what else it takes.
std::string cases_of(const CommandReference& command) {
    std::string values, flags;
    for (const OptionReference& option : command.options) {
        for (const std::string& flag : option.flags) flags += (flags.empty() ? "" : " ") + flag;
        if (option.value.kind != ValueKind::none)
            values += fmt::format("                {}) {}; return ;;\n", fmt::join(option.flags, " | "),
                                  completion_of(option.value));
    }
    std::string script = fmt::format("        {})\n", command.key());
    if (!values.empty()) script += fmt::format("            case $option in\n{}            esac\n", values);
    script += fmt::format(
        "            if [[ $current == -* ]]; then\n                _easel_words \"{}\" \"$current\"\n", flags);
    if (!command.commands.empty())
        script += fmt::format("            else\n                _easel_words \"{}\" \"$current\"\n",
                              names_of(command.commands));
    else if (!command.arguments.empty())
        script += fmt::format("            else\n                {}\n", completion_of(command.arguments.front().value));
    script += "            fi ;;\n";
    for (const CommandReference& sub_command : command.commands) script += cases_of(sub_command);
    return script;
}

}  // namespace

std::string bash_completion(const CommandReference& easel) {
    std::string script(beginning);
    const std::string names = names_of(easel.commands);
    std::string flags;
    for (const OptionReference& option : easel.options)
        for (const std::string& flag : option.flags) flags += " " + flag;
    script += fmt::format(R"sh(    local commands="{} help" flags="{}"
    if ((COMP_CWORD == 1)) && [[ $current != -* ]]; then
        _easel_words "$commands" "$current"
        return
    fi
    if [[ ${{COMP_WORDS[1]}} == help ]]; then
        _easel_words "$commands" "$current"
        return
    fi
    [[ " $commands " == *" ${{COMP_WORDS[1]}} "* ]] && ((COMP_CWORD > 1)) && command=${{COMP_WORDS[1]}}
)sh",
                          names, flags.substr(1));
    for (const CommandReference& command : easel.commands)
        for (const CommandReference& sub_command : command.commands)
            script += fmt::format(
                "    [[ $command == {} && ${{COMP_WORDS[2]}} == {} ]] && ((COMP_CWORD > 2)) && command={}\n",
                command.name(), sub_command.name(), sub_command.key());
    script += "    case $command in\n";
    for (const CommandReference& command : easel.commands) script += cases_of(command);
    script +=
        "    esac\n    ((COMP_CWORD == 1)) && mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < "
        "<(compgen -W \"$flags\" -- \"$current\")\n    return 0\n";
    return script.append(end);
}

}  // namespace easel::cli
