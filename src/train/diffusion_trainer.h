#pragma once

#include "train/algorithm.h"
#include "train/encoded_data.h"
#include "train/trainer.h"

namespace easel::train {

/// How a model's denoising is trained; every field is a key of the configuration file.
struct DiffusionOptions {
    TrainingOptions training;
    /// How timesteps are weighted: see loss_weights.h.
    std::string loss = "simple";
    /// Share of captions that are left out.
    double caption_dropout = 0.1;
    /// Of the text encoder's parameters but for the token table's, in parts of the learning rate.
    double text_encoder_rate = 1;
};

/// All weights of a model's UNet, and of its text encoder if asked for: "unet.conv_in.weight". Of the token table only
/// the rows of `data`'s tokens, which are split off.
Parameters trained_weights(Model& model, bool text_encoder, const EncodedData& data);

/// How these learn: the text encoder at a rate of its own, in parts of the learning rate, and the token table without
/// decay, since a token that is seldom seen must not fade meanwhile. Throws Error about the field `text_encoder_rate`.
std::vector<ParameterGroup> parameter_groups(const Parameters& trained, double text_encoder_rate);

/// The model with such weights, as `dtype`, in place of its own.
Checkpoint with_weights(const Model& model, const Parameters& trained, DType dtype);

/// Trains a model to predict the noise in latents.
class DiffusionTrainer : public Trainer {
  public:
    /// `trained` are the model's trained_weights() or what add_lora() gave it. `model` is on `device` already; it and
    /// `data` must outlive the trainer. Throws Error about a field of `options` that is out of range.
    DiffusionTrainer(Model& model, const Parameters& trained, const EncodedData& data,
                     std::vector<std::int64_t> caption_begins, const DiffusionOptions& options, torch::Device device);

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
