#include "train/adamw.h"

#include <cmath>

namespace easel::train {

AdamW::AdamW(const torch::Tensor& like, const Options& options)
    : options_(options),
      state_{.first_moment = torch::zeros_like(like), .second_moment = torch::zeros_like(like)},
      scratch_(torch::empty_like(like)) {}

void AdamW::step(torch::Tensor& values, const torch::Tensor& gradient, double learning_rate) {
    const torch::NoGradGuard no_grad;
    auto& [first, second, steps] = state_;
    ++steps;
    values.mul_(1 - learning_rate * options_.weight_decay);
    first.lerp_(gradient, 1 - options_.beta1);
    second.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
    // The averages begin at zero, and are divided by how much of the past they have seen.
    const double correction1 = 1 - std::pow(options_.beta1, steps);
    const double correction2 = 1 - std::pow(options_.beta2, steps);
    torch::sqrt_out(scratch_, second);
    scratch_.div_(std::sqrt(correction2)).add_(options_.epsilon);
    values.addcdiv_(first, scratch_, -learning_rate / correction1);
}

}  // namespace easel::train
