#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace easel {

/// What `path` means: itself, or what is at the end of the symbolic links that it begins. Throws Error when the links
/// lead nowhere.
std::filesystem::path behind_links(const std::filesystem::path& path);

/// "a folder", "a pipe", "a device", ...: for a sentence.
std::string_view name_of(std::filesystem::file_type type);

/// Makes something under a temporary name beside `path`, ".NAME.XXXXXX", and gives that name. `make` is called with
/// names until it is true; errno then says why not. Throws Error when it fails for another reason than EEXIST.
std::filesystem::path make_beside(const std::filesystem::path& path,
                                  const std::function<bool(const std::filesystem::path& name)>& make);

/// A file or folder that is read, and the field that names it.
struct Input {
    std::string field;
    std::filesystem::path path;
};

/// Throws Error when `output`, the value of `field`, is one of the inputs under whatever name, or a file in a folder
/// that is read. Inputs without a path are passed over.
void check_apart(std::string_view field, const std::filesystem::path& output, std::span<const Input> inputs);

}  // namespace easel
