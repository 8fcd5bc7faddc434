// The sub-commands that draw nothing, and where the standing model comes from.

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "pictures/write.h"

namespace easel::testing {
namespace {

constexpr int failure = 1;
constexpr int usage = 2;

class Commands : public ProgramTest {
  protected:
    /// The standard output of a run that succeeds.
    std::string output(const std::vector<std::string>& arguments) const {
        const Ended run = easel(arguments);
        EXPECT_EQ(run.exit_code, 0) << run.err;
        EXPECT_EQ(run.err, "");
        return run.out;
    }

    /// Which model, none of which is there, these surroundings lead to.
    std::string model_with(const Surroundings& surroundings, const std::vector<std::string>& flags = {}) const {
        std::vector<std::string> arguments = {"a fox"};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        const Ended run = easel(arguments, surroundings);
        EXPECT_EQ(run.exit_code, failure);
        const std::size_t begin = std::string("easel: ").size();
        return run.err.substr(begin, run.err.find(": ", begin) - begin);
    }
};

TEST_F(Commands, HelpIsWhatTheProgramSaysWithoutArguments) {
    const std::string help = output({});
    expect_says(help, {"Examples:", "generate", "tokenize", "inspect", "devices", "bench"});
    EXPECT_EQ(output({"--help"}), help);
    EXPECT_EQ(output({"-h"}), help);
}

/// The names under "Subcommands:" in a help text.
std::vector<std::string> sub_commands_in(const std::string& help) {
    std::vector<std::string> names;
    std::istringstream lines(help);
    std::string line, name;
    while (std::getline(lines, line) && line != "Subcommands:") continue;
    while (std::getline(lines, line) && std::istringstream(line) >> name)
        if (line.find_first_not_of(' ') == 2) names.push_back(name);  // what goes on from the line before stands deeper
    return names;
}

TEST_F(Commands, EverySubCommandHasHelp) {
    expect_says(output({"generate", "--help"}),
                {"Examples:", "--num-inference-steps,--steps", "--mask-blur", "euler_a"});
    const auto names = sub_commands_in(output({}));
    EXPECT_GE(names.size(), 11u);
    for (const std::string& name : names) {
        const std::string help = output({name, "--help"});
        expect_says(help, {"Usage: easel " + name, "--help"});
        for (const std::string& below : sub_commands_in(help))
            expect_says(output({name, below, "--help"}), {"Usage: easel " + name + " " + below});
    }
}

TEST_F(Commands, HelpFitsATerminal) {
    std::istringstream lines(output({"generate", "--help"}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 90u) << line;
}

TEST_F(Commands, MisspelledCommandsAndFlagsNameTheOnesThatWereMeant) {
    expect_refused(easel({"inspct", "cat.png"}), usage, {"\"inspct\"", "did you mean easel inspect?"});
    expect_refused(easel({"models", "rrm", "owner/name"}), usage, {"easel models rrm", "did you mean rm?"});
    expect_refused(easel({"--vresion"}), usage, {"did you mean --version?"});
    expect_refused(easel({"mask", "a.png", "-o", "b.png", "--invrt"}), usage, {"did you mean --invert?"});
}

TEST_F(Commands, WhatIsTooMuchOrMissingPointsToTheCommandsHelp) {
    expect_refused(easel({"inspect", "a.png", "b.png"}), usage, {"\"b.png\"", "easel inspect --help"});
    expect_refused(easel({"models", "rm"}), usage, {"name", "easel models rm --help"});
    expect_refused(easel({"bench", "--pictures", "0"}), usage, {"--pictures 0", "from 1"});
}

TEST_F(Commands, OutputThatCannotBeWrittenIsAFailure) {
    const Ended run = easel({"tokenize", "a fox"}, {.out = "/dev/full"});
    expect_refused(run, failure, {"standard output", "No space left"});
}

TEST_F(Commands, VersionIsOneLine) {
    EXPECT_TRUE(output({"--version"}).starts_with("easel "));
    EXPECT_EQ(std::ranges::count(output({"--version"}), '\n'), 1);
}

TEST_F(Commands, TokenizeGivesIdsAndWhatIsCut) {
    std::string prompt;
    for (int i = 0; i < 75; ++i) prompt += "cat ";
    const auto tokens = nlohmann::json::parse(output({"tokenize", prompt + "zebra", "--json"}));
    ASSERT_EQ(tokens.at("ids").size(), 77u);
    EXPECT_EQ(tokens.at("ids").front(), 49406);
    EXPECT_EQ(tokens.at("ids").back(), 49407);
    EXPECT_EQ(tokens.at("cut"), nlohmann::json({"zebra"}));
    EXPECT_EQ(tokens.size(), 2u);
}

TEST_F(Commands, TokenizeUsesTheVocabularyAskedFor) {
    EXPECT_EQ(output({"tokenize", "a red fox", "--json"}),
              output({"tokenize", "a red fox", "--json", "--tokenizer", "openai/clip-vit-large-patch14"}));
    expect_refused(easel({"tokenize", "caf\xe9"}), usage, {"UTF-8"});
    expect_refused(easel({"tokenize", "x", "--tokenizer", "nowhere"}), failure, {"nowhere"});
}

TEST_F(Commands, InspectTellsWhatAModelIs) {
    expect_says(output({"inspect", tiny_model()}), {"Stable Diffusion 1.x", "folder"});
    expect_says(output({"inspect", golden("tiny/single/tiny.safetensors")}), {"Stable Diffusion 1.x", "single file"});
}

TEST_F(Commands, InspectGivesBackTheSettingsOfAPicture) {
    const std::string settings = "a fox\nNegative prompt: snow\nSteps: 4, Seed: 1";
    for (const char* name : {"a.png", "b.jpg", "c.webp"}) {
        write_picture(folder / name, {.width = 2, .height = 2, .pixels = std::vector<std::uint8_t>(12)}, settings,
                      OutputFile::IfExists::refuse);
        expect_says(output({"inspect", name}), {settings});
    }
    expect_refused(easel({"inspect", golden("inputs/init_64x64.png")}), failure, {"no settings"});
    expect_refused(easel({"inspect", "nowhere"}), failure, {"nowhere"});
    expect_refused(easel({"inspect"}), usage, {"file", "inspect --help"});
}

TEST_F(Commands, DevicesNamesTheProcessorAndItsPrecisions) { expect_says(output({"devices"}), {"CPU: ", "f32"}); }

TEST_F(Commands, BenchMeasuresEachPartOfAPicture) {
    const auto measured =
        nlohmann::json::parse(output({"bench", "-m", tiny_model(), "--steps", "2", "--pictures", "1", "--width", "64",
                                      "--height", "72", "--precision", "f32", "--json"}));
    for (const char* key : {"load_seconds", "compile_seconds", "text_seconds", "unet_step_seconds", "decode_seconds",
                            "picture_seconds", "peak_memory_bytes"})
        EXPECT_GT(measured.at(key).get<double>(), 0.0) << key;
    EXPECT_GT(measured.at("peak_memory_bytes"), 20'000'000);
    EXPECT_GE(measured.at("picture_seconds").get<double>(), measured.at("compile_seconds").get<double>());
}

TEST_F(Commands, TheFlagThenTheEnvironmentThenTheConfigurationChooseTheModel) {
    write_file(folder / "config/easel/config.toml", "model = \"of-the-file\"\n");
    const std::string config = (folder / "config").string();
    EXPECT_EQ(model_with({.environment = {{"XDG_CONFIG_HOME", config}}}), "of-the-file");
    EXPECT_EQ(model_with({.environment = {{"XDG_CONFIG_HOME", config}, {"EASEL_MODEL", "of-the-environment"}}}),
              "of-the-environment");
    EXPECT_EQ(model_with({.environment = {{"XDG_CONFIG_HOME", config}, {"EASEL_MODEL", "of-the-environment"}}},
                         {"-m", "of-the-flag"}),
              "of-the-flag");
}

TEST_F(Commands, AConfigurationOfSomethingElseIsRefused) {
    write_file(folder / "config/easel/config.toml", "modell = \"x\"\n");
    expect_refused(easel({"a fox"}, {.environment = {{"XDG_CONFIG_HOME", (folder / "config").string()}}}), failure,
                   {"config.toml", "modell"});
}

/// Refused for its size, which shows that it was opened.
TEST_F(Commands, TheModelThatShipsIsTheDefault) {
    expect_refused(easel({"a fox", "-W", "12"}), usage, {"-W 12"});
    expect_refused(easel({"a fox"}, {.environment = {{"EASEL_HOME", folder.path().string()}}}), failure,
                   {"emoji-starter"});
}

}  // namespace
}  // namespace easel::testing
