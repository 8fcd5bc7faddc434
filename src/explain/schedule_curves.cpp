#include "explain/schedule_curves.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "diffusion/schedule.h"
#include "diffusion/scheduler_names.h"

namespace easel {
namespace {

void add_ratios(ScheduleCurves& curves) {
    curves.sigma = make_sigmas(curves.alpha_bar);
    for (const double sigma : curves.sigma) curves.snr.push_back(1.0 / (sigma * sigma));
}

ScheduleCurves curves_of(SchedulerConfig config, BetaSchedule schedule) {
    config.beta_schedule = schedule;
    config.trained_betas.clear();
    config.rescale_betas_zero_snr = false;
    ScheduleCurves curves{.name = std::string(name(schedule)), .beta = make_betas(config)};
    curves.alpha_bar = make_alphas_cumprod(curves.beta);
    add_ratios(curves);
    return curves;
}

ScheduleCurves karras_curves(const ScheduleCurves& ends) {
    std::vector<double> sigmas =
        karras_sigmas(ends.sigma.back(), ends.sigma.front(), static_cast<int>(ends.sigma.size()));
    std::ranges::reverse(sigmas);
    ScheduleCurves curves{.name = "karras"};
    double previous = 1.0;
    for (const double sigma : sigmas) {
        const double alpha_bar = 1.0 / (1.0 + sigma * sigma);
        curves.alpha_bar.push_back(alpha_bar);
        curves.beta.push_back(1.0 - alpha_bar / previous);
        previous = alpha_bar;
    }
    add_ratios(curves);
    return curves;
}

}  // namespace

std::vector<ScheduleCurves> schedule_curves(const SchedulerConfig& config) {
    const ScheduleCurves scaled = curves_of(config, BetaSchedule::scaled_linear);
    return {curves_of(config, BetaSchedule::linear), scaled, curves_of(config, BetaSchedule::squaredcos_cap_v2),
            karras_curves(scaled)};
}

}  // namespace easel
