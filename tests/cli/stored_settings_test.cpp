// Settings from a picture, and prompts from files.

#include <cstdlib>

#include <gtest/gtest.h>

#include "cli/program.h"
#include "pictures/parameters.h"
#include "pictures/read.h"
#include "pictures/write.h"

namespace easel::testing {
namespace {

class StoredSettingsFlag : public ProgramTest {
  protected:
    /// Runs the program with tiny_model() and expects success.
    Ended succeed(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"-m", tiny_model()});
        Ended run = easel(arguments);
        EXPECT_EQ(run.exit_code, 0) << run.err;
        return run;
    }
    std::string parameters(const std::string& name) const { return read_parameters(folder / name).value_or(""); }

    /// A picture that another program might have drawn.
    void write_foreign(const std::string& name, const std::string& text) const {
        write_picture(folder / name, Picture{8, 8, std::vector<std::uint8_t>(192)}, text, OutputFile::IfExists::refuse);
    }
};

TEST_F(StoredSettingsFlag, EmptyValuesLeaveTheFlagsAfterThemAlone) {
    succeed({"a fox", "--negative-prompt=", "--seed=5", "--scheduler-config=", "--steps=1", "-o=a.png"});
    expect_says(parameters("a.png"), {"Seed: 5", "Steps: 1"});
    EXPECT_EQ(parameters("a.png").find("Negative prompt"), std::string::npos);
}

TEST_F(StoredSettingsFlag, PictureDrawnFromAnothersSettingsHasTheSameBytes) {
    succeed({"a fox,\n(in snow:1.2) \"@x\"",
             "-n",
             "blurry, @y",
             "--seed",
             "5",
             "--steps",
             "3",
             "--sampler",
             "ddim",
             "--eta",
             "0.5",
             "--clip-skip",
             "2",
             "--cfg-scale",
             "3.3",
             "--rng",
             "numpy",
             "-W",
             "128",
             "--beta-end",
             "0.011",
             "-o",
             "first.png"});
    const Ended run = succeed({"--params-from", "first.png", "-o", "second.png"});
    EXPECT_EQ(run.err.find("note:"), std::string::npos) << run.err;
    EXPECT_EQ(read_file(folder / "first.png"), read_file(folder / "second.png"));
}

TEST_F(StoredSettingsFlag, SameBytesOfAPictureDrawnUnderAMask) {
    const std::vector<std::string> pictures = {"-i", golden("inputs/init_64x64.png"), "--mask",
                                               golden("inputs/mask_64x64.png")};
    std::vector<std::string> first = {"a fox",      "--steps",    "4",           "--seed", "1",
                                      "--strength", "0.6",        "--mask-blur", "2",      "--sampler",
                                      "dpmpp_2m",   "--schedule", "karras",      "-o",     "first.webp"};
    std::vector<std::string> second = {"--params-from", "first.webp", "-o", "second.webp"};
    first.insert(first.end(), pictures.begin(), pictures.end());
    second.insert(second.end(), pictures.begin(), pictures.end());
    succeed(first);
    succeed(second);
    EXPECT_EQ(read_file(folder / "first.webp"), read_file(folder / "second.webp"));
    expect_says(succeed({"--params-from", "first.webp"}).err, {"--init-image"});
}

TEST_F(StoredSettingsFlag, FlagsOverrideThePicture) {
    succeed({"a fox", "-n", "blurry", "--seed", "5", "--steps", "3", "-o", "first.png"});
    succeed({"a cat", "--params-from", "first.png", "--steps", "2", "--seed", "6", "-o", "second.png"});
    expect_says(parameters("second.png"), {"a cat\nNegative prompt: blurry\nSteps: 2,", "Seed: 6,"});
}

TEST_F(StoredSettingsFlag, WhatCannotBeHonouredIsNoted) {
    write_foreign(
        "foreign.png",
        "@/etc/hostname<lora:b:0.5>\nSteps: 2, Sampler: DPM adaptive, CFG scale: 7, Seed: 3, Size: 64x64, Model: "
        "v1-5, Lora hashes: \"a: 1\", Version: v1.9.4");
    const Ended run = succeed({"--params-from", "foreign.png", "-o", "out.png"});
    expect_says(run.err,
                {"note: foreign.png: ", "DPM adaptive", "LoRA \"a\"", "LoRA \"b\"; ", "Model: v1-5", "diffusers"});
    EXPECT_TRUE(parameters("out.png").starts_with("@/etc/hostname\n")) << "a stored prompt names no file";
}

