#pragma once

#include <exception>
#include <mutex>
#include <stop_token>
#include <thread>

namespace easel {

/// Runs `here(stop)` on this thread and `beside(stop)` on another at the same time, and returns when both have ended.
/// Each gets a token that is requested when `stop` is, and also when the other one throws. Throws what was thrown
/// first.
template <typename Here, typename Beside>
void run_side_by_side(Here here, Beside beside, const std::stop_token& stop) {
    std::stop_source both;
    const std::stop_callback forward(stop, [&both] { both.request_stop(); });
    std::mutex mutex;
    std::exception_ptr first;
    const auto run = [&](auto& work) {
        try {
            work(both.get_token());
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!first) first = std::current_exception();
            both.request_stop();
        }
    };
    {
        const std::jthread thread([&] { run(beside); });
        run(here);
    }
    if (first) std::rethrow_exception(first);
}

}  // namespace easel
