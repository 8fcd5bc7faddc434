#include "settings/path_parts.h"

#include <limits>

#include "base/numbers.h"

namespace easel {

std::vector<std::string> path_parts(std::string_view text) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == ':' || text[i + 1] == '\\');
        if (is_escape)
            parts.back() += text[++i];
        else if (text[i] == ':')
            parts.emplace_back();
        else
            parts.back() += text[i];
    }
    return parts;
}

std::string path_part(const std::filesystem::path& path) {
    std::string text;
    for (const char c : path.string()) {
        if (c == ':' || c == '\\') text += '\\';
        text += c;
    }
    return text;
}

double number_part(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    return number_in<double>(text).value_or(std::numeric_limits<double>::quiet_NaN());
}

std::filesystem::path stored_path(const std::filesystem::path& path) {
    if (!path.is_absolute()) return path;
    return path.has_filename() ? path.filename() : path.parent_path().filename();
}

}  // namespace easel
