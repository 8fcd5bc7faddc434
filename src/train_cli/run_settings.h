#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include <CLI/App.hpp>

#include "train/run.h"
#include "weights/dtype.h"

namespace easel::train_cli {

/// What every run has besides its own settings.
struct RunSettings {
    std::string config, data, output = "run", device = "cpu", precision = "f16";
    double checkpoint_minutes = 10;
    /// In the report, at each checkpoint.
    int samples = 4;
    int threads = 0;
    /// Processes that take the steps together; where they meet, and which this is.
    int ranks = 1, rank = 0;
    std::string rendezvous = "127.0.0.1:29500";
    bool resume = false;
};

/// Calls `visit(key, member, help)` for each training option.
template <typename Visit>
void visit_training(train::TrainingOptions& options, Visit&& visit) {
    visit("steps", options.steps, "steps of the whole run");
    visit("batch", options.batch, "pictures that a step learns from");
    visit("accumulation", options.accumulation, "parts in which a batch goes through the networks, for less memory");
    visit("learning_rate", options.learning_rate, "its peak, after the warm-up; it falls along half a cosine");
    visit("warmup_steps", options.warmup_steps, "steps over which the learning rate rises to its peak");
    visit("weight_decay", options.weight_decay, "AdamW's");
    visit("adam_beta1", options.adam_beta1, "how much of its past the average of the gradient keeps");
    visit("adam_beta2", options.adam_beta2, "how much of its past the average of the gradient's square keeps");
    visit("max_gradient", options.max_gradient, "longer gradients are scaled to this length; 0: never");
    visit("average_horizon", options.average_horizon, "steps over which the weights of the result are averaged");
    visit("seed", options.seed, "of everything that is random");
}

/// Adds a flag for a key of the configuration file: "--learning-rate" for "learning_rate". The last one given counts,
/// so that flags go over the file.
struct AddFlag {
    CLI::App& command;

    template <typename Member>
    void operator()(std::string key, Member& member, const char* help) const {
        std::ranges::replace(key, '_', '-');
        command.add_option("--" + key, member, help)->take_last()->capture_default_str();
    }
};

void add_run_flags(CLI::App& command, RunSettings& settings);

/// Makes the run's folder. Throws Error when it holds a run that is not to be resumed, and on settings that are wrong.
train::RunFolder prepare_run(const RunSettings& settings);

/// Takes the run's steps, and shows how far it is: a bar on a terminal, a line now and then elsewhere.
/// `on_checkpoint` is train::RunCallbacks'.
void run_and_show(train::Trainer& trainer, std::int64_t batch, const train::RunFolder& folder,
                  const std::string& identity, const std::function<void(std::int64_t step)>& on_checkpoint,
                  std::stop_token stop);

}  // namespace easel::train_cli
