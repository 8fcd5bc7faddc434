#pragma once

#include <span>
#include <stop_token>
#include <string>

#include "text/tokenizer.h"
#include "train/batches.h"
#include "train/data_file.h"
#include "train/model.h"

namespace easel::train {

/// Throws Error unless the pictures' sides are multiples of what the autoencoder shrinks them by.
void check_pictures_fit(const DataFile& data, const VaeConfig& config);

/// The captions as the text encoder takes them: int32 [n, 77]. Throws Error when the tokenizer and the text encoder of
/// `model` do not go together.
Tensor token_ids(const Model& model, std::span<const std::string> captions);

/// The latents of all pictures, on `device`. Throws Cancelled when `stop` is requested.
Moments encode_pictures(Autoencoder& vae, const DataFile& data, torch::Device device, std::stop_token stop);

/// A data file as the UNet sees it, on the device: latents instead of pictures, token ids instead of captions. Made
/// once before training, since the autoencoder and the tokenizer do not change.
class EncodedData {
  public:
    /// Throws Error when the pictures do not fit the model, and Cancelled when `stop` is requested.
    EncodedData(const DataFile& data, Model& model, torch::Device device, std::stop_token stop);

    /// Latents as the UNet takes them, drawn afresh from the distributions of `pictures` [n] with standard normal
    /// `noise`.
    Tensor latents(const Tensor& pictures, const Tensor& noise) const;
    /// Token ids int64 [n, 77] of `captions` [n].
    Tensor ids(const Tensor& captions) const;
    /// Those of all captions, and of none.
    const Tensor& all_ids() const { return ids_; }

    /// Of the latents of one picture: channels, height, width.
    std::vector<std::int64_t> shape() const { return means_.sizes().slice(1).vec(); }

  private:
    Tensor means_, deviations_;
    double scale_, shift_;
    /// A row for each caption, then the empty one.
    Tensor ids_;
};

}  // namespace easel::train
