#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <easel/picture.h>

#include "settings/setting.h"

namespace easel {

/// What annotators may be told; annotator_table() has the limits.
struct AnnotatorOptions {
    /// Of canny: the gradients above which a pixel may belong to an edge, and certainly does.
    double low = 100.0, high = 200.0;
    /// Of scribble: how great a difference must be to be drawn.
    double threshold = 32.0;
    /// Of tile: how many times smaller the details are than what is kept.
    double shrink = 8.0;
    /// Of shuffle; only the low 32 bits count.
    std::uint64_t seed = 0;
    /// Of inpaint: white is taken out. As large as the picture.
    std::optional<Mask> mask;
};

/// All of them but the mask.
std::span<const Setting<AnnotatorOptions>> annotator_table();

/// A way to turn a picture into one that a ControlNet follows.
struct Annotator {
    std::string_view name;
    /// In a few words, for a person.
    std::string_view help;
    Picture (*annotate)(const Picture& picture, const AnnotatorOptions& options);
};

/// All of them: a new one needs a row in annotators.cpp.
std::span<const Annotator> annotators();

/// Throws Error of kind bad_request, listing the names, where there is none of that name.
const Annotator& annotator(std::string_view name);

}  // namespace easel
