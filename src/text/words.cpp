#include "text/words.h"

#include <algorithm>
#include <string_view>

namespace easel {
namespace {

bool starts_with(std::span<const Character> text, std::u32string_view start) {
    return text.size() >= start.size() &&
           std::equal(start.begin(), start.end(), text.begin(), [](char32_t a, Character b) { return a == b.folded; });
}

std::size_t run_length(std::span<const Character> text, CharacterKind kind) {
    const auto end = std::find_if(text.begin(), text.end(), [&](Character c) { return kind_of(c.folded) != kind; });
    return static_cast<std::size_t>(end - text.begin());
}

std::size_t ending_length(std::span<const Character> text) {
    for (const std::u32string_view ending : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"})
        if (starts_with(text, ending)) return ending.size();
    return 0;
}

/// Length of the piece that `text` begins with.
std::size_t word_length(std::span<const Character> text) {
    if (const std::size_t length = ending_length(text)) return length;
    const CharacterKind kind = kind_of(text.front().folded);
    return kind == CharacterKind::number ? 1 : run_length(text, kind);
}

}  // namespace

std::vector<std::span<const Character>> split_words(std::span<const Character> text) {
    std::vector<std::span<const Character>> words;
    const auto take = [&](std::size_t length) {
        if (kind_of(text.front().folded) != CharacterKind::space) words.push_back(text.first(length));
        text = text.subspan(length);
    };
    while (!text.empty()) {
        if (starts_with(text, U"<|endoftext|>") || starts_with(text, U"<|startoftext|>")) {
            // Set apart from the signs around it, but then split like any other text.
            take(2);
            take(run_length(text, CharacterKind::letter));
            take(2);
        } else {
            take(word_length(text));
        }
    }
    return words;
}

}  // namespace easel
