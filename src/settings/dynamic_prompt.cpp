#include "settings/dynamic_prompt.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/files.h"
#include "base/lines.h"
#include "base/numbers.h"
#include "base/random.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

constexpr int most_levels = 32;
constexpr std::size_t most_characters = 1'000'000;
constexpr std::string_view mark = "__", count_mark = "$$", weight_mark = "::";

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const std::size_t begin = std::min(text.find_first_not_of(spaces), text.size());
    return text.substr(begin, text.find_last_not_of(spaces) + 1 - begin);
}

/// Where the brace that opens at `begin` is closed.
std::optional<std::size_t> closing_brace(std::string_view text, std::size_t begin) {
    int depth = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
        if (text[i] == '{') ++depth;
        if (text[i] == '}' && --depth == 0) return i;
    }
    return std::nullopt;
}

/// The parts between bars that stand in no inner braces.
std::vector<std::string_view> alternatives(std::string_view text) {
    std::vector<std::string_view> parts;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
        if (text[i] != '|' || depth != 0) continue;
        parts.push_back(text.substr(begin, i - begin));
        begin = i + 1;
    }
    parts.push_back(text.substr(begin));
    return parts;
}

struct Option {
    std::string_view text;
    double weight = 1.0;
};

/// "3::red"
Option option_of(std::string_view text) {
    const std::size_t at = text.find(weight_mark);
    if (at == std::string_view::npos) return {text};
    const auto weight = number_in<double>(trimmed(text.substr(0, at)));
    if (!weight || !(*weight >= 0.0)) return {text};
    return {text.substr(at + weight_mark.size()), *weight};
}

/// How many options are taken, and what stands between them.
struct Count {
    std::size_t least = 1, most = 1;
    std::string_view between = ", ";
};

/// "2", "1-3", "-3" (1 to 3) or "2-" (2 to all).
std::optional<Count> count_of(std::string_view text, std::size_t all) {
    text = trimmed(text);
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) {
        const auto count = number_in<std::size_t>(text);
        return count ? std::optional<Count>({std::min(*count, all), std::min(*count, all)}) : std::nullopt;
    }
    const std::string_view first = text.substr(0, dash), last = text.substr(dash + 1);
    const auto least = first.empty() ? std::optional<std::size_t>(1) : number_in<std::size_t>(first);
    const auto most = last.empty() ? std::optional(all) : number_in<std::size_t>(last);
    if (!least || !most || *least > *most) return std::nullopt;
    return Count{std::min(*least, all), std::min(*most, all)};
}

/// What stands in braces.
struct PromptChoice {
    std::vector<Option> options;
    Count count;
};

/// None if it is text.
std::optional<PromptChoice> choice_of(std::string_view inside) {
    const std::size_t first = inside.find(count_mark);
    const bool is_counted = first != std::string_view::npos && count_of(inside.substr(0, first), most_characters);
    std::string_view rest = is_counted ? inside.substr(first + count_mark.size()) : inside;
    std::optional<std::string_view> between;
    if (const std::size_t second = rest.find(count_mark); is_counted && second != std::string_view::npos) {
        between = rest.substr(0, second);
        rest = rest.substr(second + count_mark.size());
    }
    PromptChoice choice;
    for (const std::string_view part : alternatives(rest)) choice.options.push_back(option_of(part));
    if (!is_counted && choice.options.size() < 2) return std::nullopt;
    if (is_counted) choice.count = count_of(inside.substr(0, first), choice.options.size()).value_or(Count());
    if (between) choice.count.between = *between;
    return choice;
}

