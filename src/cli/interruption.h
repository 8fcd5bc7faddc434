#pragma once

#include <atomic>
#include <functional>
#include <stop_token>

#include <easel/easel.h>

namespace easel::cli {

constexpr int interrupted_exit_code = 130;

/// Ends the process at once when a stop is requested while networks are compiled: OpenVINO goes on to its end
/// otherwise, which takes seconds for a large model, and no file is open then.
class CompilationGuard {
  public:
    explicit CompilationGuard(std::stop_token stop);

    /// `callbacks`, which tell this guard too when compilation begins and ends. It must outlive them.
    Callbacks watch(Callbacks callbacks);

  private:
    std::atomic<bool> compiling_ = false;
    std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace easel::cli
