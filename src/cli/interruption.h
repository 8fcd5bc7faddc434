#pragma once

#include <memory>
#include <stop_token>
#include <utility>

namespace easel::cli {

/// An open engine or model. It is not destroyed if the command was interrupted: its destructor would wait for a network
/// that is still being compiled, some seconds for a large one, and the process ends anyway.
template <typename Opened>
class UntilInterrupted {
  public:
    template <typename... Arguments>
    explicit UntilInterrupted(std::stop_token stop, Arguments&&... arguments)
        : stop_(std::move(stop)), opened_(std::make_unique<Opened>(std::forward<Arguments>(arguments)...)) {}
    ~UntilInterrupted() {
        if (stop_.stop_requested()) static_cast<void>(opened_.release());
    }
    UntilInterrupted(const UntilInterrupted&) = delete;
    UntilInterrupted& operator=(const UntilInterrupted&) = delete;

    Opened& operator*() { return *opened_; }

  private:
    std::stop_token stop_;
    std::unique_ptr<Opened> opened_;
};

}  // namespace easel::cli
