#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// A part of a prompt and how much it counts.
struct WeightedText {
    std::string text;
    double weight = 1.0;
    bool operator==(const WeightedText&) const = default;
    /// Whether the chunk ends here. `(BREAK:1.0)` does that too; in brackets of another weight it is a word.
    bool is_break() const { return weight == -1.0 && text == "BREAK"; }
};

/// A prompt in parts, neighbours of equal weight joined: `(a)` weighs 1.1, `[a]` 1 / 1.1, `(a:1.3)` 1.3, and these
/// multiply; `\(` is a bracket, and a backslash before anything but brackets and backslashes vanishes. Brackets that do
/// not close count up to the end, those that do not open are text. At least one part. Source: parse_prompt_attention()
/// of AUTOMATIC1111's web UI (modules/prompt_parser.py); where that fails, on numbers such as 1.2.3, this reads text.
std::vector<WeightedText> weighted_texts(std::string_view prompt);

/// A part of a prompt that is a prompt of its own, and how much it counts.
using PromptPart = WeightedText;

/// The parts between the words AND: "a cat AND a dog :0.5". A number behind a colon at the end of a part is its weight.
/// At least one part. Source: get_multicond_prompt_list() of the same file.
std::vector<PromptPart> prompt_parts(std::string_view prompt);

/// Whether the web UI reads a prompt as something other than its text, whatever its length.
bool has_webui_syntax(std::string_view prompt);

}  // namespace easel