/// The end of the name of a wildcard that begins at `begin`, where "__" stands.
std::optional<std::size_t> wildcard_end(std::string_view text, std::size_t begin) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./* ";
    const std::size_t end = text.find(mark, begin + mark.size());
    if (end == std::string_view::npos || end == begin + mark.size()) return std::nullopt;
    const std::string_view name = text.substr(begin + mark.size(), end - begin - mark.size());
    if (name.find_first_not_of(allowed) != std::string_view::npos) return std::nullopt;
    if (name.front() == ' ' || name.back() == ' ') return std::nullopt;
    return end;
}

/// Whether * in the pattern can stand for what makes it the name.
bool matches(std::string_view pattern, std::string_view name) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    if (!name.starts_with(pattern.substr(0, star))) return false;
    for (std::size_t i = star; i <= name.size(); ++i)
        if (matches(pattern.substr(star + 1), name.substr(i))) return true;
    return false;
}

class Chooser {
  public:
    Chooser(std::uint64_t seed, const fs::path& wildcards)
        : random_(static_cast<std::uint32_t>(seed)), wildcards_(wildcards) {}

    std::string chosen(std::string_view text, int level = 0) {
        if (level > most_levels) refuse("prompt", "its choices hold others more than {} times", most_levels);
        std::string result;
        for (std::size_t i = 0; i < text.size();) {
            if (text[i] == '{')
                i = add_choice(text, i, level, result);
            else if (text.substr(i).starts_with(mark))
                i = add_wildcard(text, i, level, result);
            else
                result += text[i++];
            if (result.size() > most_characters)
                refuse("prompt", "its choices make more than {} characters", most_characters);
        }
        return result;
    }

  private:
    /// Returns where the text goes on.
    std::size_t add_choice(std::string_view text, std::size_t begin, int level, std::string& result) {
        const auto end = closing_brace(text, begin);
        if (!end) {
            result += text[begin];
            return begin + 1;
        }
        const std::string_view inside = text.substr(begin + 1, *end - begin - 1);
        if (auto choice = choice_of(inside))
            result += made(std::move(*choice), level);
        else
            result += fmt::format("{{{}}}", chosen(inside, level + 1));
        return *end + 1;
    }

    std::size_t add_wildcard(std::string_view text, std::size_t begin, int level, std::string& result) {
        const auto end = wildcard_end(text, begin);
        if (!end || wildcards_.empty()) {
            result += mark;
            return begin + mark.size();
        }
        const std::string_view name = text.substr(begin + mark.size(), *end - begin - mark.size());
        const std::vector<std::string> lines = lines_of_wildcard(name);
        PromptChoice choice;
        for (const std::string& line : lines) choice.options.push_back(option_of(line));
        result += made(std::move(choice), level);
        return *end + mark.size();
    }

    std::string made(PromptChoice choice, int level) {
        const auto [least, most, between] = choice.count;
        const std::size_t count =
            least + std::min(static_cast<std::size_t>(uniform() * static_cast<double>(most - least + 1)), most - least);
        std::vector<std::string> taken;
        while (taken.size() < count && !choice.options.empty()) {
            const std::size_t index = drawn(choice.options);
            const std::string text = chosen(choice.options[index].text, level + 1);
            taken.emplace_back(count > 1 ? trimmed(text) : text);
            choice.options.erase(choice.options.begin() + static_cast<std::ptrdiff_t>(index));
        }
        return fmt::format("{}", fmt::join(taken, between));
    }

    std::size_t drawn(const std::vector<Option>& options) {
        double sum = 0.0;
        for (const Option& option : options) sum += option.weight;
        double left = uniform() * sum;
        for (std::size_t i = 0; i < options.size(); ++i)
            if ((left -= options[i].weight) < 0.0) return i;
        return options.size() - 1;
    }

    double uniform() { return random_.next() / 4294967296.0; }

    std::vector<std::string> lines_of_wildcard(std::string_view name) {
        std::vector<std::string> lines;
        bool is_found = false;
        for (const auto& [own_name, path] : files()) {
            if (!matches(name, own_name)) continue;
            is_found = true;
            const std::string file = read_text_file(path);
            for (const std::string_view line : lines_of(file))
                if (const auto words = trimmed(line); !words.empty() && !words.starts_with('#'))
                    lines.emplace_back(words);
        }
        if (!is_found)
            refuse_value("prompt", fmt::format("__{}__", name), "there is no {}",
                         (wildcards_ / fmt::format("{}.txt", name)).string());
        if (lines.empty()) refuse_value("prompt", fmt::format("__{}__", name), "its file has no lines to choose from");
        return lines;
    }

    /// Names without their extension, in their order.
    const std::vector<std::pair<std::string, fs::path>>& files() {
        if (!files_) {
            files_.emplace();
            std::error_code error;
            for (fs::recursive_directory_iterator entry(wildcards_, error), end; !error && entry != end;
                 entry.increment(error)) {
                const fs::path& path = entry->path();
                if (path.extension() != ".txt") continue;
                files_->emplace_back(fs::path(path).replace_extension().lexically_relative(wildcards_).generic_string(),
                                     path);
            }
            if (error)
                fail(ErrorKind::not_found, "`wildcard_dir` {}: cannot be read ({})", wildcards_.string(),
                     error.message());
            std::ranges::sort(*files_);
        }
        return *files_;
    }

    MersenneTwister random_;
    const fs::path& wildcards_;
    std::optional<std::vector<std::pair<std::string, fs::path>>> files_;
};

}  // namespace

bool has_choices(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '{')
            if (const auto end = closing_brace(text, i); end && choice_of(text.substr(i + 1, *end - i - 1)))
                return true;
        if (text.substr(i).starts_with(mark) && wildcard_end(text, i)) return true;
    }
    return false;
}

void make_choices(std::span<std::string* const> texts, std::uint64_t seed, const fs::path& wildcards) {
    Chooser chooser(seed, wildcards);
    for (std::string* const text : texts)
        if (has_choices(*text)) *text = chooser.chosen(*text);
}

}  // namespace easel
