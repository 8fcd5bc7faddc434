#pragma once

#include <filesystem>
#include <memory>

#include "runtime/network_source.h"

namespace easel {

/// Opens the model at `path`: a diffusers folder, an original single file, or a folder of OpenVINO IR. Throws Error
/// when it is none of these or broken.
std::unique_ptr<const NetworkSource> open_networks(const std::filesystem::path& path);

}  // namespace easel
