#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include <easel/easel.h>

#include "base/kept.h"
#include "pipeline/tiles.h"
#include "runtime/compiled_network.h"
#include "settings/size.h"
#include "weights/upscaler_file.h"

namespace easel {

/// A network that enlarges pictures.
class Upscaler {
  public:
    /// Opens the file; compiles nothing. `runtime` must outlive it. Throws Error as open_upscaler() does, and when a
    /// weight is missing or has another shape.
    Upscaler(const std::filesystem::path& path, Runtime& runtime);

    /// How many times larger its pictures are.
    int scale() const { return network_.config.scale; }

    /// The picture `scale` times larger; its tiles are the steps of Stage::enlarge.
    /// Tiles are pixels of the picture. Beside the result little more than two rows of tiles is in memory. Throws
    /// Cancelled.
    Picture enlarge(const Picture& picture, const Tiles& tiles, const Callbacks& callbacks,
                    const std::stop_token& stop);

  private:
    /// Compiled for tiles of that size, which is kept.
    CompiledNetwork& compiled(const Size& size, const std::stop_token& stop);

    Network<UpscalerConfig> network_;
    std::shared_ptr<const ov::Model> graph_;
    Runtime& runtime_;
    Kept<CompiledNetwork, Size> compiled_;
};

/// The network that was asked for last, kept open.
class KeptUpscaler {
  public:
    /// The network of that file; one that was written again is another one. Throws Error as Upscaler does.
    Upscaler& get(const std::filesystem::path& path, Runtime& runtime);

  private:
    Kept<Upscaler, std::pair<std::filesystem::path, std::filesystem::file_time_type>> kept_;
};

/// The picture at a size: by the network, again while it is too small, and then by Lanczos; by Lanczos alone where the
/// network is null.
Picture enlarged(const Picture& picture, const Size& size, Upscaler* network, const Tiles& tiles,
                 const Callbacks& callbacks, const std::stop_token& stop);

}  // namespace easel
