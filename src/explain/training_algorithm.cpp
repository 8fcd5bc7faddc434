#include "explain/training_algorithm.h"

namespace easel {
namespace {

constexpr AlgorithmLine lines[] = {
    {"1: repeat", "for (std::int64_t step = done.step; step < trainer.steps(); ++step) {", "run.cpp"},
    {"2: x<sub>0</sub> ~ q(x<sub>0</sub>)",
     "const Tensor x0 = data_.latents(of_part(batch.pictures), of_part(encoder_noise));", "diffusion_trainer.cpp"},
    {"3: t ~ Uniform({1, …, T})", "(places / n * timesteps).to(torch::kLong).clamp(0, timesteps - 1)", "algorithm.cpp"},
    {"4: ε ~ N(0, I)", ".noise = torch::randn(shape, generator)", "algorithm.cpp"},
    {"5: x<sub>t</sub> = √ᾱ<sup>D</sup><sub>t</sub> x<sub>0</sub> + √(1 − ᾱ<sup>D</sup><sub>t</sub>) ε",
     "const Tensor xt = at(schedule.signal, draws.timesteps) * x0 + at(schedule.noise, draws.timesteps) * draws.noise;",
     "algorithm.cpp"},
    {"&#160;&#160;&#160;ε̂ = ε<sub>θ</sub>(x<sub>t</sub>, t)",
     "const Tensor predicted = unet(xt.contiguous(torch::MemoryFormat::ChannelsLast), draws.timesteps, text);",
     "algorithm.cpp"},
    {"&#160;&#160;&#160;‖ε − ε̂‖²",
     "torch::mse_loss(predicted, target(schedule, x0, draws), torch::Reduction::None).mean({1, 2, 3})",
     "algorithm.cpp"},
    {"&#160;&#160;&#160;gradient of it by θ", "loss.backward();", "diffusion_trainer.cpp"},
    {"&#160;&#160;&#160;a step against it",
     "adamw_.step(parameters_.values(), parameters_.gradient(), report.learning_rate);", "trainer.cpp"},
    {"6: until converged", "save(trainer.steps());", "run.cpp"},
};

}  // namespace

std::span<const AlgorithmLine> training_algorithm() { return lines; }

}  // namespace easel
