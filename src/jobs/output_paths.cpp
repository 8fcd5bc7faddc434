#include "jobs/output_paths.h"

#include <cctype>
#include <cstddef>
#include <string>

#include <fmt/format.h>

#include "base/error.h"

namespace easel::jobs {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t longest_name = 60;

bool is_continuation_byte(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// The length of `%d`, `%3d` or `%03d` at the front of `text`; 0 if there is none.
std::size_t place_length(std::string_view text) {
    std::size_t end = 1;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
    return text.starts_with('%') && end <= 3 && end < text.size() && text[end] == 'd' ? end + 1 : 0;
}

struct NumberedName {
    std::string text;
    bool has_number = false;
};

/// The name with the number in place of its first `%d`, and `%` in place of each `%%`.
NumberedName with_number(std::string_view name, int number) {
    NumberedName numbered;
    while (!name.empty()) {
        const std::size_t place = numbered.has_number ? 0 : place_length(name);
        if (name.starts_with("%%")) {
            numbered.text += '%';
            name.remove_prefix(2);
        } else if (place > 0) {
            const std::string digits(name.substr(1, place - 2));
            numbered.text += fmt::format("{:0{}}", number, digits.empty() ? 1 : std::stoi(digits));
            numbered.has_number = true;
            name.remove_prefix(place);
        } else {
            numbered.text += name.front();
            name.remove_prefix(1);
        }
    }
    return numbered;
}

}  // namespace

std::string name_from_prompt(std::string_view prompt) {
    std::string name;
    for (const char c : prompt) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || byte >= 0x80)
            name += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    if (name.size() > longest_name) {
        std::size_t end = longest_name;
        while (end > 0 && is_continuation_byte(name[end])) --end;
        name.resize(end);
    }
    while (name.ends_with('-')) name.pop_back();
    return name.empty() ? "picture" : name;
}

std::vector<fs::path> numbered_paths(const fs::path& output, int count, OutputFile::IfExists if_exists) {
    std::vector<fs::path> paths;
    for (int i = 1; i <= count; ++i) {
        const NumberedName numbered = with_number(output.filename().string(), i);
        fs::path name = numbered.text;
        if (count > 1 && !numbered.has_number)
            name = fmt::format("{}-{}{}", name.stem().string(), i, name.extension().string());
        paths.push_back(output.parent_path() / name);
        check_writable(paths.back(), if_exists);
    }
    return paths;
}

std::vector<fs::path> free_paths(std::string_view prompt, int count) {
    const std::string name = name_from_prompt(prompt);
    std::vector<fs::path> paths;
    for (int number = 1; static_cast<int>(paths.size()) < count; ++number) {
        const fs::path path = number == 1 ? name + ".png" : fmt::format("{}-{}.png", name, number);
        if (!fs::exists(fs::symlink_status(path))) paths.push_back(path);
    }
    check_writable(paths.front(), OutputFile::IfExists::refuse);
    return paths;
}

}  // namespace easel::jobs
