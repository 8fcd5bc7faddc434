// The sub-commands that draw nothing, and the choice of the default model.

#include <map>
#include <sstream>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/app.h"
#include "cli/program.h"
#include "pictures/write.h"

namespace easel::testing {
namespace {

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

/// The words that lead to each sub-command.
std::vector<std::vector<std::string>> all_commands(const CLI::App& app) {
    std::vector<std::vector<std::string>> all;
    for (const CLI::App* command : app.get_subcommands({})) {
        all.push_back({command->get_name()});
        for (std::vector<std::string> words : all_commands(*command)) {
            words.insert(words.begin(), command->get_name());
            all.push_back(words);
        }
    }
    return all;
}

std::vector<std::vector<std::string>> all_commands() {
    CLI::App app;
    cli::make_command_line(app, {});
    return all_commands(app);
}

TEST_F(Commands, EverySubCommandHasHelp) {
    expect_says(output({"generate", "--help"}),
                {"Examples:", "--num-inference-steps,--steps", "--mask-blur", "euler_a"});
    EXPECT_GT(all_commands().size(), 10u);
    for (std::vector<std::string> words : all_commands()) {
        const std::string usage_line = fmt::format("Usage: easel {} ", fmt::join(words, " "));
        words.push_back("--help");
        const std::string help = output(words);
        expect_says(help, {usage_line, "-h,--help"});
        words.pop_back();
        words.insert(words.begin(), "help");
        EXPECT_EQ(output(words), help);
    }
}

TEST_F(Commands, TrainHandsAllThatFollowsToTheTrainer) {
    const auto trainer = std::filesystem::path(EASEL_PROGRAM).parent_path() / "easel-train";
    if (std::filesystem::exists(trainer))
        expect_says(output({"train", "--version"}), {"easel-train "});
    else
        expect_refused(easel({"train", "--version"}), failure, {trainer.string(), "LibTorch"});
}

TEST_F(Commands, HelpFitsATerminalOf80Columns) {
    std::vector<std::vector<std::string>> commands = all_commands();
    commands.emplace_back();
    for (std::vector<std::string> words : commands) {
        words.push_back("--help");
        std::istringstream lines(output(words));
        for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
    }
}

TEST_F(Commands, LibrariesAreNotTakenFromTheFolderOneIsIn) {
    for (const char* name : {"libz.so.1", "libvips.so.42", "libstdc++.so.6"})
        write_file(folder / name, "not a library");
    EXPECT_TRUE(output({"--version"}).starts_with("easel "));
}

TEST_F(Commands, HelpThatCannotBeWrittenIsAFailure) {
    for (const char* flag : {"--help", "--version"})
        expect_refused(easel({flag}, {.out = "/dev/full"}), failure, {"standard output", "No space left"});
}

TEST_F(Commands, MisspelledCommandsAndFlagsNameTheOnesThatWereMeant) {
    expect_refused(easel({"inspct", "cat.png"}), usage, {"\"inspct\"", "did you mean easel inspect?"});
    expect_refused(easel({"models", "rrm", "owner/name"}), usage, {"easel models rrm", "did you mean rm?"});
    expect_refused(easel({"--vresion"}), usage, {"did you mean --version?"});
    expect_refused(easel({"mask", "a.png", "-o", "b.png", "--invrt"}), usage, {"did you mean --invert?"});
    expect_refused(easel({"geenrate", "-p", "x"}), usage, {"geenrate", "did you mean easel generate?"});
    expect_refused(easel({"help", "geenrate"}), usage, {"geenrate", "did you mean easel generate?"});
}

TEST_F(Commands, BeginningsAndPartsOfFlagsNameTheFlag) {
    const std::map<std::string, std::string> meant = {
        {"--cfg", "--cfg-scale"},      {"--negative", "--negative-prompt"},
        {"--prompt-file", "--prompt"}, {"--image", "--init-image"},
        {"--scale", "--cfg-scale"},    {"--step", "--steps"},
        {"--seeds", "--seed"},         {"--out", "--output"},
        {"-steps", "--steps"},         {"-prompt", "--prompt"},
        {"--count", "--batch-count"}};
    for (const auto& [typed, flag] : meant)
        expect_refused(easel({"a fox", typed, "7"}), usage,
                       {"there is no flag " + typed + "; did you mean " + flag + "?"});
}

TEST_F(Commands, ErrorsNameFlagsAsTheyWereTyped) {
    expect_refused(easel({"a fox", "-W", "wide"}), usage, {"-W wide: give a whole number"});
    expect_refused(easel({"a fox", "--width=wide"}), usage, {"--width wide: give a whole number"});
    expect_refused(easel({"a fox", "--cfg-scale", "much"}), usage, {"--cfg-scale much: give a number"});
    expect_refused(easel({"a fox", "-W"}), usage, {"-W takes one value"});
    expect_refused(easel({"a fox", "-W", "8", "-W", "8"}), usage, {"-W takes one value"});
    expect_refused(easel({"bench", "-H", "0"}), usage, {"-H 0: "});
}

TEST_F(Commands, WhatFollowsTwoDashesIsText) {
    expect_refused(easel({"-m", "nowhere", "--", "-5"}), failure, {"nowhere"});
    expect_refused(easel({"--", "-5", "--steps", "1"}), usage, {"\"--steps\"", "put flags before --"});
    EXPECT_EQ(output({"tokenize", "--", "-5"}), output({"tokenize", "-5"}));
    EXPECT_NE(output({"tokenize", "--", "--json"}), "");
}

TEST_F(Commands, ErrorsAreReportedAsJsonTooOnRequest) {
    const auto event = [&](const std::vector<std::string>& arguments, int exit_code) {
        const Ended run = easel(arguments);
        EXPECT_EQ(run.exit_code, exit_code);
        EXPECT_TRUE(run.err.starts_with("easel: "));
        const std::size_t last = run.out.rfind('\n', run.out.size() - 2);
        const auto object = nlohmann::json::parse(run.out.substr(last == std::string::npos ? 0 : last + 1));
        EXPECT_EQ(object.at("event"), "error");
        EXPECT_EQ("easel: " + object.at("message").get<std::string>() + "\n", run.err);
        return object;
    };
    EXPECT_EQ(event({"a fox", "-W", "0", "--json"}, usage).at("field"), "width");
    EXPECT_EQ(event({"a fox", "--json", "--steps", "many"}, usage).at("field"), "num_inference_steps");
    EXPECT_EQ(event({"a fox", "--json", "--width="}, usage).at("field"), "width");
    EXPECT_EQ(event({"a fox", "--json", "--frob"}, usage).at("kind"), "bad_request");
    EXPECT_FALSE(event({"a fox", "-m", "nowhere", "--json", "--device=cpu"}, failure).contains("field"));
    EXPECT_EQ(event({"a fox", "--json", "-o", "no/a.png"}, failure).at("message"),
              event({"generate", "a fox", "--json", "-o", "no/a.png"}, failure).at("message"));
    for (const auto& words : all_commands()) {
        CLI::App app;
        cli::make_command_line(app, {});
        const CLI::App* command = &app;
        for (const std::string& word : words) command = command->get_subcommand(word);
        if (!command->get_option_no_throw("--json")) continue;
        std::vector<std::string> arguments = words;
        arguments.insert(arguments.end(), {"--json", "--frob"});
        EXPECT_EQ(event(arguments, usage).at("kind"), "bad_request") << words.front();
    }
}

TEST_F(Commands, ExtraAndMissingArgumentsPointToTheCommandsHelp) {
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

TEST_F(Commands, TokenizePrintsTheIdsAndTheWordsThatAreCut) {
    std::string prompt;
    for (int i = 0; i < 75; ++i) prompt += "cat ";
    const auto tokens = nlohmann::json::parse(output({"tokenize", prompt + "zebra", "--json"}));
    ASSERT_EQ(tokens.at("ids").size(), 77u);
    EXPECT_EQ(tokens.at("ids").front(), 49406);
    EXPECT_EQ(tokens.at("ids").back(), 49407);
    EXPECT_EQ(tokens.at("cut"), nlohmann::json({"zebra"}));
    EXPECT_EQ(tokens.at("chunks").size(), 2u);
    EXPECT_EQ(tokens.size(), 4u);
}

TEST_F(Commands, TokenizePrintsWeightsAndChunks) {
    const auto tokens = nlohmann::json::parse(output({"tokenize", "a (fox:1.3) BREAK snow", "--json"}));
    EXPECT_EQ(tokens.at("pieces"),
              nlohmann::json::parse(R"([["a ", 1.0], ["fox", 1.3], ["", 1.0], ["BREAK", -1.0], ["snow", 1.0]])"));
    ASSERT_EQ(tokens.at("chunks").size(), 2u);
    EXPECT_EQ(tokens["chunks"][0]["weights"][2], 1.3);
    EXPECT_EQ(tokens["chunks"][1]["ids"][1], 2583);
    expect_says(output({"tokenize", "a (fox:1.3)"}), {"2 of 75 tokens", "1.3: fox"});
}

TEST_F(Commands, TokenizeReadsPromptsFromFilesAsGenerateDoes) {
    write_file(folder / "fox.txt",
               "\xef\xbb\xbf"
               "a red fox\r\n");
    const std::string ids = output({"tokenize", "a red fox"});
    EXPECT_EQ(output({"tokenize", "@fox.txt"}), ids);
    EXPECT_EQ(easel({"tokenize", "-"}, {.in = (folder / "fox.txt").string()}).out, ids);
    EXPECT_NE(output({"tokenize", "@@fox.txt"}), ids);
    expect_refused(easel({"tokenize", "@nowhere"}), failure, {"nowhere"});
}

TEST_F(Commands, RefusalsAreOneLineWhateverTheNamesInThem) {
    expect_refused(easel({"a fox", "-m", "no\nwhere\x1b[31m"}), failure, {"no\\x0awhere\\x1b[31m"});
    expect_refused(easel({"inspect", "no\nwhere.png"}), failure, {"no\\x0awhere.png"});
    expect_refused(easel({"a fox", "--control", "no\nwhere:a.png"}), usage, {"no\\x0awhere"});
}

TEST_F(Commands, TokenizeUsesTheVocabularyAskedFor) {
    EXPECT_EQ(output({"tokenize", "a red fox", "--json"}),
              output({"tokenize", "a red fox", "--json", "--tokenizer", "openai/clip-vit-large-patch14"}));
    expect_refused(easel({"tokenize", "caf\xe9"}), usage, {"UTF-8"});
    expect_refused(easel({"tokenize", "x", "--tokenizer", "nowhere"}), failure, {"nowhere"});
}

TEST_F(Commands, InspectDescribesModels) {
    expect_says(output({"inspect", tiny_model()}), {"Stable Diffusion 1.x", "folder"});
    expect_says(output({"inspect", golden("adapters/loras/kohya.safetensors")}), {"a LoRA", "layers of the UNet"});
    expect_says(output({"inspect", golden("adapters/loras/kohya.safetensors"), "--json"}), {"\"kind\":\"lora\""});
    expect_says(output({"inspect", golden("adapters/embeddings/webui.pt")}), {"an embedding", "vectors"});
    expect_says(output({"inspect", golden("tiny/single/tiny.safetensors")}), {"Stable Diffusion 1.x", "single file"});
}

TEST_F(Commands, InspectDescribesNetworksThatAreNoModels) {
    expect_says(output({"inspect", golden("families/taesd/taesd_decoder.safetensors")}), {"a tiny VAE (TAESD)"});
    expect_says(output({"inspect", golden("xl_controls/edges")}), {"a ControlNet for Stable Diffusion XL"});
    expect_says(output({"inspect", golden("tiny/diffusers/vae")}), {"a VAE for Stable Diffusion 1.x"});
    expect_says(output({"inspect", golden("adapters/upscalers/x4.safetensors")}), {"an upscaler", "4 times larger"});
    const auto json_of = [&](const char* name) {
        return nlohmann::json::parse(output({"inspect", golden(name), "--json"}));
    };
    const auto vae = json_of("tiny/diffusers/vae");
    EXPECT_EQ(vae.at("kind"), "vae");
    EXPECT_EQ(vae.at("families"), (nlohmann::json{"Stable Diffusion 1.x", "Stable Diffusion 2.x"}));
    EXPECT_EQ(vae.at("layout"), "folder");
    EXPECT_EQ(vae.at("latent_channels"), 4);
    EXPECT_EQ(vae.at("pixels_per_latent"), 8);
    EXPECT_EQ(vae.at("scaling_factor"), 0.18215);
    const auto tiny = json_of("families/taesd/taesd_encoder.safetensors");
    EXPECT_EQ(tiny.at("kind"), "tiny_vae");
    EXPECT_EQ(tiny.at("has_decoder"), false);
    EXPECT_EQ(tiny.at("has_encoder"), true);
    const auto net = json_of("xl_controls/edges");
    EXPECT_EQ(net.at("kind"), "controlnet");
    EXPECT_EQ(net.at("families"), nlohmann::json{"Stable Diffusion XL"});
    EXPECT_EQ(net.at("cross_attention_dim"), 14);
    EXPECT_EQ(net.at("added_conditions"), 56);
    EXPECT_EQ(net.at("precisions"), nlohmann::json{"F16"});
    EXPECT_GT(net.at("weight_bytes"), 100'000);
    const auto upscaler = json_of("adapters/upscalers/x4.safetensors");
    EXPECT_EQ(upscaler.at("kind"), "upscaler");
    EXPECT_EQ(upscaler.at("architecture"), "rrdb");
    EXPECT_EQ(upscaler.at("scale"), 4);
    EXPECT_EQ(upscaler.at("filters"), 8);
}

TEST_F(Commands, InspectShowsTheSettingsOfAPicture) {
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

TEST_F(Commands, InspectDescribesModelsAndPicturesAsJson) {
    const auto model = nlohmann::json::parse(output({"inspect", tiny_model(), "--json"}));
    EXPECT_EQ(model.at("kind"), "model");
    EXPECT_EQ(model.at("family"), "Stable Diffusion 1.x");
    EXPECT_EQ(model.at("layout"), "diffusers folder");
    EXPECT_GT(model.at("weight_bytes"), 1000);
    EXPECT_EQ(model.at("latent_channels"), 4);
    EXPECT_TRUE(model.at("scheduler").contains("beta_start"));

    const Picture pixel{.width = 1, .height = 1, .pixels = {0, 0, 0}};
    write_picture(folder / "a.png", pixel, "a fox\nNegative prompt: snow\nSteps: 4, Seed: 1",
                  OutputFile::IfExists::refuse);
    const auto picture = nlohmann::json::parse(output({"inspect", "a.png", "--json"}));
    EXPECT_EQ(picture.at("kind"), "picture");
    EXPECT_EQ(picture.at("prompt"), "a fox");
    EXPECT_EQ(picture.at("negative_prompt"), "snow");
    EXPECT_EQ(picture.at("settings").at("Seed"), "1");

    write_picture(folder / "b.png", pixel, "of another program", OutputFile::IfExists::refuse);
    const auto foreign = nlohmann::json::parse(output({"inspect", "b.png", "--json"}));
    EXPECT_EQ(foreign.at("parameters"), "of another program");
    EXPECT_FALSE(foreign.contains("settings"));
}

TEST_F(Commands, DevicesNamesTheProcessorAndItsPrecisions) {
    expect_says(output({"devices"}), {"CPU: ", "f32"});
    const auto devices = nlohmann::json::parse(output({"devices", "--json"})).at("devices");
    EXPECT_EQ(devices.at(0).at("name"), "CPU");
    EXPECT_EQ(devices.at(0).at("precisions").back(), "f32");
}

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

TEST_F(Commands, AnEmptyModelIsNoModel) {
    const auto opens_what_ships = [&](const std::string& line, const std::vector<std::string>& flags) {
        write_file(folder / "config/easel/config.toml", line);
        std::vector<std::string> arguments = {"a fox", "--width", "12"};
        arguments.insert(arguments.end(), flags.begin(), flags.end());
        expect_refused(easel(arguments, {.environment = {{"XDG_CONFIG_HOME", (folder / "config").string()}}}), usage,
                       {"--width 12", "multiple of 8"});
    };
    for (const char* line : {"model = \"\"\n", "model = ''\n", "model =\n", "\n"}) opens_what_ships(line, {});
    opens_what_ships("\n", {"--model="});
    opens_what_ships("\n", {"-m="});
}

TEST_F(Commands, AConfigurationOfSomethingElseIsRefused) {
    write_file(folder / "config/easel/config.toml", "modell = \"x\"\n");
    expect_refused(easel({"a fox"}, {.environment = {{"XDG_CONFIG_HOME", (folder / "config").string()}}}), failure,
                   {"config.toml", "modell"});
}

/// Refused because of its size, which shows that it was opened.
TEST_F(Commands, TheModelThatShipsIsTheDefault) {
    expect_refused(easel({"a fox", "-W", "12"}), usage, {"-W 12"});
    expect_refused(easel({"a fox"}, {.environment = {{"EASEL_HOME", folder.path().string()}}}), failure, {"emoji"});
}

}  // namespace
}  // namespace easel::testing
