#include "collection/named_files.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "base/error.h"
#include "text/characters.h"

namespace easel {
namespace fs = std::filesystem;

std::string NamedFolder::looked_at() const {
    return path.empty() ? fmt::format("name the folder to look in with `{}`", field)
                        : fmt::format("`{}` is {}", field, path.string());
}

bool NamedFolder::has_extension(const fs::path& file) const {
    return std::ranges::find(extensions, file.extension()) != extensions.end();
}

std::vector<fs::path> files_in(const NamedFolder& folder) {
    std::vector<fs::path> files;
    if (folder.path.empty()) return files;
    std::error_code error;
    for (fs::recursive_directory_iterator file(folder.path, fs::directory_options::skip_permission_denied, error), end;
         !error && file != end; file.increment(error))
        files.push_back(file->path());
    if (error) fail(ErrorKind::not_found, "`{}` {}: {}", folder.field, folder.path.string(), error.message());
    std::ranges::sort(files);
    return files;
}

std::vector<fs::path> named_files(const NamedFolder& folder) {
    std::vector<fs::path> files = files_in(folder);
    std::set<fs::path> stems;
    std::erase_if(files, [&](const fs::path& path) {
        return !folder.has_extension(path) || !is_utf8(path.stem().string()) || !stems.insert(path.stem()).second;
    });
    return files;
}

std::optional<fs::path> find_by_hash(const NamedFolder& folder, const std::string& digits,
                                     std::string (*hash_of)(const fs::path&)) {
    constexpr std::size_t fewest_digits = 10;
    if (digits.size() < fewest_digits) return std::nullopt;
    const std::vector<fs::path> files = files_in(folder);
    const auto found = std::ranges::find_if(
        files, [&](const fs::path& path) { return folder.has_extension(path) && hash_of(path).starts_with(digits); });
    return found == files.end() ? std::nullopt : std::optional(*found);
}

std::optional<fs::path> find_named(const NamedFolder& folder, const fs::path& name) {
    if (name.empty() || name.has_parent_path()) return std::nullopt;
    const std::vector<fs::path> files = files_in(folder);
    const auto found = std::ranges::find_if(files, [&](const fs::path& path) {
        return path.filename() == name || (path.stem() == name && folder.has_extension(path));
    });
    return found == files.end() ? std::nullopt : std::optional(*found);
}

}  // namespace easel
