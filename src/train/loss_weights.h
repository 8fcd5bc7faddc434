#pragma once

#include <string_view>
#include <vector>

#include "diffusion/scheduler_config.h"

namespace easel::train {

/// How much the squared error at a timestep counts.
enum class LossWeighting {
    /// All the same: L_simple, Eq. (14) of Ho et al. 2020.
    simple,
    /// beta_t / (1 - beta_t), in the lecture's letters beta_t^2 / alpha_t^2: what the error changes in the mean of the
    /// reverse step, without that step's own variance.
    step,
    /// beta_t^2 / (2 sigma_t^2 (1 - beta_t) (1 - alpha_bar_t)), Eq. (12) of Ho et al. 2020: the variational bound's,
    /// with sigma_t^2 the variance of the posterior (at timestep 0, where that is 0, of timestep 1).
    vlb,
    /// min(SNR, 5) / SNR (Hang et al. 2023): as `simple` where noise rules, and less where there is hardly any.
    min_snr,
    /// min-snr where the signal rules, SNR above 1; below it min(1 / SNR, 10): there the words decide what is drawn,
    /// and
    /// `simple` hardly asks for them.
    balanced,
};

/// "simple", "step", "vlb", "min-snr" or "balanced". Throws Error about the field `loss` for another name.
LossWeighting loss_weighting_by_name(std::string_view name);

/// The weight of each training timestep, for the error of what the network predicts. All but `simple` are weights of
/// the noise's error; v is off by noise's error times 1 / sqrt(alpha_bar).
std::vector<double> loss_weights(LossWeighting weighting, const SchedulerConfig& config);

}  // namespace easel::train
