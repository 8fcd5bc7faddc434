#include "settings/settings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <random>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "settings/control_list.h"
#include "settings/lora_defaults.h"
#include "settings/refiner_pass.h"
#include "settings/scheduler_choice.h"
#include "settings/second_pass.h"
#include "settings/size_ids.h"
#include "settings/table.h"

namespace easel {
namespace {

/// A picture larger than this many times the model's native area is worked on at a smaller size.
constexpr double area_tolerance = 1.5;

int rounded_to(double side, int multiple) {
    const int rounded = static_cast<int>(std::lround(side / multiple)) * multiple;
    return std::clamp(rounded, multiple, largest_side / multiple * multiple);
}

/// The size that the model was trained on, or its own default.
Size native_size(const ModelFacts& facts, const ModelDefaults& defaults) {
    const Size own{facts.latents.downsampling * facts.sizes.native.width,
                   facts.latents.downsampling * facts.sizes.native.height};
    if (facts.sizes.fixed) return own;
    return {defaults.width.value_or(own.width), defaults.height.value_or(own.height)};
}

/// The working size for an init picture if none is requested: the picture's own, scaled down with its aspect ratio if
/// its area is much larger than the native one, and rounded to `multiple`.
Size working_size(const Size& picture, const Size& native, int multiple) {
    const double area = static_cast<double>(picture.width) * picture.height;
    const double native_area = static_cast<double>(native.width) * native.height;
    const double scale = area > area_tolerance * native_area ? std::sqrt(native_area / area) : 1.0;
    return {rounded_to(picture.width * scale, multiple), rounded_to(picture.height * scale, multiple)};
}

/// A size of which one or both sides are requested; the other follows from the aspect ratio of `like`.
Size asked_size(const Request& request, const Size& like, int multiple) {
    const double aspect = static_cast<double>(like.width) / like.height;
    const int width = request.width ? *request.width : rounded_to(*request.height * aspect, multiple);
    const int height = request.height ? *request.height : rounded_to(*request.width / aspect, multiple);
    return {width, height};
}

void check_fixed_size(const Request& request, const Size& native) {
    if (request.width.value_or(native.width) != native.width || request.height.value_or(native.height) != native.height)
        refuse(request.width.value_or(native.width) != native.width ? "width" : "height",
               "this model's networks have a fixed size; it draws only {}x{}", native.width, native.height);
}

void complete_sizes(Settings& settings, const Request& request, const ModelFacts& facts,
                    const ModelDefaults& defaults) {
    const int downsampling = facts.latents.downsampling;
    const Size native = native_size(facts, defaults);
    if (request.width) check_side("width", *request.width, downsampling);
    if (request.height) check_side("height", *request.height, downsampling);
    if (facts.sizes.fixed) check_fixed_size(request, native);

    const bool size_is_asked = request.width || request.height;
    if (!request.init_image) {
        settings.size = native;
        if (request.width) settings.size.width = *request.width;
        if (request.height) settings.size.height = *request.height;
        check_side("width", settings.size.width, downsampling);  // a model's easel.json may name any
        check_side("height", settings.size.height, downsampling);
        settings.result_size = settings.size;
    } else {
        const Size picture{request.init_image->width, request.init_image->height};
        // What the model prefers if we choose the size.
        const int step = downsampling * facts.sizes.step;
        if (facts.sizes.fixed)
            settings.size = native;
        else
            settings.size = size_is_asked ? asked_size(request, picture, step) : working_size(picture, native, step);
        settings.result_size = size_is_asked ? settings.size : picture;
    }
}

/// The steps of a distilled model that nothing else names. From a picture at least one must be taken.
int usual_steps(const FewSteps& few, const Settings& settings) {
    if (settings.task == Task::text_to_image || !(settings.strength > 0.0)) return few.steps;
    return std::clamp(static_cast<int>(std::ceil(1.0 / settings.strength)), few.steps, most_inference_steps);
}

/// Steps and guidance, and a sentence about those that come from how the model was distilled.
void complete_steps(Settings& settings, const Request& request, const ModelFacts& facts,
                    const ModelDefaults& defaults) {
    const auto& few = facts.few_steps;
    const auto steps = request.num_inference_steps ? request.num_inference_steps : defaults.num_inference_steps;
    const auto guidance = request.guidance_scale ? request.guidance_scale : defaults.guidance_scale;
    settings.num_inference_steps = steps.value_or(few ? usual_steps(*few, settings) : facts.usual_steps);
    settings.guidance_scale = guidance.value_or(few ? few->guidance_scale : usual_guidance_scale);
    if (!few || (steps && guidance)) return;
    const std::string in_steps =
        fmt::format("in {} step{}", settings.num_inference_steps, settings.num_inference_steps == 1 ? "" : "s");
    const std::string guided = few->guidance_scale > 1.0 ? fmt::format("with a guidance of {}", few->guidance_scale)
                                                         : std::string("without guidance");
    settings.model_notes.push_back(fmt::format(
        "{} is {}, so it draws {}{}{}; `num_inference_steps` and `guidance_scale` change that", facts.identity.name,
        few->what, steps ? "" : in_steps, steps || guidance ? "" : " ", guidance ? "" : guided));
}

/// Fills in what a distilling LoRA is drawn with, where nothing else is asked for. Returns the spacing of its
/// timesteps, or an empty text.
std::string take_defaults_of_loras(Settings& settings, Request& request, const ModelFacts& facts) {
    const auto found = facts.few_steps ? std::nullopt
                                       : defaults_of(request.loras, facts.text.is_double ? Family::stable_diffusion_xl
                                                                                         : Family::stable_diffusion_1);
    if (!found) return "";
    const FewSteps& few = found->few_steps;
    const bool takes_sampler = !request.sampler && request.scheduler_config.empty();
    std::vector<std::string> taken;
    if (takes_sampler) taken.push_back(fmt::format("the sampler {}", *(request.sampler = few.sampler)));
    if (!request.num_inference_steps) {
        const int steps = usual_steps(few, settings);
        request.num_inference_steps = steps;
        taken.push_back(fmt::format("{} step{}", steps, steps == 1 ? "" : "s"));
    }
    if (!request.guidance_scale)
        taken.push_back(fmt::format("a guidance of {}", *(request.guidance_scale = few.guidance_scale)));
    if (takes_sampler && few.eta && !request.eta)
        taken.push_back(fmt::format("an eta of {}", *(request.eta = few.eta)));
    if (taken.empty()) return "";
    settings.model_notes.push_back(
        fmt::format("{} makes {} of a model, so this draws with {}; `sampler`, `num_inference_steps` and "
                    "`guidance_scale` change that",
                    found->lora, few.what, fmt::join(taken, ", ")));
    return takes_sampler ? few.timestep_spacing : "";
}

/// Throws Error when none of the steps would be taken from a picture.
void check_strength(const Settings& settings) {
    if (settings.first_step() >= settings.plan.timesteps.size())
        refuse_value("strength", settings.strength,
                     "of {} steps none would be taken; give a greater strength or more steps",
                     settings.num_inference_steps);
}

void check_clip_skip(int clip_skip, const ModelFacts& facts) {
    if (!facts.text.layers && clip_skip != 1)
        refuse_value("clip_skip", clip_skip, "this model's text encoder provides only its last layer; leave it out");
    const int layers = facts.text.layers.value_or(1);
    if (clip_skip < 1 || clip_skip > layers)
        refuse_value("clip_skip", clip_skip, "the text encoder has {} layers; give 1 (the last) to {}", layers, layers);
}

/// The figures behind it are in docs/performance.md.
double step_cache_of(Preset preset) {
    static constexpr std::array step_caches = {0.0, 0.1, 0.3};
    return step_caches.at(static_cast<std::size_t>(preset));
}

/// What is given up for speed.
void complete_speed(Settings& settings, const Request& request) {
    settings.preset = request.preset;
    settings.step_cache = request.step_cache.value_or(step_cache_of(request.preset));
    settings.guidance_start = request.guidance_start;
    settings.guidance_end = request.guidance_end;
    if (settings.guidance_start >= settings.guidance_end)
        refuse_value("guidance_end", settings.guidance_end, "give one above `guidance_start`, which is {}",
                     settings.guidance_start);
    if (request.preset != Preset::exact)
        settings.notes.push_back(
            fmt::format("`preset` {}: draws with a `step_cache` of {}; the picture is not the exact one",
                        name(request.preset), settings.step_cache));
}

/// Of a model that changes pictures as the prompt says.
void complete_editing(Settings& settings, const Request& request) {
    if (!request.init_image)
        refuse("init_image", "this is an InstructPix2Pix model, which changes a picture; give the one to change");
    if (request.mask) refuse("mask", "an InstructPix2Pix model changes the whole picture; leave it out");
    if (!request.controls.empty()) refuse("controls", "an InstructPix2Pix model takes none; leave them out");
    settings.image_guidance_scale = request.image_guidance_scale.value_or(usual_image_guidance_scale);
}

std::uint32_t random_seed() { return std::random_device()(); }

void check_pictures(const Request& request) {
    if (request.mask && !request.init_image)
        refuse("mask", "it needs the picture that it belongs to; give that as `init_image`");
    const auto check_pixels = [](std::string_view field, const auto& picture, std::size_t channels) {
        const bool sound = picture.width > 0 && picture.height > 0 &&
                           picture.pixels.size() == channels * static_cast<std::size_t>(picture.width) *
                                                        static_cast<std::size_t>(picture.height);
        if (!sound) refuse(field, "the size does not match the number of pixels");
    };
    if (request.init_image) check_pixels("init_image", *request.init_image, 3);
    if (request.mask) check_pixels("mask", *request.mask, 1);
    for (const Control& control : request.controls) {
        if (control.picture) {
            check_pixels("controls", *control.picture, 3);
        } else if (control.file.empty()) {
            refuse("controls", "{} has no picture to follow; give one", control.model.string());
        } else if (control.file == inpaint_picture && !request.mask) {
            refuse("controls", "the picture inpaint is made of `init_image` and `mask`; give both");
        }
    }
    if (request.guess_mode && request.control_mode != ControlMode::balanced)
        refuse("guess_mode", "it is a mode of its own; leave `control_mode` out");
}

void add_mask_notes(Settings& settings, const Picture& init, const Mask& mask) {
    if (mask.width != init.width || mask.height != init.height)
        settings.notes.push_back(fmt::format("the mask of {}x{} is resized to the picture's {}x{}", mask.width,
                                             mask.height, init.width, init.height));
    if (std::ranges::all_of(mask.pixels, [](std::uint8_t pixel) { return pixel == 0; }))
        settings.notes.emplace_back("the mask is black everywhere, so nothing is repainted");
}

/// A sentence for each requested setting that has no effect here.
void add_notes_of_no_effect(Settings& settings, const Request& request) {
    const auto note = [&](std::string sentence) { settings.notes.push_back(std::move(sentence)); };
    if (settings.guidance_in_unet && !request.negative_prompt.empty())
        note("`negative_prompt` has no effect with this model, whose UNet takes the guidance itself");
    else if (!request.negative_prompt.empty() && !settings.guided())
        note(
            settings.guidance_scale > 1.0
                ? fmt::format("`negative_prompt` has no effect at an `image_guidance_scale` of {}; it needs at least 1",
                              *settings.image_guidance_scale)
                : fmt::format("`negative_prompt` has no effect at a `guidance_scale` of {}; it needs more than 1",
                              settings.guidance_scale));
    const auto note_for_plain = [&](std::string_view field, bool is_asked) {
        if (is_asked && request.prompt_syntax == PromptSyntax::plain)
            note(fmt::format("`{}` has no effect with a `prompt_syntax` of plain", field));
    };
    note_for_plain("emphasis", request.emphasis != Emphasis::original);
    note_for_plain("negative_padding", request.negative_padding != NegativePadding::none);
    note_for_plain("step_rule", request.step_rule != StepRule::webui);
    if (request.guidance_rescale > 0 && !settings.guided()) note("`guidance_rescale` has no effect without guidance");
    if ((request.guidance_start > 0 || request.guidance_end < 1) && !settings.guided())
        note("`guidance_start` and `guidance_end` have no effect without guidance");
    const SamplerKind& sampler = *settings.plan.config.sampler;
    if (request.original_inference_steps && !sampler.has_field("original_inference_steps"))
        note(fmt::format("`original_inference_steps` has no effect with the sampler {}; it is for lcm and tcd",
                         sampler.name));
    if (settings.eta > 0 && !sampler.default_eta)
        note(fmt::format("`eta` has no effect with the sampler {}; it is for ddim and tcd", sampler.name));
    if (settings.controls.empty() && request.control_mode != ControlMode::balanced)
        note("`control_mode` has no effect without `controls`");
    if (settings.controls.empty() && request.guess_mode) note("`guess_mode` has no effect without `controls`");
    const auto note_for_hires = [&](std::string_view field, bool is_asked) {
        if (is_asked && request.hires.empty()) note(fmt::format("`{}` has no effect without `hires`", field));
    };
    note_for_hires("hires_upscaler", !request.hires_upscaler.empty());
    note_for_hires("hires_steps", request.hires_steps.has_value());
    note_for_hires("hires_strength", request.hires_strength.has_value());
    if (request.strength && settings.image_guidance_scale)
        note("`strength` has no effect with an InstructPix2Pix model; `image_guidance_scale` has");
    else if (request.strength && !request.init_image)
        note("`strength` has no effect without `init_image`");
    if (request.image_guidance_scale && !settings.image_guidance_scale)
        note("`image_guidance_scale` has no effect with this model; it is for InstructPix2Pix");
    if (request.mask_blur > 0 && !request.mask) note("`mask_blur` has no effect without `mask`");
    if (request.mask_blur > 0 && request.mask && !request.composite)
        note("`mask_blur` has no effect if nothing is pasted (`composite`)");
    if (request.masked_content != MaskedContent::original && !request.mask)
        note("`masked_content` has no effect without `mask`");
    if (request.masked_content != MaskedContent::original && request.mask && settings.strength == 1.0)
        note("`masked_content` has no effect at a `strength` of 1, which begins with noise alone");
    if (!request.composite && !request.mask) note("`composite` has no effect without `mask`");
}

void add_notes_for_refiner(Settings& settings, const Request& request, const ModelFacts& facts,
                           const ModelFacts* refiner) {
    if (!refiner && request.refiner_at.value_or(1.0) < 1.0)
        settings.notes.emplace_back("`refiner_at` has no effect without `refiner`");
    const bool takes_score = facts.takes_aesthetic_score || (refiner && refiner->takes_aesthetic_score);
    if (!takes_score && (request.aesthetic_score || request.negative_aesthetic_score))
        settings.notes.emplace_back(
            "`aesthetic_score` and `negative_aesthetic_score` have no effect without a refiner, which alone knows "
            "them");
    if (facts.takes_aesthetic_score && settings.task == Task::text_to_image)
        settings.model_notes.push_back(fmt::format(
            "{} is a refiner, made to finish what another model has begun; from text alone it draws coarsely, "
            "so give it an `init_image`, or give it as `refiner` of a Stable Diffusion XL model",
            facts.identity.name));
}

}  // namespace

Settings complete(Request request, const ModelFacts& facts, const ModelDefaults& defaults, const ModelFacts* refiner) {
    for (const Setting<Request>& setting : settings_table()) check_value(setting, get(request, setting));
    check_pictures(request);
    Settings settings;
    settings.task = request.mask ? Task::inpaint : request.init_image ? Task::image_to_image : Task::text_to_image;
    complete_sizes(settings, request, facts, defaults);

    if (facts.edits_pictures())
        complete_editing(settings, request);
    else if (settings.task != Task::text_to_image)
        settings.strength = request.strength.value_or(usual_strength);
    const std::string timestep_spacing = take_defaults_of_loras(settings, request, facts);
    complete_steps(settings, request, facts, defaults);
    settings.guidance_in_unet = facts.takes_guidance;
    settings.guidance_rescale = request.guidance_rescale;
    complete_speed(settings, request);
    settings.vae = facts.identity.vae;
    settings.seed = request.seed ? *request.seed : random_seed();
    settings.rng = request.rng;

    complete_scheduler(settings, request, facts, defaults, timestep_spacing);
    settings.clip_skip = request.clip_skip;
    check_clip_skip(settings.clip_skip, facts);
    settings.prompt_syntax = request.prompt_syntax;
    settings.emphasis = request.emphasis;
    settings.negative_padding = request.negative_padding;
    settings.step_rule = request.step_rule;
    settings.loras = std::move(request.loras);
    settings.embeddings = std::move(request.embeddings);
    settings.controls = std::move(request.controls);
    settings.control_mode = request.control_mode;
    settings.guess_mode = request.guess_mode;
    settings.ip_adapters = std::move(request.ip_adapters);
    settings.freeu = request.freeu;

    if (settings.task != Task::text_to_image) check_strength(settings);
    if (!request.hires.empty()) {
        settings.second = second_pass(settings, request, facts);
        settings.hires_step_count = request.hires_step_count;
    }
    settings.denoising_end = request.denoising_end;
    if (refiner) complete_refining(settings, request, facts, *refiner);
    check_ends(settings);
    if (request.mask) add_mask_notes(settings, *request.init_image, *request.mask);
    settings.mask_blur = request.mask_blur;
    settings.masked_content = request.masked_content;
    settings.composite = request.composite;
    add_notes_of_no_effect(settings, request);
    add_notes_for_refiner(settings, request, facts, refiner);

    settings.size_ids = size_ids_of(request, facts, settings.size, settings.task);
    if (settings.second)
        settings.second->size_ids = size_ids_of(request, facts, settings.second->size, Task::image_to_image);
    settings.zero_negative = has_zero_negative(request, facts);
    if (facts.text.is_pooled) settings.told_sizes = told_sizes(request);
    if (facts.text.is_double) {
        settings.first_text_width = facts.text.first_width;
        settings.prompt_2 = std::move(request.prompt_2);
        settings.negative_prompt_2 = std::move(request.negative_prompt_2);
    } else if (!request.prompt_2.empty() || !request.negative_prompt_2.empty()) {
        settings.notes.emplace_back("`prompt_2` and `negative_prompt_2` have no effect with one text encoder");
    }
    settings.prompt = std::move(request.prompt);
    settings.negative_prompt = std::move(request.negative_prompt);
    settings.init_image = std::move(request.init_image);
    settings.mask = std::move(request.mask);
    return settings;
}

}  // namespace easel
