// Requests that make no sense are refused soon, with one sentence, and nothing is written.

#include <initializer_list>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "cli/program.h"

namespace easel::testing {
namespace {

struct BadRequestCase {
    const char* name;
    std::vector<std::string> arguments;
    int exit_code;
    std::vector<std::string> says;
};

void PrintTo(const BadRequestCase& refused, std::ostream* stream) { *stream << refused.name; }

const std::string init = "INIT";
const std::string mask = "MASK";

/// The arguments with paths in place of the placeholders for pictures.
std::vector<std::string> filled_in(std::vector<std::string> arguments) {
    for (std::string& argument : arguments) {
        if (argument == init) argument = golden("inputs/init_64x64.png");
        if (argument == mask) argument = golden("inputs/mask_64x64.png");
    }
    return arguments;
}

class BadRequest : public ProgramTest, public ::testing::WithParamInterface<BadRequestCase> {};

TEST_P(BadRequest, IsRefusedSoonInOneSentenceAndNothingIsWritten) {
    write_file(folder / "text.png", "no picture");
    write_file(folder / "file", "x");
    write_file(folder / "deep.json", std::string(50'000, '[') + std::string(50'000, ']'));
    write_file(folder / "there.png", "mine");
    const auto before = files();

    std::vector<std::string> arguments = {"generate", "-m", tiny_model()};
    if (GetParam().arguments.front() != "-p") arguments.insert(arguments.end(), {"-p", "a fox"});
    for (const std::string& argument : filled_in(GetParam().arguments)) arguments.push_back(argument);
    const Ended run = easel(arguments);
    expect_refused(run, GetParam().exit_code, GetParam().says);
    EXPECT_LT(run.cpu_seconds, soon);
    EXPECT_EQ(files(), before);
    EXPECT_EQ(read_file(folder / "there.png"), "mine");
}

INSTANTIATE_TEST_SUITE_P(
    Cli, BadRequest,
    ::testing::Values(
        BadRequestCase{"WidthZero", {"-W", "0"}, usage, {"-W 0", "4096"}},
        BadRequestCase{"WidthNegative", {"--width", "-1"}, usage, {"--width -1", "4096"}},
        BadRequestCase{"WidthHuge", {"-W", "100000"}, usage, {"-W 100000", "4096"}},
        BadRequestCase{"HeightZero", {"-H", "0"}, usage, {"-H 0", "4096"}},
        BadRequestCase{"HeightNegative", {"--height=-1"}, usage, {"--height -1", "4096"}},
        BadRequestCase{"HeightHuge", {"-H", "100000"}, usage, {"-H 100000", "4096"}},
        BadRequestCase{"WidthOfNoNumber", {"-W", "wide"}, usage, {"-W wide"}},
        BadRequestCase{"StepsZero", {"--steps", "0"}, usage, {"--steps 0", "1 to 1000"}},
        BadRequestCase{"StepsNegative", {"--steps", "-5"}, usage, {"--steps -5", "1 to 1000"}},
        BadRequestCase{
            "StepsHuge", {"--num-inference-steps", "100000"}, usage, {"--num-inference-steps 100000", "1 to 1000"}},
        BadRequestCase{"StepsBeyondAnyInteger", {"--steps", "99999999999999999999"}, usage, {"99999999999999999999"}},
        BadRequestCase{"GuidanceNan", {"--guidance-scale", "nan"}, usage, {"--guidance-scale nan", "0 to 100"}},
        BadRequestCase{"GuidanceInfinite", {"--cfg-scale", "inf"}, usage, {"--cfg-scale inf", "0 to 100"}},
        BadRequestCase{"StrengthTwo", {"-i", init, "--strength", "2"}, usage, {"--strength 2", "0 to 1"}},
        BadRequestCase{"StrengthTwoWithoutPicture", {"--strength", "2"}, usage, {"--strength 2", "0 to 1"}},
        BadRequestCase{"StrengthNan", {"-i", init, "--strength", "nan"}, usage, {"--strength nan", "0 to 1"}},
        BadRequestCase{"StrengthOfNoStep",
                       {"-i", init, "--strength", "0", "--sampler", "ddim"},
                       usage,
                       {"--strength 0", "none would be taken"}},
        BadRequestCase{"EtaTwo", {"--eta", "2"}, usage, {"--eta 2", "0 to 1"}},
        BadRequestCase{
            "MaskBlurNegative", {"-i", init, "--mask", mask, "--mask-blur", "-1"}, usage, {"--mask-blur -1"}},
        BadRequestCase{"UnknownSampler",
                       {"--sampler", "magic"},
                       usage,
                       {"magic", "ddim", "pndm", "lms", "euler", "euler_a", "heun", "dpmpp_2m", "dpmpp_2m_sde",
                        "dpmpp_sde", "deis", "ddpm", "unipc", "lcm", "tcd"}},
        BadRequestCase{
            "UnknownSchedule", {"--schedule", "magic"}, usage, {"magic", "discrete", "karras", "exponential", "beta"}},
        BadRequestCase{"UnknownBetaSchedule", {"--beta-schedule", "magic"}, usage, {"magic", "scaled_linear"}},
        BadRequestCase{"UnknownRng", {"--rng", "dice"}, usage, {"--rng dice", "torch", "numpy"}},
        BadRequestCase{"UnknownPrecision", {"--precision", "f8"}, usage, {"--precision f8", "f32"}},
        BadRequestCase{"UnknownDevice", {"--device", "ABACUS"}, usage, {"--device ABACUS", "CPU"}},
        BadRequestCase{"SeedTooGreat",
                       {"--seed", "18446744073709551616"},
                       usage,
                       {"--seed 18446744073709551616", "18446744073709551615"}},
        BadRequestCase{"SeedTooSmall", {"--seed", "-2"}, usage, {"--seed -2", "-1"}},
        BadRequestCase{"BatchOfNone", {"-b", "0"}, usage, {"-b 0"}},
        BadRequestCase{"PromptNotUtf8", {"-p", "caf\xe9"}, usage, {"the prompt", "UTF-8"}},
        BadRequestCase{"NegativePromptNotUtf8", {"-n", "\xff"}, usage, {"the negative prompt", "UTF-8"}},
        BadRequestCase{"MaskWithoutPicture", {"--mask", mask}, usage, {"--mask", "--init-image"}},
        BadRequestCase{"PictureMissing", {"-i", "nowhere.png"}, failure, {"nowhere.png", "No such file"}},
        BadRequestCase{"PictureIsText", {"-i", "text.png"}, failure, {"text.png", "PNG, JPEG or WebP"}},
        BadRequestCase{"MaskIsText", {"-i", init, "--mask", "text.png"}, failure, {"text.png", "PNG, JPEG or WebP"}},
        BadRequestCase{"OutputFolderMissing", {"-o", "no/fox.png"}, failure, {"no/fox.png", "does not exist"}},
        BadRequestCase{"OutputFolderIsAFile", {"-o", "file/fox.png"}, failure, {"file/fox.png", "not a folder"}},
        BadRequestCase{"OutputExists", {"-o", "there.png"}, failure, {"there.png", "exists already", "--overwrite"}},
        BadRequestCase{"OutputOfUnknownKind", {"-o", "fox.gif"}, usage, {"fox.gif", ".png", ".jpg", ".webp"}},
        BadRequestCase{"LatentsFolderMissing", {"--save-latents", "no/fox.safetensors"}, failure, {"does not exist"}},
        BadRequestCase{"LatentsOfUnknownKind", {"--save-latents", "fox.npy"}, usage, {"fox.npy", ".safetensors"}},
        BadRequestCase{"SchedulerConfigMissing", {"--scheduler-config", "nowhere.json"}, failure, {"nowhere.json"}},
        BadRequestCase{"MisspelledFlag", {"--stpes", "4"}, usage, {"--stpes", "did you mean --steps?"}},
        BadRequestCase{
            "SchedulerConfigNestedDeep", {"--scheduler-config", "deep.json"}, failure, {"deep.json", "nested"}},
        BadRequestCase{"UnknownFlag", {"--frobnicate"}, usage, {"--frobnicate", "easel generate --help"}},
        BadRequestCase{"PromptInSeveralWords", {"-p", "a", "fox", "in", "snow"}, usage, {"\"in\"", "quotes"}},
        BadRequestCase{"ValueMissing", {"--width"}, usage, {"--width", "one value"}},
        BadRequestCase{"ValueTwice", {"--width", "64", "--width", "72"}, usage, {"--width", "one value"}}),
    [](const auto& refused) { return std::string(refused.param.name); });

TEST_F(ProgramTest, SizesBetweenTheModelsAreRefusedNamingTheNearest) {
    const Ended run = easel({"a fox", "-m", tiny_model(), "-W", "100"});
    expect_refused(run, usage, {"-W 100", "96", "104"});
    EXPECT_LT(run.cpu_seconds, soon);
    EXPECT_EQ(files().size(), 0u);
}

/// The model could only be downloaded, from a hub that does not answer.
TEST_F(ProgramTest, WhatNoModelTakesIsRefusedBeforeAModelIsOpenedOrDownloaded) {
    write_file(folder / "easel" / "config.toml", "steps = 5000\n");
    for (const auto& [arguments, exit_code, says] :
         std::initializer_list<std::tuple<std::vector<std::string>, int, std::vector<std::string>>>{
             {{"-p", "a fox", "-W", "0"}, usage, {"-W 0"}},
             {{"-p", "a fox", "-H", "5000"}, usage, {"-H 5000", "4096"}},
             {{"-p", "a fox", "--steps", "0"}, usage, {"--steps 0"}},
             {{"-p", "a fox", "--guidance-scale", "nan"}, usage, {"--guidance-scale nan"}},
             {{"-p", "a fox", "--sampler", "magic"}, usage, {"magic", "euler"}},
             {{"-p", "a fox", "--strength", "2"}, usage, {"--strength 2"}},
             {{"-p", "a fox", "--mask", golden("inputs/mask_64x64.png")}, usage, {"--mask", "--init-image"}},
             {{"-p", "a fox", "-i", "nowhere.png"}, failure, {"nowhere.png"}},
             {{"-p", "caf\xe9"}, usage, {"the prompt", "UTF-8"}},
             {{"caf\xe9"}, usage, {"the prompt", "UTF-8"}},
             {{"-p", "a fox", "-n", "\xff"}, usage, {"the negative prompt", "UTF-8"}}}) {
        std::vector<std::string> words = {"generate", "-m", "somebody/some-model"};
        words.insert(words.end(), arguments.begin(), arguments.end());
        expect_refused(easel(words, {.environment = {{"HF_ENDPOINT", "http://127.0.0.1:9"}}}), exit_code, says);
    }
    expect_refused(easel({"a fox", "-m", "somebody/some-model"},
                         {.environment = {{"HF_ENDPOINT", "http://127.0.0.1:9"}, {"XDG_CONFIG_HOME", folder.path()}}}),
                   failure, {"config.toml:1", "steps 5000"});
}

TEST_F(ProgramTest, LayersThatTheTextEncoderLacksAreRefused) {
    expect_refused(easel({"a fox", "-m", tiny_model(), "--clip-skip", "6"}), usage, {"--clip-skip 6", "5 layers"});
}

TEST_F(ProgramTest, GeneratingNeedsAPrompt) { expect_refused(easel({"generate"}), usage, {"prompt", "what to draw"}); }

/// A PNG that is only a header, of 60,000 x 60,000 pixels.
TEST_F(ProgramTest, HugePictureIsRefusedByItsHeader) {
    using std::string_literals::operator""s;
    write_file(folder / "huge.png",
               "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0\x0f\xb0\xe2\x15"
               "\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82"s);
    const Ended run = easel({"a fox", "-m", tiny_model(), "-i", "huge.png"});
    expect_refused(run, failure, {"huge.png", "60000 x 60000", "64 megapixels"});
    EXPECT_LT(run.cpu_seconds, soon);
    EXPECT_EQ(files(), std::vector<std::string>{"huge.png"});
}

}  // namespace
}  // namespace easel::testing
