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

/// What to explain diffusion with.
struct ExplainRequest {
    Picture picture;
    /// The picture's name, for a person.
    std::string name;
    /// What the network is told that the picture shows.
    std::string prompt;
    std::uint32_t seed = 0;
};

/// The forward process of a picture, and of its greatest value many times.
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

/// A way back through some pictures.
struct PathView {
    /// What sets this way apart: a sampler's name, "with noise", ...
    std::string name;
    /// Why it could not be gone, else empty.
    std::string refusal;
    /// Each time the network was asked, then 0: the timestep, and the root of the mean square of what it was shown.
    std::vector<double> timesteps, norms;
    /// Some of them decoded, the last being the end.
    std::vector<double> pictured_timesteps;
    std::vector<Picture> pictures;
    /// Of the end to the picture's own latents, root of the mean square.
    double distance = 0.0;
};

/// What guidance of some weight makes of the same noise.
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

    /// The picture at the size that is worked at, what remains of it through the VAE, and its latents.
    Picture picture, round_trip, latents_picture;
    int latent_channels = 0, latent_height = 0, latent_width = 0;

    std::vector<ScheduleCurves> schedules;
    ForwardView pixels, latents;
    std::vector<BackwardComparison> backward_lines;
    std::vector<EstimateView> estimates;
    int reconstruction_steps = 0, reconstruction_from = 0;
    std::vector<PathView> reconstructions;
    std::string guidance_sampler;
    std::vector<GuidedPicture> guided;
    int path_steps = 0;
    double path_guidance_scale = 0.0;
    std::vector<PathView> paths;
};

/// Computes it all. Throws Error as Engine::generate does, and Cancelled when `stop` is requested.
Explanation explain(const ExplainRequest& request, Model& model, const Callbacks& callbacks, std::stop_token stop);

}  // namespace easel
