#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include <nlohmann/json.hpp>

#include "train/diffusion_trainer.h"
#include "train/learned_word.h"
#include "train/lora.h"
#include "train_cli/run_settings.h"

namespace easel::train_cli {

/// The settings of every run that trains a model's denoising.
struct DiffusionSettings {
    RunSettings run;
    /// A data file to measure the losses by in the report; empty: that of the run.
    std::string validation;
    bool train_text_encoder = false;
    train::DiffusionOptions options;
};

void add_diffusion_flags(CLI::App& command, DiffusionSettings& settings);

/// Calls `visit(key, member, help)` for what decides the numbers of a run: a run that goes on must have the same.
template <typename Visit>
void visit_diffusion(DiffusionSettings& settings, Visit&& visit) {
    visit("loss", settings.options.loss, "how timesteps are weighted: simple, step, vlb, min-snr or balanced");
    visit("caption_dropout", settings.options.caption_dropout, "share of captions left out, for guidance");
    visit("train_text_encoder", settings.train_text_encoder, "train the text encoder along: true or false");
    visit("text_encoder_rate", settings.options.text_encoder_rate, "of the text encoder, in parts of learning_rate");
    visit_training(settings.options.training, visit);
}

/// What is learnt: all weights, or only one of these.
struct Learnt {
    std::optional<train::LoraOptions> lora = {};
    std::optional<train::WordOptions> word = {};
};

/// Trains the model, a LoRA or a word for it, and writes that into the run's folder. `identity` is what decides the
/// numbers beside `settings`.
void train_denoising(DiffusionSettings& settings, const std::function<train::Model()>& starting_model,
                     const Learnt& learnt, nlohmann::ordered_json identity, std::stop_token stop);

}  // namespace easel::train_cli
