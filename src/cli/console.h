#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace easel::cli {

/// Writes to standard error, in place of a bar that may stand in the line. Where that fails the text is lost: what
/// cannot be told is no reason to stop the work.
void write_err(std::string_view text);

/// Writes to standard output at once. Throws Error when that fails: what reads it would take a part for the whole.
void write_out(std::string_view text);

/// A formatted line, or several, for the person who watches: on standard error.
template <typename... Values>
void tell(fmt::format_string<Values...> format, Values&&... values) {
    write_err(fmt::format(format, std::forward<Values>(values)...));
}

/// A formatted line, or several, of what was asked for: on standard output.
template <typename... Values>
void give(fmt::format_string<Values...> format, Values&&... values) {
    write_out(fmt::format(format, std::forward<Values>(values)...));
}

/// Whether a line on standard error can be written again and again: a terminal that is not a "dumb" one.
bool has_live_line();

/// Shows `text` in the live line, cut to the terminal's width.
void show_live(std::string_view text);

/// "[#####...............]" with `done` of `total` filled.
std::string bar(double done, double total);

/// "45 s", "12 min", "3 h 5 min".
std::string duration_text(double seconds);

}  // namespace easel::cli
