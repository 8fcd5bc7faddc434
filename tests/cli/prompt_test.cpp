// Prompts with weights, changes and learned words, on the command line, in job files and in stored settings.

#include <gtest/gtest.h>

#include "cli/drawing_test.h"
#include "pictures/parameters.h"

namespace easel::testing {
namespace {

class PromptFlag : public DrawingTest {
  protected:
    std::string stored(const std::string& picture) const { return read_parameters(folder / picture).value_or(""); }
    void copy_embedding(const std::string& name, const std::string& to) const {
        std::filesystem::create_directories((folder / to).parent_path());
        std::filesystem::copy_file(std::filesystem::absolute("golden/adapters/embeddings") / name, folder / to);
    }
};

TEST_F(PromptFlag, SyntaxIsTheWebUisUnlessPlainIsAskedFor) {
    const std::string weighted = drawn({"a (fox:1.3)"}, "weighted.png");
    const std::string plain = drawn({"a (fox:1.3)", "--prompt-syntax", "plain"}, "plain.png");
    EXPECT_NE(weighted, plain);
    expect_says(stored("weighted.png"), {"Prompt syntax: webui"});
    EXPECT_EQ(stored("plain.png").find("Prompt syntax"), std::string::npos);
    EXPECT_EQ(drawn({"--params-from", "weighted.png"}, "again.png"), weighted);
    EXPECT_EQ(drawn({"--params-from", "plain.png"}, "plainly.png"), plain);
    EXPECT_EQ(drawn({"--params-from", "plain.png", "-p", "a (fox:1.3)"}, "anew.png"), weighted);
}

TEST_F(PromptFlag, WaysOfTheWebUiAreStoredAndComeBack) {
    const std::vector<std::string> asked = {"a (fox:1.3) BREAK [snow:ice:1]",
                                            "--emphasis",
                                            "no_norm",
                                            "--negative-padding",
                                            "empty_chunks",
                                            "--step-rule",
                                            "plain"};
    const std::string picture = drawn(asked, "a.png");
    EXPECT_NE(drawn({asked.front()}, "b.png"), picture);
    EXPECT_EQ(drawn({"--params-from", "a.png"}, "c.png"), picture);
}

TEST_F(PromptFlag, InJobsListsMakeGridsAndWhatIsThereIsNotDrawnAgain) {
    write_file(folder / "job.toml", "prompt = \"a (fox:1.3)\"\nseed = 1\nsteps = 2\noutput = \"%d.png\"\nmodel = \"" +
                                        tiny_model() + "\"\nemphasis = [\"original\", \"ignore\"]\n");
    const Ended run = easel({"run", "job.toml"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(read_file(folder / "1.png"), read_file(folder / "2.png"));
    EXPECT_EQ(easel({"run", "job.toml"}).out, "") << "all are there";
}

TEST_F(PromptFlag, WhatMaySurpriseIsTold) {
    expect_says(draw({"[a:b:1]"}, "a.png").err, {"one prediction later", "--step-rule"});
    expect_says(draw({"a | [b:c:1]"}, "b.png").err, {"|", "switches that off"});
    expect_refused(draw({"(a:9999999)"}, "c.png"), 2, {"--prompt", "weights"});
}

TEST_F(PromptFlag, EmbeddingsByPathByNameAndInTheFolderDrawTheSamePicture) {
    copy_embedding("bad_hands.safetensors", "words/below/bad_hands.safetensors");
    copy_embedding("one-vector.safetensors", "words/one-vector.safetensors");
    const std::string without = drawn({"a bad_hands"}, "without.png");
    const std::string by_path = drawn({"a bad_hands", "--embedding", "words/below/bad_hands.safetensors"}, "path.png");
    EXPECT_NE(by_path, without);
    EXPECT_EQ(drawn({"a bad_hands", "--embedding", "bad_hands", "--embedding-dir", "words"}, "name.png"), by_path);
    EXPECT_EQ(drawn({"a bad_hands", "--embedding-dir", "words"}, "folder.png"), by_path);
    expect_says(stored("path.png"), {"TI hashes: \"bad_hands: "});
    EXPECT_EQ(drawn({"--params-from", "path.png", "--embedding-dir", "words"}, "again.png"), by_path);
    expect_says(draw({"--params-from", "path.png"}, "left.png").err, {"no embedding \"bad_hands\"", "--embedding-dir"});

    std::filesystem::create_directories(folder / "config" / "easel");
    write_file(folder / "config" / "easel" / "config.toml",
               "embedding-dir = \"" + (folder / "words").string() + "\"\n");
    const Surroundings with_config{.environment = {{"XDG_CONFIG_HOME", (folder / "config").string()}}};
    EXPECT_EQ(drawn({"a bad_hands"}, "config.png", with_config), by_path);
}

TEST_F(PromptFlag, EmbeddingsThatWereRenamedAreFoundByTheirHash) {
    copy_embedding("bad_hands.safetensors", "words/hands.safetensors");
    const std::string drawn_before = drawn({"a thing", "--embedding", "words/hands.safetensors:thing"}, "a.png");
    EXPECT_EQ(drawn({"--params-from", "a.png", "--embedding-dir", "words"}, "b.png"), drawn_before);
}

TEST_F(PromptFlag, EmbeddingsThatCannotBeUsedAreRefusedInOneSentence) {
    copy_embedding("refuse_sdxl.safetensors", "xl.safetensors");
    copy_embedding("refuse_other_width.safetensors", "wide.safetensors");
    expect_refused(draw({"a", "--embedding", "xl.safetensors"}, "x.png"), 1, {"Stable Diffusion XL"});
    expect_refused(draw({"a", "--embedding", "wide.safetensors"}, "x.png"), 1, {"768"});
    copy_embedding("refuse_hostile.pt", "hostile.pt");
    expect_refused(draw({"a", "--embedding", "hostile.pt"}, "x.png"), 1, {"posix system", "run code"});
    expect_refused(draw({"a", "--embedding", "no.safetensors"}, "x.png"), 1, {"--embedding", "no.safetensors"});
    expect_refused(draw({"a", "--embedding="}, "x.png"), 2, {"--embedding"});
    EXPECT_FALSE(std::filesystem::exists(folder / "x.png"));
}

}  // namespace
}  // namespace easel::testing
