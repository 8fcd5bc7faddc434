#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include <easel/easel.h>

#include "person/person_segmenter.h"
#include "pictures/resize_bilinear.h"

namespace easel {

/// What becomes of the probabilities, in this order.
struct PersonMaskOptions {
    /// Above it a pixel belongs to a person; 0 to 1.
    double threshold = 0.1;
    /// White is the background in place of the person.
    bool invert = false;
    /// Pixels by which the white is widened; 0 to 1000.
    int grow = 0;
    /// Standard deviation in pixels of the Gaussian that softens the edge; 0 to 1000.
    double feather = 0.0;
};

/// Throws Error (usage), naming the flag, for a value out of its range.
void check(const PersonMaskOptions& options);

/// Finds the person in pictures.
class PersonFinder {
  public:
    /// `tflite` as PersonSegmenter takes it. It computes in f32. `threads` as in EngineOptions.
    /// Throws Error as Runtime and PersonSegmenter do.
    PersonFinder(const std::filesystem::path& tflite, const std::string& device = "CPU", int threads = 0);

    /// The probability of a person at each pixel, by MediaPipe's own steps: the picture is stretched to the network's
    /// size without keeping its proportions, the result stretched back.
    FloatImage probabilities(const Picture& picture, std::stop_token stop = {});

    /// A mask of the picture's size. Throws Error when no pixel is above the threshold.
    Mask mask(const Picture& picture, const PersonMaskOptions& options, std::stop_token stop = {});

  private:
    Runtime runtime_;
    PersonSegmenter segmenter_;
};

}  // namespace easel
