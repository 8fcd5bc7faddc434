#pragma once

#include "train/modules.h"
#include "weights/configs.h"

namespace easel::train {

/// A level of the UNet: residual blocks, each with a transformer behind it or not, and what changes the size.
struct UNetBlock;

/// The noise predictor, with the tensor names of diffusers' UNet2DConditionModel (Rombach et al. 2022; Ho et al. 2020).
class UNetImpl : public torch::nn::Module {
  public:
    explicit UNetImpl(const UNetConfig& config);

    /// The prediction [n, out_channels, h, w] for `x` [n, in_channels, h, w], timesteps [n] and text
    /// [n, tokens, cross_attention_dim].
    Tensor forward(Tensor x, const Tensor& timesteps, const Tensor& text);

  private:
    /// For all residual blocks, already activated: [n, 4 width].
    Tensor embed_time(const Tensor& timesteps);

    UNetConfig config_;
    std::shared_ptr<UNetBlock> mid_block_;
    std::vector<std::shared_ptr<UNetBlock>> down_blocks_, up_blocks_;
    Linear time_linear_1_{nullptr}, time_linear_2_{nullptr};
    Conv2d conv_in_{nullptr}, conv_out_{nullptr};
    torch::nn::GroupNorm conv_norm_out_{nullptr};
};
TORCH_MODULE(UNet);

/// The sinusoids that represent timesteps [n] (Vaswani et al. 2017): [n, width], cosines first with flip_sin_to_cos.
Tensor timestep_sinusoids(const Tensor& timesteps, const UNetConfig& config);

}  // namespace easel::train
