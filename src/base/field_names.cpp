#include "base/field_names.h"

#include <algorithm>

namespace easel {
namespace {

bool is_field(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

}  // namespace

std::string with_field_names(std::string_view sentence,
                             const std::function<std::optional<std::string>(std::string_view field)>& name_of) {
    std::string named;
    while (!sentence.empty()) {
        const std::size_t open = sentence.find('`');
        const std::size_t close = open == std::string_view::npos ? open : sentence.find('`', open + 1);
        if (close == std::string_view::npos) break;
        const std::string_view between = sentence.substr(open + 1, close - open - 1);
        const auto name = is_field(between) ? name_of(between) : std::nullopt;
        // Text in backquotes that is not a field may end where a field begins.
        const std::size_t taken = name ? close + 1 : close;
        named += sentence.substr(0, name ? open : taken);
        if (name) named += *name;
        sentence.remove_prefix(taken);
    }
    return named.append(sentence);
}

}  // namespace easel
