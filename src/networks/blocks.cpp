#include "networks/blocks.h"

#include <openvino/op/unsqueeze.hpp>

namespace easel::nn {

Tensor resnet(Tensor x, const std::optional<Tensor>& time, const Scope& scope, const Resnet& how) {
    Tensor h = silu(group_norm(x, scope / "norm1", how.inputs, how.groups, how.epsilon));
    h = conv2d(h, scope / "conv1", how.inputs, how.outputs);
    if (time) {
        const Tensor share = linear(*time, scope / "time_emb_proj", how.time_width, how.outputs);
        h = add(h, std::make_shared<ov::op::v0::Unsqueeze>(share, constant(std::vector<std::int64_t>{2, 3})));
    }
    h = silu(group_norm(h, scope / "norm2", how.outputs, how.groups, how.epsilon));
    h = conv2d(h, scope / "conv2", how.outputs, how.outputs);
    if (how.inputs != how.outputs) x = conv2d(x, scope / "conv_shortcut", how.inputs, how.outputs, pointwise);
    return add(x, h);
}

}  // namespace easel::nn
