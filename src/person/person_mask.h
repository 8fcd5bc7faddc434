#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

#include <easel/easel.h>

#include "person/person_segmenter.h"
#include "pictures/resize_bilinear.h"

namespace easel {

/// How a mask is made of the probabilities; in this order.
struct PersonMaskOptions {
    /// A pixel with a greater probability belongs to the person; 0 to 1.
    double threshold = 0.1;
    /// Makes the background white instead of the person.
    bool invert = false;
    /// Pixels by which the white part is widened; 0 to 1000.
    int grow = 0;
    /// Standard deviation in pixels of the Gaussian that softens the edge; 0 to 1000.
    double feather = 0.0;
    bool operator==(const PersonMaskOptions&) const = default;
};

/// Throws Error of kind bad_request, naming the field, for a value out of its range.
void check(const PersonMaskOptions& options);

/// Finds the person in pictures.
class PersonFinder {
  public:
    /// `tflite` as PersonSegmenter takes it. It computes in f32. `threads` as in EngineOptions.
    /// Throws Error as Runtime and PersonSegmenter do.
    PersonFinder(const std::filesystem::path& tflite, const std::string& device = "CPU", int threads = 0);

    /// The probability of a person at each pixel. As in MediaPipe, the picture is stretched to the network's size
    /// without keeping its proportions, and the result is stretched back.
    FloatImage probabilities(const Picture& picture, std::stop_token stop = {});

    /// A mask of the picture's size. Throws Error if no pixel is above the threshold.
    Mask mask(const Picture& picture, const PersonMaskOptions& options, std::stop_token stop = {});

  private:
    Runtime runtime_;
    PersonSegmenter segmenter_;
};

}  // namespace easel
