#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "explain/backward_line.h"
#include "explain/forward.h"
#include "explain/schedule_curves.h"
#include "pipeline/model.h"

namespace easel {

/// What diffusion is explained with.
struct ExplainRequest {
    Picture picture;
    /// The picture's name, for a person.
    std::string name;
    /// What the picture shows, for the network.
    std::string prompt;
    std::uint32_t seed = 0;
};

/// The forward process of a picture, and many times that of its greatest value.
struct ForwardView {
    std::vector<int> timesteps;
    std::vector<Picture> stepped, jumped;
    double measured_value = 0.0;
    std::vector<ForwardMoments> measured;
};

/// What the network makes of the noisy picture at a timestep.
struct EstimateView {
    int timestep = 0;
    Picture sample, predicted_x0, noise, predicted_noise;
    double noise_error = 0.0, x0_error = 0.0;
};

/// A path back from noise, through some pictures.
struct PathView {
    /// What distinguishes this path: a sampler's name, "with noise", ...
    std::string name;
    /// Why it could not be followed; else empty.
    std::string refusal;
    /// For each call of the network, then for 0: the timestep, and the root mean square of its input.
    std::vector<double> timesteps, norms;
    /// Some of these inputs decoded; the last is the end.
    std::vector<double> pictured_timesteps;
    std::vector<Picture> pictures;
    /// Root mean square of the difference between the end and the picture's own latents.
    double distance = 0.0;
};

/// The picture that a guidance scale makes of the same noise.
struct GuidedPicture {
    double guidance_scale = 0.0;
    Picture picture;
};

/// All that the page shows.
struct Explanation {
    std::string picture_name, prompt, model_name, precision;
    std::uint32_t seed = 0;
    int training_timesteps = 0;
    /// Draws behind each measured number.
    int draws = 0;

    /// The picture at the working size, the same encoded and decoded by the VAE, and its latents.
    Picture picture, round_trip, latents_picture;
    int latent_channels = 0, latent_height = 0, latent_width = 0;

    std::vector<ScheduleCurves> schedules;
    ForwardView pixels, latents;
    std::vector<BackwardComparison> backward_lines;
    std::vector<EstimateView> estimates;
    /// What training makes small: the mean square of predicted - true noise, over `loss_draws` draws.
    std::vector<int> loss_timesteps;
    std::vector<double> losses;
    int loss_draws = 0;
    int reconstruction_steps = 0, reconstruction_from = 0;
    std::vector<PathView> reconstructions;
    std::string guidance_sampler;
    std::vector<GuidedPicture> guided;
    int path_steps = 0;
    double path_guidance_scale = 0.0;
    std::vector<PathView> paths;
};

/// Computes it all. Throws Error as Engine::generate does, and Cancelled if `stop` is requested.
Explanation explain(const ExplainRequest& request, Model& model, const Callbacks& callbacks, std::stop_token stop);

}  // namespace easel
