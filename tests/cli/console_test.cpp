// What a person sees on a terminal.

#include "cli/console.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include "base/process.h"

namespace easel::cli {
namespace {

/// A terminal in place of standard error while it lives.
class Terminal {
  public:
    Terminal(unsigned short columns, const char* type) : standard_error_(::dup(STDERR_FILENO)) {
        const winsize size{.ws_row = 24, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
        int slave = -1;
        EXPECT_EQ(::openpty(&master_, &slave, nullptr, nullptr, &size), 0);
        ::dup2(slave, STDERR_FILENO);
        ::close(slave);
        ::setenv("TERM", type, 1);
    }
    ~Terminal() {
        ::dup2(standard_error_, STDERR_FILENO);
        ::close(standard_error_);
        ::close(master_);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    /// What was written since the last call, once it has as many bytes as `expected`: a terminal passes text on in
    /// pieces. Gives up after some seconds.
    std::string shown(std::string_view expected) const {
        constexpr int longest_wait = 5000;  // milliseconds
        std::string text;
        pollfd readable{.fd = master_, .events = POLLIN, .revents = 0};
        while (text.size() < expected.size() && ::poll(&readable, 1, longest_wait) > 0) {
            char piece[4096];
            const ssize_t size = ::read(master_, piece, sizeof piece);
            if (size <= 0) break;
            text.append(piece, static_cast<std::size_t>(size));
        }
        return text;
    }

  private:
    int standard_error_, master_ = -1;
};

TEST(Console, LiveLineIsCutToTheTerminal) {
    const Terminal terminal(20, "xterm");
    ASSERT_TRUE(has_live_line());
    show_live(std::string(200, 'x'));
    const std::string expected = "\r" + std::string(19, 'x') + "\x1b[K";
    EXPECT_EQ(terminal.shown(expected), expected);
}

TEST(Console, OutputReplacesTheLiveLine) {
    const Terminal terminal(80, "xterm");
    print_err("done {}\n", 1);
    const std::string expected = "\r\x1b[Kdone 1\r\n";
    EXPECT_EQ(terminal.shown(expected), expected);
}

TEST(Console, DumbTerminalsGetPlainLines) {
    const Terminal terminal(80, "dumb");
    EXPECT_FALSE(has_live_line());
    print_err("done\n");
    const std::string expected = "done\r\n";
    EXPECT_EQ(terminal.shown(expected), expected);
}

TEST(Console, BarFillsFromNothingToAll) {
    EXPECT_EQ(bar(0, 4), "[" + std::string(30, '.') + "]");
    EXPECT_EQ(bar(2, 4), "[" + std::string(15, '#') + std::string(15, '.') + "]");
    EXPECT_EQ(bar(4, 4), "[" + std::string(30, '#') + "]");
    EXPECT_EQ(bar(0, 0), bar(4, 4)) << "an empty download";
}

TEST(Console, DurationsAreInSecondsMinutesOrHours) {
    EXPECT_EQ(duration_text(0.4), "0 s");
    EXPECT_EQ(duration_text(119), "119 s");
    EXPECT_EQ(duration_text(120), "2 min");
    EXPECT_EQ(duration_text(11000), "3 h 3 min");
}

}  // namespace
}  // namespace easel::cli
