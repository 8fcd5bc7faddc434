#pragma once

#include <chrono>
#include <future>
#include <stop_token>
#include <type_traits>
#include <utility>

#include <easel/error.h>

namespace easel {

/// Runs work that cannot be interrupted on its own thread, so that the caller need not wait until it ends. For use
/// by one thread at a time.
class BackgroundWork {
  public:
    /// Returns what `work()` returns, or throws what it throws. Throws Cancelled within a tenth of a second once `stop`
    /// is requested; the work then goes on to its end, what it returns is dropped, and the next run() and the
    /// destructor wait for it. So `work` must own what it uses, or this object must be destroyed before what it uses
    /// is.
    template <typename Work>
    std::invoke_result_t<Work&> run(Work work, const std::stop_token& stop) {
        wait_for_last(stop);
        std::packaged_task<std::invoke_result_t<Work&>()> task(std::move(work));
        auto result = task.get_future();
        last_ = std::async(std::launch::async, [task = std::move(task)]() mutable {
            // Nothing of the work stays in the thread, least of all a result that nobody takes.
            std::exchange(task, {})();
        });
        wait_for_last(stop);
        return result.get();
    }

  private:
    void wait_for_last(const std::stop_token& stop) const {
        using namespace std::chrono_literals;
        while (last_.valid() && last_.wait_for(50ms) != std::future_status::ready)
            if (stop.stop_requested()) throw Cancelled();
    }

    /// The destructor waits, as that of every future from std::async does.
    std::future<void> last_;
};

}  // namespace easel
