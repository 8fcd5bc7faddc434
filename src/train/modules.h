#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torch/nn.h>

/// The layers that the three networks are made of, as torch modules whose members have diffusers' names. Pictures are
/// [n, channels, height, width], sequences [n, tokens, channels].
namespace easel::train {

using torch::Tensor;

/// Modules of one type under the names "0", "1", ..., as in PyTorch's ModuleList.
template <typename Item>
class ListImpl : public torch::nn::Module {
  public:
    void add(Item item) { items_.push_back(register_module(std::to_string(items_.size()), std::move(item))); }
    Item& operator[](std::size_t index) { return items_.at(index); }
    std::size_t size() const { return items_.size(); }
    auto begin() { return items_.begin(); }
    auto end() { return items_.end(); }

  private:
    std::vector<Item> items_;
};
template <typename Item>
using List = torch::nn::ModuleHolder<ListImpl<Item>>;

/// A change of a layer's weight that is a product of two thin ones (Hu et al. 2021).
struct LowRank {
    /// [rank, inputs, kernel...] and [outputs, rank, 1...].
    Tensor down, up;
    double scale = 1;
};

/// torch's layers of the same names, which can carry such a change: weight + scale * up * down.
class LinearImpl : public torch::nn::LinearImpl {
  public:
    using torch::nn::LinearImpl::LinearImpl;
    Tensor forward(const Tensor& x);
    std::optional<LowRank> change;
};
TORCH_MODULE(Linear);

class Conv2dImpl : public torch::nn::Conv2dImpl {
  public:
    using torch::nn::Conv2dImpl::Conv2dImpl;
    Tensor forward(const Tensor& x);
    std::optional<LowRank> change;
};
TORCH_MODULE(Conv2d);

/// A 3x3 convolution that keeps the size, or one of another kernel (1, without padding) or stride.
Conv2d convolution(int inputs, int outputs, int kernel = 3, int stride = 1);
torch::nn::GroupNorm group_norm(int channels, int groups, double epsilon);
torch::nn::LayerNorm layer_norm(int channels, double epsilon);
Linear linear(int inputs, int outputs, bool bias = true);

/// x sigmoid(1.702 x), the activation of OpenAI's CLIP.
Tensor quick_gelu(const Tensor& x);

/// softmax(q k^T / sqrt(head size) + mask) v; `queries` [n, t, channels], `keys` and `values` [n, s, channels],
/// channels in `heads` equal runs. `causal`: a token sees itself and those before it.
Tensor attention(const Tensor& queries, const Tensor& keys, const Tensor& values, int heads, bool causal = false);

/// [n, channels, height, width] to [n, height * width, channels], and back to the size of `like`.
Tensor to_sequence(const Tensor& picture);
Tensor to_picture(const Tensor& sequence, const Tensor& like);

/// A residual block of the UNet or the VAE: norm, SiLU, convolution, (the timestep's share,) norm, SiLU, convolution,
/// and the input added, through a 1x1 convolution if the channels change.
struct ResnetImpl : torch::nn::Module {
    /// `time_width`: of the timestep's embedding; 0 in the VAE, which has none.
    ResnetImpl(int inputs, int outputs, int groups, double epsilon, int time_width = 0);
    /// `time` is the activated embedding [n, time_width], undefined in the VAE.
    Tensor forward(const Tensor& x, const Tensor& time = {});

    torch::nn::GroupNorm norm1, norm2;
    Conv2d conv1, conv2;
    Linear time_emb_proj{nullptr};
    Conv2d conv_shortcut{nullptr};
};
TORCH_MODULE(Resnet);

/// A convolution that halves a picture: the UNet's pads all four sides, the VAE's only right and below.
struct DownsampleImpl : torch::nn::Module {
    enum class Padding { all_sides, right_and_below };
    DownsampleImpl(int channels, Padding padding);
    Tensor forward(const Tensor& x);

    Padding padding;
    Conv2d conv;
};
TORCH_MODULE(Downsample);

/// Nearest neighbour to the given size, then a convolution.
struct UpsampleImpl : torch::nn::Module {
    explicit UpsampleImpl(int channels);
    Tensor forward(const Tensor& x, std::int64_t height, std::int64_t width);

    Conv2d conv;
};
TORCH_MODULE(Upsample);

}  // namespace easel::train
