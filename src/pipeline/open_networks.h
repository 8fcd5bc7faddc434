#pragma once

#include <filesystem>

#include "runtime/network_source.h"

namespace easel {

/// Opens the model at `path`: a diffusers folder, an original single file, or a folder of OpenVINO IR. Throws Error
/// when it is none of these or broken.
ModelNetworks open_networks(const std::filesystem::path& path);

}  // namespace easel
