#include "cli/console.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/process.h"
#include "base/quoted.h"

namespace easel::cli {
namespace {

constexpr int bar_width = 30;
/// Moves to the beginning of the line and clears it.
constexpr std::string_view cleared_line = "\r\x1b[K";

bool write(std::FILE* file, std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), file) == text.size();
}

}  // namespace

void write_err(std::string_view text) {
    if (has_live_line()) write(stderr, cleared_line);
    write(stderr, text);
    std::fflush(stderr);
}

void print_note(std::string_view sentence) { print_err("note: {}\n", on_one_line(sentence)); }

void write_out(std::string_view text) {
    if (!write(stdout, text) || std::fflush(stdout) != 0)
        fail("standard output: cannot be written ({})", system_error_text(errno));
}

bool has_live_line() {
    const char* const terminal = std::getenv("TERM");
    return standard_error_is_terminal() && terminal && std::string_view(terminal) != "dumb";
}

void show_live(std::string_view text) {
    // The last column stays empty: a character there makes some terminals go to the next line.
    const auto room = static_cast<std::size_t>(std::max(1, terminal_columns() - 1));
    write(stderr, "\r");
    write(stderr, text.substr(0, room));
    write(stderr, "\x1b[K");
    std::fflush(stderr);
}

std::string bar(double done, double total) {
    const int filled = total > 0 ? static_cast<int>(bar_width * std::clamp(done / total, 0.0, 1.0)) : bar_width;
    return fmt::format("[{:#<{}}{:.<{}}]", "", filled, "", bar_width - filled);
}

std::string duration_text(double seconds) {
    if (seconds < 120.0) return fmt::format("{:.0f} s", seconds);
    const auto minutes = static_cast<long long>(seconds / 60.0 + 0.5);
    if (minutes < 120) return fmt::format("{} min", minutes);
    return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

}  // namespace easel::cli
