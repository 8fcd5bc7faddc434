#include "settings/second_pass.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "diffusion/sampler.h"
#include "settings/latent_upscaler.h"
#include "settings/scheduler_choice.h"
#include "settings/table.h"

namespace easel {

SecondPass second_pass(const Settings& settings, const Request& request, const ModelFacts& facts) {
    if (request.init_image) refuse("hires", "it is for text to image; leave `init_image` out");
    if (facts.sizes.fixed)
        refuse("hires", "this model's networks have a fixed size; it draws only {}x{}", settings.size.width,
               settings.size.height);
    const int multiple = facts.latents.downsampling;
    SecondPass second{.size = size_of_second_pass(request.hires, settings.size, multiple),
                      .upscaler = request.hires_upscaler,
                      .strength = request.hires_strength.value_or(usual_hires_strength),
                      .steps = request.hires_steps.value_or(settings.num_inference_steps)};
    check_side("hires", second.size.width, multiple);
    check_side("hires", second.size.height, multiple);
    if (second.upscaler.empty()) second.upscaler = latent_upscalers.front().name;
    if (const LatentUpscaler* known = latent_upscaler(second.upscaler)) second.upscaler = known->name;
    if (is_lanczos(second.upscaler)) second.upscaler = lanczos_upscaler;
    if (second.strength == 0.0) refuse_value("hires_strength", second.strength, "give more, or leave `hires` out");

    const bool takes_all = request.hires_step_count == HiresStepCount::webui;
    // modules/sd_samplers_common.py of the web UI (setup_img2img_steps)
    constexpr double greatest_strength = 0.999;
    const int schedule =
        takes_all ? static_cast<int>(second.steps / std::min(second.strength, greatest_strength)) : second.steps;
    if (schedule > most_inference_steps)
        refuse_value("hires_steps", second.steps,
                     "at this `hires_strength` they are the last of {}, more than {}; give fewer", schedule,
                     most_inference_steps);
    SchedulerConfig config = settings.plan.config;
    if (takes_part_of_original_steps(config, facts)) {
        config.part_of_original_steps = second.strength;
        second.plan = make_plan(config, second.steps, settings.eta);
        second.text_steps = second.steps;
        return second;
    }
    second.plan = make_plan(config, schedule, settings.eta);
    // Half a step more, so that rounding takes none away.
    second.first = second.plan.first_step(takes_all ? (second.steps + 0.5) / schedule : second.strength);
    if (second.first >= second.plan.timesteps.size())
        refuse_value("hires_strength", second.strength, "of {} steps none would be taken; give more", schedule);
    second.text_steps = takes_all ? second.steps : static_cast<int>(schedule * second.strength);
    return second;
}

Settings settings_of_second_pass(const Settings& settings) {
    const SecondPass& second = settings.second.value();
    Settings again = settings;
    again.second.reset();
    again.task = Task::image_to_image;
    again.size = again.result_size = second.size;
    again.plan = second.plan;
    again.strength = second.strength;
    again.size_ids = second.size_ids;
    again.first_pass_steps = std::exchange(again.num_inference_steps, second.text_steps);
    again.notes.clear();
    again.model_notes.clear();
    return again;
}

}  // namespace easel
