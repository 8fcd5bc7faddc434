#include "diffusion/scheduler_check.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <vector>

#include <fmt/ranges.h>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/schedule.h"
#include "diffusion/scheduler_limits.h"
#include "diffusion/scheduler_names.h"

namespace easel {
namespace {

void check_betas(const SchedulerConfig& config) {
    const std::vector<double> alphas_cumprod = make_alphas_cumprod(make_betas(config));
    const auto not_falling = [](double earlier, double later) { return !(later < earlier); };
    if (!(alphas_cumprod.front() < 1.0) ||
        std::adjacent_find(alphas_cumprod.begin(), alphas_cumprod.end(), not_falling) != alphas_cumprod.end())
        fail_usage(
            "with these betas over {} timesteps the signal does not fall from each timestep to the next: "
            "Stable Diffusion has 0.00085 to 0.012 over 1000",
            config.num_train_timesteps);
    // A sigma, the root of (1 - alpha_bar) / alpha_bar, is computed in floats, as diffusers has it.
    const auto has_no_sigma = [](double alpha_bar) {
        return alpha_bar > 0.0 && alpha_bar < std::numeric_limits<float>::min();
    };
    if (std::any_of(alphas_cumprod.begin(), alphas_cumprod.end(), has_no_sigma))
        fail_usage(
            "with these betas over {} timesteps less signal is left than numbers can represent: "
            "Stable Diffusion has 0.00085 to 0.012 over 1000",
            config.num_train_timesteps);
}

}  // namespace

void check(const SchedulerConfig& config) {
    const SamplerKind& kind = *config.sampler;
    if (config.num_train_timesteps < 1 || config.num_train_timesteps > most_train_timesteps)
        fail_usage("num_train_timesteps is {}, but must be from 1 to {}", config.num_train_timesteps,
                   most_train_timesteps);
    for (const double beta : {config.beta_start, config.beta_end})
        if (!(beta > 0.0 && beta < 1.0))
            fail_usage("beta_start and beta_end are {} and {}, but must be above 0 and below 1", config.beta_start,
                       config.beta_end);
    if (config.sigma_schedule != SigmaSchedule::discrete && !kind.has_sigma_schedules()) {
        std::vector<std::string_view> able;
        for (const SamplerKind* other : sampler_kinds())
            if (other->has_sigma_schedules()) able.push_back(other->name);
        refuse("schedule", "the sampler {} has no schedule {}; use one of {}, or the schedule discrete", kind.name,
               name(config.sigma_schedule), fmt::join(able, ", "));
    }
    if (config.prediction_type == PredictionType::sample && !kind.takes_sample_predictions)
        fail(ErrorKind::unsupported,
             "the sampler {} does not support the prediction_type sample; use another sampler, such as ddim",
             kind.name);
    if (!config.trained_betas.empty() &&
        config.trained_betas.size() != static_cast<std::size_t>(config.num_train_timesteps))
        fail(ErrorKind::damaged, "trained_betas has {} values, but num_train_timesteps is {}: they must be equal",
             config.trained_betas.size(), config.num_train_timesteps);
    if (kind.check) kind.check(config);
    check_betas(config);
}

}  // namespace easel
