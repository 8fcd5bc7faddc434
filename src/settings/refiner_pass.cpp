#include "settings/refiner_pass.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "settings/scheduler_choice.h"
#include "settings/size_ids.h"
#include "settings/table.h"

namespace easel {
namespace {

/// The schedule of the last pass, from its first timestep on.
struct LastPass {
    const SamplingPlan& plan;
    std::size_t first;
    Size size;
};

LastPass last_pass(const Settings& settings) {
    if (settings.second) return {settings.second->plan, settings.second->first, settings.second->size};
    const std::size_t first = settings.task == Task::text_to_image ? 0 : settings.first_step();
    return {settings.plan, first, settings.size};
}

void check_refiner_clip_skip(int clip_skip, const ModelFacts& refiner) {
    if (const int layers = refiner.text.layers.value_or(1); clip_skip > layers)
        refuse_value("clip_skip", clip_skip, "the refiner's text encoder allows 1 to {}", layers);
}

/// What was made for the model itself, in words: "LoRAs, embeddings"; empty for nothing.
std::string unused_in_refining(const Settings& settings) {
    std::vector<std::string_view> unused;
    const auto add = [&](std::string_view what, bool is_there) {
        if (is_there) unused.push_back(what);
    };
    add("LoRAs", !settings.loras.empty());
    add("embeddings", !settings.embeddings.empty());
    add("ControlNets", !settings.controls.empty());
    add("IP-Adapters", !settings.ip_adapters.empty());
    add("FreeU", settings.freeu.has_value());
    return fmt::format("{}", fmt::join(unused, ", "));
}

}  // namespace

void complete_refining(Settings& settings, const Request& request, const ModelFacts& facts, const ModelFacts& refiner) {
    const double at = request.refiner_at.value_or(usual_refiner_at);
    if (at == 1.0) return;
    if (facts.masking == Masking::in_the_unet && request.mask)
        refuse("refiner_at",
               "{} is an inpainting model, whose mask the refiner would not know; give 1, which leaves the refiner "
               "out, or draw with a model that is none",
               facts.identity.name);
    const Size size = last_pass(settings).size;
    const auto [height, width] = refiner.sizes.native;
    if (const int pixels = refiner.latents.downsampling;
        refiner.sizes.fixed && size != Size{width * pixels, height * pixels})
        refuse("refiner_at",
               "the refiner's networks have a fixed size, {}x{}, and this picture has {}x{}; give 1, which leaves it "
               "out, or that size",
               width * pixels, height * pixels, size.width, size.height);
    check_refiner_clip_skip(settings.clip_skip, refiner);
    if (const std::string unused = unused_in_refining(settings); !unused.empty())
        settings.model_notes.push_back(fmt::format("the refiner {} draws its part without the {}, which are for {}",
                                                   refiner.identity.name, unused, facts.identity.name));
    settings.refining =
        Refining{.model = refiner.identity.name,
                 .at = at,
                 .prediction_type = prediction_type_of(refiner),
                 .size_ids = size_ids_of(request, refiner, size, Task::image_to_image),
                 .zero_negative = refiner.text.zeros_for_no_negative && has_zero_negative(request, refiner),
                 .takes_guidance = refiner.takes_guidance,
                 .first_text_width = refiner.text.is_double ? refiner.text.first_width : 0};
}

void check_ends(const Settings& settings) {
    const auto& [plan, first, size] = last_pass(settings);
    const std::size_t end = settings.denoising_end ? plan.calls_until(*settings.denoising_end) : plan.timesteps.size();
    if (end <= first)
        refuse_value("denoising_end", *settings.denoising_end,
                     "of {} steps none would be taken; give a greater number or more steps", plan.steps);
    if (!settings.refining) return;
    const double at = settings.refining->at;
    if (plan.calls_until(at) <= first)
        refuse_value("refiner_at", at,
                     "of {} steps none would be left for the model before it; give a greater number or more steps",
                     plan.steps);
    if (plan.first_call_after(at) >= end)
        refuse_value("refiner_at", at,
                     "of {} steps none would be left for the refiner; give a smaller number or more steps", plan.steps);
}

Settings settings_of_refining(const Settings& settings) {
    const Refining& refining = settings.refining.value();
    Settings last = settings;
    last.plan.config.prediction_type = refining.prediction_type;
    last.size_ids = refining.size_ids;
    last.zero_negative = refining.zero_negative;
    last.guidance_in_unet = refining.takes_guidance;
    last.image_guidance_scale.reset();
    last.first_text_width = refining.first_text_width;
    if (last.first_text_width == 0) {
        last.prompt_2.clear();
        last.negative_prompt_2.clear();
    }
    last.loras.clear();
    last.embeddings.clear();
    last.controls.clear();
    last.ip_adapters.clear();
    last.freeu.reset();
    last.refining.reset();
    last.notes.clear();
    last.model_notes.clear();
    return last;
}

}  // namespace easel
