#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace easel {

/// A file that appears under its name only when it is whole: written under a temporary name in the same folder,
/// flushed to the disk, renamed. Destroyed without commit() it leaves nothing behind. Only regular files are replaced;
/// where `path` is a symbolic link to one, that file is.
class OutputFile {
  public:
    enum class IfExists { refuse, replace };

    /// Throws Error as check_writable() does.
    explicit OutputFile(std::filesystem::path path, IfExists if_exists = IfExists::replace);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// Throws Error when the disk is full (of kind `no_space`) or fails.
    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

    /// Makes the file appear. Throws Error; with IfExists::refuse also when `path` has come into being meanwhile.
    void commit();

  private:
    void publish_new();
    void replace();

    /// The name that was given, what it means behind symbolic links, and the name until then.
    std::filesystem::path path_, target_, temporary_;
    IfExists if_exists_;
    int descriptor_ = -1;
};

/// Throws Error unless a file `path` could be written now: its folder exists, is a folder and is writable, and `path`
/// itself does not exist or, with IfExists::replace, is a regular file or a symbolic link to one. Called before long
/// work is begun.
void check_writable(const std::filesystem::path& path, OutputFile::IfExists if_exists);

/// Writes a small file, replacing one that is there. Throws Error as OutputFile does.
void write_text_file(const std::filesystem::path& path, std::string_view text);

}  // namespace easel