TEST_F(StoredSettingsFlag, StrengthOfASecondPassDoesNotMeanAPictureToBeginFrom) {
    const std::string text = "a fox\nSteps: 2, Sampler: DDIM, Seed: 3, Size: 64x64, Denoising strength: 0.5";
    write_foreign("upscaled.png", text + ", Hires upscale: 2, Hires upscaler: Latent");
    write_foreign("from-picture.png", text);
    const Ended upscaled = succeed({"--params-from", "upscaled.png", "-o", "a.png"});
    EXPECT_EQ(read_picture(folder / "a.png").width, 128);
    EXPECT_EQ(upscaled.err.find("--init-image"), std::string::npos) << upscaled.err;
    expect_says(succeed({"--params-from", "from-picture.png", "-o", "b.png"}).err, {"--init-image"});
}

TEST_F(StoredSettingsFlag, PictureWithoutSettingsIsRefused) {
    write_foreign("bare.png", "");
    write_foreign("other.png", "a description");
    expect_refused(easel({"--params-from", "bare.png"}), 1, {"bare.png", "no settings"});
    expect_refused(easel({"--params-from", "other.png"}), 1, {"other.png", "Steps"});
    expect_refused(easel({"--params-from", "nowhere.png"}), 1, {"nowhere.png"});
}

TEST_F(StoredSettingsFlag, PromptsComeFromFilesAndStandardInput) {
    write_file(folder / "prompt.txt",
               "\xef\xbb\xbf"
               "a fox,\nin snow\r\n");
    succeed({"-p", "@prompt.txt", "-n", "@@home", "--steps", "1", "-o", "file.png"});
    EXPECT_TRUE(parameters("file.png").starts_with("a fox,\nin snow\nNegative prompt: @home\nSteps: 1,"));

    const std::string command = "cd '" + folder.path().string() +
                                "' && printf 'a cat\\n' | '" EASEL_PROGRAM
                                "' - -n @prompt.txt --quiet --steps 1 -o input.png -m '" +
                                tiny_model() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
    EXPECT_TRUE(parameters("input.png").starts_with("a cat\nNegative prompt: a fox,\nin snow\nSteps: 1,"));
}

TEST_F(StoredSettingsFlag, PromptsComeFromPipes) {
    const auto from_pipe = [this](const std::string& pipe) {
        const std::string command = "cd '" + folder.path().string() + "' && bash -c \"'" EASEL_PROGRAM "' -p @<(" +
                                    pipe + ") --quiet --steps 1 -o pipe.png --overwrite -m '" + tiny_model() +
                                    "'\" 2> errors";
        return std::system(command.c_str());
    };
    EXPECT_EQ(from_pipe("echo a fox; echo in snow"), 0);
    EXPECT_TRUE(parameters("pipe.png").starts_with("a fox\nin snow\nSteps: 1,"));
    EXPECT_NE(from_pipe("head -c 2000000 /dev/zero | tr '\\\\0' a"), 0);
    expect_says(read_file(folder / "errors"), {"/dev/fd/", "1048576 bytes"});

    const std::string command = "cd '" + folder.path().string() +
                                "' && printf 'a cat' | '" EASEL_PROGRAM "' -p @- --quiet --steps 1 -o input.png -m '" +
                                tiny_model() + "'";
    EXPECT_EQ(std::system(command.c_str()), 0);
    EXPECT_TRUE(parameters("input.png").starts_with("a cat\nSteps: 1,"));
}

TEST_F(StoredSettingsFlag, PromptFilesThatCannotBeReadAreRefused) {
    write_file(folder / "long.txt", std::string(2u << 20, 'a'));
    write_file(folder / "latin.txt", "caf\xe9");
    expect_refused(easel({"-p", "@nowhere.txt"}), 1, {"nowhere.txt"});
    expect_refused(easel({"-p", "@long.txt"}), 1, {"long.txt"});
    expect_refused(easel({"-p", "@latin.txt"}), 2, {"the prompt", "UTF-8"});
}

