#include "pictures/webp.h"

#include <algorithm>
#include <cstdint>

namespace easel {
namespace {

constexpr std::size_t header_size = 12;  // "RIFF", the length of what follows, "WEBP"

std::string little_endian(std::size_t value, int size) {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
    return bytes;
}

/// A chunk with its name, its length and, where that is odd, a zero byte at the end.
std::string chunk(std::string_view name, std::string_view data) {
    std::string bytes(name);
    bytes += little_endian(data.size(), 4);
    bytes += data;
    if (data.size() % 2 == 1) bytes += '\0';
    return bytes;
}

std::string file_of(std::string_view chunks) {
    return "RIFF" + little_endian(4 + chunks.size(), 4) + "WEBP" + std::string(chunks);
}

/// The data of the first chunk with one of two names, and its name.
struct Chunk {
    std::string_view name, data;
};

std::optional<Chunk> find_chunk(std::string_view webp, std::string_view name, std::string_view other_name) {
    std::string_view rest = webp.substr(std::min(header_size, webp.size()));
    while (rest.size() >= 8) {
        std::size_t size = 0;
        for (int i = 7; i >= 4; --i) size = size << 8 | static_cast<unsigned char>(rest[i]);
        if (size > rest.size() - 8) break;
        if (rest.starts_with(name) || rest.starts_with(other_name))
            return Chunk{rest.substr(0, 4), rest.substr(8, size)};
        rest.remove_prefix(std::min(rest.size(), 8 + size + size % 2));
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> find_webp_exif(std::string_view webp) {
    const auto found = find_chunk(webp, "EXIF", "EXIF");
    return found ? std::optional(found->data) : std::nullopt;
}

std::string bare_webp(std::string_view webp) {
    const auto picture = find_chunk(webp, "VP8 ", "VP8L");
    return picture ? file_of(chunk(picture->name, picture->data)) : std::string(webp);
}

std::string with_webp_exif(std::string_view bare, int width, int height, std::string_view exif) {
    constexpr std::size_t exif_flag = 8;
    const std::string features = little_endian(exif_flag, 4) + little_endian(static_cast<std::size_t>(width - 1), 3) +
                                 little_endian(static_cast<std::size_t>(height - 1), 3);
    return file_of(chunk("VP8X", features) + std::string(bare.substr(header_size)) + chunk("EXIF", exif));
}

}  // namespace easel
