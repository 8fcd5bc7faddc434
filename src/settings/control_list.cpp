#include "settings/control_list.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/lines.h"
#include "settings/path_parts.h"

namespace easel {
namespace {

constexpr double greatest_control_scale = 100.0;

Control control_from_text(std::string_view text) {
    const std::vector<std::string> parts = path_parts(text);
    constexpr std::size_t fewest = 2, most = 5;
    if (parts.size() < fewest || parts.size() > most) return {};
    Control control{.model = parts[0], .file = parts[1]};
    double* const numbers[] = {&control.scale, &control.start, &control.end};
    for (std::size_t i = fewest; i < parts.size(); ++i) *numbers[i - fewest] = number_part(parts[i]);
    return control;
}

std::string text_of(const Control& control) {
    std::string text = fmt::format("{}:{}", path_part(control.model), path_part(control.file));
    const bool has_window = control.start != 0.0 || control.end != 1.0;
    if (control.scale != 1.0 || has_window) text += fmt::format(":{}", control.scale);
    if (has_window) text += fmt::format(":{}:{}", control.start, control.end);
    return text;
}

bool is_sound(const Control& control) {
    // All of these are false for NaN.
    return !control.model.empty() && control.scale >= 0.0 && control.scale <= greatest_control_scale &&
           control.start >= 0.0 && control.start < control.end && control.end <= 1.0;
}

}  // namespace

std::string text_of(const std::vector<Control>& controls) {
    std::vector<std::string> lines;
    for (const Control& control : controls) lines.push_back(text_of(control));
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::vector<Control> controls_from_text(std::string_view text) {
    std::vector<Control> controls;
    for (const std::string_view line : lines_of(text)) controls.push_back(control_from_text(line));
    return controls;
}

std::vector<Control> as_stored(std::vector<Control> controls) {
    for (Control& control : controls)
        for (std::filesystem::path* path : {&control.model, &control.file}) *path = stored_path(*path);
    return controls;
}

bool is_control_list(std::string_view text) { return std::ranges::all_of(controls_from_text(text), is_sound); }

}  // namespace easel
