#include "train/algorithm.h"

namespace easel::train {
namespace {

/// A value of the schedule for each sample, to multiply latents with.
Tensor at(const Tensor& of_schedule, const Tensor& timesteps) {
    return of_schedule.index_select(0, timesteps).view({-1, 1, 1, 1});
}

/// What the network should say.
Tensor target(const NoiseSchedule& schedule, const Tensor& x0, const Draws& draws) {
    switch (schedule.prediction_type) {
        case PredictionType::epsilon:
            return draws.noise;
        case PredictionType::v_prediction:  // Salimans & Ho 2022
            return at(schedule.signal, draws.timesteps) * draws.noise - at(schedule.noise, draws.timesteps) * x0;
        case PredictionType::sample:
            return x0;
    }
    return draws.noise;
}

}  // namespace

Draws draw(torch::IntArrayRef shape, std::int64_t timesteps, torch::Generator& generator) {
    const std::int64_t n = shape[0];
    // Stratified: one uniform number in each of n equal parts, the parts in random order.
    const Tensor places = torch::randperm(n, generator, torch::kLong) + torch::rand({n}, generator, torch::kDouble);
    return {.timesteps = (places / n * timesteps).to(torch::kLong).clamp(0, timesteps - 1),
            .noise = torch::randn(shape, generator)};
}

// Algorithm 1:  repeat
//   2:  x_0 ~ q(x_0)                          the batch that the caller gives
//   3:  t ~ Uniform({1, ..., T})              draw()
//   4:  epsilon ~ N(0, I)                     draw()
//   5:  take a gradient step on
//         || epsilon - epsilon_theta(sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) epsilon, t) ||^2
//   6:  until converged
Tensor squared_errors(UNet& unet, const NoiseSchedule& schedule, const Tensor& x0, const Tensor& text,
                      const Draws& draws) {
    const Tensor xt = at(schedule.signal, draws.timesteps) * x0 + at(schedule.noise, draws.timesteps) * draws.noise;
    const Tensor predicted = unet(xt.contiguous(torch::MemoryFormat::ChannelsLast), draws.timesteps, text);
    return torch::mse_loss(predicted, target(schedule, x0, draws), torch::Reduction::None).mean({1, 2, 3});
}

}  // namespace easel::train
