#include "cli/output_paths.h"

#include <cctype>
#include <cstddef>
#include <optional>

#include <fmt/format.h>

#include "base/error.h"

namespace easel::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t longest_name = 60;

bool is_continuation_byte(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// Where in a name the number goes, and how many digits it has at least.
struct Placeholder {
    std::size_t begin = 0, end = 0;
    int digits = 1;
};

/// `%d`, `%3d` or `%03d`.
std::optional<Placeholder> find_placeholder(const std::string& name) {
    for (std::size_t begin = name.find('%'); begin != std::string::npos; begin = name.find('%', begin + 1)) {
        std::size_t end = begin + 1;
        while (end < name.size() && std::isdigit(static_cast<unsigned char>(name[end]))) ++end;
        if (end == name.size() || name[end] != 'd' || end - begin > 3) continue;
        const std::string digits = name.substr(begin + 1, end - begin - 1);
        return Placeholder{begin, end + 1, digits.empty() ? 1 : std::stoi(digits)};
    }
    return std::nullopt;
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
    const std::string name = output.filename().string();
    const auto placeholder = find_placeholder(name);
    std::vector<fs::path> paths;
    for (int i = 1; i <= count; ++i) {
        std::string numbered = name;
        if (placeholder)
            numbered.replace(placeholder->begin, placeholder->end - placeholder->begin,
                             fmt::format("{:0{}}", i, placeholder->digits));
        else if (count > 1)
            numbered = fmt::format("{}-{}{}", output.stem().string(), i, output.extension().string());
        paths.push_back(output.parent_path() / numbered);
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

}  // namespace easel::cli
