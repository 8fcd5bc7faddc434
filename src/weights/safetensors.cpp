#include "weights/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file_kind.h"
#include "base/quoted.h"
#include "base/stand_in.h"
#include "weights/safetensors_header.h"

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian and used in place");

namespace easel {
namespace {

constexpr std::uint64_t length_bytes = 8;
/// The format's own limit.
constexpr std::uint64_t longest_header = 100'000'000;
/// What is read of it. A checkpoint has some 150 bytes a tensor (170 kB for Stable Diffusion 1.5), and what trainers
/// put into its metadata, thumbnails too, is a few MB; a header of 100 MB would take many seconds.
constexpr std::uint64_t longest_read_header = 16'000'000;

/// a * b, or none where 64 bits do not hold it.
std::optional<std::uint64_t> checked_product(std::uint64_t a, std::uint64_t b) {
    if (a != 0 && b > std::numeric_limits<std::uint64_t>::max() / a) return std::nullopt;
    return a * b;
}

/// Bits of a tensor, or none where they overflow.
template <typename Integer>
std::optional<std::uint64_t> bits_of(DType dtype, const std::vector<Integer>& shape) {
    std::optional<std::uint64_t> bits = bit_size(dtype);
    for (const Integer side : shape) {
        if (bits) bits = checked_product(*bits, static_cast<std::uint64_t>(side));
    }
    return bits;
}

void check_size(const TensorEntry& entry, std::string_view where) {
    for (const std::uint64_t side : entry.shape)
        if (side > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            fail(ErrorKind::damaged, "{}: the tensor {} has the impossible side {}", where, in_quotes(entry.name),
                 side);
    const std::optional<std::uint64_t> bits = bits_of(entry.dtype, entry.shape);
    if (!bits)
        fail(ErrorKind::damaged, "{}: the tensor {} of shape [{}] is larger than any memory", where,
             in_quotes(entry.name), fmt::join(entry.shape, ", "));
    if (*bits % 8 != 0)
        fail(ErrorKind::damaged, "{}: the tensor {} of type {} and shape [{}] does not fill whole bytes", where,
             in_quotes(entry.name), name(entry.dtype), fmt::join(entry.shape, ", "));
    if (entry.end - entry.begin != *bits / 8)
        fail(ErrorKind::damaged, "{}: the tensor {} of type {} and shape [{}] needs {} bytes, but has {}", where,
             in_quotes(entry.name), name(entry.dtype), fmt::join(entry.shape, ", "), *bits / 8,
             entry.end - entry.begin);
}

/// Throws unless the entries, ordered by their offsets, cover `data_size` bytes one after the other.
void check_offsets(const std::vector<TensorEntry>& entries, std::uint64_t data_size, std::string_view where) {
    std::uint64_t covered = 0;
    for (const TensorEntry& entry : entries) {
        if (entry.end < entry.begin)
            fail(ErrorKind::damaged, "{}: the tensor {} ends at {}, before its beginning at {}", where,
                 in_quotes(entry.name), entry.end, entry.begin);
        if (entry.begin < covered)
            fail(ErrorKind::damaged, "{}: the tensor {} overlaps the one before it", where, in_quotes(entry.name));
        if (entry.begin > covered)
            fail(ErrorKind::damaged, "{}: there is a hole of {} bytes before the tensor {}", where,
                 entry.begin - covered, in_quotes(entry.name));
        if (entry.end > data_size)
            fail(ErrorKind::damaged, "{}: is cut short: the tensor {} ends {} bytes after the file does", where,
                 in_quotes(entry.name), entry.end - data_size);
        covered = entry.end;
    }
    if (covered != data_size)
        fail(ErrorKind::damaged, "{}: {} bytes follow the last tensor and belong to none", where, data_size - covered);
}

std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Whether the header begins where one of a safetensors file does and may be whole.
bool has_header(std::span<const std::byte> bytes, std::uint64_t length) {
    return length > 0 && bytes.size() > length_bytes && length <= bytes.size() - length_bytes &&
           as_text(bytes)[length_bytes] == '{';
}

/// Throws when `bytes` begin as a file of another kind does, with what would work.
void refuse_other_kinds(std::span<const std::byte> bytes, std::string_view where) {
    refuse_stand_in(bytes, where);
    const auto kind = kind_of_bytes(bytes);
    if (!kind) return;
    const auto refuse_kind = [&](std::string_view what_works) {
        fail(ErrorKind::unsupported, "{}: is {}, {}", where, name_of(*kind), what_works);
    };
    switch (*kind) {
        case FileKind::pickle:
            refuse_kind("which is not opened because it can run code; convert it to .safetensors");
            break;
        case FileKind::gguf:
            refuse_kind("which is not supported; take the .safetensors version");
            break;
        case FileKind::png:
        case FileKind::jpeg:
        case FileKind::webp:
            refuse_kind(
                "not a model; give a .safetensors file or a model's folder (a picture to begin from is `init_image`, "
                "one to take settings from `params_from`)");
            break;
        case FileKind::xml:
        case FileKind::json:
            refuse_kind("not a model; give the folder that the model's files are in, or a .safetensors file");
            break;
        case FileKind::gif:
        case FileKind::gzip:
        case FileKind::pdf:
            refuse_kind("not a model; give a .safetensors file or a model's folder");
            break;
    }
}

}  // namespace

SafetensorsContent parse_safetensors(std::span<const std::byte> bytes, std::string_view where) {
    std::uint64_t header_length = 0;
    if (bytes.size() >= length_bytes) std::memcpy(&header_length, bytes.data(), length_bytes);
    // The length may have the bytes that other files begin with: that of a header of 640 bytes is 0x80 0x02.
    if (!has_header(bytes, header_length)) refuse_other_kinds(bytes, where);
    if (bytes.size() < length_bytes)
        fail(ErrorKind::damaged, "{}: has {} bytes, too few for a safetensors file; it was probably cut short", where,
             bytes.size());
    if (header_length > longest_header)
        fail(ErrorKind::damaged,
             "{}: is not a safetensors file: its header would have {} bytes, more than the {} allowed", where,
             header_length, longest_header);
    if (header_length > bytes.size() - length_bytes)
        fail(ErrorKind::damaged,
             "{}: its header of {} bytes reaches beyond the end of the file; it was probably cut short", where,
             header_length);
    if (header_length > longest_read_header)
        fail(ErrorKind::damaged,
             "{}: its header has {} bytes, but no checkpoint needs more than {}; save it again without metadata", where,
             header_length, longest_read_header);
    const std::string_view json = as_text(bytes.subspan(length_bytes, header_length));
    if (!json.starts_with('{'))
        fail(ErrorKind::damaged, "{}: is not a safetensors file: its header does not begin with {{", where);

    SafetensorsHeader header = parse_safetensors_header(json, where);
    std::ranges::sort(header.entries, [](const TensorEntry& a, const TensorEntry& b) {
        return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    const auto data = bytes.subspan(length_bytes + header_length);
    check_offsets(header.entries, data.size(), where);

    SafetensorsContent content{.metadata = std::move(header.metadata)};
    for (TensorEntry& entry : header.entries) {
        check_size(entry, where);
        content.tensors[entry.name] = {.name = entry.name,
                                       .dtype = entry.dtype,
                                       .shape = {entry.shape.begin(), entry.shape.end()},
                                       .bytes = data.subspan(entry.begin, entry.end - entry.begin)};
    }
    return content;
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : file_(std::make_shared<const MappedFile>(path)), content_(parse_safetensors(file_->bytes(), path.string())) {}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata, OutputFile::IfExists if_exists) {
    std::vector<const TensorView*> ordered;
    for (const TensorView& tensor : tensors) ordered.push_back(&tensor);
    // The widest types first: then each tensor begins at a multiple of its element.
    std::ranges::sort(ordered, [](const TensorView* a, const TensorView* b) {
        return std::pair(bit_size(b->dtype), std::string_view(a->name)) <
               std::pair(bit_size(a->dtype), std::string_view(b->name));
    });

    nlohmann::json header = nlohmann::json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::uint64_t offset = 0;
    for (const TensorView* tensor : ordered) {
        const bool sides_are_sound = std::ranges::all_of(tensor->shape, [](std::int64_t side) { return side >= 0; });
        if (!sides_are_sound || bits_of(tensor->dtype, tensor->shape) != tensor->bytes.size() * 8)
            fail("{}: cannot be written: the tensor {} of type {} and shape [{}] has {} bytes", path.string(),
                 in_quotes(tensor->name), name(tensor->dtype), fmt::join(tensor->shape, ", "), tensor->bytes.size());
        if (header.contains(tensor->name))
            fail("{}: cannot be written: there are two tensors {}", path.string(), in_quotes(tensor->name));
        const std::uint64_t end = offset + tensor->bytes.size();
        header[tensor->name] = {
            {"dtype", name(tensor->dtype)}, {"shape", tensor->shape}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text = header.dump();
    text.append((length_bytes - text.size() % length_bytes) % length_bytes, ' ');

    OutputFile file(path, if_exists);
    const std::uint64_t length = text.size();
    file.write(std::as_bytes(std::span(&length, 1)));
    file.write(text);
    for (const TensorView* tensor : ordered) file.write(tensor->bytes);
    file.commit();
}

}  // namespace easel
