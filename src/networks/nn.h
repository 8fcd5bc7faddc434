#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openvino/core/model.hpp>
#include <openvino/core/node_output.hpp>
#include <openvino/op/parameter.hpp>

#include "weights/checkpoint.h"

/// The layers that Stable Diffusion's networks are made of, as functions that add them to an OpenVINO graph. In the
/// graph everything is f32; the device may be asked to use less (the inference precision hint).
namespace easel::nn {

/// An edge of the graph. Pictures are [n, channels, height, width], sequences [n, tokens, channels].
using Tensor = ov::Output<ov::Node>;

/// A place in a checkpoint: the weights and the beginning of their names, so that a builder reads like the network:
/// `conv2d(x, unet / "down_blocks" / 0 / "downsamplers" / 0 / "conv", ...)`.
class Scope {
  public:
    explicit Scope(const Weights& weights) : weights_(&weights) {}

    Scope operator/(std::string_view name) const { return Scope(*weights_, prefix_ + std::string(name) + "."); }
    Scope operator/(int index) const { return *this / std::to_string(index); }

    /// The weight `name` here. Throws Error naming it if it is missing or has another shape.
    Weight take(std::string_view name, const std::vector<std::int64_t>& shape) const;
    /// The same for a matrix [outputs, inputs], which published files also store as a 1x1 convolution's
    /// [outputs, inputs, 1, 1].
    Weight take_linear(std::string_view name, int inputs, int outputs) const;
    /// The same place in other weights.
    Scope in(const Weights& weights) const { return Scope(weights, prefix_); }
    bool has(std::string_view name) const { return weights_->has(prefix_ + std::string(name)); }

  private:
    Scope(const Weights& weights, std::string prefix) : weights_(&weights), prefix_(std::move(prefix)) {}

    Weight take_shaped(std::string_view name, const std::vector<std::vector<std::int64_t>>& shapes) const;

    const Weights* weights_;
    std::string prefix_;
};

/// An input [n, channels, height, width].
std::shared_ptr<ov::op::v0::Parameter> picture_input(const char* name, int channels);

/// A weight as a constant that uses the mapped file itself; f16 and bf16 are widened where they are used.
Tensor constant(const Weight& weight);
/// The weight `name`, whose values are also right under another `shape` of as many values.
Tensor constant(const Weight& weight, const std::vector<std::int64_t>& shape);
/// Values that are in no file, rounded to `type` and widened where they are used.
Tensor stored_as(const ov::element::Type& type, const ov::Shape& shape, const std::vector<float>& values);
Tensor constant(const std::vector<std::int64_t>& values);
Tensor constant(float value);

/// x W^T + b, W [outputs, inputs] (or [outputs, inputs, 1, 1]: published files have both). The bias is omitted if
/// the checkpoint has none and `bias` is false.
Tensor linear(Tensor x, const Scope& scope, int inputs, int outputs, bool bias = true);

struct Convolution {
    int kernel = 3;
    int stride = 1;
    /// Zeros added before (top, left) and after (bottom, right).
    int padding_before = 1;
    int padding_after = 1;
    bool bias = true;
};
inline constexpr Convolution pointwise{.kernel = 1, .stride = 1, .padding_before = 0, .padding_after = 0};

/// W [outputs, inputs, kernel, kernel], b [outputs].
Tensor conv2d(Tensor x, const Scope& scope, int inputs, int outputs, const Convolution& how = {});

Tensor group_norm(Tensor x, const Scope& scope, int channels, int groups, double epsilon);
Tensor layer_norm(Tensor x, const Scope& scope, int channels, double epsilon);

Tensor silu(Tensor x);
/// With the error function, as PyTorch's default.
Tensor gelu(Tensor x);
/// x sigmoid(1.702 x), the activation of OpenAI's CLIP.
Tensor quick_gelu(Tensor x);

Tensor add(Tensor a, Tensor b);
Tensor multiply(Tensor a, Tensor b);
/// Along the channels of pictures.
Tensor concat_channels(Tensor a, Tensor b);

/// softmax(q k^T / sqrt(head size)) v; `queries` [n, t, channels], `keys` and `values` [n, s, channels], channels in
/// `heads` equal runs. `causal`: a token sees itself and those before it.
Tensor attention(Tensor queries, Tensor keys, Tensor values, int channels, int heads, bool causal = false);

/// [n, channels, height, width] to [n, height * width, channels], and back to the size of `like`.
Tensor to_sequence(Tensor picture, int channels);
Tensor to_picture(Tensor sequence, Tensor like, int channels);

/// Nearest neighbour, twice the size.
Tensor upsample_twice(Tensor x);
/// Nearest neighbour, to the height and width of `like`.
Tensor upsample_to(Tensor x, Tensor like);

/// `x` repeated to the batch of `like` if its own is 1.
Tensor repeat_batch(Tensor x, Tensor like);

}  // namespace easel::nn
