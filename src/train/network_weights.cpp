#include "train/network_weights.h"

#include <fmt/ranges.h>

#include "base/error.h"

namespace easel::train {
namespace {

torch::ScalarType scalar_type(DType dtype) {
    switch (dtype) {
        case DType::F16:
            return torch::kHalf;
        case DType::BF16:
            return torch::kBFloat16;
        default:
            return torch::kFloat;
    }
}

/// Whether both are the same matrix; published files also store it as a 1x1 convolution's [outputs, inputs, 1, 1].
bool is_same_matrix(std::vector<std::int64_t> a, std::vector<std::int64_t> b) {
    for (auto* shape : {&a, &b})
        if (shape->size() == 2) shape->insert(shape->end(), {1, 1});
    return a == b;
}

}  // namespace

Parameters parameters_of(const torch::nn::Module& network) {
    Parameters parameters;
    for (const auto& item : network.named_parameters()) parameters.emplace(item.key(), item.value());
    return parameters;
}

void load_weights(torch::nn::Module& network, const Weights& weights) {
    const torch::NoGradGuard no_grad;
    for (auto& [name, parameter] : parameters_of(network)) {
        const Weight weight = weights.at(name);
        if (!is_same_matrix(weight.shape, parameter.sizes().vec()))
            fail(ErrorKind::damaged, "the tensor {} has the shape [{}] where this model's configuration needs [{}]",
                 weights.name_in_file(name), fmt::join(weight.shape, ", "), fmt::join(parameter.sizes(), ", "));
        // from_blob() takes no pointer to const, and copy_() does not write through it.
        auto* const bytes = const_cast<std::byte*>(weight.bytes.data());
        parameter.copy_(torch::from_blob(bytes, parameter.sizes(), scalar_type(weight.dtype)));
    }
}

Weights to_weights(const Parameters& parameters, const std::string& network, DType dtype) {
    Weights weights(network, "what is being trained");
    for (const auto& [name, parameter] : parameters) {
        const auto owner = std::make_shared<torch::Tensor>(
            parameter.detach().to(torch::kCPU, scalar_type(dtype), /*non_blocking=*/false, /*copy=*/true).contiguous());
        const std::span bytes(static_cast<const std::byte*>(owner->data_ptr()), owner->nbytes());
        weights.add({.name = name, .dtype = dtype, .shape = owner->sizes().vec(), .bytes = bytes, .owner = owner});
    }
    return weights;
}

}  // namespace easel::train
