#include "hub/retry.h"

#include <condition_variable>
#include <mutex>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace easel::hub {

void sleep(std::chrono::milliseconds duration, std::stop_token stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, stop, duration, [] { return false; });
    if (stop.stop_requested()) throw stopped();
}

void Retries::wait_after(const Unavailable& reason) {
    using namespace std::chrono;
    ++failed_;
    if (failed_ >= policy_.attempts) throw reason;
    milliseconds wait = policy_.first_wait * (1 << (failed_ - 1));
    if (reason.retry_after()) {
        if (*reason.retry_after() > policy_.longest_wait) throw reason;
        wait = *reason.retry_after();
    }
    note_(fmt::format("{}; trying again in {:.1f} s", reason.what(), duration<double>(wait).count()));
    sleep(wait, stop_);
}

}  // namespace easel::hub
