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
///   `model/`                   the averaged model, a diffusers folder, when the run is over
struct RunFolder {
    std::filesystem::path path;
    double checkpoint_minutes = 10;
    /// Of the weights in `model/`: F32 or F16.
    DType dtype = DType::F16;

    std::filesystem::path checkpoint() const { return path / "checkpoint.safetensors"; }
    std::filesystem::path log() const { return path / "log.csv"; }
    std::filesystem::path model() const { return path / "model"; }
};

/// Called after each step.
using OnStep = std::function<void(const LogRow& row)>;

/// Takes the steps from the checkpoint of `folder`, if it has one, to the last. When `stop` is requested, saves a
/// checkpoint and throws Cancelled; if the loss is no longer a number, saves the last good state and throws Error.
/// Throws Error also if the checkpoint there is that of a run with another `identity`.
void run(Trainer& trainer, const RunFolder& folder, const std::string& identity, const OnStep& on_step,
         std::stop_token stop);

}  // namespace easel::train
