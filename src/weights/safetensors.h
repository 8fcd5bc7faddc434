#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/output_file.h"
#include "weights/dtype.h"

namespace easel {

/// A view of a tensor in memory that something else owns: row-major, little-endian.
struct TensorView {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;
};

/// What a safetensors file holds.
struct SafetensorsContent {
    std::map<std::string, TensorView> tensors;
    std::map<std::string, std::string> metadata;
};

/// Reads a safetensors file that lies in memory; the views point into `bytes`. `where` names the file in errors.
/// Throws Error unless all of this holds, as the format's reference implementation demands: the header is inside the
/// file, JSON in UTF-8 that starts with `{`, no key twice; each tensor's type is known, its shape times its type gives
/// its bytes without overflow; the tensors cover the data from its first byte to its last without holes and overlaps.
/// The format allows headers of 100 MB, but hostile ones of that size take long; here a header has at most 16 MB,
/// 50,000 tensors and as many keys of metadata. Source: https://github.com/huggingface/safetensors#format
SafetensorsContent parse_safetensors(std::span<const std::byte> bytes, std::string_view where);

/// An opened safetensors file. Its tensors are views of the mapped file.
class SafetensorsFile {
  public:
    /// Throws Error as parse_safetensors does, and identifies files of other kinds under such names (pickles, GGUF,
    /// git LFS pointers).
    explicit SafetensorsFile(const std::filesystem::path& path);

    const std::map<std::string, TensorView>& tensors() const { return content_.tensors; }
    const std::map<std::string, std::string>& metadata() const { return content_.metadata; }
    /// The mapping that the views point into: it must live as long as they are used.
    std::shared_ptr<const MappedFile> file() const { return file_; }

  private:
    std::shared_ptr<const MappedFile> file_;
    SafetensorsContent content_;
};

/// Writes a safetensors file that appears under `path` only when it is whole. The order of `tensors` does not matter:
/// the same tensors give the same bytes. Data begins at a multiple of 8 bytes and each tensor at a multiple of its
/// type's size. Throws Error when the file cannot be written, and when two tensors have one name or a shape does not
/// match its bytes.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata = {},
                       OutputFile::IfExists if_exists = OutputFile::IfExists::replace);

}  // namespace easel
