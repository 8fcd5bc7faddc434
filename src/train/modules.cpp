#include "train/modules.h"

#include <cmath>

namespace easel::train {
namespace F = torch::nn::functional;

Tensor LinearImpl::forward(const Tensor& x) {
    const Tensor y = torch::nn::LinearImpl::forward(x);
    if (!change) return y;
    return y + change->scale * F::linear(F::linear(x, change->down), change->up);
}

Tensor Conv2dImpl::forward(const Tensor& x) {
    const Tensor y = torch::nn::Conv2dImpl::forward(x);
    if (!change) return y;
    const auto as_this = F::Conv2dFuncOptions().stride(options.stride()).padding(options.padding());
    return y + change->scale * F::conv2d(F::conv2d(x, change->down, as_this), change->up);
}

Conv2d convolution(int inputs, int outputs, int kernel, int stride) {
    return Conv2d(torch::nn::Conv2dOptions(inputs, outputs, kernel).stride(stride).padding(kernel / 2));
}

torch::nn::GroupNorm group_norm(int channels, int groups, double epsilon) {
    return torch::nn::GroupNorm(torch::nn::GroupNormOptions(groups, channels).eps(epsilon));
}

torch::nn::LayerNorm layer_norm(int channels, double epsilon) {
    return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}).eps(epsilon));
}

Linear linear(int inputs, int outputs, bool bias) {
    return Linear(torch::nn::LinearOptions(inputs, outputs).bias(bias));
}

Tensor quick_gelu(const Tensor& x) { return x * torch::sigmoid(1.702 * x); }

Tensor attention(const Tensor& queries, const Tensor& keys, const Tensor& values, int heads, bool causal) {
    const auto split = [&](const Tensor& x) {
        return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
    };
    const Tensor q = split(queries);
    // Scaling the keys is less work than scaling the scores.
    const Tensor k = split(keys) * (1.0 / std::sqrt(static_cast<double>(q.size(-1))));
    Tensor scores = torch::matmul(q, k.transpose(-1, -2));
    if (causal) {
        const auto options = torch::TensorOptions(torch::kBool).device(scores.device());
        scores = scores.masked_fill(torch::ones({scores.size(-2), scores.size(-1)}, options).triu(1), -INFINITY);
    }
    return torch::matmul(torch::softmax(scores, -1), split(values)).transpose(1, 2).flatten(2);
}

Tensor to_sequence(const Tensor& picture) { return picture.permute({0, 2, 3, 1}).flatten(1, 2); }

Tensor to_picture(const Tensor& sequence, const Tensor& like) {
    return sequence.view({like.size(0), like.size(2), like.size(3), sequence.size(2)}).permute({0, 3, 1, 2});
}

ResnetImpl::ResnetImpl(int inputs, int outputs, int groups, double epsilon, int time_width)
    : norm1(register_module("norm1", group_norm(inputs, groups, epsilon))),
      norm2(register_module("norm2", group_norm(outputs, groups, epsilon))),
      conv1(register_module("conv1", convolution(inputs, outputs))),
      conv2(register_module("conv2", convolution(outputs, outputs))) {
    if (time_width > 0) time_emb_proj = register_module("time_emb_proj", linear(time_width, outputs));
    if (inputs != outputs) conv_shortcut = register_module("conv_shortcut", convolution(inputs, outputs, /*kernel=*/1));
}

Tensor ResnetImpl::forward(const Tensor& x, const Tensor& time) {
    Tensor h = conv1(torch::silu(norm1(x)));
    if (time_emb_proj) h = h + time_emb_proj(time).unsqueeze(-1).unsqueeze(-1);
    h = conv2(torch::silu(norm2(h)));
    return h + (conv_shortcut ? conv_shortcut(x) : x);
}

DownsampleImpl::DownsampleImpl(int channels, Padding where)
    : padding(where),
      conv(register_module("conv", Conv2d(torch::nn::Conv2dOptions(channels, channels, 3)
                                              .stride(2)
                                              .padding(where == Padding::all_sides ? 1 : 0)))) {}

Tensor DownsampleImpl::forward(const Tensor& x) {
    return conv(padding == Padding::all_sides ? x : F::pad(x, F::PadFuncOptions({0, 1, 0, 1})));
}

UpsampleImpl::UpsampleImpl(int channels) : conv(register_module("conv", convolution(channels, channels))) {}

Tensor UpsampleImpl::forward(const Tensor& x, std::int64_t height, std::int64_t width) {
    const std::vector<std::int64_t> size = {height, width};
    return conv(F::interpolate(x, F::InterpolateFuncOptions().size(size).mode(torch::kNearest)));
}

}  // namespace easel::train
