#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// A chunk of a PNG file: four letters and its data.
struct PngChunk {
    std::string_view type;
    std::string_view data;
};

/// The chunks of a PNG file in their order, up to IEND or to the first that is cut short.
std::vector<PngChunk> png_chunks(std::string_view png);

/// A whole PNG chunk that stores `text` (UTF-8) under `keyword`: tEXt when it is ASCII, else iTXt, whose encoding is
/// UTF-8 by rule (PNG 1.2, 4.2.3; tEXt is Latin-1, but some programs write UTF-8 there).
std::string png_text_chunk(std::string_view keyword, std::string_view text);

/// The text stored under `keyword` in a PNG file's tEXt, zTXt or iTXt chunks, in UTF-8; none when there is none.
std::optional<std::string> find_png_text(std::string_view png, std::string_view keyword);

}  // namespace easel
