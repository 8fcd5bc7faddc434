#include "collection/upscaler_files.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "settings/latent_upscaler.h"

namespace easel {

NamedFolder upscaler_folder(const std::filesystem::path& path) {
    static constexpr std::array<std::string_view, 3> extensions = {".safetensors", ".pth", ".pt"};
    return {.field = "upscaler_dir", .path = path, .extensions = extensions};
}

std::string find_upscaler(const std::string& name, const NamedFolder& folder, std::string_view field) {
    if (const LatentUpscaler* latent = latent_upscaler(name)) return std::string(latent->name);
    if (is_lanczos(name)) return std::string(lanczos_upscaler);
    if (name.empty() || path_exists(name)) return name;
    if (const auto file = find_named(folder, name)) return file->string();
    throw Error(ErrorKind::not_found,
                fmt::format("`{}` {}: there is no such file; {}", field, name, folder.looked_at()), std::string(field));
}

}  // namespace easel
