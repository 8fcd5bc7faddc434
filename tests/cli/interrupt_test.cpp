// After Ctrl-C and on full disks, no half-written file is left.

#include <csignal>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>

#include "cli/program.h"

namespace easel::testing {
namespace {

/// Seconds until the shell prompt is back, with a large margin for a busy machine.
constexpr double patience = 10.0;

class Interrupted : public ProgramTest {
  protected:
    /// Draws many steps, and sends `signal` when `line` has been written.
    void expect_stops(const std::string& line, int signal) {
        Program program(folder.path(), {"a fox", "-m", tiny_model(), "--steps", "900", "-b", "50", "-o", "fox.png",
                                        "--save-latents", "fox.safetensors"});
        ASSERT_TRUE(program.wait_for(line));
        program.send(signal);
        const double sent = program.seconds();
        const Ended run = program.end();
        EXPECT_EQ(run.exit_code, 130);
        EXPECT_LT(run.seconds - sent, patience);
        EXPECT_EQ(files(), std::vector<std::string>{});
        expect_says(run.err, {"easel: stopped"});
    }
};

TEST_F(Interrupted, StopsWhileDenoising) { expect_stops("denoise step 2/", SIGINT); }
TEST_F(Interrupted, StopsWhileCompiling) { expect_stops("load", SIGINT); }
TEST_F(Interrupted, StopsOnSigterm) { expect_stops("denoise step 2/", SIGTERM); }

const std::vector<std::string> large_picture = {"a fox", "--steps", "1",  "-W",      "128",
                                                "-H",    "128",     "-o", "fox.png", "--quiet"};

std::vector<std::string> with_tiny_model(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-m", tiny_model()});
    return arguments;
}

class FullDisk : public ProgramTest {};

TEST_F(FullDisk, LeavesNothingIfFilesMayNotGrow) {
    const Ended run = easel(with_tiny_model(large_picture), {.environment = {}, .largest_file = 2000});
    expect_refused(run, 1, {"fox.png", "cannot be written", "File too large"});
    EXPECT_EQ(files(), std::vector<std::string>{});
}

TEST_F(FullDisk, LeavesNothingIfTheDiskIsFull) {
    // A name space of mounts of this process alone, so that no other sees the small disk.
    const bool mounted = ::unshare(CLONE_NEWNS) == 0 &&
                         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                         ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=8k") == 0;
    if (!mounted) GTEST_SKIP() << "a small disk cannot be mounted here (that needs root's rights)";
    const Ended run = easel(with_tiny_model(large_picture));
    expect_refused(run, 1, {"fox.png", "cannot be written", "No space left"});
    EXPECT_EQ(files(), std::vector<std::string>{});
    ::umount(folder.path().c_str());
}

}  // namespace
}  // namespace easel::testing
