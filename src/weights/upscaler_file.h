#pragma once

#include <filesystem>
#include <optional>

#include "weights/checkpoint.h"

namespace easel {

/// A network that enlarges pictures, from the shapes of its weights.
struct UpscalerConfig {
    enum class Kind {
        /// RRDBNet of ESRGAN (Wang et al. 2018) and Real-ESRGAN.
        rrdb,
        /// SRVGGNetCompact of Real-ESRGAN.
        compact,
    };
    Kind kind = Kind::rrdb;
    /// How many times larger its pictures are.
    int scale = 4;
    int filters = 64;
    /// Of rrdb: channels that each convolution of a dense block adds, its blocks, and how many pixels a side become
    /// channels before all else.
    int growth = 32, blocks = 23, unshuffle = 1;
    /// Of compact: convolutions between the first one and the last one.
    int convolutions = 16;
};

/// Opens an upscaler: a .safetensors file, or a pickle of torch's (.pth), of which nothing is executed. Its weights
/// have the newest names, `conv_first`, `body.0.rdb1.conv1`, ..., whichever of the three published spellings the file
/// has. Throws Error if it is missing, damaged, or of another kind.
Network<UpscalerConfig> open_upscaler(const std::filesystem::path& path);

/// The same, but none if it is of another kind.
std::optional<Network<UpscalerConfig>> find_upscaler(const std::filesystem::path& path);

}  // namespace easel
