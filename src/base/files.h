#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <easel/error.h>

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

    /// Returns the pages read so far to the system. Pages that are needed again are read again.
    void release_pages() const;

  private:
    std::filesystem::path path_;
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

using MappedFiles = std::vector<std::shared_ptr<const MappedFile>>;

/// Configs have a few kB, an index of shards some 100 kB. A hostile text of this size is read in a tenth of a second.
inline constexpr std::size_t largest_config = 1u << 20;

/// The text of a small file. Throws Error when it cannot be read, is over `largest` bytes, or is a git LFS pointer or a
/// web page (see refuse_stand_in).
std::string read_text_file(const std::filesystem::path& path, std::size_t largest = largest_config);

/// Whether `path` can be read only once, from beginning to end: "-" for standard input, or a pipe.
bool is_stream(const std::filesystem::path& path);

/// The whole content of such a stream. Throws Error when it cannot be read or is over `largest` bytes.
std::string read_stream(const std::filesystem::path& path, std::size_t largest);

/// Whether something exists at that path; false if that cannot be determined.
bool path_exists(const std::filesystem::path& path);

/// The folder that contains `path`: "." for a name without a folder.
std::filesystem::path folder_of(const std::filesystem::path& path);

/// The operating system's text for an errno value, for the end of a sentence.
std::string system_error_text(int error_number);

/// The kind of error that an errno value means: a missing file, a full disk or quota, too little memory, else `failed`.
ErrorKind system_error_kind(int error_number);

/// Throws an Error of that kind: "PATH: WHAT (what the system says)".
[[noreturn]] void fail_with_system_error(const std::filesystem::path& path, std::string_view what, int error_number);

}  // namespace easel
