#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace easel {

/// A whole PNG chunk that stores `text` (UTF-8) under `keyword`: tEXt when it is ASCII, else iTXt, whose encoding is
/// UTF-8 by rule (PNG 1.2, 4.2.3; tEXt is Latin-1, but some programs write UTF-8 there).
std::string png_text_chunk(std::string_view keyword, std::string_view text);

/// The text stored under `keyword` in a PNG file's tEXt, zTXt or iTXt chunks, in UTF-8; none when there is none.
/// Chunks are looked through up to the first damaged one.
std::optional<std::string> find_png_text(std::span<const std::byte> png, std::string_view keyword);

}  // namespace easel
