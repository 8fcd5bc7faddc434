#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace easel {

/// A whole file, mapped read-only. Its pages are backed by the file, so the system can take them back at any time.
class MappedFile {
  public:
    /// Throws Error when `path` is missing, is a folder, or cannot be read, and when its content is a git LFS pointer
    /// or a web page (see refuse_stand_in).
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return {data_, size_}; }
    const std::filesystem::path& path() const { return path_; }

    /// Gives the pages read so far back to the system. What is needed again is read again.
    void release_pages() const;

  private:
    std::filesystem::path path_;
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Configs have a few kB, an index of shards some 100 kB. A hostile text of this size is read in a tenth of a second.
inline constexpr std::size_t largest_config = 1u << 20;

/// The text of a small file. Throws Error when it cannot be read, is over `largest` bytes, or is a git LFS pointer or a
/// web page (see refuse_stand_in).
std::string read_text_file(const std::filesystem::path& path, std::size_t largest = largest_config);

/// A file that appears under its name only when it is whole: written under a temporary name in the same folder,
/// flushed to the disk, renamed. Destroyed without commit() it leaves nothing behind.
class OutputFile {
  public:
    enum class IfExists { refuse, replace };

    /// Throws Error when the folder is missing or not writable, when `path` is a folder, or, with IfExists::refuse,
    /// when `path` exists.
    explicit OutputFile(std::filesystem::path path, IfExists if_exists = IfExists::replace);
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// Throws Error when the disk is full or fails.
    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

    /// Makes the file appear. Throws Error; with IfExists::refuse also when `path` has come into being meanwhile.
    void commit();

  private:
    std::filesystem::path path_, temporary_;
    IfExists if_exists_;
    int descriptor_ = -1;
};

/// Throws Error unless a file `path` could be written now: its folder exists, is a folder and is writable, and `path`
/// itself is no folder and, with IfExists::refuse, does not exist. Called before long work is begun.
void check_writable(const std::filesystem::path& path, OutputFile::IfExists if_exists);

/// What the operating system says of an errno value, for the end of a sentence.
std::string system_error_text(int error_number);

}  // namespace easel
