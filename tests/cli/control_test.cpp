// ControlNets on the command line, in job files and in stored settings.

#include <gtest/gtest.h>

#include "cli/drawing_test.h"
#include "pictures/parameters.h"

namespace easel::testing {
namespace {

class ControlFlag : public DrawingTest {
  protected:
    void SetUp() override {
        const std::filesystem::path golden = std::filesystem::absolute("golden");
        std::filesystem::create_directories(folder / "nets");
        std::filesystem::copy(golden / "adapters/controlnet/edges", folder / "nets/edges",
                              std::filesystem::copy_options::recursive);
        for (const char* name : {"lines_64x64.png", "init_64x64.png", "mask_64x64.png"})
            std::filesystem::copy_file(golden / "inputs" / name, folder / name);
    }
};

TEST_F(ControlFlag, ByPathAndByNameDrawTheSamePicture) {
    const std::string plain = drawn({"a fox"}, "plain.png");
    const std::string by_path = drawn({"a fox", "--control", "nets/edges:lines_64x64.png:0.8:0:0.9"}, "path.png");
    EXPECT_NE(by_path, plain);
    EXPECT_EQ(drawn({"a fox", "--control=edges:lines_64x64.png:0.8:0:0.9", "--control-dir", "nets"}, "name.png"),
              by_path);
    std::filesystem::create_directories(folder / "config" / "easel");
    write_file(folder / "config" / "easel" / "config.toml", "control-dir = \"" + (folder / "nets").string() + "\"\n");
    const Surroundings with_config{.environment = {{"XDG_CONFIG_HOME", (folder / "config").string()}}};
    // Absolute paths are stored by name, so the settings differ and the pictures do not.
    EXPECT_EQ(draw({"a fox", "--control=edges:lines_64x64.png:0.8:0:0.9"}, "config.png", with_config).exit_code, 0);
    expect_says(read_parameters(folder / "config.png").value_or(""), {"Controls: \"edges:lines_64x64.png:0.8:0:0.9\""});
}

TEST_F(ControlFlag, IsReadBackFromAPicture) {
    const std::string both = drawn({"a fox", "--control", "nets/edges:lines_64x64.png:0.8:0:0.9", "--control",
                                    "nets/edges:init_64x64.png", "--control-mode", "prompt"},
                                   "a.png");
    expect_says(
        read_parameters(folder / "a.png").value_or(""),
        {"Controls: \"nets/edges:lines_64x64.png:0.8:0:0.9\\nnets/edges:init_64x64.png\"", "Control mode: prompt"});
    EXPECT_EQ(drawn({"--params-from", "a.png"}, "b.png"), both);
}

TEST_F(ControlFlag, TakesPathsWithColons) {
    std::filesystem::copy_file(folder / "lines_64x64.png", folder / "a:b.png");
    EXPECT_EQ(draw({"a fox", "--control", "nets/edges:a\\:b.png:0.5"}, "colon.png").exit_code, 0);
    expect_says(read_parameters(folder / "colon.png").value_or(""), {"a\\\\:b.png:0.5"});
    EXPECT_EQ(drawn({"--params-from", "colon.png"}, "again.png"), read_file(folder / "colon.png"));
}

TEST_F(ControlFlag, MakesThePictureOfAMask) {
    EXPECT_EQ(
        draw({"a fox", "-i", "init_64x64.png", "--mask", "mask_64x64.png", "--control", "nets/edges:inpaint"}, "x.png")
            .exit_code,
        0);
    expect_refused(draw({"a fox", "--control", "nets/edges:inpaint"}, "y.png"), 2, {"--init-image", "--mask"});
}

TEST_F(ControlFlag, InJobsListsMakeGrids) {
    write_file(folder / "job.toml",
               "prompt = \"a fox\"\nseed = 1\nsteps = 2\ncontrol-dir = \"nets\"\noutput = \"%d.png\"\nguess-mode = "
               "true\nmodel = \"" +
                   tiny_model() + "\"\ncontrol = [\"edges:lines_64x64.png:0.5\", \"edges:lines_64x64.png\"]\n");
    const Ended run = easel({"run", "job.toml"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    expect_says(read_parameters(folder / "1.png").value_or(""), {"edges:lines_64x64.png:0.5", "Guess mode: true"});
    expect_says(read_parameters(folder / "2.png").value_or(""), {"edges:lines_64x64.png\""});
    EXPECT_EQ(easel({"run", "job.toml"}).out, "") << "all are there";
}

TEST_F(ControlFlag, WhatMakesNoSenseIsRefusedInOneSentence) {
    const std::string net = "nets/edges:lines_64x64.png";
    expect_refused(draw({"a fox", "--control", "edges:lines_64x64.png"}, "x.png"), 1,
                   {"--control", "edges", "--control-dir"});
    expect_refused(draw({"a fox", "--control", "nets/edges:no.png"}, "x.png"), 1, {"--control", "no.png"});
    expect_refused(draw({"a fox", "--control", "nets/edges"}, "x.png"), 2, {"--control", "MODEL:PICTURE"});
    expect_refused(draw({"a fox", "--control="}, "x.png"), 2, {"--control"});
    for (const char* end : {":nan", ":-1", ":1:0.5:0.2", ":1:0:2", ":1:0:1:0", ":much"})
        expect_refused(draw({"a fox", "--control", net + end}, "x.png"), 2, {"--control", "MODEL:PICTURE"});
    expect_refused(draw({"a fox", "--control", net, "--control-mode", "none"}, "x.png"), 2, {"balanced", "prompt"});
    expect_refused(draw({"a fox", "--control", net, "-o", "lines_64x64.png", "--overwrite"}, "x.png"), 2, {});
    expect_refused(draw({"a fox", "--control", tiny_model() + "/unet:lines_64x64.png"}, "x.png"), 1,
                   {"ControlNetModel"});
    EXPECT_FALSE(std::filesystem::exists(folder / "x.png"));
}

}  // namespace
}  // namespace easel::testing
