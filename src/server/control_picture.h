#pragma once

#include <optional>
#include <string_view>

#include <easel/picture.h>

#include "annotators/annotators.h"
#include "pictures/fit.h"

namespace easel::server {

/// A picture that a ControlNet is to follow, and what is made of it before that.
struct ControlPicture {
    Picture picture;
    /// Null: the picture is ready.
    const Annotator* annotator = nullptr;
    AnnotatorOptions options = {};
    /// How many pixels the shorter side has when the annotator looks at it; none: as many as it has.
    std::optional<int> resolution = {};
};

/// What an annotator looks at is made smaller where it has more pixels than this.
inline constexpr double most_annotated_pixels = 4096.0 * 2048.0;

/// What the annotator makes of it, or the picture itself. A mask among the options is resized to the picture.
Picture annotated(const ControlPicture& control);

/// How many pixels the picture's shorter side has where it is fitted to a size: what annotators look at by the web UI's
/// "pixel perfect".
int resolution_for(const Picture& picture, int width, int height, Fit fit);

/// The picture at a size, by resize_lanczos(). As the web UI's extension does for ControlNets, Fit::fill surrounds it
/// with one colour, the median of its edges, so that no lines are made.
Picture control_fitted(const Picture& picture, int width, int height, Fit fit);

}  // namespace easel::server
