#pragma once

#include <span>

#include "diffusion/scheduler_config.h"
#include "diffusion/scheduler_names.h"

namespace easel {

// What the samplers of the DPM-Solver family share: Lu et al. 2022 (DPM-Solver) and Lu et al. 2022 (DPM-Solver++).

/// The weights of a step in x(to) = of_sample x(from) + of_output D0 + of_first D1 + of_second D2 + of_noise z. D0 is
/// what is extrapolated, x_0 or the noise, at `from`; D1 and D2 are its divided differences over the step, which is 1
/// long.
struct DPMSolverStep {
    double of_sample = 1.0;
    double of_output = 0.0;
    double of_first = 0.0;
    double of_second = 0.0;
    double of_noise = 0.0;
};

/// The step between two sigmas. `midpoint`: whether of_first is that of the midpoint method, not the whole integral.
DPMSolverStep dpm_solver_step(AlgorithmType algorithm_type, double from, double to, bool midpoint);

/// Other solvers' names stand for the default, so that a configuration can change its class.
inline constexpr Choice<SolverType> dpm_solver_types[] = {{"midpoint", SolverType::midpoint},
                                                          {"heun", SolverType::heun},
                                                          {"logrho", SolverType::midpoint},
                                                          {"bh1", SolverType::midpoint},
                                                          {"bh2", SolverType::midpoint}};

/// Throws Error where the noise is extrapolated to a sigma of zero, which cannot be.
void check_last_sigma(const SchedulerConfig& config);

/// What the network said at the latents, as what the algorithm extrapolates: x_0 or the noise.
void predict_output(const SchedulerConfig& config, std::span<const float> prediction, std::span<const float> latents,
                    NoiseLevel level, std::span<float> out);

}  // namespace easel
