#include "base/process.h"

#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include <easel/error.h>

namespace easel {
namespace {

TEST(InterruptWatch, CatchesSignalsThatReachThreadsOlderThanItself) {
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    const std::jthread older([](const std::stop_token& end) {
        while (!end.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    });
    std::stop_source stop;
    {
        const InterruptWatch watch(stop);
        ::kill(::getpid(), SIGTERM);
        for (int i = 0; i < 5000 && !stop.stop_requested(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_TRUE(stop.stop_requested());
}

TEST(RunProgram, GivesTheExitCodeOrTheSignal) {
    EXPECT_EQ(run_program("/bin/sh", {"-c", "exit 3"}, {}), 3);
    EXPECT_EQ(run_program("/bin/sh", {"-c", "test \"$1\" = 'a b'", "sh", "a b"}, {}), 0);
    EXPECT_EQ(run_program("/bin/sh", {"-c", "kill -9 $$"}, {}), 128 + SIGKILL);
    EXPECT_THROW(run_program("/nowhere/program", {}, {}), Error);
}

TEST(RunProgram, EndsTheProgramWhenAStopIsRequested) {
    std::stop_source stop;
    const std::jthread later([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        stop.request_stop();
    });
    EXPECT_EQ(run_program("/bin/sh", {"-c", "exec sleep 60"}, stop.get_token()), 128 + SIGTERM);
}

TEST(BecomeProgram, ReplacesTheProcess) {
    EXPECT_EXIT(become_program("/bin/sh", {"-c", "exit 7"}), ::testing::ExitedWithCode(7), "");
    EXPECT_THROW(become_program("/nowhere/program", {}), Error);
}

}  // namespace
}  // namespace easel
