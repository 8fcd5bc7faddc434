#include "train/flat_parameters.h"

namespace easel::train {

FlatParameters::FlatParameters(std::span<const Parameters> groups) {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> parts;
    for (const Parameters& group : groups) {
        lengths_.push_back(0);
        for (const auto& [name, parameter] : group) {
            parameters_.emplace_back(name, parameter);
            parts.push_back(parameter.flatten());
            lengths_.back() += parameter.numel();
        }
    }
    values_ = torch::cat(parts);
    gradient_ = torch::zeros_like(values_);
    const Parameters values = named(values_), gradients = named(gradient_);
    for (auto& [name, parameter] : parameters_) {
        parameter.set_data(values.at(name));
        parameter.set_requires_grad(true);
        // Where a gradient is there already, backward() adds to it in place.
        parameter.mutable_grad() = gradients.at(name);
    }
}

Parameters FlatParameters::named(const torch::Tensor& row) const {
    Parameters views;
    std::int64_t offset = 0;
    for (const auto& [name, parameter] : parameters_) {
        views.emplace(name, row.narrow(0, offset, parameter.numel()).view(parameter.sizes()));
        offset += parameter.numel();
    }
    return views;
}

}  // namespace easel::train
