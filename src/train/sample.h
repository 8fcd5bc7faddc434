#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "train/model.h"

namespace easel::train {

/// How a model under training shows what it has learnt so far.
struct SampleOptions {
    std::int64_t height = 0, width = 0;
    int steps = 20;
    double guidance_scale = 2;
    std::uint64_t seed = 1000;
};

/// Draws a picture for each prompt with the networks as they are, by the model's own sampler: [n, 3, height, width] in
/// -1..1, on the CPU. Throws Cancelled when `stop` is requested.
Tensor sample(Model& model, std::span<const std::string> prompts, const SampleOptions& options, torch::Device device,
              std::stop_token stop);

}  // namespace easel::train
