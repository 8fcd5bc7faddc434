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

    /// Splits the rows for `ids` off the token table as a parameter of their own, "text_model.embeddings.token_rows",
    /// in ascending order of the ids, and freezes the table: the others are not seen in training and stay as they are.
    void split_rows(const Tensor& ids);
    /// Adds rows behind the token table's as such a parameter; each begins as the row of one of the ids `like` int64
    /// [n].
    void add_rows(const Tensor& like);
    /// The table [vocab_size, hidden_size] with `rows` [rows split off, hidden_size] put back.
    Tensor token_table(const Tensor& rows) const;

  private:
    struct Model;
    std::shared_ptr<Model> text_model_;
};
TORCH_MODULE(TextEncoder);

}  // namespace easel::train