TEST_F(StoredSettingsFlag, SeedsAreDecimalAndOf64BitsOfWhichTheLowOnesCount) {
    succeed({"a fox", "--seed", "0042", "--steps", "1", "-o", "octal.png"});
    expect_says(parameters("octal.png"), {"Seed: 42,"});
    succeed(
        {"a fox", "--seed", "6687881544318117707", "--steps", "1", "--save-latents", "a.safetensors", "-o", "a.png"});
    succeed({"a fox", "--seed", "2767775563", "--steps", "1", "--save-latents", "b.safetensors", "-o", "b.png"});
    EXPECT_EQ(read_file(folder / "a.safetensors"), read_file(folder / "b.safetensors"));
    expect_says(parameters("a.png"), {"Seed: 6687881544318117707,"});
    succeed({"--params-from", "a.png", "-o", "c.png"});
    EXPECT_EQ(read_file(folder / "a.png"), read_file(folder / "c.png"));
}

TEST_F(StoredSettingsFlag, APromptWithALineNegativePromptDrawsTheSamePictureAgain) {
    succeed({"a fox\nNegative prompt: snow", "--seed", "1", "--steps", "1", "-o", "a.png"});
    succeed({"--params-from", "a.png", "-o", "b.png"});
    EXPECT_EQ(read_file(folder / "a.png"), read_file(folder / "b.png"));
}

TEST_F(StoredSettingsFlag, EachFlagOfNoEffectIsNotedOnce) {
    const Ended run = succeed({"a fox", "-n", "snow", "--cfg-scale", "1", "--strength", "0.5", "--eta", "0.5",
                               "--sampler", "euler", "--mask-blur", "2", "--no-composite", "--steps", "1", "-b", "2"});
    for (const std::string flag : {"--negative-prompt", "--strength", "--eta", "--mask-blur", "--no-composite"}) {
        const std::size_t first = run.err.find("note: " + flag + " has no effect");
        EXPECT_NE(first, std::string::npos) << flag << " in " << run.err;
        EXPECT_EQ(run.err.find("note: " + flag, first + 1), std::string::npos) << run.err;
    }
    EXPECT_EQ(run.err.find('`'), std::string::npos) << run.err;
    const Ended quiet = succeed({"a fox", "-n", "snow", "--sampler", "ddim", "--eta", "0.5", "--steps", "1"});
    EXPECT_EQ(quiet.err.find("note:"), std::string::npos) << quiet.err;
}

TEST_F(StoredSettingsFlag, TheConfigurationFileHoldsAnySettingAndFlagsOverrideIt) {
    const Surroundings surroundings{
        .environment = {{"XDG_CONFIG_HOME", (folder / "config").string()}, {"HOME", folder.path().string()}}};
    link_tiny_model(folder / "mine");
    write_file(folder / "config/easel/config.toml",
               "model = \"~/mine\"\nsteps = 2\ncfg-scale = 3.5\nsampler = \"DDIM\"\nprecision = \"f32\"\n");
    EXPECT_EQ(easel({"a fox", "--steps", "1", "--seed", "1", "-o", "a.png"}, surroundings).exit_code, 0);
    expect_says(parameters("a.png"), {"Steps: 1, Sampler: DDIM,", "CFG scale: 3.5,", "Precision: f32"});

    const auto refused = [&](const std::string& text, const std::vector<std::string>& says) {
        write_file(folder / "config/easel/config.toml", text);
        expect_refused(easel({"a fox"}, surroundings), 1, says);
    };
    refused("model = \"~/mine\"\nsteps = 0\n", {"config.toml:2: num-inference-steps 0", "1 to 1000"});
    refused("\nmodel = [1]\n", {"config.toml:2", "model"});
    refused("\n\nmodel == 1\n", {"config.toml:3", "TOML"});
    refused("model = \"~/nowhere\"\n", {folder.path().string() + "/nowhere", "config.toml:1 names it"});
    const Surroundings named{.environment = {{"EASEL_MODEL", "/nowhere"}}};
    expect_refused(easel({"a fox"}, named), 1, {"/nowhere", "EASEL_MODEL names it"});
}

TEST_F(StoredSettingsFlag, WhereModelsComeFromIsNotedOnce) {
    const std::filesystem::path state = folder / "state";
    const Surroundings surroundings{.environment = {{"XDG_STATE_HOME", state.string()}}};
    expect_says(easel({"cat", "--steps", "1"}, surroundings).err, {"--model takes", "owner/name"});
    EXPECT_EQ(easel({"cat", "--steps", "1"}, surroundings).err.find("--model"), std::string::npos);
}

TEST_F(StoredSettingsFlag, WordsUnknownToTheShippedModelAreNoted) {
    const Ended run = easel({"A steampunk rocket, grinning", "--steps", "1"});
    expect_says(run.err, {"none with \"steampunk\";", "names.txt", "--model takes", "owner/name"});
}

}  // namespace
}  // namespace easel::testing
