#pragma once

#include "train/algorithm.h"
#include "train/encoded_data.h"
#include "train/trainer.h"

namespace easel::train {

/// How a diffusion model is trained; every field is a key of the configuration file.
struct DiffusionOptions {
    TrainingOptions training;
    /// How timesteps are weighted: see loss_weights.h.
    std::string loss = "simple";
    /// Share of captions that are left out.
    double caption_dropout = 0.1;
    bool train_text_encoder = false;
};

/// Trains a model's UNet, and its text encoder if asked for, on latents.
class DiffusionTrainer : public Trainer {
  public:
    /// `model` is on `device` already; it and `data` must outlive the trainer. Throws Error about a field of `options`
    /// that is out of range.
    DiffusionTrainer(Model& model, const EncodedData& data, std::vector<std::int64_t> caption_begins,
                     const DiffusionOptions& options, torch::Device device);

    /// The model with the averaged weights of type `dtype` in place of the trained networks'.
    Checkpoint averaged(DType dtype);

  private:
    double backward(std::int64_t step) override;
    /// The text encoder's states for `captions` [n].
    Tensor describe(const Tensor& captions);

    Model& model_;
    const EncodedData& data_;
    bool train_text_encoder_;
    torch::Device device_;
    NoiseSchedule schedule_;
    Tensor loss_weights_;
    Batches batches_;
};

}  // namespace easel::train
