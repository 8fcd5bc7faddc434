#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "diffusion/plan.h"
#include "settings/size.h"

namespace easel {

/// Whether a text is "1024x768", a size, or "1.5", how many times larger, 1 to 16.
bool is_size_or_scale(std::string_view text);

/// The size that such a text asks for where the first one is `first`. Sides that follow from a scale are rounded down
/// to a multiple; those of a size are as they are written.
Size size_of_second_pass(std::string_view text, const Size& first, int multiple);

/// The second of two passes.
struct SecondPass {
    Size size;
    /// A name of latent_upscalers, "lanczos", or a file.
    std::string upscaler;
    double strength = 0.0;
    /// As they were asked for.
    int steps = 0;
    /// Its schedule, and the first of its timesteps that is used.
    SamplingPlan plan = {};
    std::size_t first = 0;
    /// Steps that are taken, for changes in the prompt.
    int text_steps = 0;
    SizeIds size_ids = {};
};

}  // namespace easel
