#pragma once

#include <chrono>
#include <future>
#include <mutex>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <vector>

#include <easel/error.h>

namespace easel {

/// Runs work that cannot be interrupted on a thread of its own, so that the caller need not wait until it ends. Several
/// threads may use it at once.
class BackgroundWork {
  public:
    /// Returns what `work()` returns, or throws what it throws. Throws Cancelled within a tenth of a second once `stop`
    /// is requested; the work then goes on to its end, what it returns is dropped, and the next run() and the
    /// destructor wait for it. So `work` must own what it uses, or this object must be destroyed before what it uses
    /// is.
    template <typename Work>
    std::invoke_result_t<Work&> run(Work work, const std::stop_token& stop) {
        wait_for_what_was_left(stop);
        std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
        auto result = task.get_future();
        std::shared_future<void> running = std::async(std::launch::async, [task = std::move(task)]() mutable {
            // Nothing of the work stays in the thread, least of all a result that nobody takes.
            std::exchange(task, {})();
        });
        if (!ends(running, stop)) {
            const std::lock_guard lock(mutex_);
            left_.push_back(std::move(running));
            throw Cancelled();
        }
        return result.get();
    }

  private:
    static bool has_ended(const std::shared_future<void>& work) {
        return work.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }

    /// Waits for the end; false if `stop` is requested before.
    static bool ends(const std::shared_future<void>& work, const std::stop_token& stop) {
        using namespace std::chrono_literals;
        while (work.wait_for(50ms) != std::future_status::ready)
            if (stop.stop_requested()) return false;
        return true;
    }

    void wait_for_what_was_left(const std::stop_token& stop) {
        const auto left = [this] {
            const std::lock_guard lock(mutex_);
            return left_;
        };
        for (const auto& work : left())
            if (!ends(work, stop)) throw Cancelled();
        const std::lock_guard lock(mutex_);
        std::erase_if(left_, has_ended);
    }

    std::mutex mutex_;
    /// The destructor waits, as that of the last future of a std::async does.
    std::vector<std::shared_future<void>> left_;
};

}  // namespace easel
