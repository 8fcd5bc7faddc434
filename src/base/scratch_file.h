#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/files.h"

namespace easel {

/// A temporary file without a name, for what is too large to lie in memory twice: its pages belong to the file, so the
/// system can take them back, and it is gone with the last map of it.
class ScratchFile {
  public:
    /// In the folder for temporary files ($TMPDIR, else /tmp); none if there is no room for `size` bytes.
    static std::optional<ScratchFile> make(std::size_t size);
    ScratchFile(ScratchFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    ScratchFile& operator=(ScratchFile&&) = delete;
    ~ScratchFile();

    /// May be called by several threads at once. Throws Error if the bytes cannot be written.
    void write(std::size_t offset, std::span<const std::byte> bytes) const;

    /// The whole file. Throws Error if it cannot be mapped.
    std::shared_ptr<const MappedFile> map() const;

  private:
    explicit ScratchFile(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
};

}  // namespace easel
