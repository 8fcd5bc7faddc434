#pragma once

#include <span>
#include <vector>

#include <easel/easel.h>

#include "diffusion/sampler.h"
#include "runtime/network_source.h"

namespace easel {

/// A picture as the VAE's encoder takes it: [3, height, width] in -1..1.
std::vector<float> to_network(const Picture& picture);

/// The VAE decoder's output [3, height, width] as a picture: x / 2 + 0.5, cut off at 0 and 1, rounded half to even.
/// Throws NotFinite if a value is not a number.
Picture from_network(std::span<const float> values, int width, int height);

/// Latents drawn from the moments that the VAE's encoder returns for a picture: mean + exp(logvar / 2) * noise, scaled.
std::vector<float> sample_latents(std::span<const float> moments, const LatentSpace& space, const NoiseSource& noise);

/// The most probable latents of these moments, their means, unscaled: as InstructPix2Pix's UNet is shown them.
std::vector<float> mode_of(std::span<const float> moments, const LatentSpace& space);

/// Latents in the scale that the VAE's decoder takes.
std::vector<float> unscaled_latents(std::span<const float> latents, const LatentSpace& space);

/// Which latents are repainted (1) and which are kept (0), [height / downsampling, width / downsampling], from a mask
/// of the picture's working size.
struct LatentMask {
    std::vector<float> values;
};

/// The mask thresholded at one half; each cell takes its first pixel, as in diffusers' inpainting.
LatentMask nearest_latent_mask(const Mask& mask, int downsampling);

/// A latent is kept only if its whole cell is black, so that every pixel of the mask that is not black is repainted.
LatentMask covering_latent_mask(const Mask& mask, int downsampling);

/// Puts into the cells that are repainted what is asked for: the noise, zeros, or nothing but what there is.
void set_masked_content(std::span<float> latents, const LatentMask& mask, MaskedContent content,
                        std::span<const float> noise);

/// The values of a picture for the VAE's encoder, with those that the mask of its size repaints at 0, which is grey.
std::vector<float> with_hole(std::vector<float> values, const Mask& mask);

/// (1 - mask) known + mask latents, for each channel.
void keep_known(std::span<float> latents, std::span<const float> known, const LatentMask& mask);

/// The error that check_finite() throws.
class NotFinite : public Error {
  public:
    using Error::Error;
};

/// Throws NotFinite when a value is not finite; `when` says at which point ("at step 3 of 20").
void check_finite(std::span<const float> values, const std::string& when);

}  // namespace easel
