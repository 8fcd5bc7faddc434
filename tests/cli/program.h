#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "support/files.h"

namespace easel::testing {

/// Exit codes.
inline constexpr int failure = 1;
inline constexpr int usage = 2;

/// Within so many seconds of processor time, which is what a person waits on an idle machine, a bad call is refused.
inline constexpr double soon = 1.0;

/// How a run of the program ended.
struct Ended {
    /// 128 + the signal's number where a signal ended it.
    int exit_code = -1;
    std::string out, err;
    double seconds = 0.0;
    /// Of all its threads; unlike `seconds` hardly dependent on what else the machine does.
    double cpu_seconds = 0.0;
};

struct Surroundings {
    /// Added to the environment, or removed where empty.
    std::map<std::string, std::string> environment;
    /// RLIMIT_FSIZE, in bytes.
    std::optional<std::size_t> largest_file;
    /// Where standard output and error go to in place of Ended::out and err.
    std::string out, err;
    /// Where standard input comes from; empty: the tests' own.
    std::string in;
};

/// The program `easel`, started in a folder. The tests' own settings (EASEL_MODEL, the configuration file) are kept
/// from it; the model that ships is the one of this source tree.
class Program {
  public:
    Program(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
            const Surroundings& surroundings = {});
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Waits until `text` was written to standard output or error; false when the program ends without.
    bool wait_for(const std::string& text) const;
    void send(int signal) const;
    /// Since its start.
    double seconds() const;
    /// Waits for its end.
    Ended end();

  private:
    TemporaryFolder scratch_;
    double begin_;
    pid_t process_ = -1;
};

/// Runs the program to its end.
Ended easel(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
            const Surroundings& surroundings = {});

/// A test with a folder of its own in which the program runs.
class ProgramTest : public ::testing::Test {
  protected:
    Ended easel(const std::vector<std::string>& arguments, const Surroundings& surroundings = {}) const {
        return testing::easel(folder.path(), arguments, surroundings);
    }
    /// The names of what lies in the folder, sorted.
    std::vector<std::string> files() const;

    TemporaryFolder folder;
};

/// The small model of the tests, of random weights: 64x64 pixels in a few milliseconds a step.
std::string tiny_model();
/// tests/golden/<name> from the root of the file system.
std::string golden(const std::string& name);
/// Makes `folder` a copy of tiny_model() of symbolic links, which a test may replace.
void link_tiny_model(const std::filesystem::path& folder);

/// Expects this exit code and one line on standard error: a sentence with all `parts`.
void expect_refused(const Ended& run, int exit_code, const std::vector<std::string>& parts);

}  // namespace easel::testing
