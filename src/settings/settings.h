#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <easel/easel.h>

#include "diffusion/plan.h"
#include "settings/hires.h"
#include "settings/model_defaults.h"
#include "settings/refining.h"
#include "settings/size.h"
#include "weights/model_facts.h"

namespace easel {

enum class Task { text_to_image, image_to_image, inpaint };

/// A file that a picture was drawn with, by the name that prompts have for it.
struct NamedHash {
    std::string name;
    /// In hexadecimal; empty where it takes too long to be had.
    std::string hash;
};

/// All that decides a picture: a request, completed with the model's defaults and easel's. complete() makes it, and a
/// Settings that exists is sound:
/// - each value is within the limits of its row in settings_table(), and texts are UTF-8;
/// - `size` is one that the model draws: multiples of its pixels per latent, and its only size if that is fixed;
/// - `init_image` is there exactly when `task` is not text_to_image, `mask` exactly when it is inpaint, and each has as
///   many pixels as its size says;
/// - the text encoder has the layer that `clip_skip` names;
/// - a sampler can be made from `plan`, and at `strength` at least one of its steps is taken, by `refining` too.
/// What is stored with the picture comes from here alone.
struct Settings {
    Task task = Task::text_to_image;
    std::string prompt, negative_prompt;
    /// For a second text encoder; empty: the same.
    std::string prompt_2, negative_prompt_2;
    /// Whether zeros stand for the negative prompt.
    bool zero_negative = false;
    /// With two text encoders the columns of the first one's embeddings; else 0.
    int first_text_width = 0;
    SizeIds size_ids;
    /// Those that were asked for, and the aesthetic scores, as they are stored: field and value.
    std::vector<std::pair<std::string_view, std::string>> told_sizes;
    /// How they are read; empty: as the web UI does, unless that comes to the same as reading text.
    std::optional<PromptSyntax> prompt_syntax;
    Emphasis emphasis = Emphasis::original;
    NegativePadding negative_padding = NegativePadding::none;
    StepRule step_rule = StepRule::webui;
    /// What is drawn.
    Size size;
    /// What is given back: `size`, or for image to image the init picture's own when no size was asked for.
    Size result_size;
    int num_inference_steps = 0;
    double guidance_scale = 0.0;
    /// The part of the steps that guidance acts in.
    double guidance_start = 0.0, guidance_end = 1.0;
    double guidance_rescale = 0.0;
    double step_cache = 0.0;
    Preset preset = Preset::exact;
    /// Of an InstructPix2Pix model, which draws image to image from pure noise, at a `strength` of 1.
    std::optional<double> image_guidance_scale;
    /// Whether the UNet takes the guidance scale itself.
    bool guidance_in_unet = false;
    std::uint64_t seed = 0;
    Rng rng = Rng::torch;
    /// How the noise is removed: the configuration of the sampler, found sound, and its steps.
    SamplingPlan plan;
    double eta = 0.0;
    int clip_skip = 1;
    std::vector<Lora> loras;
    std::vector<Embedding> embeddings;
    /// Each with a picture, a file, or "inpaint", which is there for masked image to image only.
    std::vector<Control> controls;
    ControlMode control_mode = ControlMode::balanced;
    bool guess_mode = false;
    std::vector<IpAdapter> ip_adapters;
    std::optional<FreeU> freeu;
    /// Of text to image only.
    std::optional<SecondPass> second;
    HiresStepCount hires_step_count = HiresStepCount::webui;
    /// In a second pass: the steps of the first one, from which changes in the prompt count on.
    int first_pass_steps = 0;
    /// Where the last pass ends before all noise is gone.
    std::optional<double> denoising_end;
    /// The second model that draws the end of the last pass.
    std::optional<Refining> refining;
    /// Of image to image: the picture to begin from, as it was given.
    std::optional<Picture> init_image;
    double strength = 1.0;
    /// Of masked image to image: what to repaint, as it was given.
    std::optional<Mask> mask;
    double mask_blur = 0.0;
    MaskedContent masked_content = MaskedContent::original;
    bool composite = true;

    /// The name of the VAE, if it is not the model's own.
    std::string vae;
    /// The embeddings that the prompts have, once these were read.
    std::vector<NamedHash> words;
    /// Of `loras`, once their files were looked at.
    std::vector<NamedHash> lora_hashes;

    /// Sentences about what was changed in the request or in the model's defaults.
    std::vector<std::string> notes;
    /// Those that are told once, not for each picture: about the model's own configuration, and how prompts are read.
    std::vector<std::string> model_notes;

    bool guided() const {
        return guidance_scale > 1.0 && !guidance_in_unet && image_guidance_scale.value_or(1.0) >= 1.0;
    }
    /// The index of the plan's first step that is taken. A schedule that was made for the strength is taken whole.
    std::size_t first_step() const { return plan.config.part_of_original_steps < 1.0 ? 0 : plan.first_step(strength); }
};

/// Completes and checks a request, in this order of precedence: the request, the model's easel.json, its
/// scheduler_config.json, easel's defaults. A random seed is drawn if none is asked for. Throws Error of kind
/// bad_request, naming the field and what would work, when something makes no sense, and as parse_scheduler_config()
/// does. `refiner`, which may be null, is the model that can draw the last steps.
Settings complete(Request request, const ModelFacts& facts, const ModelDefaults& defaults,
                  const ModelFacts* refiner = nullptr);

}  // namespace easel
