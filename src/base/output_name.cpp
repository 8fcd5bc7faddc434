#include "base/output_name.h"

#include <cerrno>
#include <random>
#include <system_error>

#include "base/error.h"
#include "base/files.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

constexpr int most_links = 40;  // as Linux has it
constexpr int most_tries = 100;
/// Leaves room for the rest of a temporary name within the 255 bytes that file systems allow.
constexpr std::size_t longest_kept = 200;

constexpr std::string_view name_letters = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::size_t random_count = 6;

std::string random_letters(std::size_t count) {
    std::random_device device;
    std::uniform_int_distribution<std::size_t> index(0, name_letters.size() - 1);
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += name_letters[index(device)];
    return text;
}

/// Whether `output` is `input` under some name, or lies in that folder: by name, or through symbolic links.
bool is_read_with(const fs::path& output, const fs::path& input) {
    std::error_code ignored;
    for (fs::path place : {fs::absolute(output, ignored).lexically_normal(), fs::canonical(output, ignored)})
        for (; place.has_relative_path(); place = place.parent_path())
            if (fs::equivalent(place, input, ignored)) return true;
    return false;
}

}  // namespace

fs::path behind_links(const fs::path& path) {
    std::error_code error;
    fs::path target = path;
    for (int links = 0; fs::is_symlink(fs::symlink_status(target, error)); ++links) {
        if (links == most_links) fail_with_system_error(path, "cannot be written", ELOOP);
        target = folder_of(target) / fs::read_symlink(target, error);
        if (error) fail_with_system_error(path, "cannot be written", error.value());
        if (!fs::exists(fs::symlink_status(target, error)))
            fail(ErrorKind::not_found, "{}: is a symbolic link to {}, which does not exist; remove the link",
                 path.string(), target.string());
    }
    return target;
}

std::string_view name_of(fs::file_type type) {
    switch (type) {
        case fs::file_type::regular:
            return "a file";
        case fs::file_type::directory:
            return "a folder";
        case fs::file_type::symlink:
            return "a symbolic link";
        case fs::file_type::fifo:
            return "a pipe";
        case fs::file_type::socket:
            return "a socket";
        case fs::file_type::block:
        case fs::file_type::character:
            return "a device";
        default:
            return "not a regular file";
    }
}

std::string temporary_prefix(const fs::path& path) {
    return "." + path.filename().string().substr(0, longest_kept) + ".";
}

std::optional<std::string> prefix_of_temporary(std::string_view name) {
    if (name.size() < random_count + 3 || !name.starts_with('.')) return std::nullopt;
    const std::size_t end = name.size() - random_count;
    if (name[end - 1] != '.' || name.find_first_not_of(name_letters, end) != name.npos) return std::nullopt;
    return std::string(name.substr(0, end));
}

fs::path make_beside(const fs::path& path, const std::function<bool(const fs::path& name)>& make) {
    for (int tries = 0; tries < most_tries; ++tries) {
        fs::path temporary = folder_of(path) / (temporary_prefix(path) + random_letters(random_count));
        if (make(temporary)) return temporary;
        if (errno != EEXIST) break;
    }
    fail_with_system_error(path, "cannot be created", errno);
}

void check_apart(std::string_view field, const fs::path& output, std::span<const Input> inputs) {
    if (!path_exists(output)) return;
    for (const Input& input : inputs)
        if (!input.path.empty() && is_read_with(output, input.path))
            refuse_value(field, output.string(), "this is also what `{}` reads; give another name", input.field);
}

}  // namespace easel
