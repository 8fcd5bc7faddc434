#include "base/background.h"

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace easel {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(BackgroundWork, ReturnsWhatTheWorkReturns) {
    BackgroundWork background;
    EXPECT_EQ(background.run([] { return 7; }, {}), 7);
    const auto moved = background.run([] { return std::make_unique<int>(8); }, {});
    EXPECT_EQ(*moved, 8);
}

TEST(BackgroundWork, ThrowsWhatTheWorkThrows) {
    BackgroundWork background;
    EXPECT_THROW(background.run([]() -> int { throw std::runtime_error("broken"); }, {}), std::runtime_error);
    EXPECT_EQ(background.run([] { return 7; }, {}), 7);
}

/// Work that ends when it is told to.
struct Endless {
    std::promise<void> end;
    std::atomic<bool> ended = false;
    auto work() {
        return [this, told = std::make_shared<std::future<void>>(end.get_future())] {
            told->wait();
            ended = true;
            return 0;
        };
    }
};

/// Requests a stop while `background` runs `endless`, and expects the caller to come back soon.
void stop_it(BackgroundWork& background, Endless& endless) {
    std::stop_source stop;
    Clock::time_point requested;
    std::jthread impatient([&] {
        std::this_thread::sleep_for(20ms);
        requested = Clock::now();
        stop.request_stop();
    });
    EXPECT_THROW(background.run(endless.work(), stop.get_token()), Cancelled);
    impatient.join();
    EXPECT_LT(Clock::now() - requested, 1s);
    EXPECT_FALSE(endless.ended);
}

TEST(BackgroundWork, CallerComesBackWhenAStopIsRequested) {
    Endless endless;
    BackgroundWork background;
    stop_it(background, endless);
    endless.end.set_value();
}

TEST(BackgroundWork, DestructorWaitsForWorkThatWasLeft) {
    Endless endless;
    {
        BackgroundWork background;
        stop_it(background, endless);
        endless.end.set_value();
    }
    EXPECT_TRUE(endless.ended);
}

TEST(BackgroundWork, NextRunWaitsForWorkThatWasLeftUnlessItIsStoppedToo) {
    Endless endless;
    BackgroundWork background;
    stop_it(background, endless);
    std::stop_source stopped;
    stopped.request_stop();
    EXPECT_THROW(background.run([] { return 1; }, stopped.get_token()), Cancelled);
    EXPECT_FALSE(endless.ended);
    endless.end.set_value();
    EXPECT_EQ(background.run([&] { return endless.ended ? 2 : 1; }, {}), 2);
}

TEST(BackgroundWork, TwoThreadsRunWorkAtTheSameTime) {
    BackgroundWork background;
    std::promise<void> here, there;
    const auto meet = [](std::promise<void>& mine, std::promise<void>& other) {
        return [&mine, met = std::make_shared<std::future<void>>(other.get_future())] {
            mine.set_value();
            return met->wait_for(10s) == std::future_status::ready;
        };
    };
    bool met_there = false;
    std::jthread other([&, work = meet(there, here)] { met_there = background.run(work, {}); });
    EXPECT_TRUE(background.run(meet(here, there), {}));
    other.join();
    EXPECT_TRUE(met_there);
}

TEST(BackgroundWork, ResultThatNobodyTakesIsDestroyed) {
    const auto witness = std::make_shared<int>(1);
    Endless endless;
    BackgroundWork background;
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THROW(background.run([witness, work = endless.work()] { return work(), witness; }, stop.get_token()),
                 Cancelled);
    endless.end.set_value();
    for (int i = 0; i < 500 && witness.use_count() > 1; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_EQ(witness.use_count(), 1);
}

}  // namespace
}  // namespace easel
