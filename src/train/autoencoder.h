#pragma once

#include "train/modules.h"
#include "weights/configs.h"

namespace easel::train {

/// Latents as a normal distribution for each value, both [n, latent_channels, h, w], not scaled.
struct Moments {
    Tensor mean;
    /// The logarithm of the variance.
    Tensor log_variance;
};

/// The variational autoencoder between pictures and latents, with the tensor names of diffusers' AutoencoderKL (Esser
/// et al. 2021, Rombach et al. 2022).
class AutoencoderImpl : public torch::nn::Module {
  public:
    explicit AutoencoderImpl(const VaeConfig& config);

    /// `pictures` [n, 3, d h, d w] in -1..1, d = config.downsampling().
    Moments encode(const Tensor& pictures);
    /// `latents` [n, latent_channels, h, w], not scaled, to pictures of about -1..1.
    Tensor decode(const Tensor& latents);

  private:
    class Coder;
    std::shared_ptr<Coder> encoder_, decoder_;
    Conv2d quant_conv_{nullptr}, post_quant_conv_{nullptr};
};
TORCH_MODULE(Autoencoder);

}  // namespace easel::train
