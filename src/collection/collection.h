#pragma once

#include <filesystem>
#include <span>

#include "settings/setting.h"

namespace easel {

/// The folders in which a person keeps what goes with a model; an empty path is none.
struct Collection {
    std::filesystem::path lora_dir;
    std::filesystem::path embedding_dir;
    /// Of ControlNets and of the pictures that they follow.
    std::filesystem::path control_dir;
    /// Of networks that enlarge pictures.
    std::filesystem::path upscaler_dir;
};

/// Its settings, under the names that flags, job files and the configuration file have for them.
std::span<const Setting<Collection>> collection_table();

}  // namespace easel
