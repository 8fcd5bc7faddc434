// Manual pages and completions, checked with the programs that read them.

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/app.h"
#include "cli/reference/command_reference.h"
#include "cli/reference/completions.h"
#include "cli/reference/manual_page.h"
#include "support/files.h"

namespace easel::cli {
namespace {

using testing::expect_says;
using testing::read_file;
using testing::write_file;

CommandReference easel_reference() {
    CLI::App app;
    make_command_line(app, {});
    return reference_of(app);
}

/// What a shell command prints, on both streams.
std::string output_of(const std::string& command) {
    std::string text;
    std::FILE* const pipe = ::popen(("{ " + command + "\n} 2>&1").c_str(), "r");
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
    ::pclose(pipe);
    return text;
}

bool has_program(const std::string& name) { return !output_of("command -v " + name).empty(); }

void for_each_command(const CommandReference& command, const std::function<void(const CommandReference&)>& action) {
    action(command);
    for (const CommandReference& sub_command : command.commands) for_each_command(sub_command, action);
}

class Reference : public ::testing::Test {
  protected:
    std::string path(const std::string& name) const { return (folder.path() / name).string(); }

    /// What bash offers for the last of the words.
    std::string offered_by_bash(const std::vector<std::string>& words) {
        std::string script = "source " + path("easel.bash") + "\ncd " + folder.path().string() + "\nCOMP_WORDS=(";
        for (const std::string& word : words) script += "'" + word + "' ";
        script += fmt::format(")\nCOMP_CWORD={}\n_easel\nprintf '%s\\n' \"${{COMPREPLY[@]}}\" | LC_ALL=C sort\n",
                              words.size() - 1);
        write_file(folder / "easel.bash", bash_completion(easel));
        write_file(folder / "ask.bash", script);
        return output_of("bash " + path("ask.bash"));
    }

    const CommandReference easel = easel_reference();
    testing::TemporaryFolder folder;
};

TEST_F(Reference, EveryFlagIsInTheManualPageOfItsCommand) {
    for (const CommandReference& command : easel.commands) {
        const std::string page = manual_page(command, easel);
        for_each_command(command, [&](const CommandReference& within) {
            for (const OptionReference& option : within.options)
                for (std::string flag : option.flags) {
                    for (std::size_t at = 0; (at = flag.find('-', at)) != std::string::npos; at += 2)
                        flag.insert(at, "\\");
                    EXPECT_NE(page.find("\\fB" + flag + "\\fR"), std::string::npos) << command.words << flag;
                }
        });
    }
}

TEST_F(Reference, ManualPagesAreReadWithoutAWarning) {
    if (!has_program("man") || !has_program("groff")) GTEST_SKIP() << "man and groff are not installed";
    std::vector<std::pair<std::string, std::string>> pages = {{manual_page_name(easel), manual_page(easel, easel)}};
    for (const CommandReference& command : easel.commands)
        pages.emplace_back(manual_page_name(command), manual_page(command, easel));
    EXPECT_GT(pages.size(), 11u);
    for (const auto& [name, page] : pages) {
        write_file(folder / name, page);
        const std::string man = "LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l " + path(name);
        EXPECT_EQ(output_of(man + " >/dev/null"), "") << name;
        expect_says(output_of(man), {"NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "SEE ALSO"});
    }
    expect_says(read_file(folder / "easel.1"), {".TH EASEL 1", "easel\\-generate"});
    expect_says(output_of("LC_ALL=C.UTF-8 MANWIDTH=80 man -l " + path("easel-generate.1")),
                {"-W, --width N", "--sampler NAME", "euler_a", "EXAMPLES", "easel \"cat face\""});
}

TEST_F(Reference, CompletionsAreValidScripts) {
    write_file(folder / "easel.bash", bash_completion(easel));
    write_file(folder / "_easel", zsh_completion(easel));
    write_file(folder / "easel.fish", fish_completion(easel));
    EXPECT_EQ(output_of("bash -n " + path("easel.bash")), "");
    if (has_program("zsh")) {
        EXPECT_EQ(output_of("zsh -n " + path("_easel")), "");
    }
    if (has_program("fish")) {
        EXPECT_EQ(output_of("fish -n " + path("easel.fish")), "");
    }
}

TEST_F(Reference, EveryFlagIsInEachCompletion) {
    const std::string bash = bash_completion(easel), zsh = zsh_completion(easel), fish = fish_completion(easel);
    for_each_command(easel, [&](const CommandReference& command) {
        for (const OptionReference& option : command.options)
            for (const std::string& flag : option.flags) {
                EXPECT_NE(bash.find(flag), std::string::npos) << flag;
                EXPECT_NE(zsh.find(")" + flag), std::string::npos) << flag;
                const std::string in_fish =
                    flag.starts_with("--") ? " -l " + flag.substr(2) + " " : " -s " + flag.substr(1) + " ";
                EXPECT_NE(fish.find(in_fish), std::string::npos) << flag;
            }
    });
}

TEST_F(Reference, BashOffersCommandsFlagsAndValues) {
    write_file(folder / "photo.JPG", "");
    write_file(folder / "notes.txt", "");
    std::filesystem::create_directory(folder / "photos");
    EXPECT_EQ(offered_by_bash({"easel", "to"}), "tokenize\n");
    expect_says(offered_by_bash({"easel", ""}), {"generate\n", "models\n", "help\n"});
    EXPECT_EQ(offered_by_bash({"easel", "help", "gen"}), "generate\n");
    EXPECT_EQ(offered_by_bash({"easel", "a fox", "--sam"}), "--sampler\n");
    EXPECT_EQ(offered_by_bash({"easel", "mask", "--land"}), "--landscape\n");
    EXPECT_EQ(offered_by_bash({"easel", "--ver"}), "--version\n");
    EXPECT_EQ(offered_by_bash({"easel", "models", "r"}), "rm\n");
    EXPECT_EQ(offered_by_bash({"easel", "--sampler", "euler_"}), "euler_a\n");
    EXPECT_EQ(offered_by_bash({"easel", "bench", "--sampler", "=", "he"}), "heun\n");
    EXPECT_EQ(offered_by_bash({"easel", "x", "--rng", "="}), "numpy\ntorch\n");
    EXPECT_EQ(offered_by_bash({"easel", "x", "-i", "ph"}), "photo.JPG\nphotos\n");
    EXPECT_EQ(offered_by_bash({"easel", "mask", "n"}), "\n") << "no picture";
    EXPECT_EQ(offered_by_bash({"easel", "x", "--tokenizer", "ph"}), "photos\n");
    EXPECT_EQ(offered_by_bash({"easel", "inspect", "no"}), "notes.txt\n");
    EXPECT_EQ(offered_by_bash({"easel", "x", "--seed", ""}), "\n");
}

TEST_F(Reference, FishOffersCommandsFlagsAndValues) {
    if (!has_program("fish")) GTEST_SKIP() << "fish is not installed";
    write_file(folder / "easel.fish", fish_completion(easel));
    const auto offered = [&](const std::string& line) {
        return output_of("HOME=" + folder.path().string() + " fish -c 'source " + path("easel.fish") +
                         "; complete -C \"" + line + "\"'");
    };
    expect_says(offered("easel to"), {"tokenize\t"});
    expect_says(offered("easel cat --sam"), {"--sampler\t"});
    expect_says(offered("easel mask --land"), {"--landscape\t"});
    expect_says(offered("easel cat --sampler euler_"), {"euler_a"});
    expect_says(offered("easel models r"), {"rm\t"});
}

}  // namespace
}  // namespace easel::cli
