#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include <easel/error.h>

#include "hub/options.h"

namespace easel::hub {

/// Thrown by a download that is stopped. What was downloaded so far stays in the cache.
inline Cancelled stopped() {
    return Cancelled("stopped; what was downloaded is kept, and the same command resumes from there");
}

/// The hub could not be reached or cannot answer now: retrying may help.
class Unavailable : public Error {
  public:
    explicit Unavailable(const std::string& sentence, std::optional<std::chrono::seconds> retry_after = std::nullopt)
        : Error(ErrorKind::unreachable, sentence), retry_after_(retry_after) {}
    /// How long the hub asks to wait.
    std::optional<std::chrono::seconds> retry_after() const { return retry_after_; }

  private:
    std::optional<std::chrono::seconds> retry_after_;
};

/// Throws Cancelled as soon as that is asked for.
void sleep(std::chrono::milliseconds duration, std::stop_token stop);

/// Counts attempts and waits between them.
class Retries {
  public:
    Retries(RetryPolicy policy, std::stop_token stop, std::function<void(const std::string&)> note)
        : policy_(policy), stop_(std::move(stop)), note_(std::move(note)) {}

    /// Waits before the next attempt and says so; throws `reason` if no attempt is left, or if the hub asks to wait
    /// longer than the policy allows. Throws Cancelled.
    void wait_after(const Unavailable& reason);
    /// The last attempt made progress.
    void start_anew() { failed_ = 0; }

  private:
    RetryPolicy policy_;
    std::stop_token stop_;
    std::function<void(const std::string&)> note_;
    int failed_ = 0;
};

/// The result of `attempt`, retried while it throws Unavailable.
template <typename Attempt>
auto with_retries(Retries retries, Attempt&& attempt) {
    for (;;) {
        try {
            return attempt();
        } catch (const Unavailable& reason) {
            retries.wait_after(reason);
        }
    }
}

}  // namespace easel::hub
