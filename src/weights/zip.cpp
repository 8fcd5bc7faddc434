#include "weights/zip.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/error.h"
#include "weights/byte_reader.h"

namespace easel {
namespace {

constexpr std::string_view end_mark = "PK\x05\x06", end64_mark = "PK\x06\x06", entry_mark = "PK\x01\x02",
                           file_mark = "PK\x03\x04";
constexpr std::size_t end_size = 22, longest_comment = 65535, locator_size = 20;
constexpr std::uint64_t most_files = 20'000, longest_name = 1000;
constexpr std::uint32_t in_zip64 = 0xffffffff;
constexpr std::uint16_t zip64_field = 1;

/// Where the list of files is.
struct Directory {
    std::uint64_t count = 0, offset = 0;
};

Directory find_directory(const ByteReader& archive) {
    const std::string_view text = archive.text();
    const std::size_t from = text.size() - std::min(text.size(), end_size + longest_comment);
    const std::size_t end = text.substr(from).rfind(end_mark);
    if (end == std::string_view::npos) archive.fail_damaged("has no end record");
    const std::size_t at = from + end;
    Directory directory{.count = archive.number<std::uint16_t>(at + 10),
                        .offset = archive.number<std::uint32_t>(at + 16)};
    if (directory.offset == in_zip64 || directory.count == 0xffff) {
        if (at < locator_size) archive.fail_damaged("has no zip64 end record");
        const auto at64 = archive.number<std::uint64_t>(at - locator_size + 8);
        if (archive.part(at64, end64_mark.size()) != end64_mark) archive.fail_damaged("has no zip64 end record");
        directory = {.count = archive.number<std::uint64_t>(at64 + 32),
                     .offset = archive.number<std::uint64_t>(at64 + 48)};
    }
    if (directory.count > most_files) archive.fail_damaged("has too many files");
    return directory;
}

/// A file's entry in the directory.
struct Entry {
    std::uint64_t size = 0, compressed = 0, offset = 0;

    /// Takes the numbers that do not fit into 32 bits from the extra field.
    void read_zip64(const ByteReader& extra) {
        for (std::uint64_t at = 0; at + 4 <= extra.text().size();) {
            const auto kind = extra.number<std::uint16_t>(at), length = extra.number<std::uint16_t>(at + 2);
            at += 4;
            if (kind == zip64_field) {
                std::uint64_t next = at;
                for (std::uint64_t* const value : {&size, &compressed, &offset})
                    if (*value == in_zip64) {
                        *value = extra.number<std::uint64_t>(next);
                        next += 8;
                    }
                return;
            }
            at += length;
        }
    }
};

}  // namespace

std::map<std::string, std::span<const std::byte>> files_of_zip(std::span<const std::byte> bytes,
                                                               std::string_view where) {
    const ByteReader archive(bytes, where);
    const Directory directory = find_directory(archive);
    std::map<std::string, std::span<const std::byte>> files;
    std::uint64_t at = directory.offset;
    for (std::uint64_t i = 0; i < directory.count; ++i) {
        if (archive.part(at, 4) != entry_mark) archive.fail_damaged("has a damaged list of files");
        const auto flags = archive.number<std::uint16_t>(at + 8), method = archive.number<std::uint16_t>(at + 10);
        Entry entry{.size = archive.number<std::uint32_t>(at + 24),
                    .compressed = archive.number<std::uint32_t>(at + 20),
                    .offset = archive.number<std::uint32_t>(at + 42)};
        const auto name_size = archive.number<std::uint16_t>(at + 28),
                   extra_size = archive.number<std::uint16_t>(at + 30),
                   comment_size = archive.number<std::uint16_t>(at + 32);
        if (name_size > longest_name) archive.fail_damaged("has a file with a very long name");
        const std::string name(archive.part(at + 46, name_size));
        entry.read_zip64(ByteReader(archive.bytes(at + 46 + name_size, extra_size), where));
        at += 46u + name_size + extra_size + comment_size;

        if (method != 0 || (flags & 1) != 0 || entry.size != entry.compressed)
            fail(ErrorKind::unsupported, "{}: {:.80} in it is compressed; torch stores its files as they are", where,
                 name);
        if (archive.part(entry.offset, 4) != file_mark)
            archive.fail_damaged("has a file that is not where it should be");
        const std::uint64_t data = entry.offset + 30u + archive.number<std::uint16_t>(entry.offset + 26) +
                                   archive.number<std::uint16_t>(entry.offset + 28);
        if (!files.emplace(name, archive.bytes(data, entry.size)).second)
            archive.fail_damaged("has two files of one name");
    }
    return files;
}

}  // namespace easel
