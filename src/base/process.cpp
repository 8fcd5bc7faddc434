#include "base/process.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <pthread.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/files.h"

extern char** environ;

namespace easel {
namespace {

#ifdef __APPLE__
constexpr const char* viewer = "open";
#else
constexpr const char* viewer = "xdg-open";
#endif

constexpr int interrupted_exit_code = 130;
/// Ends the watching thread.
constexpr int end_of_watch = SIGUSR1;

sigset_t watched_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, end_of_watch}) sigaddset(&set, signal);
    return set;
}

/// The thread that watches, for the signal handler, which can be told nothing else.
std::atomic<pthread_t> watcher;

/// Runs in a thread that does not block the signals, because it is older than the watch: some libraries start threads
/// as they are loaded.
void pass_on(int signal) { pthread_kill(watcher, signal); }

auto handler_of(int signal) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    return action.sa_handler;
}

void watch(std::stop_source stop) {
    const sigset_t set = watched_signals();
    for (int signal = 0; sigwait(&set, &signal) == 0 && signal != end_of_watch;)
        if (!stop.request_stop()) ::_exit(interrupted_exit_code);
}

/// An entry of a file such as /proc/self/status, in bytes.
std::optional<std::uint64_t> memory_status(std::string_view entry, const char* path = "/proc/self/status") {
    std::ifstream status(path);
    for (std::string word; status >> word;) {
        std::uint64_t kilobytes = 0;
        if (word == entry && status >> kilobytes) return kilobytes * 1024;
    }
    return std::nullopt;
}

/// What execve() and its kin take. Refers to the texts.
std::vector<char*> argument_vector(std::string& program, std::vector<std::string>& arguments) {
    std::vector<char*> vector = {program.data()};
    for (std::string& argument : arguments) vector.push_back(argument.data());
    vector.push_back(nullptr);
    return vector;
}

/// Attributes of a program that is started: it receives the signals that this process blocks or ignores.
class OwnSignals {
  public:
    OwnSignals() {
        sigset_t none, defaults;
        sigemptyset(&none);
        sigemptyset(&defaults);
        for (const int signal : {SIGPIPE, SIGXFSZ}) sigaddset(&defaults, signal);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &defaults);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }
    ~OwnSignals() { posix_spawnattr_destroy(&attributes_); }
    OwnSignals(const OwnSignals&) = delete;
    OwnSignals& operator=(const OwnSignals&) = delete;
    const posix_spawnattr_t* get() const { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

/// Keeps what a started program prints out of our standard output.
class OutputToError {
  public:
    OutputToError() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_adddup2(&actions_, STDERR_FILENO, STDOUT_FILENO);
    }
    ~OutputToError() { posix_spawn_file_actions_destroy(&actions_); }
    OutputToError(const OutputToError&) = delete;
    OutputToError& operator=(const OutputToError&) = delete;
    const posix_spawn_file_actions_t* get() const { return &actions_; }

  private:
    posix_spawn_file_actions_t actions_{};
};

}  // namespace

InterruptWatch::InterruptWatch(std::stop_source stop) {
    const sigset_t set = watched_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    thread_ = std::thread(watch, std::move(stop));
    watcher = thread_.native_handle();
    struct sigaction action {};
    action.sa_handler = pass_on;
    action.sa_flags = SA_RESTART;
    // A shell starts what it runs in the background with SIGINT ignored, which must stay so.
    for (const int signal : {SIGINT, SIGTERM})
        if (handler_of(signal) != SIG_IGN) sigaction(signal, &action, nullptr);
}

InterruptWatch::~InterruptWatch() {
    for (const int signal : {SIGINT, SIGTERM})
        if (handler_of(signal) == pass_on) std::signal(signal, SIG_DFL);
    pthread_kill(thread_.native_handle(), end_of_watch);
    thread_.join();
}

void ignore_write_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

std::uint64_t peak_memory_bytes() {
    if (const auto bytes = memory_status("VmHWM:")) return *bytes;
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::uint64_t held_memory_bytes() { return memory_status("RssAnon:").value_or(0); }

std::uint64_t resident_memory_bytes() { return memory_status("VmRSS:").value_or(0); }

MachineMemory machine_memory() {
    constexpr const char* path = "/proc/meminfo";
    return {.total = memory_status("MemTotal:", path).value_or(0),
            .available = memory_status("MemAvailable:", path).value_or(0)};
}

void return_free_memory() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void open_closed_streams() {
    int descriptor = 0;
    do {
        descriptor = ::open("/dev/null", O_RDWR);
    } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor > STDERR_FILENO) ::close(descriptor);
}

int terminal_columns() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool standard_error_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::filesystem::path executable_path() {
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

int run_program(const std::filesystem::path& program, std::vector<std::string> arguments, std::stop_token stop) {
    std::string name = program.string();
    const std::vector<char*> vector = argument_vector(name, arguments);
    const OwnSignals signals;
    const OutputToError streams;
    pid_t child = 0;
    if (const int failed = ::posix_spawn(&child, name.c_str(), streams.get(), signals.get(), vector.data(), environ))
        fail_with_system_error(program, "cannot be run", failed);
    int status = 0;
    {
        // Destroyed, and so no longer running, before the child's number may be another's.
        const std::stop_callback end(stop, [child] { ::kill(child, SIGTERM); });
        siginfo_t ended{};
        while (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) continue;
    }
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void become_program(const std::filesystem::path& program, std::vector<std::string> arguments) {
    std::string name = program.string();
    const std::vector<char*> vector = argument_vector(name, arguments);
    for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    ::execv(name.c_str(), vector.data());
    fail_with_system_error(program, "cannot be run", errno);
}

void check_viewer() {
    const char* const folders = std::getenv("PATH");
    std::istringstream list(folders ? folders : "");
    for (std::string folder; std::getline(list, folder, ':');)
        if (::access((std::filesystem::path(folder) / viewer).c_str(), X_OK) == 0) return;
    fail(ErrorKind::not_found, "`show`: {}, which opens pictures, is not installed; Debian's package xdg-utils has it",
         viewer);
}

void open_with_viewer(const std::filesystem::path& path) {
    std::string program = viewer, argument = std::filesystem::absolute(path).string();
    char* const arguments[] = {program.data(), argument.data(), nullptr};

    const OwnSignals signals;
    const OutputToError streams;

    pid_t child = 0;
    const int failed = ::posix_spawnp(&child, viewer, streams.get(), signals.get(), arguments, environ);
    if (failed != 0)
        fail("{}: cannot be shown because {} cannot be run ({})", argument, viewer, system_error_text(failed));
}

}  // namespace easel
