#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace easel {

/// What `path` refers to: itself, or the end of the chain of symbolic links that starts there. Throws Error if the
/// links lead nowhere.
std::filesystem::path behind_links(const std::filesystem::path& path);

/// "a folder", "a pipe", "a device", ...: for a sentence.
std::string_view name_of(std::filesystem::file_type type);

/// Creates something under a temporary name next to `path`, ".NAME.XXXXXX", and returns that name. `make` is called
/// with names until it returns true; otherwise errno says why. Throws Error if it fails for a reason other than EEXIST.
std::filesystem::path make_beside(const std::filesystem::path& path,
                                  const std::function<bool(const std::filesystem::path& name)>& make);

/// What all temporary names next to `path` begin with: ".NAME.". Long names are cut.
std::string temporary_prefix(const std::filesystem::path& path);

/// The prefix of a name that make_beside() may have made; none if it is no such name.
std::optional<std::string> prefix_of_temporary(std::string_view name);

/// A file or folder that is read, and the field that names it.
struct Input {
    std::string field;
    std::filesystem::path path;
};

/// Throws Error if `output`, the value of `field`, is one of the inputs under any name, or a file in a folder that is
/// read. Inputs without a path are skipped.
void check_apart(std::string_view field, const std::filesystem::path& output, std::span<const Input> inputs);

}  // namespace easel
