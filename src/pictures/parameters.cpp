#include "pictures/parameters.h"

#include "base/error.h"
#include "base/files.h"
#include "pictures/exif.h"
#include "pictures/jpeg.h"
#include "pictures/png.h"
#include "pictures/unicode.h"
#include "pictures/webp.h"
#include "pictures/xmp.h"

namespace easel {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view keyword = "parameters";

/// The UserComment of an Exif block, if there is one. In WebP some programs put JPEG's prefix before the block.
std::optional<std::string> comment_of(std::optional<std::string_view> exif) {
    constexpr std::string_view prefix = "Exif\0\0"sv;
    if (!exif) return std::nullopt;
    if (exif->starts_with(prefix)) exif->remove_prefix(prefix.size());
    return comment_of_exif(std::as_bytes(std::span(*exif)));
}

std::optional<std::string> find_in_jpeg(std::string_view jpeg) {
    if (auto comment = comment_of(find_jpeg_exif(jpeg))) return comment;
    if (const auto xmp = find_jpeg_extended_xmp(jpeg))
        if (auto comment = comment_of_xmp(*xmp)) return comment;
    // As stable-diffusion.cpp writes it: keyword and text each end with a zero byte.
    const auto text = find_jpeg_comment(jpeg, "parameters\0"sv);
    if (!text) return std::nullopt;
    return utf8_or_latin1(std::as_bytes(std::span(text->substr(0, text->find('\0')))));
}

}  // namespace

std::optional<std::string> find_parameters(std::span<const std::byte> bytes) {
    const auto format = format_of_bytes(bytes);
    if (!format) return std::nullopt;
    const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    switch (*format) {
        case PictureFormat::png:
            return find_png_text(file, keyword);
        case PictureFormat::jpeg:
            return find_in_jpeg(file);
        case PictureFormat::webp:
            return comment_of(find_webp_exif(file));
    }
    return std::nullopt;
}

std::optional<std::string> read_parameters(const std::filesystem::path& path) {
    const MappedFile file(path);
    if (!format_of_bytes(file.bytes())) fail("{}: is not a PNG, JPEG or WebP picture", path.string());
    return find_parameters(file.bytes());
}

bool exceeds_exif(PictureFormat format, std::string_view text) {
    return format == PictureFormat::jpeg && exif_with_comment(text).size() > largest_jpeg_exif;
}

std::string with_parameters(std::string encoded, PictureFormat format, int width, int height, std::string_view text) {
    constexpr std::size_t png_header_end = 8 + 12 + 13;  // the signature and the chunk IHDR
    switch (format) {
        case PictureFormat::png:
            return encoded.insert(png_header_end, png_text_chunk(keyword, text));
        case PictureFormat::jpeg:
            if (exceeds_exif(format, text)) return with_jpeg_extended_xmp(std::move(encoded), xmp_with_comment(text));
            return with_jpeg_exif(std::move(encoded), exif_with_comment(text));
        case PictureFormat::webp:
            return with_webp_exif(encoded, width, height, exif_with_comment(text));
    }
    return encoded;
}

}  // namespace easel
