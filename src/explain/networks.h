#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include <easel/easel.h>

#include "pipeline/contexts.h"
#include "pipeline/guidance.h"
#include "pipeline/model.h"
#include "settings/settings.h"

namespace easel {

/// A model's networks as the experiments need them: for one picture size and one prompt, as it is at
/// its first step.
class Networks {
  public:
    /// Compiles what is missing and encodes the prompts. `settings` are those of an image to image request. The
    /// callbacks must outlive this.
    Networks(Model& model, Settings settings, const Callbacks& callbacks, std::stop_token stop);

    /// The picture's latents: the mean that the VAE's encoder predicts, scaled.
    std::vector<float> encode(const Picture& picture);

    /// The picture that latents stand for.
    Picture decode(std::span<const float> latents);

    /// The UNet's prediction with that guidance scale; 1 is the prompt's own, 0 the one without a prompt.
    std::vector<float> predict(std::span<const float> latents, double timestep, double guidance_scale);

  private:
    Denoiser& denoiser() { return model_.denoiser(keys_, callbacks_, stop_); }
    VaeEncoder& vae_encoder() { return model_.vae_encoder(keys_, callbacks_, stop_); }
    VaeDecoder& vae_decoder() { return model_.vae_decoder(keys_, callbacks_, stop_); }

    Model& model_;
    PromptTokens tokens_;
    Guidance guidance_;
    NetworkKeys keys_;
    Size size_;
    const Callbacks& callbacks_;
    std::stop_token stop_;
    Conditioning conditioning_;
};

}  // namespace easel
