#pragma once

#include "train/autoencoder.h"
#include "train/batches.h"
#include "train/data_file.h"
#include "train/encoded_data.h"
#include "train/trainer.h"
#include "weights/checkpoint.h"

namespace easel::train {

/// How an autoencoder is trained.
struct AutoencoderOptions {
    TrainingOptions training;
    /// How much the latents' distance from the standard normal distribution counts: little, only to keep them near it.
    double kl_weight = 1e-4;
};

/// Trains an autoencoder to give back what it is shown.
class AutoencoderTrainer : public Trainer {
  public:
    /// `vae` is on `device` already; it and `data` must outlive the trainer. Throws Error about a field of `options`
    /// that is out of range, and when the pictures do not fit.
    AutoencoderTrainer(Autoencoder& vae, const VaeConfig& config, const DataFile& data,
                       const AutoencoderOptions& options, torch::Device device);

    /// The averaged weights of type `dtype`, changed so that each channel of the data's latents has a mean of 0 and,
    /// times the scaling factor, a deviation of 1. An autoencoder without convolutions next to its latents is not
    /// changed; its scaling factor gives all of them together that deviation.
    Network<VaeConfig> averaged(DType dtype);

  private:
    double backward(std::int64_t step) override;

    Autoencoder& vae_;
    VaeConfig config_;
    const DataFile& data_;
    AutoencoderOptions autoencoder_options_;
    torch::Device device_;
    Batches batches_;
};

/// The reconstruction's error [n]: of the values, absolute and squared, and of the differences between neighbours, at
/// three scales, so that edges stay sharp. Both are [n, 3, h, w].
Tensor reconstruction_error(const Tensor& decoded, const Tensor& pictures);

/// The Kullback-Leibler divergence of the latents' distributions from the standard normal one, the mean of all values
/// of a sample: [n].
Tensor kl_divergence(const Moments& moments);

}  // namespace easel::train
