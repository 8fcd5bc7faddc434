#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace easel {

/// While it exists, turns SIGINT and SIGTERM into a stop request; a second one ends the process at once with exit code
/// 130. Threads that it is older than inherit that these signals are blocked; in older ones a handler passes them on.
class InterruptWatch {
  public:
    explicit InterruptWatch(std::stop_source stop);
    ~InterruptWatch();
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;

  private:
    std::thread thread_;
};

/// Opens standard input, output and error on /dev/null if they are closed, so that no file that is opened later is
/// taken for one of them. To be called first.
void open_closed_streams();

/// Makes writing to a closed pipe, or past the allowed size of a file, fail with an error instead of a signal.
void ignore_write_signals();

/// The most memory that this process has held so far, in bytes (VmHWM on Linux).
std::uint64_t peak_memory_bytes();

/// The memory that this process holds now and that no file backs, in bytes (RssAnon on Linux; 0 if unknown).
std::uint64_t held_memory_bytes();

/// All memory that this process holds now, in bytes (VmRSS on Linux; 0 if it is not known).
std::uint64_t resident_memory_bytes();

/// Of the whole machine, in bytes; 0 where it is not known.
struct MachineMemory {
    std::uint64_t total = 0;
    /// What could be had without swapping.
    std::uint64_t available = 0;
};
MachineMemory machine_memory();

/// Returns freed memory to the system, which the allocator would otherwise keep.
void return_free_memory();

/// Processor time of all threads so far, user and system, in seconds.
double cpu_seconds();

/// Whether a person may be watching what is written to standard error.
bool standard_error_is_terminal();

/// The width in columns of the terminal at standard error, or 80 if unknown.
int terminal_columns();

/// The path of this program's executable.
std::filesystem::path executable_path();

/// Runs another program with `arguments` and waits for its end; all that it prints goes to standard error. When `stop`
/// is requested, it is asked to end too (SIGTERM). Returns its exit code, or 128 and the number of the signal that
/// ended it. Throws Error when it cannot be run.
int run_program(const std::filesystem::path& program, std::vector<std::string> arguments, std::stop_token stop);

/// Turns this process into another program. Returns only to throw Error when it cannot be run.
[[noreturn]] void become_program(const std::filesystem::path& program, std::vector<std::string> arguments);

/// Throws Error when open_with_viewer() would find no viewer.
void check_viewer();

/// Opens a file with the desktop's viewer and does not wait. What the viewer prints goes to standard error.
void open_with_viewer(const std::filesystem::path& path);

}  // namespace easel
