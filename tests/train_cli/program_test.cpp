// easel-train as a person uses it, from pictures to a LoRA that easel draws with.

#include "cli/program.h"

#include <algorithm>
#include <csignal>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "pictures/parameters.h"
#include "support/files.h"
#include "train/colours.h"

namespace easel::testing {
namespace {

using Words = std::vector<std::string>;

class TrainProgram : public ProgramTest {
  protected:
    TrainProgram() { write_colours(folder / "colours.safetensors", 64); }

    /// A few steps on the colours, with the tiny model.
    static Words finetune(const Words& more = {}) {
        Words words = {"finetune",  "--model", tiny_model(), "--data", "colours.safetensors", "--batch", "2",
                       "--threads", "1",       "--output",   "run",    "--samples",           "2"};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    Ended train(const Words& arguments) const { return ProgramTest::easel(arguments); }
};

TEST_F(TrainProgram, MakesALoraThatTheEngineDrawsWith) {
    const Ended trained = train(finetune({"--steps", "3", "--lora-rank", "4", "--train-text-encoder", "true"}));
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    EXPECT_NE(trained.err.find("lora.safetensors: the LoRA"), std::string::npos) << trained.err;
    EXPECT_NE(read_file(folder / "run/report.html").find("<svg"), std::string::npos);

    const Ended drawn = train({"sample", "run", "red", "@green", "--steps", "2"});
    ASSERT_EQ(drawn.exit_code, 0) << drawn.err;
    for (const char* name : {"1.png", "2.png", "sheet.png"})
        EXPECT_TRUE(std::filesystem::exists(folder / "run/samples" / name)) << name;
    EXPECT_NE((drawn.err + drawn.out).find("applied"), std::string::npos) << drawn.err << drawn.out;
}

TEST_F(TrainProgram, LearnsAWordThatTheEngineDrawsWith) {
    const Ended trained = train(finetune({"--steps", "3", "--embedding", "square", "--embedding-vectors", "2"}));
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    EXPECT_TRUE(std::filesystem::exists(folder / "run/embedding/square.safetensors")) << trained.err;
    const Ended drawn = train({"sample", "run", "a square", "--steps", "2"});
    ASSERT_EQ(drawn.exit_code, 0) << drawn.err;
    EXPECT_NE(read_parameters(folder / "run/samples/1.png").value_or("").find("TI hashes: \"square: "),
              std::string::npos);
}

TEST_F(TrainProgram, MakesAModelAndScoresIt) {
    const Ended trained = train(finetune({"--steps", "2", "--validation", "colours.safetensors"}));
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    const Ended scored = train({"evaluate", "run/model", "colours.safetensors", "colours.safetensors", "--count", "2",
                                "--steps", "2", "--json", "--threads", "1"});
    ASSERT_EQ(scored.exit_code, 0) << scored.err;
    const nlohmann::json scores = nlohmann::json::parse(scored.out);
    ASSERT_EQ(scores.size(), 2U);
    for (const nlohmann::json& of_file : scores) {
        EXPECT_EQ(of_file["count"], 2);
        EXPECT_EQ(of_file["loss"].size(), 10U);
        EXPECT_GT(of_file["psnr"].get<double>(), 0);
        EXPECT_GE(of_file["drawn"]["top5"].get<double>(), of_file["drawn"]["top1"].get<double>());
    }
    EXPECT_EQ(scores[0]["psnr"], scores[1]["psnr"]);
    EXPECT_TRUE(std::filesystem::exists(folder / "evaluation/2/2.png"));
}

TEST_F(TrainProgram, SavesAndStopsOnASignalAndGoesOn) {
    const Words words = finetune({"--steps", "2000", "--lora-rank", "2"});
    Program program(folder.path(), words);
    for (int i = 0; i < 600 && !std::filesystem::exists(folder / "run/log.csv"); ++i) ::usleep(50'000);
    program.send(SIGTERM);
    const Ended stopped = program.end();
    EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
    EXPECT_TRUE(std::filesystem::exists(folder / "run/checkpoint.safetensors"));
    expect_refused(train(words), 2, {"run", "holds a run already", "--resume"});
}

TEST_F(TrainProgram, SaysInASentenceWhatIsWrong) {
    expect_refused(train({"finetune", "--data", "colours.safetensors"}), 2, {"--model", "give the model"});
    expect_refused(train(finetune({"--lora-rank", "2", "--lora-layers", "best"})), 2,
                   {"--lora-layers", "transformers"});
    expect_refused(train(finetune({"--embedding", "nobody"})), 2, {"--embedding", "no caption"});
    expect_refused(train(finetune({"--embedding", "square", "--lora-rank", "2"})), 2, {"--embedding", "--lora-rank"});
    expect_refused(train({"sample", "nowhere", "red"}), 1, {"nowhere", "holds no model, no LoRA and no embedding"});
    expect_refused(train({"evaluate", tiny_model(), "colours.safetensors", "--count", "0"}), 2, {"--count"});
}

}  // namespace
}  // namespace easel::testing
