#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "diffusion/plan.h"
#include "settings/model_defaults.h"
#include "weights/model_facts.h"

namespace easel {

enum class Job { text_to_image, image_to_image, inpaint };

/// Width and height in pixels.
struct Size {
    int width = 0;
    int height = 0;
    bool operator==(const Size&) const = default;
};

/// All that decides a picture: a request, completed with the model's defaults and easel's, and found sound. This is
/// what is stored with the picture.
struct Settings {
    Job job = Job::text_to_image;
    std::string prompt, negative_prompt;
    /// What is drawn: multiples of the VAE's factor.
    Size size;
    /// What is given back: `size`, or for image to image the init picture's own when no size was asked for.
    Size result_size;
    int num_inference_steps = 0;
    double guidance_scale = 0.0;
    std::uint64_t seed = 0;
    Rng rng = Rng::torch;
    /// How the noise is removed: the configuration of the sampler, found sound, and its steps.
    SamplingPlan plan;
    double eta = 0.0;
    int clip_skip = 1;
    /// Of image to image.
    double strength = 1.0;
    /// Of masked image to image.
    double mask_blur = 0.0;
    bool composite = true;

    /// Sentences about what was changed in the request or the model's wishes.
    std::vector<std::string> notes;
    /// Those about the model's own configuration, which are the same for every picture.
    std::vector<std::string> model_notes;

    bool guided() const { return guidance_scale > 1.0; }
};

/// Checks what can be checked of a request without the model, so before anything slow is begun: numbers and names that
/// no model takes, prompts that are not UTF-8, a mask without a picture. Throws Error of kind usage, naming the flag
/// and what would work.
void check(const Request& request);

/// Completes and checks a request, in this order of precedence: the request, the model's easel.json, its
/// scheduler_config.json, easel's defaults. A random seed is drawn where none is asked for.
/// Throws Error of kind usage, naming the flag and what would work, when something makes no sense.
Settings complete(const Request& request, const ModelFacts& facts, const ModelDefaults& defaults);

}  // namespace easel
