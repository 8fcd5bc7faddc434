#include "base/file_kind.h"

#include <algorithm>

namespace easel {
namespace {

struct Signature {
    FileKind kind;
    std::string_view begins_with;
    /// Where the bytes from the ninth on say more.
    std::string_view goes_on_with = {};
};

constexpr Signature signatures[] = {
    {FileKind::png, "\x89PNG\r\n\x1a\n"},
    {FileKind::jpeg, "\xff\xd8\xff"},
    {FileKind::webp, "RIFF", "WEBP"},
    {FileKind::gif, "GIF8"},
    {FileKind::pickle, "PK\x03\x04"},  // torch's zip of a pickle and its tensors
    {FileKind::pickle, "\x80\x02"},
    {FileKind::pickle, "\x80\x03"},
    {FileKind::pickle, "\x80\x04"},
    {FileKind::pickle, "\x80\x05"},
    {FileKind::gguf, "GGUF"},
    {FileKind::gzip, "\x1f\x8b"},
    {FileKind::pdf, "%PDF-"},
    {FileKind::xml, "<?xml"},
};

bool is_json(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (!text.starts_with('{')) return false;
    text.remove_prefix(1);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    return text.starts_with('"') || text.starts_with('}');
}

}  // namespace

std::string_view name_of(FileKind kind) {
    switch (kind) {
        case FileKind::png:
            return "a PNG picture";
        case FileKind::jpeg:
            return "a JPEG picture";
        case FileKind::webp:
            return "a WebP picture";
        case FileKind::gif:
            return "a GIF picture";
        case FileKind::pickle:
            return "a pickle (.ckpt, .pt, .bin)";
        case FileKind::gguf:
            return "a GGUF file";
        case FileKind::gzip:
            return "a gzip archive";
        case FileKind::pdf:
            return "a PDF document";
        case FileKind::xml:
            return "an XML file";
        case FileKind::json:
            return "a JSON file";
    }
    return "";
}

std::optional<FileKind> kind_of_bytes(std::span<const std::byte> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (const Signature& signature : signatures)
        if (text.starts_with(signature.begins_with) &&
            (signature.goes_on_with.empty() || (text.size() > 8 && text.substr(8).starts_with(signature.goes_on_with))))
            return signature.kind;
    return is_json(text) ? std::optional(FileKind::json) : std::nullopt;
}

}  // namespace easel
