#pragma once

#include <span>
#include <string_view>

namespace easel {

/// A line of an algorithm, and the code that does it.
struct AlgorithmLine {
    /// HTML.
    std::string_view text;
    /// As it stands in `file`, a name under src/train/, but for line breaks.
    std::string_view code, file;
};

/// Algorithm 1 of "Denoising Diffusion Probabilistic Models" (Ho et al. 2020) beside easel-train's own lines. A test
/// compares them with the sources.
std::span<const AlgorithmLine> training_algorithm();

}  // namespace easel
