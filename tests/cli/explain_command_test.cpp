// `easel explain` writes one page, or one sentence about what is wrong.
#include <csignal>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cli/program.h"

namespace easel::testing {
namespace {

const std::string picture = golden("inputs/init_64x64.png");
using Names = std::vector<std::string>;

class ExplainCommand : public ProgramTest {
  protected:
    /// The command with the tiny model, with `more` at its end.
    static std::vector<std::string> explain(const std::vector<std::string>& more) {
        std::vector<std::string> arguments = {"explain", picture, "-m", tiny_model(), "--precision", "f32"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
};

TEST_F(ExplainCommand, NamesThePageAndThePromptAfterThePicture) {
    const Ended run = easel(explain({}));
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.out, "init_64x64-explained.html\n");
    EXPECT_EQ(files(), Names{"init_64x64-explained.html"});
    EXPECT_NE(read_file(folder / "init_64x64-explained.html").find("the prompt “init 64x64”"), std::string::npos);
}

TEST_F(ExplainCommand, TakesPromptSeedAndOutputAndKeepsAnExistingFile) {
    write_file(folder / "cat.html", "mine");
    expect_refused(easel(explain({"-o", "cat.html"})), 1, {"cat.html", "--overwrite"});
    EXPECT_EQ(read_file(folder / "cat.html"), "mine");
    EXPECT_EQ(easel(explain({"-p", "a cat", "--seed", "7", "-o", "cat.html", "--overwrite", "--quiet"})).exit_code, 0);
    const std::string page = read_file(folder / "cat.html");
    EXPECT_NE(page.find("the prompt “a cat”"), std::string::npos);
    EXPECT_NE(page.find("seed 7."), std::string::npos);
}

TEST_F(ExplainCommand, RefusesWhatMakesNoSenseAndWritesNothing) {
    expect_refused(easel({"explain", "missing.png"}), 1, {"missing.png"});
    expect_refused(easel({"explain", tiny_model() + "/model_index.json"}), 1, {"model_index.json"});
    expect_refused(easel({"explain"}), 2, {"picture"});
    expect_refused(easel(explain({"--seed", "-3"})), 2, {"--seed"});
    expect_refused(easel(explain({"--seed", "many"})), 2, {"--seed"});
    expect_refused(easel(explain({"-p", "\xff"})), 2, {"prompt", "UTF-8"});
    expect_refused(easel(explain({"-o", "nowhere/page.html"})), 1, {"nowhere"});
    expect_refused(easel(explain({"--device", "TPU"})), 2, {"--device TPU"});
    expect_refused(easel({"explain", picture, "-m", "no-model"}), 1, {"no-model"});
    EXPECT_EQ(files(), Names{});
}

TEST_F(ExplainCommand, StoppedLeavesNothing) {
    for (const char* line : {"load", "denoise step 1"}) {
        Program program(folder.path(), explain({}));
        ASSERT_TRUE(program.wait_for(line));
        program.send(SIGINT);
        const Ended run = program.end();
        EXPECT_EQ(run.exit_code, 130) << run.err;
        expect_says(run.err, {"easel: stopped"});
        EXPECT_EQ(files(), Names{});
    }
}

}  // namespace
}  // namespace easel::testing
