#include "pictures/jpeg.h"

#include <cstddef>

#include "base/error.h"

namespace easel {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view exif_prefix = "Exif\0\0"sv;

// The second byte of a marker, whose first is FF.
constexpr char app0 = '\xE0', app1 = '\xE1', comment = '\xFE', start_of_scan = '\xDA';

/// The length at the front of a segment, which counts its own two bytes.
std::size_t length_at(std::string_view jpeg, std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(jpeg[at]) << 8 |
                                    static_cast<unsigned char>(jpeg[at + 1]));
}

/// What follows `prefix` in the first segment of a kind that begins so, before the compressed data.
std::optional<std::string_view> find_segment(std::string_view jpeg, char kind, std::string_view prefix) {
    std::size_t at = 2;
    while (at + 4 <= jpeg.size() && jpeg[at] == '\xFF') {
        if (jpeg[at + 1] == '\xFF') {  // a fill byte
            ++at;
            continue;
        }
        const std::size_t length = length_at(jpeg, at + 2);
        if (jpeg[at + 1] == start_of_scan || length < 2 || length > jpeg.size() - at - 2) break;
        const std::string_view data = jpeg.substr(at + 4, length - 2);
        if (jpeg[at + 1] == kind && data.starts_with(prefix)) return data.substr(prefix.size());
        at += 2 + length;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> find_jpeg_exif(std::string_view jpeg) { return find_segment(jpeg, app1, exif_prefix); }

std::optional<std::string_view> find_jpeg_comment(std::string_view jpeg, std::string_view prefix) {
    return find_segment(jpeg, comment, prefix);
}

std::string with_jpeg_exif(std::string jpeg, std::string_view exif) {
    const std::size_t length = 2 + exif_prefix.size() + exif.size();
    if (length > 0xFFFF) {
        fail("the settings text is too long to be stored in a JPEG picture (64 kB); write a PNG, or no metadata");
    }
    std::string segment = {'\xFF', app1, static_cast<char>(length >> 8), static_cast<char>(length & 0xFF)};
    segment += exif_prefix;
    segment += exif;
    const bool has_jfif = jpeg[3] == app0;  // which must stay first
    return jpeg.insert(has_jfif ? 4 + length_at(jpeg, 4) : 2, segment);
}

}  // namespace easel
