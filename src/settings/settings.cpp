#include "settings/settings.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "diffusion/sampler.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_json.h"
#include "diffusion/scheduler_names.h"
#include "diffusion/scheduler_policy.h"
#include "settings/number_pair.h"
#include "settings/table.h"
#include "weights/layouts.h"

namespace easel {
namespace {

constexpr std::string_view told_size_fields[] = {"original_size",          "crop",          "target_size",
                                                 "negative_original_size", "negative_crop", "negative_target_size"};

/// A picture larger than this many times the model's native area is worked on at a smaller size.
constexpr double area_tolerance = 1.5;

void check_side(std::string_view field, int side, int multiple) {
    if (side < multiple || side > largest_side)
        refuse_value(field, side, "give a multiple of {} from {} to {}", multiple, multiple, largest_side);
    if (side % multiple == 0) return;
    const int below = side / multiple * multiple;
    refuse_value(field, side, "the model needs a multiple of {}; the nearest are {} and {}", multiple, below,
                 below + multiple);
}

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

/// A single file that only says how it was trained names no sampler.
bool names_a_class(const std::string& scheduler_config) {
    const auto config = nlohmann::json::parse(scheduler_config, nullptr, /*allow_exceptions=*/false);
    return !config.is_object() || config.contains("_class_name");
}

/// What the sampler's name asks for beside the sampler: "DPM++ 2M SDE Karras".
void apply_name(const NamedSampler& named, SchedulerConfig& config) {
    if (named.schedule) config.sigma_schedule = *named.schedule;
    if (named.algorithm_type) config.algorithm_type = *named.algorithm_type;
}

/// The settings for a model and a request that both name no sampler.
ParsedSchedulerConfig usual_scheduler(const ModelFacts& facts) {
    const SamplerKind& kind = sampler_kind(facts.few_steps ? facts.few_steps->sampler : "dpmpp_2m");
    ParsedSchedulerConfig parsed;
    if (facts.scheduler_config)
        parsed = parse_scheduler_config(*facts.scheduler_config, facts.identity.path.string(), &kind);
    else
        parsed.config = standard_scheduler_config(kind);
    // With zero terminal SNR sigma begins at 4096, and Karras' schedule would spend most of its steps up there.
    if (!parsed.config.rescale_betas_zero_snr && !facts.few_steps) parsed.config.sigma_schedule = SigmaSchedule::karras;
    return parsed;
}

/// The model's own scheduler settings, or those that a single file is used with.
ParsedSchedulerConfig scheduler_of(const Request& request, const ModelFacts& facts, const ModelDefaults& defaults) {
    const bool has_own_file = !request.scheduler_config.empty();
    std::optional<NamedSampler> asked;
    if (request.sampler)
        asked = require_sampler(*request.sampler);
    else if (defaults.sampler && !has_own_file)
        asked = require_sampler(*defaults.sampler);
    const SamplerKind* kind = asked ? asked->kind : nullptr;

    ParsedSchedulerConfig parsed;
    if (has_own_file) {
        parsed =
            parse_scheduler_config(read_text_file(request.scheduler_config), request.scheduler_config.string(), kind);
    } else if (facts.scheduler_config && (kind || names_a_class(*facts.scheduler_config))) {
        const std::filesystem::path& path = facts.identity.path;
        const std::string where = std::filesystem::is_directory(path)
                                      ? (path / "scheduler" / "scheduler_config.json").string()
                                      : fmt::format("{} ({} in its metadata)", path.string(), scheduler_config_key);
        parsed = parse_scheduler_config(*facts.scheduler_config, where, kind);
    } else if (kind) {
        parsed.config = standard_scheduler_config(*kind);
    } else {
        parsed = usual_scheduler(facts);
    }
    const bool is_spaced = has_own_file || (facts.scheduler_config && names_a_class(*facts.scheduler_config));
    if (facts.few_steps && !facts.few_steps->timestep_spacing.empty() && !is_spaced)
        parsed.config.timestep_spacing = timestep_spacing_by_name(facts.few_steps->timestep_spacing);
    if (asked) apply_name(*asked, parsed.config);
    return parsed;
}

/// The steps that neither the request nor the model's easel.json names. From a picture at least one must be taken.
int usual_steps(const ModelFacts& facts, const Settings& settings) {
    if (!facts.few_steps) return facts.usual_steps;
    const int steps = facts.few_steps->steps;
    if (settings.task == Task::text_to_image || !(settings.strength > 0.0)) return steps;
    return std::clamp(static_cast<int>(std::ceil(1.0 / settings.strength)), steps, most_inference_steps);
}

/// Steps and guidance, and a sentence about those that come from how the model was distilled.
void complete_steps(Settings& settings, const Request& request, const ModelFacts& facts,
                    const ModelDefaults& defaults) {
    const auto& few = facts.few_steps;
    const auto steps = request.num_inference_steps ? request.num_inference_steps : defaults.num_inference_steps;
    const auto guidance = request.guidance_scale ? request.guidance_scale : defaults.guidance_scale;
    settings.num_inference_steps = steps.value_or(usual_steps(facts, settings));
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

/// Turns Karras' schedule on or off. Other schedules that the configuration has (exponential, lu, beta) are not
/// Karras', so discrete leaves them.
void use_schedule(SchedulerConfig& config, std::string_view name) {
    const SigmaSchedule asked = sigma_schedule_by_name(name);
    if (asked == SigmaSchedule::karras || config.sigma_schedule == SigmaSchedule::karras) config.sigma_schedule = asked;
}

void complete_scheduler(Settings& settings, const Request& request, const ModelFacts& facts,
                        const ModelDefaults& defaults) {
    auto [config, notes] = scheduler_of(request, facts, defaults);
    if (request.beta_start || request.beta_end || request.beta_schedule) config.trained_betas.clear();
    if (request.beta_start) config.beta_start = *request.beta_start;
    if (request.beta_end) config.beta_end = *request.beta_end;
    if (request.beta_schedule) config.beta_schedule = beta_schedule_by_name(*request.beta_schedule);
    if (request.original_inference_steps) config.original_inference_steps = *request.original_inference_steps;
    // As diffusers' pipelines for these models have it.
    if (facts.takes_guidance && config.sampler == &sampler_kind("lcm") && settings.task != Task::text_to_image)
        config.part_of_original_steps = settings.strength;
    if (request.prediction_type) config.prediction_type = prediction_type_by_name(*request.prediction_type);

    // A model's default schedule belongs to its default sampler.
    const bool own_choice = request.sampler || !request.scheduler_config.empty();
    if (request.schedule)
        use_schedule(config, *request.schedule);
    else if (defaults.schedule && !own_choice)
        use_schedule(config, *defaults.schedule);
    for (std::string& note : notes) settings.model_notes.push_back(std::move(note));
    for (std::string& change : correct_for_stable_diffusion(config, settings.task == Task::inpaint))
        settings.model_notes.push_back(std::move(change));
    settings.plan = make_plan(config, settings.num_inference_steps, settings.eta);
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
    if (request.original_inference_steps && settings.plan.config.sampler != &sampler_kind("lcm"))
        note(fmt::format("`original_inference_steps` has no effect with the sampler {}; it is for lcm",
                         settings.plan.config.sampler->name));
    if (request.eta > 0 && !settings.plan.config.sampler->takes_eta)
        note(
            fmt::format("`eta` has no effect with the sampler {}; it is for ddim", settings.plan.config.sampler->name));
    if (settings.controls.empty() && request.control_mode != ControlMode::balanced)
        note("`control_mode` has no effect without `controls`");
    if (settings.controls.empty() && request.guess_mode) note("`guess_mode` has no effect without `controls`");
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

/// Height and width, or top and left, of "WxH" or "X,Y".
using SizeIds = std::pair<double, double>;
SizeIds size_ids_of(const std::optional<std::string>& text, char between, const SizeIds& missing) {
    const auto pair = text ? number_pair(*text, between) : std::nullopt;
    return pair ? SizeIds(pair->second, pair->first) : missing;
}

/// As diffusers' pipelines of Stable Diffusion XL have it.
void complete_size_ids(Settings& settings, const Request& request) {
    const SizeIds drawn(settings.size.height, settings.size.width);
    const SizeIds original = size_ids_of(request.original_size, 'x', drawn);
    const SizeIds crop = size_ids_of(request.crop, ',', {0.0, 0.0});
    const SizeIds target = size_ids_of(request.target_size, 'x', drawn);
    const auto joined = [](const SizeIds& a, const SizeIds& b, const SizeIds& c) {
        return std::vector<double>{a.first, a.second, b.first, b.second, c.first, c.second};
    };
    settings.size_ids = settings.negative_size_ids = joined(original, crop, target);
    const bool from_text = settings.task == Task::text_to_image;
    if (!from_text || (request.negative_original_size && request.negative_target_size))
        settings.negative_size_ids = joined(size_ids_of(request.negative_original_size, 'x', original),
                                            from_text ? size_ids_of(request.negative_crop, ',', {0.0, 0.0}) : crop,
                                            size_ids_of(request.negative_target_size, 'x', target));
    for (const std::string_view field : told_size_fields)
        if (const Value value = get(request, setting(field)); std::holds_alternative<std::string>(value))
            settings.told_sizes.emplace_back(field, std::get<std::string>(value));
}

}  // namespace

Settings complete(Request request, const ModelFacts& facts, const ModelDefaults& defaults) {
    for (const Setting<Request>& setting : settings_table()) check_value(setting, get(request, setting));
    check_pictures(request);
    Settings settings;
    settings.task = request.mask ? Task::inpaint : request.init_image ? Task::image_to_image : Task::text_to_image;
    complete_sizes(settings, request, facts, defaults);

    if (facts.edits_pictures())
        complete_editing(settings, request);
    else if (settings.task != Task::text_to_image)
        settings.strength = request.strength.value_or(usual_strength);
    complete_steps(settings, request, facts, defaults);
    settings.guidance_in_unet = facts.takes_guidance;
    settings.guidance_rescale = request.guidance_rescale;
    settings.vae = facts.identity.vae;
    settings.seed = request.seed ? *request.seed : random_seed();
    settings.rng = request.rng;

    settings.eta = request.eta;
    complete_scheduler(settings, request, facts, defaults);
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

    if (settings.task != Task::text_to_image) check_strength(settings);
    if (request.mask) add_mask_notes(settings, *request.init_image, *request.mask);
    settings.mask_blur = request.mask_blur;
    settings.masked_content = request.masked_content;
    settings.composite = request.composite;
    add_notes_of_no_effect(settings, request);

    if (facts.text.is_double) {
        complete_size_ids(settings, request);
        settings.first_text_width = facts.text.first_width;
        const bool wants_zeros =
            request.empty_negative ? *request.empty_negative == "zeros" : facts.text.zeros_for_no_negative;
        settings.zero_negative = wants_zeros && request.negative_prompt.empty() && request.negative_prompt_2.empty();
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
