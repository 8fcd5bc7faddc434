#include "weights/ip_adapter_file.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "weights/contents.h"
#include "weights/floats.h"
#include "weights/safetensors.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

struct Attention {
    std::string name;
    int width = 0;
};

/// The UNet's cross attentions in the order in which IP-Adapters count them.
std::vector<Attention> cross_attentions(const UNetConfig& unet) {
    std::vector<Attention> all;
    const auto add = [&](const std::string& block, int transformer, int layers, int level) {
        for (int layer = 0; layer < layers; ++layer)
            all.push_back({fmt::format("{}.attentions.{}.transformer_blocks.{}.attn2", block, transformer, layer),
                           unet.level(level).width});
    };
    const int levels = unet.level_count();
    for (int level = 0; level < levels; ++level)
        for (int i = 0; unet.level(level).cross_attention_down && i < unet.level(level).layers; ++i)
            add(fmt::format("down_blocks.{}", level), i, unet.level(level).down_transformer_layers(i), level);
    for (int level = levels - 1; level >= 0; --level)
        for (int i = 0; unet.level(level).cross_attention_up && i <= unet.level(level).layers; ++i)
            add(fmt::format("up_blocks.{}", levels - 1 - level), i, unet.level(level).up_transformer_layers(i), level);
    if (unet.mid_block == MidBlock::cross_attention)
        add("mid_block", 0, unet.level(levels - 1).transformer_layers, levels - 1);
    return all;
}

class Reader {
  public:
    explicit Reader(const fs::path& path) : path_(path), file_(path) {}

    IpAdapterFile read(const UNetConfig& unet) {
        if (!has("image_proj.proj.weight") || !has("image_proj.norm.weight")) refuse_form();
        IpAdapterFile adapter{.path = path_};
        const TensorView& projection = tensor("image_proj.proj.weight");
        const TensorView& norm = tensor("image_proj.norm.weight");
        if (projection.shape.size() != 2 || norm.shape.size() != 1 || norm.shape[0] < 1 ||
            projection.shape[0] % norm.shape[0] != 0)
            fail(ErrorKind::damaged, "{}: the shapes of image_proj.proj.weight and image_proj.norm.weight disagree",
                 path_.string());
        adapter.image_width = static_cast<int>(projection.shape[1]);
        adapter.token_width = static_cast<int>(norm.shape[0]);
        adapter.tokens = static_cast<int>(projection.shape[0] / norm.shape[0]);
        adapter.projection = values("image_proj.proj.weight", projection.shape);
        adapter.projection_bias = values("image_proj.proj.bias", {projection.shape[0]});
        adapter.norm_weight = values("image_proj.norm.weight", norm.shape);
        adapter.norm_bias = values("image_proj.norm.bias", norm.shape);
        if (adapter.token_width != unet.cross_attention_dim)
            fail(ErrorKind::unsupported, "{}: its tokens have {} numbers, and the model's {}; it is for another family",
                 path_.string(), adapter.token_width, unet.cross_attention_dim);
        read_attentions(adapter, unet);
        return adapter;
    }

  private:
    bool has(const std::string& name) const { return file_.tensors().contains(name); }

    [[noreturn]] void refuse_form() const {
        if (has("image_proj.latents") || has("image_proj.proj_in.weight"))
            fail(ErrorKind::unsupported,
                 "{}: is an IP-Adapter Plus, which takes the picture's parts; easel runs the base form",
                 path_.string());
        if (has("image_proj.proj.0.weight"))
            fail(ErrorKind::unsupported, "{}: is an IP-Adapter for faces; easel runs the base form", path_.string());
        fail(ErrorKind::unsupported, "{}: is {}, where an IP-Adapter is expected", path_.string(),
             contents_of(file_.tensors()).name);
    }

    const TensorView& tensor(const std::string& name) const {
        const auto found = file_.tensors().find(name);
        if (found == file_.tensors().end())
            fail(ErrorKind::damaged, "{}: the tensor {} is missing", path_.string(), name);
        if (!is_float(found->second.dtype))
            fail(ErrorKind::unsupported, "{}: the tensor {} is stored as {}; it must be F32, F16 or BF16",
                 path_.string(), name, easel::name(found->second.dtype));
        return found->second;
    }

