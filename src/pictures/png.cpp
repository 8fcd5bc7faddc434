#include "pictures/png.h"

#include <algorithm>
#include <cstdint>

#include <zlib.h>

#include "pictures/unicode.h"

namespace easel {
namespace {

constexpr std::size_t signature_size = 8;
constexpr std::size_t largest_text = 16 << 20;  // an inflated text beyond this is treated as an attack

std::string big_endian_32(std::uint32_t value) {
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift & 0xFF);
    return bytes;
}

std::optional<std::string> inflated(std::string_view compressed) {
    std::string text;
    for (std::size_t capacity = 64 << 10; capacity <= largest_text; capacity *= 4) {
        text.resize(capacity);
        uLongf size = capacity;
        const int result = uncompress(reinterpret_cast<Bytef*>(text.data()), &size,
                                      reinterpret_cast<const Bytef*>(compressed.data()), compressed.size());
        if (result == Z_OK) return text.substr(0, size);
        if (result != Z_BUF_ERROR) return std::nullopt;
    }
    return std::nullopt;
}

/// The text in a chunk's data behind the keyword and its zero byte.
std::optional<std::string> text_of_chunk(std::string_view type, std::string_view data) {
    bool compressed = type == "zTXt";
    if (compressed) {
        data.remove_prefix(std::min<std::size_t>(1, data.size()));  // the method, which is always deflate
    } else if (type == "iTXt") {
        if (data.size() < 2) return std::nullopt;
        compressed = data[0] == 1;
        data.remove_prefix(2);
        for (int skipped = 0; skipped < 2; ++skipped) {  // the language, the keyword in that language
            const std::size_t end = data.find('\0');
            if (end == std::string_view::npos) return std::nullopt;
            data.remove_prefix(end + 1);
        }
    }
    std::string text(data);
    if (compressed) {
        auto result = inflated(data);
        if (!result) return std::nullopt;
        text = std::move(*result);
    }
    return utf8_or_latin1(std::as_bytes(std::span(text)));
}

}  // namespace

std::vector<PngChunk> png_chunks(std::string_view png) {
    std::string_view rest = png.substr(std::min(signature_size, png.size()));
    std::vector<PngChunk> chunks;
    while (rest.size() >= 12) {  // length, type, data, CRC
        std::size_t size = 0;
        for (const char c : rest.substr(0, 4)) size = size << 8 | static_cast<unsigned char>(c);
        if (size > rest.size() - 12) break;
        chunks.push_back({rest.substr(4, 4), rest.substr(8, size)});
        if (chunks.back().type == "IEND") break;
        rest.remove_prefix(size + 12);
    }
    return chunks;
}

std::string png_text_chunk(std::string_view keyword, std::string_view text) {
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 128; });
    std::string typed(ascii ? "tEXt" : "iTXt");
    typed += keyword;
    typed += '\0';
    if (!ascii) typed.append(4, '\0');  // not compressed, method 0, no language, no translated keyword
    typed += text;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(typed.data()), static_cast<uInt>(typed.size()));
    return big_endian_32(static_cast<std::uint32_t>(typed.size() - 4)) + typed +
           big_endian_32(static_cast<std::uint32_t>(crc));
}

std::optional<std::string> find_png_text(std::string_view png, std::string_view keyword) {
    for (const auto& [type, data] : png_chunks(png)) {
        if ((type == "tEXt" || type == "zTXt" || type == "iTXt") && data.starts_with(keyword) &&
            data.size() > keyword.size() && data[keyword.size()] == '\0') {
            return text_of_chunk(type, data.substr(keyword.size() + 1));
        }
    }
    return std::nullopt;
}

}  // namespace easel
