#include "hub/model_name.h"

#include <algorithm>
#include <array>

namespace easel::hub {
namespace {

constexpr std::size_t longest_part = 96;
constexpr std::size_t longest_path = 1024;
constexpr std::array<std::string_view, 6> weights_endings = {".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf"};

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_name_part(std::string_view part) {
    const auto may_stand = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; };
    const auto is_edge = [](char c) { return c == '-' || c == '.'; };
    return !part.empty() && part.size() <= longest_part && std::ranges::all_of(part, may_stand) &&
           !is_edge(part.front()) && !is_edge(part.back()) && part.find("--") == std::string_view::npos &&
           part.find("..") == std::string_view::npos;
}

bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7f) return true;
        // U+0080 to U+009F in UTF-8
        if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
    }
    return false;
}

}  // namespace

std::string ModelName::id() const { return owner + "/" + name; }

std::string ModelName::text() const { return revision == "main" ? id() : id() + "@" + revision; }

bool is_safe_path(std::string_view path) {
    if (path.empty() || path.size() > longest_path || has_control_character(path) ||
        path.find('\\') != std::string_view::npos)
        return false;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string_view part = path.substr(begin, end - begin);
        if (part.empty() || part == "." || part == "..") return false;
        begin = end + 1;
    }
    return true;
}

bool is_commit(std::string_view text) {
    return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<ModelName> parse_model_name(std::string_view text) {
    ModelName model;
    std::string_view id = text;
    if (const auto at = text.find('@'); at != std::string_view::npos) {
        id = text.substr(0, at);
        model.revision = text.substr(at + 1);
        if (!is_safe_path(model.revision)) return std::nullopt;
    }
    const auto slash = id.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    model.owner = id.substr(0, slash);
    model.name = id.substr(slash + 1);
    if (!is_name_part(model.owner) || !is_name_part(model.name)) return std::nullopt;
    if (std::ranges::any_of(weights_endings, [&](std::string_view ending) { return model.name.ends_with(ending); }))
        return std::nullopt;
    return model;
}

}  // namespace easel::hub
