#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace easel::cli {

/// Writes to standard error, over a progress bar that may be in the line. If that fails, the text is lost: a report
/// that cannot be shown is no reason to stop the work.
void write_err(std::string_view text);

/// Writes to standard output and flushes it. Throws Error if that fails: a reader would take a part for the whole.
void write_out(std::string_view text);

/// Formats and writes to standard error: what a person who watches should know.
template <typename... Values>
void print_err(fmt::format_string<Values...> format, Values&&... values) {
    write_err(fmt::format(format, std::forward<Values>(values)...));
}

/// Formats and writes to standard output: what was asked for.
template <typename... Values>
void print_out(fmt::format_string<Values...> format, Values&&... values) {
    write_out(fmt::format(format, std::forward<Values>(values)...));
}

/// "note: SENTENCE" as one line to standard error, whatever file names and other texts from outside are in it.
void print_note(std::string_view sentence);

/// Whether a line on standard error can be overwritten: it is a terminal, and not a "dumb" one.
bool has_live_line();

/// Shows `text` in that line, cut to the terminal's width.
void show_live(std::string_view text);

/// "[#####...............]" with `done` of `total` filled.
std::string bar(double done, double total);

/// "45 s", "12 min", "3 h 5 min".
std::string duration_text(double seconds);

}  // namespace easel::cli
