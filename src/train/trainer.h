#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <easel/error.h>

#include "train/adamw.h"
#include "train/average.h"
#include "train/flat_parameters.h"
#include "train/learning_rate.h"
#include "train/ranks.h"
#include "train/run_state.h"

namespace easel::train {

/// How weights follow their gradients, whatever is trained; every field is a key of the configuration file.
struct TrainingOptions {
    std::int64_t steps = 10000;
    /// Pictures that a step learns from, and in how many parts they go through the networks: more parts need less
    /// memory and give the same step.
    std::int64_t batch = 16;
    std::int64_t accumulation = 1;
    /// After the warm-up.
    double learning_rate = 1e-4;
    std::int64_t warmup_steps = 200;
    double weight_decay = 1e-2;
    /// How much of their past AdamW's averages of the gradient and of its square keep.
    double adam_beta1 = 0.9;
    double adam_beta2 = 0.999;
    /// Longer gradients are scaled to this length; 0 leaves them.
    double max_gradient = 1.0;
    /// Steps over which the weights are averaged.
    double average_horizon = 1000;
    std::uint64_t seed = 0;
};

/// Parameters that learn at a rate of their own.
struct ParameterGroup {
    Parameters parameters;
    /// In parts of the learning rate.
    double rate = 1;
    bool is_decayed = true;
};

/// Thrown when the loss or the gradient is no longer a number.
class NotANumber : public Error {
  public:
    explicit NotANumber(std::int64_t step);
};

/// Takes training steps. One depends on the weights before it, the options and its number, and on nothing else.
class Trainer {
  public:
    virtual ~Trainer() = default;

    struct Report {
        double loss = 0;
        double gradient_norm = 0;
        double learning_rate = 0;
    };
    /// Step `step`, counted from 0. Throws NotANumber and LostProcess with the weights as they were.
    Report step(std::int64_t step);

    std::int64_t steps() const { return options_.steps; }

    /// From now on takes its share of each step, and the other processes theirs. Throws Error about the field `ranks`
    /// if a batch does not go into as many parts.
    void share_with(Ranks ranks);
    const Ranks& ranks() const { return ranks_; }

    /// The averaged weights, by the names of the parameters.
    Parameters averages() { return parameters_.named(average_.values()); }

    /// Calls `look` while the networks have the averaged weights.
    void with_averages(const std::function<void()>& look);

    /// What a checkpoint keeps, and going on from it. restore() throws Error if the tensors are not this trainer's.
    std::map<std::string, torch::Tensor> state();
    void restore(const RunState& state);

  protected:
    /// Throws Error about a field of `options` that is out of range.
    Trainer(const std::vector<ParameterGroup>& groups, const TrainingOptions& options);

    /// Adds the gradient of the step's loss, the mean over the batch, to that of the parameters, and returns the loss:
    /// both of parts() alone.
    virtual double backward(std::int64_t step) = 0;

    /// A range of the pictures of a batch.
    struct Part {
        std::int64_t begin = 0, length = 0;
    };
    /// What of a batch goes through the networks of this process, part by part.
    std::vector<Part> parts() const;

    const TrainingOptions& options() const { return options_; }

  private:
    TrainingOptions options_;
    Ranks ranks_;
    LearningRate learning_rate_;
    FlatParameters parameters_;
    AdamW adamw_;
    Average average_;
};

}  // namespace easel::train
