#include "pictures/exif.h"

#include <algorithm>
#include <cstdint>

#include "pictures/unicode.h"

namespace easel {
namespace {

constexpr std::uint32_t exif_ifd_tag = 0x8769;
constexpr std::uint32_t user_comment_tag = 0x9286;
constexpr std::uint32_t type_long = 4;
constexpr std::uint32_t type_undefined = 7;

/// Numbers of a TIFF structure, in its byte order. What lies beyond the end reads as 0.
struct Tiff {
    std::span<const std::byte> bytes;
    ByteOrder order;

    std::uint32_t number(std::size_t at, std::size_t size) const {
        std::uint32_t value = 0;
        if (at + size > bytes.size()) return 0;
        for (std::size_t i = 0; i < size; ++i) {
            const std::size_t from = order == ByteOrder::big ? at + i : at + size - 1 - i;
            value = value << 8 | std::to_integer<std::uint32_t>(bytes[from]);
        }
        return value;
    }

    /// Where the entry with `tag` of the directory at `directory` is, or 0. An entry is 12 bytes: tag, type, count, and
    /// the value or its offset.
    std::size_t find_entry(std::size_t directory, std::uint32_t tag) const {
        const std::uint32_t count = number(directory, 2);
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::size_t entry = directory + 2 + 12 * std::size_t{i};
            if (number(entry, 2) == tag) return entry;
        }
        return 0;
    }
};

std::optional<Tiff> open_tiff(std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("MM")) return Tiff{bytes, ByteOrder::big};
    if (text.starts_with("II")) return Tiff{bytes, ByteOrder::little};
    return std::nullopt;
}

/// The byte order in which more high bytes are zero, as they are for Latin letters, digits and punctuation.
ByteOrder likely_order(std::span<const std::byte> utf16, ByteOrder otherwise) {
    std::ptrdiff_t zeros_at_even_less_odd = 0;
    for (std::size_t i = 0; i < utf16.size(); ++i) {
        if (utf16[i] == std::byte{0}) zeros_at_even_less_odd += i % 2 == 0 ? 1 : -1;
    }
    if (zeros_at_even_less_odd == 0) return otherwise;
    return zeros_at_even_less_odd > 0 ? ByteOrder::big : ByteOrder::little;
}

void append_number(std::string& bytes, std::uint32_t value, int size) {
    while (size-- > 0) bytes += static_cast<char>(value >> (8 * size) & 0xFF);
}

/// A directory of one entry, which holds a value of four bytes or an offset.
void append_directory(std::string& bytes, std::uint32_t tag, std::uint32_t type, std::uint32_t count,
                      std::uint32_t value) {
    append_number(bytes, 1, 2);
    append_number(bytes, tag, 2);
    append_number(bytes, type, 2);
    append_number(bytes, count, 4);
    append_number(bytes, value, 4);
    append_number(bytes, 0, 4);  // no directory follows
}

}  // namespace

std::string exif_with_comment(std::string_view text) {
    const std::string comment = std::string("UNICODE\0", 8) + utf16_of_utf8(text);
    constexpr std::uint32_t header_size = 8, directory_size = 18;
    std::string bytes("MM\0*", 4);
    append_number(bytes, header_size, 4);
    append_directory(bytes, exif_ifd_tag, type_long, 1, header_size + directory_size);
    append_directory(bytes, user_comment_tag, type_undefined, static_cast<std::uint32_t>(comment.size()),
                     header_size + 2 * directory_size);
    return bytes + comment;
}

std::optional<std::string> comment_of_exif(std::span<const std::byte> exif) {
    const auto tiff = open_tiff(exif);
    if (!tiff) return std::nullopt;
    const std::size_t pointer = tiff->find_entry(tiff->number(4, 4), exif_ifd_tag);
    if (pointer == 0) return std::nullopt;
    const std::size_t entry = tiff->find_entry(tiff->number(pointer + 8, 4), user_comment_tag);
    if (entry == 0) return std::nullopt;
    const std::size_t size = tiff->number(entry + 4, 4);
    const std::size_t offset = tiff->number(entry + 8, 4);
    if (size < 8 || offset > exif.size() || size > exif.size() - offset) return std::nullopt;

    const auto code = exif.subspan(offset, 8);
    const auto comment = exif.subspan(offset + 8, size - 8);
    const bool utf16 = std::string_view(reinterpret_cast<const char*>(code.data()), 7) == "UNICODE";
    std::string text = utf16 ? utf8_of_utf16(comment, likely_order(comment, tiff->order)) : utf8_or_latin1(comment);
    text.resize(text.find_last_not_of('\0') + 1);  // some writers fill up with zeros
    return text;
}

}  // namespace easel
