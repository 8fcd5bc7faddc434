#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include <easel/error.h>

#include "hub/options.h"

namespace easel::hub {

/// What a download throws when the stop token was used. What was downloaded so far stays in the cache.
inline Cancelled stopped() {
    return Cancelled("stopped; what is downloaded is kept, and the same command goes on from there");
}

/// The hub could not be reached, or cannot answer now: trying again may help.
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

    /// Waits before the next attempt and says so; throws `reason` when there is none left, or when the hub asks for
    /// more patience than the policy has. Throws Cancelled.
    void wait_after(const Unavailable& reason);
    /// The last attempt got somewhere.
    void start_anew() { failed_ = 0; }

  private:
    RetryPolicy policy_;
    std::stop_token stop_;
    std::function<void(const std::string&)> note_;
    int failed_ = 0;
};

/// What `attempt` gives, tried again while it throws Unavailable.
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
