#include "train/adamw.h"

#include <cmath>

namespace easel::train {

AdamW::AdamW(const torch::Tensor& like, const Options& options, std::vector<Group> groups)
    : options_(options),
      groups_(std::move(groups)),
      state_{.first_moment = torch::zeros_like(like), .second_moment = torch::zeros_like(like)},
      scratch_(torch::empty_like(like)) {}

void AdamW::step(torch::Tensor& values, const torch::Tensor& gradient, double learning_rate) {
    const torch::NoGradGuard no_grad;
    auto& [first, second, steps] = state_;
    ++steps;
    first.lerp_(gradient, 1 - options_.beta1);
    second.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
    // The averages begin at zero, and are divided by how much of the past they have seen.
    const double correction1 = 1 - std::pow(options_.beta1, steps);
    const double correction2 = 1 - std::pow(options_.beta2, steps);
    torch::sqrt_out(scratch_, second);
    scratch_.div_(std::sqrt(correction2)).add_(options_.epsilon);
    std::int64_t begin = 0;
    for (const Group& group : groups_) {
        const auto part = [&](const torch::Tensor& all) { return all.narrow(0, begin, group.length); };
        const double rate = learning_rate * group.rate;
        part(values).mul_(1 - rate * group.weight_decay).addcdiv_(part(first), part(scratch_), -rate / correction1);
        begin += group.length;
    }
}

}  // namespace easel::train
