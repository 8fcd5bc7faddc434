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

/// Opens standard input, output and error on /dev/null where they are closed, so that no file that is opened later is
/// taken for one of them. To be called first of all.
void open_closed_streams();

/// Lets writing to a closed pipe, or past the allowed size of a file, fail with an error in place of a signal.
void ignore_write_signals();

/// The most memory that this process ever held, in bytes (VmHWM on Linux).
std::uint64_t peak_memory_bytes();

/// The memory that this process holds now and no file backs, in bytes (RssAnon on Linux; 0 if it is not known).
std::uint64_t held_memory_bytes();

/// Gives memory that was freed back to the system, which the allocator else keeps for later.
void return_free_memory();

/// Processor time of all threads so far, user and system.
double cpu_seconds();

/// Whether a person may be watching what is written to standard error.
bool standard_error_is_terminal();

/// The width of the terminal that standard error is, or 80 where that is not known.
int terminal_columns();

/// Where this program's executable lies.
std::filesystem::path executable_path();

/// Throws Error when open_with_viewer() would find no viewer.
void check_viewer();

/// Opens a file with the desktop's viewer for it and does not wait. What that prints goes to standard error.
void open_with_viewer(const std::filesystem::path& path);

}  // namespace easel
