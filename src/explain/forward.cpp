#include "explain/forward.h"

#include <cstddef>

#include "diffusion/forward_process.h"
#include "diffusion/schedule.h"

namespace easel {

ForwardFilm film_forward(std::span<const float> clean, std::span<const double> betas, std::span<const int> timesteps,
                         const NoiseSource& noise) {
    ForwardFilm film{.timesteps = {timesteps.begin(), timesteps.end()}};
    const std::vector<double> alphas_cumprod = make_alphas_cumprod(betas);
    std::vector<float> x(clean.begin(), clean.end()), drawn(clean.size());
    int next = 0;
    for (const int timestep : timesteps) {
        for (; next <= timestep; ++next) {
            noise(drawn);
            forward_step(x, drawn, betas[next], x);
        }
        film.stepped.push_back(x);
    }
    for (const int timestep : timesteps) {
        noise(drawn);
        std::vector<float>& jumped = film.jumped.emplace_back(clean.size());
        forward_jump(clean, drawn, variance_preserving(alphas_cumprod[timestep]), jumped);
    }
    return film;
}

Moments moments_of(std::span<const float> values) {
    const auto count = static_cast<double>(values.size());
    double sum = 0.0, squares = 0.0;
    for (const float value : values) sum += value;
    const double mean = sum / count;
    for (const float value : values) squares += (value - mean) * (value - mean);
    return {.mean = mean, .variance = squares / (count - 1.0)};
}

std::vector<ForwardMoments> measure_forward(double x0, std::span<const double> betas, std::span<const int> timesteps,
                                            int draws, const NoiseSource& noise) {
    const std::vector<float> copies(static_cast<std::size_t>(draws), static_cast<float>(x0));
    const ForwardFilm film = film_forward(copies, betas, timesteps, noise);
    const std::vector<double> alphas_cumprod = make_alphas_cumprod(betas);
    std::vector<ForwardMoments> measured;
    for (std::size_t i = 0; i < timesteps.size(); ++i) {
        const NoiseLevel level = variance_preserving(alphas_cumprod[timesteps[i]]);
        measured.push_back({.timestep = timesteps[i],
                            .stepped = moments_of(film.stepped[i]),
                            .jumped = moments_of(film.jumped[i]),
                            .theory = {.mean = level.signal * x0, .variance = level.noise * level.noise}});
    }
    return measured;
}

}  // namespace easel
