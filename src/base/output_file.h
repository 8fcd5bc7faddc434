#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace easel {

/// A file that appears under its name only once it is complete: it is written under a temporary name in the same
/// folder, flushed to the disk and renamed. If it is destroyed without commit(), nothing is left. Only regular files
/// are replaced; if `path` is a symbolic link to one, that file is replaced.
class OutputFile {
  public:
    /// What becomes of a file that is there already: it is an error, is replaced, or stays, and what was written is
    /// dropped.
    enum class IfExists { refuse, replace, keep };

    /// Throws Error as check_writable() does.
    explicit OutputFile(std::filesystem::path path, IfExists if_exists = IfExists::replace);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// Throws Error when the disk is full (of kind `no_space`) or fails.
    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

    /// Makes the file appear, and returns whether it did: with IfExists::keep it does not if `path` has been created in
    /// the meantime. Throws Error; with IfExists::refuse also in that case.
    bool commit();

  private:
    bool publish_new();
    void replace();

    /// The name that was given, the file that it refers to through symbolic links, and the temporary name.
    std::filesystem::path path_, target_, temporary_;
    IfExists if_exists_;
    int descriptor_ = -1;
};

/// Throws Error unless a file `path` could be written now: its folder exists, is a folder and is writable, and `path`
/// itself does not exist or, except with IfExists::refuse, is a regular file or a symbolic link to one. To be called
/// before long work begins.
void check_writable(const std::filesystem::path& path, OutputFile::IfExists if_exists);

/// Writes a small file, replacing one that is there. Throws Error as OutputFile does.
void write_text_file(const std::filesystem::path& path, std::string_view text);

}  // namespace easel
