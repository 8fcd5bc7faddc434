#pragma once

#include <filesystem>
#include <string>

#include "collection/named_files.h"

namespace easel {

/// The folder of upscalers at a path; an empty one holds none.
NamedFolder upscaler_folder(const std::filesystem::path& path);

/// What `name` is for Request::hires_upscaler: a way to enlarge latents or lanczos under its own name or the web UI's,
/// a path that exists, else a file of that name, or with that stem, in `folder` or below it. Throws Error about
/// `field` where there is none.
std::string find_upscaler(const std::string& name, const NamedFolder& folder, std::string_view field);

}  // namespace easel
