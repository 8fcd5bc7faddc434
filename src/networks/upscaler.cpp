#include "networks/upscaler.h"

#include <vector>

#include <fmt/format.h>
#include <openvino/op/depth_to_space.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/prelu.hpp>
#include <openvino/op/space_to_depth.hpp>

#include "networks/nn.h"

namespace easel {
namespace {

using nn::Scope;
using nn::Tensor;

constexpr int colours = 3;
constexpr float residual_share = 0.2F, negative_slope = 0.2F;

Tensor leaky(Tensor x) { return std::make_shared<ov::op::v0::PRelu>(x, nn::constant(negative_slope)); }

/// x + 0.2 change
Tensor add_share(Tensor x, Tensor change) { return nn::add(x, nn::multiply(change, nn::constant(residual_share))); }

Tensor dense_block(Tensor x, const Scope& scope, const UpscalerConfig& config) {
    Tensor all = x;
    int channels = config.filters;
    for (int i = 1; i <= 4; ++i, channels += config.growth)
        all =
            nn::concat_channels(all, leaky(nn::conv2d(all, scope / fmt::format("conv{}", i), channels, config.growth)));
    return add_share(x, nn::conv2d(all, scope / "conv5", channels, config.filters));
}

Tensor rrdb(Tensor x, const Scope& root, const UpscalerConfig& config) {
    const int filters = config.filters, unshuffled = colours * config.unshuffle * config.unshuffle;
    if (config.unshuffle > 1)
        x = std::make_shared<ov::op::v0::SpaceToDepth>(x, ov::op::v0::SpaceToDepth::SpaceToDepthMode::DEPTH_FIRST,
                                                       static_cast<std::size_t>(config.unshuffle));
    const Tensor first = nn::conv2d(x, root / "conv_first", unshuffled, filters);
    Tensor y = first;
    for (int block = 0; block < config.blocks; ++block) {
        Tensor z = y;
        for (int part = 1; part <= 3; ++part)
            z = dense_block(z, root / "body" / block / fmt::format("rdb{}", part), config);
        y = add_share(y, z);
    }
    y = nn::add(first, nn::conv2d(y, root / "conv_body", filters, filters));
    for (const char* up : {"conv_up1", "conv_up2"})
        y = leaky(nn::conv2d(nn::upsample_twice(y), root / up, filters, filters));
    y = leaky(nn::conv2d(y, root / "conv_hr", filters, filters));
    return nn::conv2d(y, root / "conv_last", filters, colours);
}

Tensor compact(Tensor x, const Scope& root, const UpscalerConfig& config) {
    const Scope body = root / "body";
    Tensor y = x;
    int number = 0;
    for (int i = 0; i <= config.convolutions; ++i) {
        y = nn::conv2d(y, body / number++, i == 0 ? colours : config.filters, config.filters);
        y = std::make_shared<ov::op::v0::PRelu>(y, nn::constant((body / number++).take("weight", {config.filters})));
    }
    y = nn::conv2d(y, body / number, config.filters, colours * config.scale * config.scale);
    y = std::make_shared<ov::op::v0::DepthToSpace>(y, ov::op::v0::DepthToSpace::DepthToSpaceMode::DEPTH_FIRST,
                                                   static_cast<std::size_t>(config.scale));
    return nn::add(y, nn::upsample_to(x, y));
}

}  // namespace

std::shared_ptr<ov::Model> build_upscaler(const Weights& weights, const UpscalerConfig& config) {
    const auto picture =
        std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::PartialShape{1, colours, -1, -1});
    picture->set_friendly_name("picture");
    picture->output(0).set_names({"picture"});
    const Scope root(weights);
    Tensor enlarged =
        config.kind == UpscalerConfig::Kind::rrdb ? rrdb(picture, root, config) : compact(picture, root, config);
    enlarged.set_names({"enlarged"});
    return std::make_shared<ov::Model>(ov::OutputVector{enlarged}, ov::ParameterVector{picture}, "upscaler");
}

}  // namespace easel
