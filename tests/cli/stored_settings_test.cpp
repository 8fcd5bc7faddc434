// Settings from a picture, and prompts from files.

#include <cstdlib>

#include <gtest/gtest.h>

#include "cli/program.h"
#include "pictures/parameters.h"
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

TEST_F(StoredSettingsFlag, WhatCannotBeHonouredIsSaid) {
    write_foreign("foreign.png",
                  "@/etc/hostname\nSteps: 2, Sampler: DPM adaptive, CFG scale: 7, Seed: 3, Size: 64x64, Model: "
                  "v1-5, Lora hashes: \"a: 1\", Version: v1.9.4");
    const Ended run = succeed({"--params-from", "foreign.png", "-o", "out.png"});
    expect_says(run.err, {"note: foreign.png: ", "DPM adaptive", "Lora hashes", "Model: v1-5", "diffusers"});
    EXPECT_TRUE(parameters("out.png").starts_with("@/etc/hostname\n")) << "a stored prompt names no file";
}

TEST_F(StoredSettingsFlag, StrengthOfUpscalingDoesNotMeanAPictureToBeginFrom) {
    const std::string text = "a fox\nSteps: 2, Sampler: DDIM, Seed: 3, Size: 64x64, Denoising strength: 0.5";
    write_foreign("upscaled.png", text + ", Hires upscale: 2, Hires upscaler: Latent");
    write_foreign("from-picture.png", text);
    const Ended upscaled = succeed({"--params-from", "upscaled.png", "-o", "a.png"});
    expect_says(upscaled.err, {"Hires upscale: 2"});
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

TEST_F(StoredSettingsFlag, PromptFilesThatCannotBeReadAreRefused) {
    write_file(folder / "long.txt", std::string(2u << 20, 'a'));
    write_file(folder / "latin.txt", "caf\xe9");
    expect_refused(easel({"-p", "@nowhere.txt"}), 1, {"nowhere.txt"});
    expect_refused(easel({"-p", "@long.txt"}), 1, {"long.txt"});
    expect_refused(easel({"-p", "@latin.txt"}), 2, {"the prompt", "UTF-8"});
}

TEST_F(StoredSettingsFlag, WhereModelsComeFromIsToldOnce) {
    const std::filesystem::path state = folder / "state";
    const Surroundings surroundings{.environment = {{"XDG_STATE_HOME", state.string()}}};
    expect_says(easel({"cat", "--steps", "1"}, surroundings).err, {"--model takes", "owner/name"});
    EXPECT_EQ(easel({"cat", "--steps", "1"}, surroundings).err.find("--model"), std::string::npos);
}

TEST_F(StoredSettingsFlag, WordsThatTheModelThatShipsWasNotTaughtAreTold) {
    const Ended run = easel({"A medieval rocket, grinning", "--steps", "1"});
    expect_says(run.err, {"none with \"medieval\";", "names.txt", "--model takes", "owner/name"});
}

}  // namespace
}  // namespace easel::testing
