#include "cli/program.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace easel::testing {
namespace fs = std::filesystem;
namespace {

/// Seconds after which a run is killed, by a signal that its exit code shows.
constexpr unsigned longest_run = 120;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double in_seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

std::vector<std::string> environment_of(const Surroundings& surroundings, const fs::path& home) {
    std::map<std::string, std::string> variables;
    for (char** entry = environ; *entry; ++entry) {
        const std::string text = *entry;
        const std::size_t equals = text.find('=');
        if (!text.starts_with("EASEL_")) variables[text.substr(0, equals)] = text.substr(equals + 1);
    }
    variables["HOME"] = variables["XDG_CONFIG_HOME"] = home.string();
    variables["EASEL_HOME"] = fs::absolute("..").lexically_normal().string();
    for (const auto& [name, value] : surroundings.environment) variables[name] = value;

    std::vector<std::string> list;
    for (const auto& [name, value] : variables)
        if (!value.empty()) list.push_back(name + "=" + value);
    return list;
}

/// As execve() takes them.
std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

/// Empty for a stream that was redirected.
std::string read_if_there(const fs::path& path) { return fs::exists(path) ? read_file(path) : std::string(); }

void redirect(int descriptor, const char* path, int how = O_WRONLY | O_CREAT | O_APPEND) {
    const int file = ::open(path, how, 0600);
    if (file < 0 || ::dup2(file, descriptor) < 0) ::_exit(127);
}

}  // namespace

Program::Program(const fs::path& folder, const std::vector<std::string>& arguments, const Surroundings& surroundings)
    : begin_(now()) {
    std::vector<std::string> words = arguments;
    words.insert(words.begin(), EASEL_PROGRAM);
    std::vector<std::string> variables = environment_of(surroundings, scratch_.path());
    const std::vector<char*> argv = pointers(words), envp = pointers(variables);
    const std::string out = surroundings.out.empty() ? (scratch_ / "out").string() : surroundings.out;
    const std::string err = surroundings.err.empty() ? (scratch_ / "err").string() : surroundings.err;

    process_ = ::fork();
    if (process_ != 0) return;
    if (!surroundings.in.empty()) redirect(STDIN_FILENO, surroundings.in.c_str(), O_RDONLY);
    redirect(STDOUT_FILENO, out.c_str());
    redirect(STDERR_FILENO, err.c_str());
    if (surroundings.largest_file) {
        const rlimit limit{*surroundings.largest_file, *surroundings.largest_file};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(127);
    }
    ::alarm(longest_run);
    if (::chdir(folder.c_str()) != 0) ::_exit(127);
    ::execve(argv.front(), argv.data(), envp.data());
    ::_exit(127);
}

Program::~Program() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

bool Program::wait_for(const std::string& text) const {
    for (siginfo_t ended{}; ended.si_pid == 0;
         ::waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT)) {
        for (const char* stream : {"err", "out"})
            if (read_file(scratch_ / stream).find(text) != std::string::npos) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
}

void Program::send(int signal) const { ::kill(process_, signal); }

double Program::seconds() const { return now() - begin_; }

Ended Program::end() {
    int status = 0;
    rusage used{};
    ::wait4(process_, &status, 0, &used);
    process_ = -1;
    return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
            .out = read_if_there(scratch_ / "out"),
            .err = read_if_there(scratch_ / "err"),
            .seconds = seconds(),
            .cpu_seconds = in_seconds(used.ru_utime) + in_seconds(used.ru_stime)};
}

Ended easel(const fs::path& folder, const std::vector<std::string>& arguments, const Surroundings& surroundings) {
    return Program(folder, arguments, surroundings).end();
}

std::vector<std::string> ProgramTest::files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder.path())) names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
}

std::string golden(const std::string& name) { return fs::absolute("golden/" + name).string(); }

std::string tiny_model() { return golden("tiny/diffusers"); }

void link_tiny_model(const fs::path& folder) {
    for (const auto& entry : fs::recursive_directory_iterator(tiny_model())) {
        const fs::path link = folder / entry.path().lexically_relative(tiny_model());
        if (entry.is_directory()) {
            fs::create_directories(link);
        } else {
            fs::create_directories(link.parent_path());
            fs::create_symlink(entry.path(), link);
        }
    }
}

void expect_refused(const Ended& run, int exit_code, const std::vector<std::string>& parts) {
    EXPECT_EQ(run.exit_code, exit_code);
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(run.err.starts_with(fs::path(EASEL_PROGRAM).filename().string() + ": ")) << run.err;
    EXPECT_EQ(std::ranges::count(run.err, '\n'), 1) << run.err;
    EXPECT_LT(run.err.size(), 500u);
    expect_says(run.err, parts);
}

}  // namespace easel::testing
