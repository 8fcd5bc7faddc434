#pragma once

#include <functional>
#include <stop_token>

#include "train/run_log.h"
#include "train/trainer.h"
#include "weights/dtype.h"

namespace easel::train {

/// Where a run keeps what it makes, and how often:
///   `checkpoint.safetensors`   all that is needed to go on
///   `log.csv`                  a row a step
///   `model/`                   the averaged model, a diffusers folder, when the run is over,
///   `lora.safetensors`         or the averaged LoRA,
///   `embedding/`               or the averaged embedding, WORD.safetensors
struct RunFolder {
    std::filesystem::path path;
    double checkpoint_minutes = 10;
    /// Of the weights that are written in the end: F32 or F16.
    DType dtype = DType::F16;

    std::filesystem::path checkpoint() const { return path / "checkpoint.safetensors"; }
    std::filesystem::path log() const { return path / "log.csv"; }
    std::filesystem::path lora() const { return path / "lora.safetensors"; }
    std::filesystem::path embedding(const std::string& word) const {
        return path / "embedding" / (word + ".safetensors");
    }
    std::filesystem::path model() const { return path / "model"; }
};

/// What whoever runs it does meanwhile.
struct RunCallbacks {
    /// After each step.
    std::function<void(const LogRow& row)> on_step = [](const LogRow&) {};
    /// After each checkpoint, with the steps done. Not when the run is stopped.
    std::function<void(std::int64_t step)> on_checkpoint = [](std::int64_t) {};
};

/// Of several processes, only the first writes and calls back; when one is gone, each that is left saves.
/// Takes the steps from the checkpoint of `folder`, if it has one, to the last. When `stop` is requested, saves a
/// checkpoint and throws Cancelled; if the loss is no longer a number, saves the last good state and throws Error.
/// Throws Error, naming the first setting that differs, if the checkpoint there is that of a run with another
/// `identity`, a JSON object of what decides a run's numbers.
void run(Trainer& trainer, const RunFolder& folder, const std::string& identity, const RunCallbacks& callbacks,
         std::stop_token stop);

}  // namespace easel::train
