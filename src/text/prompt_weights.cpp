#include "text/prompt_weights.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "text/characters.h"

namespace easel {
namespace {

constexpr double round_bracket = 1.1, square_bracket = 1.0 / 1.1;
constexpr std::string_view signs = "\\()[]:";

std::size_t after_spaces(std::string_view text, std::size_t at) {
    while (at < text.size() && kind_of(code_point_at(text, at)) == CharacterKind::space)
        at += utf8_length(code_point_at(text, at));
    return at;
}

std::size_t before_spaces(std::string_view text, std::size_t at) {
    while (at > 0 && kind_of(code_point_before(text, at)) == CharacterKind::space)
        at -= utf8_length(code_point_before(text, at));
    return at;
}

bool stands_alone_as_word(std::string_view text, std::size_t begin, std::size_t end) {
    return !is_word_character(code_point_before(text, begin)) && !is_word_character(code_point_at(text, end));
}

/// Where `word` stands by itself in `text`, from `begin` on; npos if it does not.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t begin) {
    std::size_t at = text.find(word, begin);
    while (at != std::string_view::npos && !stands_alone_as_word(text, at, at + word.size()))
        at = text.find(word, at + 1);
    return at;
}

std::optional<double> decimal(std::string_view digits) {
    if (digits.starts_with('+')) digits.remove_prefix(1);
    double number = 0.0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

/// What closes a bracket: ":1.3)".
struct NumberAndBracket {
    double weight;
    std::size_t end;
};

std::optional<NumberAndBracket> number_and_bracket(std::string_view text, std::size_t colon) {
    const std::size_t begin = after_spaces(text, colon + 1);
    std::size_t end = begin;
    if (end < text.size() && (text[end] == '+' || text[end] == '-')) ++end;
    end = std::min(text.find_first_not_of(".0123456789", end), text.size());
    const std::size_t bracket = after_spaces(text, end);
    if (bracket == text.size() || text[bracket] != ')') return std::nullopt;
    const auto weight = decimal(text.substr(begin, end - begin));
    return weight ? std::optional(NumberAndBracket{*weight, bracket + 1}) : std::nullopt;
}

/// Reads a prompt from left to right.
class WeightReader {
  public:
    explicit WeightReader(std::string_view text) : text_(text) {}

    std::vector<WeightedText> read() {
        for (std::size_t at = 0; at < text_.size();) at = read_at(at);
        for (const std::size_t begin : round_) scale(begin, round_bracket);
        for (const std::size_t begin : square_) scale(begin, square_bracket);
        return joined();
    }

  private:
    /// Where the next one begins.
    std::size_t read_at(std::size_t at) {
        const char c = text_[at];
        if (c == '\\') return read_escape(at);
        if (c == '(' || c == '[') {
            (c == '(' ? round_ : square_).push_back(parts_.size());
            return at + 1;
        }
        if (c == ':' && !round_.empty())
            if (const auto number = number_and_bracket(text_, at)) {
                close(round_, number->weight);
                return number->end;
            }
        if (c == ')' && !round_.empty()) return close(round_, round_bracket), at + 1;
        if (c == ']' && !square_.empty()) return close(square_, square_bracket), at + 1;
        const std::size_t end =
            signs.find(c) == std::string_view::npos ? std::min(text_.find_first_of(signs, at), text_.size()) : at + 1;
        add_text(text_.substr(at, end - at));
        return end;
    }

    std::size_t read_escape(std::size_t at) {
        const bool escapes =
            at + 1 < text_.size() && std::string_view("()[]\\").find(text_[at + 1]) != std::string_view::npos;
        parts_.push_back({.text = escapes ? std::string(1, text_[at + 1]) : std::string()});
        return at + (escapes ? 2 : 1);
    }

    void close(std::vector<std::size_t>& brackets, double factor) {
        scale(brackets.back(), factor);
        brackets.pop_back();
    }

    void scale(std::size_t begin, double factor) {
        for (std::size_t i = begin; i < parts_.size(); ++i) parts_[i].weight *= factor;
    }

    void add_text(std::string_view text) {
        constexpr std::string_view word = "BREAK";
        for (std::size_t at = find_word(text, word, 0); at != std::string_view::npos; at = find_word(text, word, 0)) {
            parts_.push_back({.text = std::string(text.substr(0, before_spaces(text, at)))});
            parts_.push_back({.text = std::string(word), .weight = -1.0});
            text.remove_prefix(after_spaces(text, at + word.size()));
        }
        parts_.push_back({.text = std::string(text)});
    }

    std::vector<WeightedText> joined() {
        std::vector<WeightedText> joined;
        for (WeightedText& part : parts_) {
            if (!joined.empty() && joined.back().weight == part.weight)
                joined.back().text += part.text;
            else
                joined.push_back(std::move(part));
        }
        if (joined.empty()) joined.emplace_back();
        return joined;
    }

    std::string_view text_;
    std::vector<WeightedText> parts_;
    /// How many parts there were when each open bracket came.
    std::vector<std::size_t> round_, square_;
};

/// A number of digits and at most one point, behind a sign or without.
bool is_plain_number(std::string_view text) {
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    return text.find_first_of("0123456789") != std::string_view::npos &&
           text.find_first_not_of(".0123456789") == std::string_view::npos && std::ranges::count(text, '.') <= 1;
}

PromptPart part_of(std::string_view text) {
    text = text.substr(0, before_spaces(text, text.size()));
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return {.text = std::string(text)};
    const std::string_view number = text.substr(after_spaces(text, colon + 1));
    const auto weight = is_plain_number(number) ? decimal(number) : std::nullopt;
    if (!weight) return {.text = std::string(text)};
    return {.text = std::string(text.substr(0, before_spaces(text, colon))), .weight = *weight};
}

}  // namespace

std::vector<WeightedText> weighted_texts(std::string_view prompt) { return WeightReader(prompt).read(); }

std::vector<PromptPart> prompt_parts(std::string_view prompt) {
    constexpr std::string_view word = "AND";
    std::vector<PromptPart> parts;
    std::size_t begin = 0;
    for (std::size_t at = find_word(prompt, word, 0); at != std::string_view::npos;
         at = find_word(prompt, word, begin)) {
        parts.push_back(part_of(prompt.substr(begin, at - begin)));
        begin = at + word.size();
    }
    parts.push_back(part_of(prompt.substr(begin)));
    return parts;
}

bool has_webui_syntax(std::string_view prompt) {
    const std::vector<PromptPart> parts = prompt_parts(prompt);
    if (parts.size() > 1 || parts.front().weight != 1.0) return true;
    // What changes from step to step stands in square brackets, which weigh.
    return weighted_texts(prompt) != std::vector<WeightedText>{{.text = std::string(prompt)}};
}

}  // namespace easel
