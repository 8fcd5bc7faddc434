// A second pass on the command line, and `easel upscale`.

#include <gtest/gtest.h>

#include "cli/drawing_test.h"
#include "pictures/parameters.h"
#include "pictures/read.h"

namespace easel::testing {
namespace {

class HiresFlags : public DrawingTest {};

TEST_F(HiresFlags, DrawTwiceAndAreReadBack) {
    const std::string first = drawn({"a fox", "-W", "64", "-H", "64", "--hires", "1.5", "--hires-upscaler",
                                     "latent_nearest_exact", "--hires-steps", "3", "--hires-strength", "0.6"},
                                    "a.png");
    EXPECT_EQ(read_picture(folder / "a.png").width, 96);
    expect_says(read_parameters(folder / "a.png").value_or(""),
                {"Size: 64x64",
                 "Denoising strength: 0.6, Hires resize: 96x96, Hires steps: 3, Hires upscaler: Latent "
                 "(nearest-exact)"});
    EXPECT_EQ(drawn({"--params-from", "a.png"}, "b.png"), first);
}

TEST_F(HiresFlags, InJobsAreDoneOnce) {
    write_file(folder / "job.toml",
               "prompt = \"a fox\"\nseed = 1\nsteps = 2\nwidth = 64\nheight = 64\noutput = "
               "\"%d.png\"\nmodel = \"" +
                   tiny_model() + "\"\nhires = [\"96x96\", \"1.5\"]\n");
    const Ended run = easel({"run", "job.toml"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(read_file(folder / "1.png"), read_file(folder / "2.png"));
    EXPECT_EQ(easel({"run", "job.toml"}).out, "") << "all are there";
}

TEST_F(HiresFlags, ThatMakeNoSenseAreRefused) {
    expect_refused(draw({"a fox", "--hires", "0"}, "x.png"), 2, {"--hires", "1024x768"});
    expect_refused(draw({"a fox", "--hires", "2", "--hires-strength", "nan"}, "x.png"), 2, {"--hires-strength"});
    expect_refused(draw({"a fox", "--hires", "2", "--hires-upscaler", "no.pth"}, "x.png"), 1, {"no.pth"});
    EXPECT_FALSE(std::filesystem::exists(folder / "x.png"));
}

class UpscaleCommand : public DrawingTest {};

TEST_F(UpscaleCommand, EnlargesAndKeepsTheSettings) {
    drawn({"a fox", "-W", "64", "-H", "48"}, "a.png");
    Ended run = easel({"upscale", "a.png", "--upscaler", golden("adapters/upscalers/x4.safetensors"), "-o", "b.png"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(read_picture(folder / "b.png").width, 256);
    EXPECT_EQ(read_parameters(folder / "b.png"), read_parameters(folder / "a.png"));
    run = easel({"upscale", "a.png", "b.png", "--scale", "1.5", "-o", "c-%d.png"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(read_picture(folder / "c-1.png").height, 72);
    EXPECT_EQ(read_picture(folder / "c-2.png").height, 288);
}

TEST_F(UpscaleCommand, WhatMakesNoSenseIsRefused) {
    drawn({"a fox"}, "a.png");
    expect_refused(easel({"upscale", "a.png", "-o", "a.png", "--overwrite"}), 2, {"a.png"});
    expect_refused(easel({"upscale", "a.png", "-o", "x.png", "--scale", "nan"}), 2, {"--scale"});
    expect_refused(easel({"upscale", "a.png", "-o", "x.png", "--overlap", "200"}), 2, {"--overlap", "256"});
    expect_refused(easel({"upscale", "a.png", "-o", "x.png", "--upscaler", "no.pth"}), 1, {"no.pth"});
    expect_refused(easel({"upscale", "no.png", "-o", "x.png"}), 1, {"no.png"});
    EXPECT_FALSE(std::filesystem::exists(folder / "x.png"));
}

}  // namespace
}  // namespace easel::testing
