#pragma once

#include <torch/nn.h>

#include "train/modules.h"
#include "weights/configs.h"

namespace easel::train {

/// CLIP's text encoder (Radford et al. 2021), with the tensor names of transformers' CLIPTextModel.
class TextEncoderImpl : public torch::nn::Module {
  public:
    explicit TextEncoderImpl(const TextEncoderConfig& config);

    /// `ids` int64 [n, tokens] to [n, tokens, hidden_size]; `left_out` layers at the end are not run, but the final
    /// layer norm always is.
    Tensor forward(const Tensor& ids, int left_out = 0);

    /// [vocab_size, hidden_size].
    Tensor& token_table();

  private:
    struct Model;
    std::shared_ptr<Model> text_model_;
};
TORCH_MODULE(TextEncoder);

}  // namespace easel::train
