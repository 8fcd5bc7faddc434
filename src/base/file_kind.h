#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace easel {

/// Kinds of file that the first bytes tell, whatever the file is called.
enum class FileKind { png, jpeg, webp, gif, pickle, gguf, gzip, pdf, xml, json };

/// "a PNG picture", "a gzip archive", ...: for a sentence.
std::string_view name_of(FileKind kind);

/// The kind of the file that begins with these bytes; none for every other kind.
std::optional<FileKind> kind_of_bytes(std::span<const std::byte> bytes);

}  // namespace easel
