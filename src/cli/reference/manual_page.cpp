#include "cli/reference/manual_page.h"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <easel/easel.h>

namespace easel::cli {
namespace {

using Entries = std::vector<std::pair<std::string_view, std::string_view>>;

const Entries exit_codes = {{"0", "All was done."},
                            {"1", "Something failed."},
                            {"2", "The call was wrong: a flag, a value or a setting."},
                            {"130", "The work was interrupted."}};

const Entries variables = {{"EASEL_MODEL", "The model that is used when --model is not given."},
                           {"EASEL_HOME", "The folder that holds models/, the models that ship with easel."},
                           {"EASEL_OFFLINE", "1 downloads nothing."},
                           {"HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT",
                            "As the Python library huggingface_hub has them: where downloaded models are kept, and who "
                            "asks which hub for them."},
                           {"https_proxy", "The proxy for downloads."}};

const Entries kept_files = {
    {"$XDG_CONFIG_HOME/easel/config.toml", "model = \"...\" names the model that is used when no other is named."}};

/// Text for groff: no character of it is a command.
std::string escaped(std::string_view text) {
    std::string roff;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool begins_line = i == 0 || text[i - 1] == '\n';
        switch (text[i]) {
            case '\\':
                roff += "\\e";
                break;
            case '-':
                roff += "\\-";
                break;
            case '\'':
                roff += begins_line ? "\\&\\(aq" : "\\(aq";
                break;
            case '"':
                roff += "\\(dq";
                break;
            case '`':
                roff += "\\(ga";
                break;
            case '^':
                roff += "\\(ha";
                break;
            case '~':
                roff += "\\(ti";
                break;
            case '.':
                roff += begins_line ? "\\&." : ".";
                break;
            default:
                roff += text[i];
        }
    }
    return roff;
}

std::string bold(std::string_view text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + escaped(text) + "\\fR"; }

/// A sentence of the help, which has no full stop, with commands in backquotes bold.
std::string sentence(std::string_view text) {
    std::string roff;
    for (bool quoted = false; !text.empty(); quoted = !quoted) {
        const std::size_t end = std::min(text.find('`'), text.size());
        roff += quoted ? bold(text.substr(0, end)) : escaped(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return roff.ends_with('.') || roff.ends_with(')') ? roff : roff + ".";
}

std::string section(std::string_view title) { return fmt::format(".SH {}\n", title); }

std::string tagged(const std::string& tag, const std::string& text) { return fmt::format(".TP\n{}\n{}\n", tag, text); }

std::string entries(std::string_view title, const Entries& all) {
    std::string roff = section(title);
    for (const auto& [name, text] : all) roff += tagged(bold(name), sentence(text));
    return roff;
}

std::string tag_of(const OptionReference& option) {
    if (option.flags.empty()) return italic(option.name);
    std::vector<std::string> flags;
    for (const std::string& flag : option.flags) flags.push_back(bold(flag));
    std::string tag = fmt::format("{}", fmt::join(flags, ", "));
    return option.value.kind == ValueKind::none ? tag : tag + " " + italic(option.value.name);
}

std::string text_of(const OptionReference& option) {
    std::string text = sentence(option.description);
    const auto is_named = [&](const std::string& choice) {
        return option.description.find(choice) != std::string::npos;
    };
    if (!std::ranges::all_of(option.value.choices, is_named))
        text += " " + sentence(fmt::format("One of {}", fmt::join(option.value.choices, ", ")));
    return text;
}

std::string options(const std::vector<OptionReference>& all) {
    std::string roff;
    for (const OptionReference& option : all) roff += tagged(tag_of(option), text_of(option));
    return roff;
}

std::string synopsis(const CommandReference& command) {
    std::string roff = bold(command.words) + " [" + italic("OPTIONS") + "]";
    for (const OptionReference& argument : command.arguments)
        roff += argument.is_required ? " " + italic(argument.name) : " [" + italic(argument.name) + "]";
    return roff + "\n";
}

std::string synopses(const CommandReference& command, bool is_easel) {
    if (is_easel)
        return fmt::format("{} {} [{}]\n.br\n{} {} [{}]\n", bold("easel"), italic("PROMPT"), italic("OPTIONS"),
                           bold("easel"), italic("COMMAND"), italic("OPTIONS"));
    std::string roff = synopsis(command);
    for (const CommandReference& sub_command : command.commands) roff += ".br\n" + synopsis(sub_command);
    return roff;
}

/// The lines of a footer: indented ones are examples, the others text.
std::string footer(std::string_view text) {
    std::string examples, remarks;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("  "))
            examples += escaped(line.substr(2)) + "\n";
        else if (line != "Examples:")
            remarks += escaped(line) + "\n";
    }
    std::string roff;
    if (!examples.empty()) roff += section("EXAMPLES") + ".nf\n" + examples + ".fi\n";
    if (!remarks.empty()) roff += ".PP\n" + remarks;
    return roff;
}

std::string commands_of_easel(const CommandReference& easel) {
    std::string roff = section("COMMANDS");
    for (const CommandReference& command : easel.commands)
        roff += tagged(bold("easel-" + command.name()) + "(1)", sentence(command.description));
    return roff;
}

std::string own_commands(const CommandReference& command) {
    std::string roff;
    for (const CommandReference& sub_command : command.commands) {
        roff += fmt::format(".SH {}\n{}\n", escaped(sub_command.words), sentence(sub_command.description));
        roff += options(sub_command.arguments) + options(sub_command.options);
    }
    return roff;
}

std::string see_also(const CommandReference& command, const CommandReference& easel) {
    std::vector<std::string> pages;
    if (command.words != easel.words) pages.push_back(bold("easel") + "(1)");
    for (const CommandReference& other : easel.commands)
        if (other.words != command.words) pages.push_back(bold("easel-" + other.name()) + "(1)");
    return section("SEE ALSO") + fmt::format("{}\n", fmt::join(pages, ",\n"));
}

/// "easel-generate"
std::string page_title(const CommandReference& command) {
    std::string title = command.words;
    std::ranges::replace(title, ' ', '-');
    return title;
}

std::string in_capitals(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

}  // namespace

std::string manual_page_name(const CommandReference& command) { return page_title(command) + ".1"; }

std::string manual_page(const CommandReference& command, const CommandReference& easel) {
    const bool is_easel = command.words == easel.words;
    const std::string title = page_title(command);
    std::string page =
        fmt::format(".TH {} 1 \"\" \"easel {}\" \"easel manual\"\n", escaped(in_capitals(title)), version());
    page += section("NAME") + fmt::format("{} \\- {}\n", escaped(title), escaped(command.description));
    page += section("SYNOPSIS") + synopses(command, is_easel);
    page += section("DESCRIPTION") + sentence(command.description) + "\n";
    if (is_easel)
        page += ".PP\nWithout a command,\n.B easel\ndraws:\n.B easel\n" + italic("PROMPT") +
                "\nis\n.BR easel\\-generate (1).\n";
    if (is_easel) page += commands_of_easel(command);
    if (!command.arguments.empty()) page += section("ARGUMENTS") + options(command.arguments);
    page += section("OPTIONS") + options(command.options);
    if (!is_easel) page += own_commands(command);
    page += footer(command.footer);
    page += entries("EXIT STATUS", exit_codes);
    page += entries("ENVIRONMENT", variables);
    page += entries("FILES", kept_files);
    return page + see_also(command, easel);
}

}  // namespace easel::cli
