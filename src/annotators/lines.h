#pragma once

#include <easel/picture.h>

#include "annotators/annotators.h"

namespace easel {

/// Lines, white on black: what is darker than its surroundings. Source: lineart_standard of sd-webui-controlnet.
Picture lineart(const Picture& picture, const AnnotatorOptions& options);

/// The same as coarse strokes: a difference of Gaussians (Winnemoeller et al. 2012) above a threshold. Source:
/// scribble_xdog of sd-webui-controlnet.
Picture scribble(const Picture& picture, const AnnotatorOptions& options);

}  // namespace easel
