// What CLI11 gets to parse, for every flag of every sub-command.

#include "cli/arguments.h"

#include <functional>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <gtest/gtest.h>

#include "base/error.h"
#include "cli/app.h"
#include "cli/command_names.h"
#include "cli/program.h"

namespace easel::testing {
namespace {

using Words = std::vector<std::string>;

/// A flag with a value: the words that lead to its command, and the flag as it can be typed.
struct ValueFlag {
    Words command;
    std::string text;
    bool is_number = false;
};

void add_flags_of(const CLI::App& command, const Words& words, std::vector<ValueFlag>& flags) {
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_items_expected_max() == 0) continue;
        for (const std::string& name : option->get_lnames())
            flags.push_back({words, "--" + name, cli::is_number(*option)});
        for (const std::string& name : option->get_snames())
            flags.push_back({words, "-" + name, cli::is_number(*option)});
    }
    for (const CLI::App* sub_command : command.get_subcommands({})) {
        Words longer = words;
        longer.push_back(sub_command->get_name());
        add_flags_of(*sub_command, longer, flags);
    }
}

class Arguments : public ProgramTest {
  protected:
    Arguments() { cli::make_command_line(app, {}); }

    Words words(const Words& given) const { return cli::read_arguments(given, app).words; }

    std::vector<ValueFlag> value_flags() const {
        std::vector<ValueFlag> flags;
        add_flags_of(app, {}, flags);
        return flags;
    }

    std::string refusal(const Words& given) const {
        return sentence_of([&] { words(given); });
    }

    CLI::App app;
};

Words joined(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

TEST_F(Arguments, AFlagThatEndsInAnEqualsSignHasAnEmptyValue) {
    const auto flags = value_flags();
    EXPECT_GT(flags.size(), 60u);
    for (const ValueFlag& flag : flags) {
        const Words given = joined(flag.command, {flag.text + "=", "--seed=5"});
        if (flag.is_number) {
            EXPECT_EQ(refusal(given), flag.text + ": needs a number");
            continue;
        }
        Words read = words(given);
        read.resize(flag.command.size() + 2);
        EXPECT_EQ(read, joined(flag.command, {flag.text, ""}));
    }
}

/// The flag after the empty value is still read as a flag: there is none of that name.
TEST_F(Arguments, TheProgramTakesNoFlagForTheValueOfAnother) {
    for (const ValueFlag& flag : value_flags()) {
        const Ended run = easel(joined(flag.command, {flag.text + "=", "--zzzzzz"}));
        EXPECT_EQ(run.exit_code, 2) << flag.text;
        const bool read = run.err.find("there is no flag --zzzzzz") != std::string::npos;
        const bool refused = run.err.starts_with("easel: " + flag.text);
        EXPECT_TRUE(read || refused) << flag.text << ": " << run.err;
    }
}

TEST_F(Arguments, ValuesAreWordsOfTheirOwn) {
    EXPECT_EQ(words({"generate", "-W=512", "-H768", "--steps=20", "-p", "--seed=", "--json"}),
              Words({"generate", "-W", "512", "-H", "768", "--steps", "20", "-p", "--seed=", "--json"}));
    EXPECT_EQ(words({"generate", "--", "--seed="}), Words({"generate", "--", "--seed="}));
    EXPECT_EQ(words({"cat", "--negative-prompt=a=b"}), Words({"generate", "cat", "--negative-prompt", "a=b"}));
}

TEST_F(Arguments, GenerateIsTheSubCommandWhenNoneIsNamed) {
    EXPECT_EQ(words({}), Words({"--help"}));
    EXPECT_EQ(words({"a fox"}), Words({"generate", "a fox"}));
    EXPECT_EQ(words({"--steps", "4"}), Words({"generate", "--steps", "4"}));
    EXPECT_EQ(words({"--", "-5"}), Words({"generate", "--", "-5"}));
    EXPECT_EQ(words({"inspect", "cat.png"}), Words({"inspect", "cat.png"}));
    EXPECT_EQ(refusal({"geenrate", "-p", "x"}), "there is no easel geenrate; did you mean easel generate?");
    EXPECT_EQ(words({"a fox", "-p", "x"}), Words({"generate", "a fox", "-p", "x"}));
}

TEST_F(Arguments, HelpIsASubCommandToo) {
    EXPECT_EQ(words({"help"}), Words({"--help"}));
    EXPECT_EQ(words({"help", "generate"}), Words({"generate", "--help"}));
    EXPECT_EQ(words({"help", "models", "rm"}), Words({"models", "rm", "--help"}));
    EXPECT_EQ(refusal({"help", "genrate"}), "there is no easel genrate; did you mean easel generate?");
    EXPECT_EQ(refusal({"help", "models", "xyzzy"}), "there is no easel models xyzzy; see easel models --help");
}

TEST_F(Arguments, LongFlagsNeedTwoDashes) {
    EXPECT_EQ(refusal({"generate", "-prompt", "x"}), "there is no flag -prompt; did you mean --prompt?");
    EXPECT_EQ(refusal({"generate", "-width=5"}), "there is no flag -width; did you mean --width?");
}

TEST_F(Arguments, FlagsWithoutAValueRefuseOne) {
    EXPECT_EQ(refusal({"generate", "--json="}), "--json=: this flag takes no value");
    EXPECT_EQ(words({"generate", "--json=false"}), Words({"generate", "--json=false"}));
}

TEST_F(Arguments, FlagsAreKeptAsTheyWereTyped) {
    const auto flags = cli::read_arguments({"bench", "-W", "0", "--cfg-scale=3"}, app).flags;
    ASSERT_EQ(flags.size(), 2u);
    EXPECT_EQ(flags[0].text, "-W");
    EXPECT_EQ(flags[1].text, "--cfg-scale");
    EXPECT_EQ(cli::field_of(*flags[1].option), "guidance_scale");
}

}  // namespace
}  // namespace easel::testing
