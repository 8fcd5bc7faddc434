#include "base/process.h"

#include <chrono>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace {

using namespace easel;

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

}  // namespace
