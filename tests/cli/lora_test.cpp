// LoRAs on the command line, in prompts, in job files and in stored settings.

#include <gtest/gtest.h>

#include "cli/drawing_test.h"
#include "pictures/parameters.h"

namespace easel::testing {
namespace {

class LoraFlag : public DrawingTest {
  protected:
    void SetUp() override {
        std::filesystem::create_directories(folder / "loras" / "styles");
        const std::filesystem::path golden = std::filesystem::absolute("golden/adapters/loras");
        for (const char* name : {"kohya", "loha", "refuse_half_a_pair"})
            std::filesystem::copy_file(golden / (std::string(name) + ".safetensors"),
                                       folder / "loras" / "styles" / (std::string(name) + ".safetensors"));
    }
};

TEST_F(LoraFlag, ByPathByNameAndInThePromptDrawTheSamePicture) {
    const std::string plain = drawn({"a fox"}, "plain.png");
    const std::string by_path = drawn({"a fox", "--lora", "loras/styles/kohya.safetensors:0.5:0.5"}, "path.png");
    EXPECT_NE(by_path, plain);
    EXPECT_EQ(drawn({"a fox", "--lora=kohya:0.5:0.5", "--lora-dir", "loras"}, "name.png"), by_path);
    EXPECT_EQ(drawn({"a fox<lora:kohya:0.5>", "--lora-dir", "loras"}, "tag.png"), by_path);
    std::filesystem::create_directories(folder / "config" / "easel");
    write_file(folder / "config" / "easel" / "config.toml", "lora-dir = \"" + (folder / "loras").string() + "\"\n");
    const Surroundings with_config{.environment = {{"XDG_CONFIG_HOME", (folder / "config").string()}}};
    EXPECT_EQ(drawn({"a fox<lora:kohya:0.5>"}, "config.png", with_config), by_path);
}

TEST_F(LoraFlag, MayBeGivenMoreThanOnceAndKeepsItsOrder) {
    const std::string both =
        drawn({"a fox", "--lora", "kohya:0.5", "--lora", "loha:0.4", "--lora-dir", "loras"}, "a.png");
    EXPECT_NE(both, drawn({"a fox", "--lora", "kohya:0.5", "--lora-dir", "loras"}, "b.png"));
    expect_says(read_parameters(folder / "a.png").value_or(""),
                {"a fox<lora:kohya:0.5><lora:loha:0.4>\n", "Lora hashes: \"kohya: "});
    EXPECT_EQ(drawn({"--params-from", "a.png", "--lora-dir", "loras"}, "c.png"), both);
}

TEST_F(LoraFlag, InJobsListsMakeGridsAndInnerListsStayTogether) {
    write_file(folder / "job.toml",
               "prompt = \"a fox\"\nseed = 1\nsteps = 2\nlora-dir = \"loras\"\noutput = \"%d.png\"\nmodel = \"" +
                   tiny_model() + "\"\nlora = [\"kohya:0.5\", [\"kohya:0.5\", \"loha:0.4\"]]\n");
    const Ended run = easel({"run", "job.toml"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    expect_says(read_parameters(folder / "1.png").value_or(""), {"a fox<lora:kohya:0.5>\n"});
    expect_says(read_parameters(folder / "2.png").value_or(""), {"a fox<lora:kohya:0.5><lora:loha:0.4>\n"});
    EXPECT_EQ(easel({"run", "job.toml"}).out, "") << "all are there";
}

TEST_F(LoraFlag, WhatMakesNoSenseIsRefusedInOneSentence) {
    expect_refused(draw({"a fox", "--lora", "no.safetensors"}, "x.png"), 1, {"--lora", "no.safetensors", "--lora-dir"});
    expect_refused(draw({"a fox", "--lora", "loras/styles/kohya.safetensors:nan"}, "x.png"), 2, {"--lora"});
    expect_refused(draw({"a fox", "--lora", "loras/styles/kohya.safetensors:1000"}, "x.png"), 2,
                   {"--lora", "-100 to 100"});
    expect_refused(draw({"a fox", "--lora="}, "x.png"), 2, {"--lora"});
    expect_refused(draw({"a fox <lora:nobody:1>", "--lora-dir", "loras"}, "x.png"), 1, {"nobody", "loras"});
    expect_refused(draw({"a fox <lora:kohya:much>", "--lora-dir", "loras"}, "x.png"), 2, {"much"});
    expect_refused(draw({"a fox", "--lora", "loras/styles/refuse_half_a_pair.safetensors"}, "x.png"), 1,
                   {"refuse_half_a_pair", "lora_"});
    EXPECT_FALSE(std::filesystem::exists(folder / "x.png"));
}

}  // namespace
}  // namespace easel::testing
