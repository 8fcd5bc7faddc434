#include "pictures/format.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/file_kind.h"

namespace easel {

std::string_view name_of(PictureFormat format) {
    switch (format) {
        case PictureFormat::png:
            return "PNG";
        case PictureFormat::jpeg:
            return "JPEG";
        case PictureFormat::webp:
            return "WebP";
    }
    return "";
}

std::optional<PictureFormat> format_of_bytes(std::span<const std::byte> bytes) {
    const auto kind = kind_of_bytes(bytes);
    if (kind == FileKind::png) return PictureFormat::png;
    if (kind == FileKind::jpeg) return PictureFormat::jpeg;
    if (kind == FileKind::webp) return PictureFormat::webp;
    return std::nullopt;
}

PictureFormat format_of_path(const std::filesystem::path& path) {
    std::string extension = path.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (extension == ".png") return PictureFormat::png;
    if (extension == ".jpg" || extension == ".jpeg") return PictureFormat::jpeg;
    if (extension == ".webp") return PictureFormat::webp;
    fail_usage("{}: a picture's name must end in .png, .jpg (or .jpeg) or .webp", path.string());
}

}  // namespace easel
