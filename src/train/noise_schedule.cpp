#include "train/noise_schedule.h"

#include "diffusion/schedule.h"

namespace easel::train {

NoiseSchedule::NoiseSchedule(const SchedulerConfig& config, torch::Device device)
    : prediction_type(config.prediction_type) {
    const torch::Tensor alphas_cumprod = torch::tensor(make_alphas_cumprod(make_betas(config)), torch::kDouble);
    signal = alphas_cumprod.sqrt().to(device, torch::kFloat);
    noise = (1 - alphas_cumprod).sqrt().to(device, torch::kFloat);
}

}  // namespace easel::train
