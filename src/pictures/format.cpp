#include "pictures/format.h"

#include <algorithm>
#include <string>

#include "base/error.h"

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
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("\x89PNG\r\n\x1a\n")) return PictureFormat::png;
    if (text.starts_with("\xff\xd8\xff")) return PictureFormat::jpeg;
    if (text.starts_with("RIFF") && text.size() >= 12 && text.substr(8, 4) == "WEBP") return PictureFormat::webp;
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
