#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>

#include "runtime/compiled_network.h"

namespace easel {

/// A network that separates a person from the background: MediaPipe's selfie segmentation, general (256 x 256) or
/// landscape (256 x 144), as a TensorFlow Lite file.
class PersonSegmenter {
  public:
    /// Throws Error if the file is missing, or is not such a network.
    PersonSegmenter(Runtime& runtime, const std::filesystem::path& tflite);

    /// A picture [height, width, 3] of RGB in 0..1 to the probability of a person at each of its pixels,
    /// [height, width]. The values are valid until the next call.
    std::span<const float> probabilities(std::span<const float> picture, std::stop_token stop);

    int width() const { return width_; }
    int height() const { return height_; }

  private:
    PersonSegmenter(Runtime& runtime, const std::shared_ptr<ov::Model>& model);

    int height_, width_;
    CompiledNetwork network_;
};

}  // namespace easel
