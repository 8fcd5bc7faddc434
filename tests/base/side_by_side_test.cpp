#include "base/side_by_side.h"

#include <chrono>
#include <future>
#include <stdexcept>

#include <gtest/gtest.h>

#include <easel/error.h>

namespace easel {
namespace {

using namespace std::chrono_literals;

/// Ends when it is stopped, as compiling does.
void work_until_stopped(const std::stop_token& stop) {
    for (int i = 0; i < 1000 && !stop.stop_requested(); ++i) std::this_thread::sleep_for(10ms);
    if (stop.stop_requested()) throw Cancelled();
}

TEST(SideBySide, BothRunAtTheSameTime) {
    std::promise<void> here, beside;
    bool met_here = false, met_beside = false;
    run_side_by_side(
        [&](const std::stop_token&) {
            here.set_value();
            met_here = beside.get_future().wait_for(10s) == std::future_status::ready;
        },
        [&](const std::stop_token&) {
            beside.set_value();
            met_beside = here.get_future().wait_for(10s) == std::future_status::ready;
        },
        {});
    EXPECT_TRUE(met_here);
    EXPECT_TRUE(met_beside);
}

TEST(SideBySide, WhatOneThrowsStopsTheOtherAndIsThrown) {
    const auto fails = [](const std::stop_token&) { throw std::runtime_error("broken"); };
    EXPECT_THROW(run_side_by_side(fails, work_until_stopped, {}), std::runtime_error);
    EXPECT_THROW(run_side_by_side(work_until_stopped, fails, {}), std::runtime_error);
}

TEST(SideBySide, StopReachesBoth) {
    std::stop_source stop;
    std::jthread impatient([&] {
        std::this_thread::sleep_for(20ms);
        stop.request_stop();
    });
    EXPECT_THROW(run_side_by_side(work_until_stopped, work_until_stopped, stop.get_token()), Cancelled);
}

}  // namespace
}  // namespace easel
