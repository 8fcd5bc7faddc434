#include "pictures/jpeg.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <glib.h>

namespace easel {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view exif_prefix = "Exif\0\0"sv;
constexpr std::string_view xmp_prefix = "http://ns.adobe.com/xap/1.0/\0"sv;
constexpr std::string_view extended_prefix = "http://ns.adobe.com/xmp/extension/\0"sv;
constexpr std::string_view extended_attribute = "xmpNote:HasExtendedXMP=\"";
/// Of the name of an extended document: an MD5 sum in hexadecimal digits.
constexpr std::size_t xmp_name_size = 32;
constexpr std::size_t largest_xmp = 16 << 20;  // more than this is treated as an attack
constexpr std::size_t largest_part = 65'000;   // with its prefix less than a segment holds

// The second byte of a marker, whose first is FF.
constexpr char app0 = '\xE0', app1 = '\xE1', comment = '\xFE', start_of_scan = '\xDA';

/// The length at the front of a segment, which counts its own two bytes.
std::size_t length_at(std::string_view jpeg, std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(jpeg[at]) << 8 |
                                    static_cast<unsigned char>(jpeg[at + 1]));
}

struct Segment {
    char kind;
    std::string_view data;
};

/// The segments before the compressed data, up to the first that is cut short.
std::vector<Segment> segments(std::string_view jpeg) {
    std::vector<Segment> found;
    std::size_t at = 2;
    while (at + 4 <= jpeg.size() && jpeg[at] == '\xFF') {
        if (jpeg[at + 1] == '\xFF') {  // a fill byte
            ++at;
            continue;
        }
        const std::size_t length = length_at(jpeg, at + 2);
        if (jpeg[at + 1] == start_of_scan || length < 2 || length > jpeg.size() - at - 2) break;
        found.push_back({jpeg[at + 1], jpeg.substr(at + 4, length - 2)});
        at += 2 + length;
    }
    return found;
}

/// What follows `prefix` in the first segment of a kind that begins so.
std::optional<std::string_view> find_segment(std::string_view jpeg, char kind, std::string_view prefix) {
    for (const Segment& segment : segments(jpeg))
        if (segment.kind == kind && segment.data.starts_with(prefix)) return segment.data.substr(prefix.size());
    return std::nullopt;
}

std::string segment(char kind, std::string_view prefix, std::string_view data) {
    const std::size_t length = 2 + prefix.size() + data.size();
    std::string bytes = {'\xFF', kind, static_cast<char>(length >> 8), static_cast<char>(length & 0xFF)};
    return bytes.append(prefix).append(data);
}

/// Puts whole segments to the front, where metadata belongs.
std::string with_segments(std::string jpeg, std::string_view added) {
    const bool has_jfif = jpeg[3] == app0;  // which must stay first
    return jpeg.insert(has_jfif ? 4 + length_at(jpeg, 4) : 2, added);
}

std::size_t big_endian_32(std::string_view bytes) {
    std::size_t value = 0;
    for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::string big_endian_32(std::size_t value) {
    std::string bytes;
    for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift & 0xFF);
    return bytes;
}

/// In capital hexadecimal digits.
std::string md5(const std::string& bytes) {
    const std::unique_ptr<char, decltype(&g_free)> digits(
        g_compute_checksum_for_data(G_CHECKSUM_MD5, reinterpret_cast<const guchar*>(bytes.data()), bytes.size()),
        g_free);
    std::string sum = digits.get();
    std::ranges::transform(sum, sum.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c; });
    return sum;
}

}  // namespace

std::optional<std::string_view> find_jpeg_exif(std::string_view jpeg) { return find_segment(jpeg, app1, exif_prefix); }

std::optional<std::string_view> find_jpeg_comment(std::string_view jpeg, std::string_view prefix) {
    return find_segment(jpeg, comment, prefix);
}

std::string with_jpeg_exif(std::string jpeg, std::string_view exif) {
    return with_segments(std::move(jpeg), segment(app1, exif_prefix, exif));
}

std::optional<std::string> find_jpeg_extended_xmp(std::string_view jpeg) {
    const auto packet = find_segment(jpeg, app1, xmp_prefix);
    if (!packet) return std::nullopt;
    const std::size_t named = packet->find(extended_attribute);
    if (named == std::string_view::npos) return std::nullopt;
    const std::string_view name = packet->substr(named + extended_attribute.size(), xmp_name_size);

    std::string xmp;
    std::size_t present = 0;
    for (const Segment& part : segments(jpeg)) {
        if (part.kind != app1 || !part.data.starts_with(extended_prefix)) continue;
        const std::string_view data = part.data.substr(extended_prefix.size());
        if (data.size() < name.size() + 8 || !data.starts_with(name)) continue;
        const std::size_t size = big_endian_32(data.substr(name.size()));
        const std::size_t offset = big_endian_32(data.substr(name.size() + 4));
        const std::string_view content = data.substr(name.size() + 8);
        if (size > largest_xmp || offset > size || content.size() > size - offset) return std::nullopt;
        if (xmp.empty()) xmp.resize(size);
        if (xmp.size() != size) return std::nullopt;
        content.copy(xmp.data() + offset, content.size());
        present += content.size();
    }
    return present == 0 || present != xmp.size() ? std::nullopt : std::optional(xmp);
}

std::string with_jpeg_extended_xmp(std::string jpeg, const std::string& xmp) {
    const std::string name = md5(xmp);
    const std::string packet = fmt::format(
        "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" "
        "xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\" {}{}\"/></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>",
        extended_attribute, name);
    std::string added = segment(app1, xmp_prefix, packet);
    for (std::size_t offset = 0; offset < xmp.size(); offset += largest_part)
        added += segment(app1, extended_prefix,
                         name + big_endian_32(xmp.size()) + big_endian_32(offset) + xmp.substr(offset, largest_part));
    return with_segments(std::move(jpeg), added);
}

}  // namespace easel
