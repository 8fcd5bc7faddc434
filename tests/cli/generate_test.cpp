// What `easel generate` writes and prints.

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "cli/program.h"
#include "pictures/parameters.h"
#include "pictures/read.h"
#include "pictures/write.h"
#include "weights/safetensors.h"

namespace easel::testing {
namespace {

class Generate : public ProgramTest {
  protected:
    /// Draws with tiny_model() in two steps and expects success.
    Ended draw(std::vector<std::string> arguments, const Surroundings& surroundings = {}) const {
        arguments.insert(arguments.end(), {"-m", tiny_model(), "--steps", "2"});
        Ended run = easel(arguments, surroundings);
        EXPECT_EQ(run.exit_code, 0) << run.err;
        return run;
    }

    Picture picture(const std::string& name) const { return read_picture(folder / name); }
};

std::vector<nlohmann::json> json_lines(const std::string& output) {
    std::vector<nlohmann::json> objects;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) objects.push_back(nlohmann::json::parse(line));
    return objects;
}

/// Two random pictures of 64x64 pixels differ in many of them.
double mean_difference(const Picture& a, const Picture& b) {
    EXPECT_EQ(a.pixels.size(), b.pixels.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels.at(i));
    return sum / static_cast<double>(a.pixels.size());
}

TEST_F(Generate, IsTheDefaultCommandAndNamesFilesAfterThePrompt) {
    write_file(folder / "cat-face.png", "mine");
    const Ended run = draw({"Cat face!", "--seed", "7"});
    EXPECT_EQ(files(), (std::vector<std::string>{"cat-face-2.png", "cat-face.png"}));
    EXPECT_EQ(read_file(folder / "cat-face.png"), "mine");
    EXPECT_EQ(run.out, "cat-face-2.png (seed 7)\n");
    for (const char* stage : {"load", "compile", "text", "denoise", "decode"}) expect_says(run.err, {stage});
    EXPECT_EQ(run.err.find_first_of("\r\x1b"), std::string::npos) << "no bar where nobody looks";

    const std::string parameters = read_parameters(folder / "cat-face-2.png").value_or("");
    EXPECT_TRUE(parameters.starts_with("Cat face!\nSteps: 2, Sampler: ")) << parameters;
    expect_says(parameters,
                {"Schedule type: ", "CFG scale: 7.5", "Seed: 7", "Size: 64x64", "Model: diffusers", "RNG: "});
}

TEST_F(Generate, DrawsTheNameOfASubCommandAndShowsIt) {
    write_file(folder / "bin/xdg-open", "#!/bin/sh\necho \"$1\" >shown.part && mv shown.part shown\n");
    std::filesystem::permissions(folder / "bin/xdg-open", std::filesystem::perms::owner_all);
    const std::string path = (folder / "bin").string() + ":" + std::getenv("PATH");
    const Ended run =
        draw({"generate", "-p", "inspect", "--show", "--quiet", "--no-metadata"}, {.environment = {{"PATH", path}}});
    EXPECT_EQ(run.out + run.err, "");
    EXPECT_EQ(read_parameters(folder / "inspect.png"), std::nullopt);
    for (int i = 0; i < 2000 && !std::filesystem::exists(folder / "shown"); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_EQ(read_file(folder / "shown"), std::filesystem::canonical(folder / "inspect.png").string() + "\n");
}

TEST_F(Generate, RefusesToShowWithoutAViewerBeforeAnyWork) {
    std::filesystem::create_directory(folder / "bin");
    const Ended run =
        easel({"a fox", "-m", tiny_model(), "--show"}, {.environment = {{"PATH", (folder / "bin").string()}}});
    expect_refused(run, 1, {"--show", "xdg-open"});
    EXPECT_EQ(files(), std::vector<std::string>{"bin"});
}

TEST_F(Generate, DrawsEvenIfItsProgressCannotBeWritten) {
    draw({"a fox", "-o", "fox.png"}, {.err = "/dev/full"});
    EXPECT_EQ(files(), std::vector<std::string>{"fox.png"});
}

TEST_F(Generate, ClosedStreamsAreTakenForNoFile) {
    const std::string command = "cd '" + folder.path().string() +
                                "' && '" EASEL_PROGRAM "' fox -o fox.png --steps 2 -m '" + tiny_model() +
                                "' <&- >&- 2>&-";
    EXPECT_EQ(std::system(command.c_str()), 0);
    EXPECT_EQ(files(), std::vector<std::string>{"fox.png"});
    EXPECT_TRUE(read_file(folder / "fox.png").ends_with("IEND\xae\x42\x60\x82"));
}

TEST_F(Generate, GivesTheSameBytesForTheSameSeedAloneAndInABatch) {
    std::filesystem::create_directory(folder / "out");
    const Ended batch = draw({"a fox", "--seed", "20", "-b", "3", "-o", "out/fox %02d.png", "--save-latents",
                              "latents.safetensors", "--json"});
    draw({"a fox", "--seed", "21", "-o", "alone.png"});
    draw({"two dogs", "--seed", "21", "-o", "other.png"});

    EXPECT_EQ(read_file(folder / "alone.png"), read_file(folder / "out/fox 02.png"));
    EXPECT_GT(mean_difference(picture("out/fox 01.png"), picture("out/fox 02.png")), 1.0) << "another seed";
    EXPECT_GT(mean_difference(picture("other.png"), picture("out/fox 02.png")), 0.02) << "another prompt";

    for (const char* name : {"latents-1.safetensors", "latents-2.safetensors", "latents-3.safetensors"}) {
        const SafetensorsFile file(folder / name);
        ASSERT_EQ(file.tensors().size(), 1u);
        const TensorView& latents = file.tensors().at("latents");
        EXPECT_EQ(latents.dtype, DType::F32);
        EXPECT_EQ(latents.shape, (std::vector<std::int64_t>{1, 4, 8, 8}));
    }

    std::vector<std::string> stages;
    std::vector<std::pair<std::string, int>> pictures;
    for (const auto& object : json_lines(batch.out)) {
        if (object.at("event") == "progress" && object.at("step") == object.at("steps"))
            stages.push_back(object.at("stage"));
        if (object.at("event") == "picture") pictures.emplace_back(object.at("path"), object.at("seed"));
    }
    EXPECT_EQ(stages, (std::vector<std::string>{"load", "compile", "text", "denoise", "decode", "denoise", "decode",
                                                "denoise", "decode"}));
    EXPECT_EQ(pictures, (std::vector<std::pair<std::string, int>>{
                            {"out/fox 01.png", 20}, {"out/fox 02.png", 21}, {"out/fox 03.png", 22}}));
    EXPECT_EQ(batch.err, "");
}

TEST_F(Generate, WritesJpegAndReplacesWhenAskedTo) {
    write_file(folder / "fox.jpg", "old");
    draw({"a fox", "-n", "blurry, dark", "-o", "fox.jpg", "--overwrite", "--rng", "numpy", "--seed", "3", "-W", "72"});
    EXPECT_EQ(files(), std::vector<std::string>{"fox.jpg"});
    EXPECT_TRUE(read_file(folder / "fox.jpg").starts_with("\xff\xd8\xff"));
    EXPECT_EQ(picture("fox.jpg").width, 72);
    const std::string parameters = read_parameters(folder / "fox.jpg").value_or("");
    EXPECT_TRUE(parameters.starts_with("a fox\nNegative prompt: blurry, dark\nSteps: 2, ")) << parameters;
    expect_says(parameters, {"Seed: 3", "Size: 72x64", "RNG: NumPy"});
}

TEST_F(Generate, WritesWebpWithSettingsOfTheSamplerAskedFor) {
    draw({"a fox", "-o", "fox.webp", "--sampler", "euler", "--schedule", "karras", "--cfg-scale", "1"});
    EXPECT_EQ(read_file(folder / "fox.webp").substr(8, 4), "WEBP");
    expect_says(read_parameters(folder / "fox.webp").value_or(""),
                {"Sampler: Euler", "Schedule type: Karras", "CFG scale: 1,"});
}

TEST_F(Generate, KeepsAPicturesOwnSizeAndReportsHowManyStepsRun) {
    const Ended run = easel({"a city", "-m", tiny_model(), "-i", golden("inputs/init_160x120.png"), "--steps", "30",
                             "--strength", "0.5", "--sampler", "ddim", "-o", "city.png"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    expect_says(run.err, {"30 steps at strength 0.5: 15 are run"});
    EXPECT_EQ(picture("city.png").width, 160);
    EXPECT_EQ(picture("city.png").height, 120);
    expect_says(read_parameters(folder / "city.png").value_or(""), {"Steps: 30", "Denoising strength: 0.5"});
}

TEST_F(Generate, ReplacesNothingThatItReads) {
    std::filesystem::copy(golden("inputs/init_64x64.png"), folder / "init.png");
    std::filesystem::copy(golden("inputs/mask_64x64.png"), folder / "mask.png");
    std::filesystem::copy(tiny_model(), folder / "model", std::filesystem::copy_options::recursive);
    const std::string weights = "model/unet/diffusion_pytorch_model.safetensors";
    const std::vector<std::string> call = {"a fox", "-m",       "model",  "--steps",  "2",
                                           "-i",    "init.png", "--mask", "mask.png", "--overwrite"};
    const struct {
        std::vector<std::string> more, says;
    } cases[] = {
        {{"-o", "init.png"}, {"-o init.png", "-i"}},
        {{"-o", "../" + folder.path().filename().string() + "/mask.png"}, {"--mask"}},
        {{"-o", "new.png", "--save-mask", "mask.png"}, {"--save-mask mask.png", "--mask"}},
        {{"-o", "new.png", "--save-latents", weights}, {"--save-latents", "-m"}},
    };
    const auto before = files();
    for (const auto& [more, says] : cases) {
        std::vector<std::string> arguments = call;
        arguments.insert(arguments.end(), more.begin(), more.end());
        expect_refused(easel(arguments), 2, says);
    }
    EXPECT_EQ(files(), before);
    EXPECT_EQ(read_file(folder / "init.png"), read_file(golden("inputs/init_64x64.png")));
}

TEST_F(Generate, ReplacesOnlyRegularFilesAndThoseBehindLinks) {
    ASSERT_EQ(::mkfifo((folder / "pipe.png").c_str(), 0600), 0);
    for (const char* flag : {"--output", "--save-mask"})
        expect_refused(easel({"a fox", "-m", tiny_model(), "-i", golden("inputs/init_64x64.png"), "--mask",
                              golden("inputs/mask_64x64.png"), flag, "pipe.png", "--overwrite"}),
                       1, {"pipe.png", "a pipe"});
    EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe.png"));
    write_file(folder / "real.png", "old");
    std::filesystem::create_symlink("real.png", folder / "link.png");
    draw({"a fox", "-o", "link.png", "--overwrite"});
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "link.png"));
    EXPECT_EQ(picture("real.png").width, 64);
}

TEST_F(Generate, WritesSettingsOfAnyLengthIntoJpeg) {
    std::string prompt = "a fox";
    while (prompt.size() < 70'000) prompt += " & <red>";
    const Ended run = draw({"-p", prompt, "--prompt-syntax", "plain", "-o", "fox.jpg", "--seed", "1"});
    expect_says(run.err, {"fox.jpg: the settings are longer", "XMP"});
    const std::string stored = read_parameters(folder / "fox.jpg").value_or("");
    EXPECT_TRUE(stored.starts_with(prompt + "\nSteps: 2"));
    draw({"--params-from", "fox.jpg", "-o", "again.jpg", "--quiet"});
    EXPECT_EQ(read_file(folder / "again.jpg"), read_file(folder / "fox.jpg"));
}

TEST_F(Generate, FindsBeforeDrawingWhatTheFormatCannotHold) {
    write_picture(folder / "long.png", {17000, 8, std::vector<std::uint8_t>(3 * 17000 * 8, 90)}, "",
                  OutputFile::IfExists::refuse);
    const Ended run = easel({"a fox", "-m", tiny_model(), "-i", "long.png", "-o", "fox.webp", "--steps", "2"});
    EXPECT_EQ(run.exit_code, 1);
    expect_says(run.err, {"17000 x 8", "WebP", "write a PNG"});
    EXPECT_EQ(run.err.find("denoise"), std::string::npos);
    EXPECT_EQ(files(), std::vector<std::string>{"long.png"});
}

TEST_F(Generate, KeepsADrawnPictureThatCannotBeWritten) {
    std::filesystem::create_directories(folder / "out");
    std::filesystem::create_directories(folder / "tmp");
    // The folder goes away while the picture is drawn.
    Program drawing(folder.path(), {"a fox", "-m", tiny_model(), "--steps", "200", "-o", "out/fox.png", "--seed", "3"},
                    {.environment = {{"TMPDIR", (folder / "tmp").string()}}});
    ASSERT_TRUE(drawing.wait_for("compile"));
    std::filesystem::remove(folder / "out");
    const Ended run = drawing.end();
    EXPECT_EQ(run.exit_code, 1);
    expect_says(run.err, {"out/fox.png", "the picture that was drawn is kept as", "tmp/fox-1.png"});
    EXPECT_EQ(picture("tmp/fox-1.png").width, 64);
}

TEST_F(Generate, WritesOnePercentSignForTwo) {
    draw({"a fox", "-o", "100%% fox %%d.png"});
    draw({"a fox", "-o", "%%%02d.png", "-b", "2"});
    EXPECT_EQ(files(), (std::vector<std::string>{"%01.png", "%02.png", "100% fox %d.png"}));
}

TEST_F(Generate, ReadsPicturesFromPipes) {
    std::filesystem::copy(golden("inputs/init_64x64.png"), folder / "init.png");
    std::filesystem::copy(golden("inputs/mask_64x64.png"), folder / "mask.png");
    draw({"a fox", "--seed", "1", "-i", "init.png", "--mask", "mask.png", "-o", "files.png"});
    const std::string command = "cd '" + folder.path().string() +
                                "' && bash -c \"'" EASEL_PROGRAM "' 'a fox' --seed 1 --steps 2 --quiet -m '" +
                                tiny_model() + "' -i - --mask <(cat mask.png) -o pipes.png <init.png\"";
    EXPECT_EQ(std::system(command.c_str()), 0);
    EXPECT_EQ(read_file(folder / "pipes.png"), read_file(folder / "files.png"));
    EXPECT_EQ(std::system(("cat '" + (folder / "init.png").string() + "' | (cd '" + folder.path().string() +
                           "' && '" EASEL_PROGRAM "' 'a fox' --seed 1 --steps 2 --quiet -m '" + tiny_model() +
                           "' -i - --mask mask.png -o two.png)")
                              .c_str()),
              0);
    EXPECT_EQ(read_file(folder / "two.png"), read_file(folder / "files.png"));
    expect_refused(easel({"a fox", "-m", tiny_model(), "-i", "-", "--mask", "-"}), 2, {"standard input", "only once"});
}

TEST_F(Generate, NamesTheWordsThatAreCutFromALongPrompt) {
    std::string prompt;
    for (int i = 0; i < 75; ++i) prompt += "cat ";
    const Ended run = draw({prompt + "zebra crossing", "--prompt-syntax", "plain", "-o", "cats.png"});
    expect_says(run.err, {"note: the prompt has 77 tokens", "75", "zebra", "crossing"});
    EXPECT_EQ(draw({prompt + "zebra crossing", "-o", "all.png"}).err.find("cut"), std::string::npos);
}

}  // namespace
}  // namespace easel::testing
