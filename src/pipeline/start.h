#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "diffusion/sampler.h"
#include "pipeline/latents.h"
#include "pipeline/pass.h"
#include "pipeline/work.h"

namespace easel {

/// The sources of random numbers: for the starting noise, and for the VAE's encoder and the sampler.
struct Noise {
    NoiseSource starting, other;
};

/// Both from the low 32 bits of the seed, as torch takes them.
Noise noise_for(Rng rng, std::uint64_t seed);

/// The state in which the reverse diffusion begins.
struct Start {
    std::vector<float> latents;
    /// The init picture's latents and the noise that they are mixed with, if there is an init picture.
    std::vector<float> known, noise;
    /// What is put back between the steps.
    std::optional<LatentMask> mask;
    /// Behind the latents: for an inpainting UNet the mask and the latents of the picture with a hole, for one that
    /// changes pictures, in each row, those of the picture.
    std::vector<float> more_channels = {};
};

/// Text to image, and what an InstructPix2Pix model makes of a picture: pure noise. Throws Cancelled.
Start from_noise(const Pass& pass, const Noise& noise, const Work& work);

/// Image to image: the init picture's latents at the noise level of the timestep that `strength` selects; at a strength
/// of 1 the area under the mask is pure noise. Throws Cancelled.
Start from_picture(const Pass& pass, const Noise& noise, const Work& work);

/// A refiner's pass: the latents that the pass before it has left, as they are; what is kept under a mask and its noise
/// are those of that pass.
Start handed_over(Start before, std::vector<float> latents);

/// A second pass: what the first one has left, at the noise level of its first timestep.
Start from_latents(const std::vector<float>& known, const Pass& pass, const Noise& noise, const Work& work);

}  // namespace easel
