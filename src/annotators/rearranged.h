#pragma once

#include <easel/picture.h>

#include "annotators/annotators.h"

namespace easel {

/// The picture without details smaller than `shrink` pixels, at its size.
Picture tile(const Picture& picture, const AnnotatorOptions& options);

/// The colours of the picture, moved about by smooth noise: what a ControlNet for shuffled pictures takes. After
/// ContentShuffleDetector of controlnet_aux, with random numbers of its own.
Picture shuffle(const Picture& picture, const AnnotatorOptions& options);

/// The picture in black where the mask is white. What nets for inpainting take is -1 there, which no file holds;
/// `--control MODEL:inpaint` makes that. Throws Error of kind bad_request unless there is a mask of the same size.
Picture without_masked(const Picture& picture, const AnnotatorOptions& options);

}  // namespace easel