    const TensorView& tensor(const std::string& name, const std::vector<std::int64_t>& shape) const {
        const TensorView& found = tensor(name);
        if (found.shape != shape)
            fail(ErrorKind::unsupported, "{}: the tensor {} does not have the shape that this model needs",
                 path_.string(), name);
        return found;
    }

    std::vector<float> values(const std::string& name, const std::vector<std::int64_t>& shape) const {
        const TensorView& found = tensor(name, shape);
        return floats_of(found.bytes, found.dtype);
    }

    void read_attentions(IpAdapterFile& adapter, const UNetConfig& unet) const {
        adapter.weights = Weights("IP-Adapter", path_.string());
        adapter.weights.add_file(file_.file());
        // Self-attentions are counted too, and come first.
        int number = 1;
        for (const auto& [name, width] : cross_attentions(unet)) {
            for (const char* part : {"to_k_ip.weight", "to_v_ip.weight"})
                adapter.weights.add(fmt::format("{}.{}", name, part),
                                    tensor(fmt::format("ip_adapter.{}.{}", number, part), {width, adapter.token_width}),
                                    file_.file());
            number += 2;
        }
        if (has(fmt::format("ip_adapter.{}.to_k_ip.weight", number)))
            fail(ErrorKind::unsupported, "{}: is for a UNet with more attentions than this model's", path_.string());
    }

    const fs::path& path_;
    SafetensorsFile file_;
};

/// Source: torch's LayerNorm, with its default epsilon.
void normalize(std::span<float> values, const IpAdapterFile& adapter) {
    constexpr double epsilon = 1e-5;
    double mean = 0.0, variance = 0.0;
    for (const float value : values) mean += value;
    mean /= static_cast<double>(values.size());
    for (const float value : values) variance += (value - mean) * (value - mean);
    variance /= static_cast<double>(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>((values[i] - mean) / std::sqrt(variance + epsilon)) * adapter.norm_weight[i] +
                    adapter.norm_bias[i];
}

}  // namespace

IpAdapterFile open_ip_adapter(const fs::path& path, const UNetConfig& unet) { return Reader(path).read(unet); }

std::vector<float> image_tokens(const IpAdapterFile& adapter, std::span<const float> embedding) {
    std::vector<float> tokens = adapter.projection_bias;
    for (std::size_t row = 0; row < tokens.size(); ++row)
        for (std::size_t i = 0; i < embedding.size(); ++i)
            tokens[row] += adapter.projection[row * embedding.size() + i] * embedding[i];
    const auto width = static_cast<std::size_t>(adapter.token_width);
    for (std::size_t begin = 0; begin < tokens.size(); begin += width)
        normalize(std::span(tokens).subspan(begin, width), adapter);
    return tokens;
}

std::vector<float> read_image_embedding(const fs::path& path, int width) {
    const SafetensorsFile file(path);
    if (file.tensors().size() != 1)
        fail(ErrorKind::unsupported, "{}: holds {} tensors, where one is expected, a picture's embedding",
             path.string(), file.tensors().size());
    const auto& [name, tensor] = *file.tensors().begin();
    if (!is_float(tensor.dtype))
        fail(ErrorKind::unsupported, "{}: the tensor {} is stored as {}; it must be F32, F16 or BF16", path.string(),
             name, easel::name(tensor.dtype));
    std::vector<float> values = floats_of(tensor.bytes, tensor.dtype);
    if (values.size() != static_cast<std::size_t>(width))
        fail(ErrorKind::unsupported, "{}: the embedding has {} numbers, and the IP-Adapter takes {}", path.string(),
             values.size(), width);
    for (const float value : values)
        if (!std::isfinite(value))
            fail(ErrorKind::damaged, "{}: the embedding holds a number that is not finite", path.string());
    return values;
}

}  // namespace easel
