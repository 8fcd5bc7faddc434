#include "pipeline/denoise.h"

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "pipeline/guided_unet.h"
#include "pipeline/latents.h"
#include "pipeline/prediction_check.h"
#include "pipeline/preview.h"
#include "pipeline/previews.h"
#include "pipeline/stages.h"
#include "pipeline/step_cache.h"

namespace easel {
namespace {

/// Puts the kept area back into the latents, at the noise level that the next step expects: clean after the last one.
void restore_known(std::vector<float>& latents, const Start& start, const Sampler& sampler, std::size_t done) {
    if (done == sampler.timesteps().size()) return keep_known(latents, start.known, *start.mask);
    std::vector<float> known(latents.size());
    sampler.add_noise(start.known, start.noise, done, known);
    keep_known(latents, known, *start.mask);
}

/// The clean latents that a prediction at the sampler's timestep `i` implies; the kept area is that of the init
/// picture.
std::vector<float> predicted_clean(std::span<const float> prediction, std::span<const float> latents, std::size_t i,
                                   const Sampler& sampler, PredictionType type, const Start& start) {
    std::vector<float> clean(latents.size());
    predict_x0(type, prediction, latents, sampler.level(i), clean);
    if (start.mask) keep_known(clean, start.known, *start.mask);
    return clean;
}

void keep_noise(std::span<const float> prediction, std::span<const float> latents, const NoiseLevel& level,
                PredictionType type, StepCache& cache) {
    std::vector<float> epsilon(latents.size());
    predict_epsilon(type, prediction, latents, level, epsilon);
    cache.keep(epsilon);
}

}  // namespace

Denoised denoise(const Start& start, const Pass& pass, const Contexts& contexts, Controls& controls,
                 const NoiseSource& noise, const Work& work) {
    const Settings& settings = pass.settings;
    Sampler& sampler = *pass.sampler;
    const Previews previews(pass, work);
    GuidedUNet unet(start, pass, contexts, controls, work);
    const Callbacks& callbacks = work.callbacks;
    const std::stop_token& stop = work.stop;
    const PredictionType type = settings.plan.config.prediction_type;
    const int steps = pass.predictions();
    const StageReport report(callbacks, Stage::denoise, pass.all_predictions, pass.predictions_before);
    std::vector<float> latents = start.latents;
    std::vector<float> input(latents.size()), mixed(latents.size());
    StepCache cache(settings.step_cache, static_cast<std::size_t>(steps));

    for (std::size_t i = pass.first; i < pass.end; ++i) {
        sampler.scale_input(latents, i, input);
        if (unet.steer(i)) cache.forget();
        std::span<const float> prediction = mixed;
        if (cache.leaves_out(i - pass.first, input)) {
            prediction_of_epsilon(type, cache.epsilon(), latents, sampler.level(i), mixed);
        } else {
            prediction = unet.predict(input, i);
            if (settings.step_cache > 0) keep_noise(prediction, latents, sampler.level(i), type, cache);
        }
        if (i == pass.first)
            if (const auto doubt = doubt_about(type, prediction, input, sampler.level(i))) work.note(*doubt);
        const int step = static_cast<int>(i + 1 - pass.first);
        const bool is_enough = callbacks.finish.stop_requested() && (step < steps || pass.is_handed_over);

        std::optional<Preview> preview;
        if (is_enough || is_previewed(step, callbacks)) {
            std::vector<float> clean = predicted_clean(prediction, latents, i, sampler, type, start);
            if (is_enough) {
                check_finite(clean, fmt::format("at step {} of {}", step, steps));
                report.done();
                return {.latents = std::move(clean), .steps = step, .ended_early = true};
            }
            preview = previews.of(std::move(clean));
        }
        sampler.step(prediction, i, latents, noise);
        if (start.mask) restore_known(latents, start, sampler, i + 1);

        check_finite(latents, fmt::format("at step {} of {}", i + 1, sampler.timesteps().size()));
        report.step(pass.predictions_before + step, preview ? &*preview : nullptr);
        if (stop.stop_requested()) throw Cancelled();
    }
    if (settings.step_cache > 0)
        work.note(fmt::format("`step_cache`: {} of {} predictions were left out", cache.left_out(), steps));
    return {.latents = std::move(latents), .steps = steps};
}

}  // namespace easel
