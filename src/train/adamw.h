#pragma once

#include <vector>

#include <torch/types.h>

namespace easel::train {

/// Adam with decoupled weight decay (Kingma & Ba 2015; Loshchilov & Hutter 2019), as torch.optim.AdamW computes it.
class AdamW {
  public:
    struct Options {
        double beta1 = 0.9;
        double beta2 = 0.999;
        double epsilon = 1e-8;
    };
    /// Values that follow each other, and how they differ from others.
    struct Group {
        std::int64_t length = 0;
        /// In parts of the learning rate.
        double rate = 1;
        double weight_decay = 0.01;
    };

    /// `like` has the size and the device of what is optimized; the groups together have its length.
    AdamW(const torch::Tensor& like, const Options& options, std::vector<Group> groups);

    /// Moves `values` against `gradient`.
    void step(torch::Tensor& values, const torch::Tensor& gradient, double learning_rate);

    /// The averages of the gradient and of its square, and the steps taken: all that there is to save.
    struct State {
        torch::Tensor first_moment, second_moment;
        std::int64_t steps = 0;
    };
    State& state() { return state_; }

  private:
    Options options_;
    std::vector<Group> groups_;
    State state_;
    torch::Tensor scratch_;
};

}  // namespace easel::train
