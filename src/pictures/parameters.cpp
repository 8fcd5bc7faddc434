#include "pictures/parameters.h"

#include <cstdint>

#include "base/error.h"
#include "base/files.h"
#include "pictures/exif.h"
#include "pictures/png_text.h"

namespace easel {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view keyword = "parameters";
constexpr std::string_view exif_prefix = "Exif\0\0"sv;
constexpr std::size_t riff_header_size = 12;

std::size_t big_endian_16(std::string_view bytes) {
    return static_cast<unsigned char>(bytes[0]) << 8 | static_cast<unsigned char>(bytes[1]);
}

std::size_t little_endian_32(std::string_view bytes) {
    std::size_t value = 0;
    for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

std::string little_endian(std::size_t value, int size) {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
    return bytes;
}

std::optional<std::string> comment_of(std::string_view exif) {
    if (exif.starts_with(exif_prefix)) exif.remove_prefix(exif_prefix.size());
    return comment_of_exif(std::as_bytes(std::span(exif)));
}

/// Looks through a JPEG file's segments up to the image data: FF, kind, and the length with its own two bytes.
std::optional<std::string> find_in_jpeg(std::string_view rest) {
    rest.remove_prefix(2);
    while (rest.size() >= 4 && rest[0] == '\xFF') {
        if (rest[1] == '\xFF') {  // a fill byte
            rest.remove_prefix(1);
            continue;
        }
        const bool is_app1 = rest[1] == '\xE1';
        const bool is_image_data = rest[1] == '\xDA';
        const std::size_t size = big_endian_16(rest.substr(2));
        if (is_image_data || size < 2 || size > rest.size() - 2) break;
        const std::string_view data = rest.substr(4, size - 2);
        if (is_app1 && data.starts_with(exif_prefix)) {
            if (auto comment = comment_of(data)) return comment;
        }
        rest.remove_prefix(2 + size);
    }
    return std::nullopt;
}

/// Looks through a WebP file's chunks: name, length, data, and a byte more where the length is odd.
std::optional<std::string> find_in_webp(std::string_view rest) {
    rest.remove_prefix(riff_header_size);
    while (rest.size() >= 8) {
        const std::size_t size = little_endian_32(rest.substr(4));
        if (size > rest.size() - 8) break;
        if (rest.starts_with("EXIF")) return comment_of(rest.substr(8, size));
        rest.remove_prefix(std::min(rest.size(), 8 + size + size % 2));
    }
    return std::nullopt;
}

std::string with_jpeg_exif(std::string jpeg, std::string_view exif) {
    const std::size_t size = 2 + exif_prefix.size() + exif.size();
    if (size > 0xFFFF) {
        fail("the settings text is too long to be stored in a JPEG picture (64 kB); write a PNG, or no metadata");
    }
    std::string segment = "\xFF\xE1";
    segment += static_cast<char>(size >> 8);
    segment += static_cast<char>(size & 0xFF);
    segment += exif_prefix;
    segment += exif;
    const bool has_jfif = jpeg[2] == '\xFF' && jpeg[3] == '\xE0';  // which must stay first
    return jpeg.insert(has_jfif ? 4 + big_endian_16(std::string_view(jpeg).substr(4)) : 2, segment);
}

/// From the simple format to the extended one (VP8X), which alone can hold metadata.
std::string with_webp_exif(std::string_view webp, int width, int height, std::string_view exif) {
    constexpr char exif_flag = 8;
    std::string chunks = "WEBPVP8X" + little_endian(10, 4) + exif_flag + std::string(3, '\0') +
                         little_endian(static_cast<std::size_t>(width - 1), 3) +
                         little_endian(static_cast<std::size_t>(height - 1), 3);
    chunks += webp.substr(riff_header_size);
    chunks += "EXIF" + little_endian(exif.size(), 4);
    chunks += exif;
    if (exif.size() % 2 == 1) chunks += '\0';
    return "RIFF" + little_endian(chunks.size(), 4) + chunks;
}

}  // namespace

std::optional<std::string> find_parameters(std::span<const std::byte> bytes) {
    const auto format = format_of_bytes(bytes);
    if (!format) return std::nullopt;
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    switch (*format) {
        case PictureFormat::png:
            return find_png_text(bytes, keyword);
        case PictureFormat::jpeg:
            return find_in_jpeg(text);
        case PictureFormat::webp:
            return find_in_webp(text);
    }
    return std::nullopt;
}

std::optional<std::string> read_parameters(const std::filesystem::path& path) {
    const MappedFile file(path);
    if (!format_of_bytes(file.bytes())) fail("{}: is not a PNG, JPEG or WebP picture", path.string());
    return find_parameters(file.bytes());
}

std::string with_parameters(std::string encoded, PictureFormat format, int width, int height, std::string_view text) {
    constexpr std::size_t png_header_end = 8 + 12 + 13;  // the signature and the chunk IHDR
    switch (format) {
        case PictureFormat::png:
            return encoded.insert(png_header_end, png_text_chunk(keyword, text));
        case PictureFormat::jpeg:
            return with_jpeg_exif(std::move(encoded), exif_with_comment(text));
        case PictureFormat::webp:
            return with_webp_exif(encoded, width, height, exif_with_comment(text));
    }
    return encoded;
}

}  // namespace easel
