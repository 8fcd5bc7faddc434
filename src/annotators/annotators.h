#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <easel/picture.h>

namespace easel {

/// What annotators may be told.
struct AnnotatorOptions {
    /// Of canny: the gradients, 0 to 1000, above which a pixel may belong to an edge, and certainly does.
    double low = 100.0, high = 200.0;
    /// Of scribble: how great a difference must be to be drawn, 1 to 255.
    double threshold = 32.0;
    /// Of tile: how many times smaller the details are than what is kept, 1 to 64.
    int shrink = 8;
    /// Of shuffle.
    std::uint32_t seed = 0;
    /// Of inpaint: white is taken out. As large as the picture.
    std::optional<Mask> mask;
};

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
