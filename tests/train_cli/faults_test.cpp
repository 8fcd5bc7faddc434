// What a run leaves when it is killed, or when there is no room for what it writes. Minutes long.

#include <csignal>
#include <random>

#include <unistd.h>

#include "cli/program.h"
#include "train/colours.h"
#include "train/run_state.h"

namespace easel::testing {
namespace {

using Words = std::vector<std::string>;

class Faults : public ProgramTest {
  protected:
    Faults() { write_colours(folder / "colours.safetensors", 64); }

    /// Training that saves many times a second.
    static Words command(int steps) {
        return {"finetune",
                "--model",
                tiny_model(),
                "--data",
                "colours.safetensors",
                "--batch",
                "1",
                "--steps",
                std::to_string(steps),
                "--output",
                "run",
                "--threads",
                "1",
                "--samples",
                "0",
                "--checkpoint-minutes",
                "0.0005",
                "--resume"};
    }

    std::filesystem::path checkpoint() const { return folder / "run/checkpoint.safetensors"; }
    std::int64_t steps_done() const {
        return std::filesystem::exists(checkpoint()) ? train::load_state(checkpoint()).step : 0;
    }
};

TEST_F(Faults, AKillAtAnyMomentLeavesAReadableCheckpointThatTheRunGoesOnFrom) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> milliseconds(1000, 5000);
    std::int64_t before = 0;
    for (int i = 0; i < 20; ++i) {
        {
            Program program(folder.path(), command(100'000));
            ::usleep(static_cast<useconds_t>(1000 * milliseconds(random)));
            program.send(SIGKILL);
            program.end();
        }
        const std::int64_t done = steps_done();
        EXPECT_GE(done, before) << "kill " << i;
        before = done;
    }
    EXPECT_GT(before, 0);
    const Ended ended = easel(command(static_cast<int>(before) + 5));
    expect_refused(ended, 2, {"--steps"});
}

TEST_F(Faults, NoRoomForACheckpointKeepsTheLastOne) {
    ASSERT_EQ(easel(command(3)).exit_code, 0);
    const std::string kept = read_file(checkpoint());
    Words again = command(3);
    const Ended ended = easel(again, {.largest_file = kept.size() / 2});
    EXPECT_EQ(ended.exit_code, 1) << ended.err;
    EXPECT_NE(ended.err.find("checkpoint.safetensors"), std::string::npos) << ended.err;
    EXPECT_EQ(read_file(checkpoint()), kept);
    EXPECT_EQ(steps_done(), 3);
}

}  // namespace
}  // namespace easel::testing
