// A second model on the command line: the tiny model after itself.

#include <filesystem>

#include <gtest/gtest.h>

#include "cli/drawing_test.h"
#include "pictures/parameters.h"

namespace easel::testing {
namespace {

class RefinerFlags : public DrawingTest {};

TEST_F(RefinerFlags, AreStoredAndReadBack) {
    const std::string plain = drawn({"a fox"}, "plain.png");
    const std::string refined = drawn({"a fox", "--refiner", tiny_model(), "--refiner-at", "0.7"}, "a.png");
    EXPECT_NE(refined, plain);
    expect_says(read_parameters(folder / "a.png").value_or(""), {"Refiner: diffusers, Refiner switch at: 0.7"});
    EXPECT_EQ(drawn({"--params-from", "a.png", "--refiner", tiny_model()}, "b.png"), refined);
    // What was drawn without one is drawn so again, unless the command names one.
    std::filesystem::create_directories(folder / "easel");
    write_file(folder / "easel/config.toml", "refiner = \"" + tiny_model() + "\"\n");
    const Surroundings configured{.environment = {{"XDG_CONFIG_HOME", folder.path().string()}}};
    EXPECT_EQ(drawn({"--params-from", "plain.png"}, "c.png", configured), plain);
    EXPECT_NE(drawn({"a fox"}, "e.png", configured), plain);
    drawn({"--params-from", "plain.png", "--refiner", tiny_model()}, "d.png");
    expect_says(read_parameters(folder / "d.png").value_or(""), {"Refiner switch at: 0.8"});
    const Ended without = draw({"--params-from", "a.png"}, "f.png");
    EXPECT_EQ(without.exit_code, 0);
    expect_says(without.err, {"--refiner-at has no effect without --refiner", "was drawn with the refiner diffusers"});
}

TEST_F(RefinerFlags, InJobsAreDoneOnce) {
    write_file(folder / "job.toml", "prompt = \"a fox\"\nseed = 1\nsteps = 3\noutput = \"%d.png\"\nmodel = \"" +
                                        tiny_model() + "\"\nrefiner = \"" + tiny_model() +
                                        "\"\nrefiner-at = [0.4, 0.7]\n");
    const Ended run = easel({"run", "job.toml"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(read_file(folder / "1.png"), read_file(folder / "2.png"));
    EXPECT_EQ(easel({"run", "job.toml"}).out, "") << "all are there";
}

TEST_F(RefinerFlags, ThatMakeNoSenseAreRefused) {
    for (const char* wrong : {"0", "1", "nan", "-0.5", "x"})
        expect_refused(draw({"a fox", "--denoising-end", wrong}, "x.png"), 2, {"--denoising-end", "below 1"});
    expect_refused(draw({"a fox", "--refiner-at", "0"}, "x.png"), 2, {"--refiner-at", "up to 1"});
    expect_refused(draw({"a fox", "--refiner", "nosuch.safetensors"}, "x.png"), 1,
                   {"--refiner nosuch.safetensors", "there is no such file or folder"});
    expect_refused(draw({"a fox", "--refiner", tiny_model(), "--refiner-at", "0.01"}, "x.png"), 2,
                   {"--refiner-at 0.01", "none would be left for the model before it"});
    EXPECT_FALSE(std::filesystem::exists(folder / "x.png"));
}

}  // namespace
}  // namespace easel::testing
