#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <thread>

namespace easel {

/// While it lives, turns SIGINT and SIGTERM into a stop request; a second one ends the process at once with exit code
/// 130. Make it before any other thread is started: they inherit that the signals are not theirs.
class InterruptWatch {
  public:
    explicit InterruptWatch(std::stop_source stop);
    ~InterruptWatch();
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;

  private:
    std::thread thread_;
};

/// Lets writing to a closed pipe, or past the allowed size of a file, fail with an error in place of a signal.
void ignore_write_signals();

/// The most memory that this process ever held, in bytes (VmHWM on Linux).
std::uint64_t peak_memory_bytes();

/// Processor time of all threads so far, user and system.
double cpu_seconds();

/// Whether a person may be watching what is written to standard error.
bool standard_error_is_terminal();

/// Where this program's executable lies.
std::filesystem::path executable_path();

/// Opens a file with the desktop's viewer for it and does not wait. Throws Error when there is none.
void open_with_viewer(const std::filesystem::path& path);

}  // namespace easel
