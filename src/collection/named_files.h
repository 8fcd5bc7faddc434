#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// A folder whose files are found by name, and what its setting is called ("lora_dir").
struct NamedFolder {
    std::string_view field;
    std::filesystem::path path;
    /// Of the files that a stem finds.
    std::span<const std::string_view> extensions;

    bool has_extension(const std::filesystem::path& file) const;
    /// For the end of a sentence.
    std::string looked_at() const;
};

/// What is in the folder and below it, by path; nothing where the folder's path is empty. Throws Error when it cannot
/// be read.
std::vector<std::filesystem::path> files_in(const NamedFolder& folder);

/// Those of them that a stem finds, the first of each stem.
std::vector<std::filesystem::path> named_files(const NamedFolder& folder);

/// The first file whose hash, which `hash_of` gives, begins with these digits; none where they are too few to tell
/// files apart.
std::optional<std::filesystem::path> find_by_hash(const NamedFolder& folder, const std::string& digits,
                                                  std::string (*hash_of)(const std::filesystem::path&));

/// The first file of that name, with or without its extension. A name with a folder in it finds none.
std::optional<std::filesystem::path> find_named(const NamedFolder& folder, const std::filesystem::path& name);

}  // namespace easel
