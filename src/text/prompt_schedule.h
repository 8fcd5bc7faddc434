#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// A text and the last step, counted from 1, that it is for.
struct ScheduledText {
    int last_step = 0;
    std::string text;
    bool operator==(const ScheduledText&) const = default;
};

/// What a prompt is at each step.
struct PromptSchedule {
    /// At least one, in their order.
    std::vector<ScheduledText> texts;
    /// Whether a `|` outside of brackets, or a backslash at the end of a line, made the whole prompt unscheduled.
    bool is_unreadable = false;
};

/// Prompt editing and alternation: `[from:to:when]`, `[to:when]`, `[from::when]`, `[a|b|c]`. `when` with a point is a
/// part of the steps, else a step. Brackets that are none of these stay as they are, with their weights. Source:
/// get_learned_conditioning_prompt_schedules() of AUTOMATIC1111's web UI (modules/prompt_parser.py).
PromptSchedule prompt_schedule(std::string_view prompt, int steps);

/// The same for the second pass of a picture, whose first pass had `first_steps`: a step counts on from those, and a
/// part of the steps goes from 1 to 2.
PromptSchedule prompt_schedule_of_second_pass(std::string_view prompt, int steps, int first_steps);

/// The index of the text for a step, from the last steps of all texts; the first one beyond the last step.
std::size_t text_at(std::span<const int> last_steps, int step);

}  // namespace easel
