#include "networks/clip_text.h"

#include <algorithm>

#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/cum_sum.hpp>
#include <openvino/op/equal.hpp>
#include <openvino/op/gather.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/reduce_max.hpp>
#include <openvino/op/reduce_sum.hpp>
#include <openvino/op/shape_of.hpp>
#include <openvino/op/slice.hpp>
#include <openvino/op/unsqueeze.hpp>

#include "base/error.h"
#include "networks/nn.h"

namespace easel {
namespace {

using nn::Scope;
using nn::Tensor;

/// What stands in the place of tokens; empty where nothing does.
struct Learned {
    std::shared_ptr<ov::op::v0::Parameter> kept, vectors;
};

/// Token embedding plus the position's.
Tensor embed(Tensor ids, const Learned& learned, const Scope& scope, const TextEncoderConfig& config) {
    const Tensor first_axis = nn::constant(std::vector<std::int64_t>{0});
    const Tensor table = nn::constant(scope.take("token_embedding.weight", {config.vocab_size, config.hidden_size}));
    const Tensor positions =
        nn::constant(scope.take("position_embedding.weight", {config.max_position_embeddings, config.hidden_size}));

    const auto axis = std::make_shared<ov::op::v8::Gather>(std::make_shared<ov::op::v3::ShapeOf>(ids),
                                                           nn::constant(std::vector<std::int64_t>{1}), first_axis);
    const auto used = std::make_shared<ov::op::v8::Slice>(positions, first_axis, axis,
                                                          nn::constant(std::vector<std::int64_t>{1}), first_axis);
    Tensor tokens = std::make_shared<ov::op::v8::Gather>(table, ids, first_axis);
    if (learned.vectors) tokens = nn::add(nn::multiply(tokens, learned.kept), learned.vectors);
    return nn::add(tokens, used);
}

Tensor self_attention(Tensor x, const Scope& scope, const TextEncoderConfig& config) {
    const int width = config.hidden_size;
    const Tensor mixed = nn::attention(
        nn::linear(x, scope / "q_proj", width, width), nn::linear(x, scope / "k_proj", width, width),
        nn::linear(x, scope / "v_proj", width, width), width, config.num_attention_heads, /*causal=*/true);
    return nn::linear(mixed, scope / "out_proj", width, width);
}

Tensor mlp(Tensor x, const Scope& scope, const TextEncoderConfig& config) {
    const Tensor wide = nn::linear(x, scope / "fc1", config.hidden_size, config.intermediate_size);
    const Tensor activated = config.hidden_act == "gelu" ? nn::gelu(wide) : nn::quick_gelu(wide);
    return nn::linear(activated, scope / "fc2", config.intermediate_size, config.hidden_size);
}

Tensor encoder_layer(Tensor x, const Scope& scope, const TextEncoderConfig& config) {
    const auto norm = [&](Tensor input, const char* which) {
        return nn::layer_norm(input, scope / which, config.hidden_size, config.layer_norm_eps);
    };
    x = nn::add(x, self_attention(norm(x, "layer_norm1"), scope / "self_attn", config));
    return nn::add(x, mlp(norm(x, "layer_norm2"), scope / "mlp", config));
}

/// What each layer gives, the embeddings first.
std::vector<Tensor> states_of(Tensor ids, const Learned& learned, const Scope& scope, const TextEncoderConfig& config,
                              int layers) {
    std::vector<Tensor> states = {embed(ids, learned, scope / "embeddings", config)};
    for (int layer = 0; layer < layers; ++layer)
        states.push_back(encoder_layer(states.back(), scope / "encoder" / "layers" / layer, config));
    return states;
}

std::shared_ptr<ov::op::v0::Parameter> ids_input(const char* name) {
    auto ids = std::make_shared<ov::op::v0::Parameter>(ov::element::i32, ov::PartialShape{-1, -1});
    ids->output(0).set_names({name});
    return ids;
}

/// Inputs for vectors of that width, added to `inputs`.
Learned learned_inputs(const char* kept, const char* vectors, std::int64_t width, ov::ParameterVector& inputs) {
    const auto input = [&](const char* name, std::int64_t columns) {
        inputs.push_back(std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::PartialShape{-1, -1, columns}));
        inputs.back()->output(0).set_names({name});
        return inputs.back();
    };
    Learned learned;
    learned.kept = input(kept, 1);
    learned.vectors = input(vectors, width);
    return learned;
}

Tensor final_norm(const Tensor& state, const Scope& scope, const TextEncoderConfig& config) {
    return nn::layer_norm(state, scope / "final_layer_norm", config.hidden_size, config.layer_norm_eps);
}

/// The row of `rows` [n, tokens, width] at the end of the text, [n, width]: where the greatest id is, the first of
/// several. (The CPU plugin's TopK finds another place where shapes are fixed.)
Tensor end_of_text(const Tensor& rows, const Tensor& ids) {
    using std::make_shared;
    const Tensor tokens = nn::constant(std::vector<std::int64_t>{1});
    const Tensor greatest = make_shared<ov::op::v1::ReduceMax>(ids, tokens, /*keep_dims=*/true);
    const Tensor is_greatest =
        make_shared<ov::op::v0::Convert>(make_shared<ov::op::v1::Equal>(ids, greatest), ov::element::f32);
    const Tensor before = make_shared<ov::op::v0::CumSum>(
        is_greatest, ov::op::v0::Constant::create(ov::element::i64, ov::Shape{}, {1}), /*exclusive=*/true);
    const Tensor is_first =
        make_shared<ov::op::v0::Convert>(make_shared<ov::op::v1::Equal>(before, nn::constant(0.0f)), ov::element::f32);
    const Tensor chosen = make_shared<ov::op::v0::Unsqueeze>(nn::multiply(is_greatest, is_first),
                                                             nn::constant(std::vector<std::int64_t>{-1}));
    return make_shared<ov::op::v1::ReduceSum>(nn::multiply(rows, chosen), tokens, /*keep_dims=*/false);
}

/// The last state after its norm and projection.
Tensor projected(const Tensor& last_state, const Weights& weights, const TextEncoderConfig& config) {
    const Tensor normed = final_norm(last_state, Scope(weights) / "text_model", config);
    return nn::linear(normed, Scope(weights) / "text_projection", config.hidden_size, config.projection_dim,
                      /*bias=*/false);
}

}  // namespace

std::shared_ptr<ov::Model> build_two_clip_texts(const Network<TextEncoderConfig>& first,
                                                const Network<TextEncoderConfig>& second,
                                                const std::vector<int>& clip_skips, bool takes_vectors) {
    const int most = std::min(first.config.num_hidden_layers, second.config.num_hidden_layers);
    for (const int clip_skip : clip_skips)
        if (clip_skip < 1 || clip_skip > most)
            refuse_value("clip_skip", clip_skip, "the text encoders have {} layers; give 1 (the last but one) to {}",
                         most, most);
    const Scope scope = Scope(first.weights) / "text_model", scope_2 = Scope(second.weights) / "text_model";
    const auto ids = ids_input("input_ids"), ids_2 = ids_input("input_ids_2");
    ov::ParameterVector inputs = {ids, ids_2};
    Learned learned, learned_2;
    if (takes_vectors) {
        learned = learned_inputs("kept", "learned", first.config.hidden_size, inputs);
        learned_2 = learned_inputs("kept_2", "learned_2", second.config.hidden_size, inputs);
    }
    const int layers = first.config.num_hidden_layers, layers_2 = second.config.num_hidden_layers;
    // The first one's last layer is not used.
    const auto states = states_of(ids, learned, scope, first.config, layers - std::ranges::min(clip_skips));
    const auto states_2 = states_of(ids_2, learned_2, scope_2, second.config, layers_2);
    ov::OutputVector outputs;
    for (const int clip_skip : clip_skips)
        outputs.push_back(std::make_shared<ov::op::v0::Concat>(
            ov::OutputVector{states.at(static_cast<std::size_t>(layers - clip_skip)),
                             states_2.at(static_cast<std::size_t>(layers_2 - clip_skip))},
            -1));
    outputs.front().set_names({"last_hidden_state"});
    outputs.push_back(projected(states_2.back(), second.weights, second.config));
    return std::make_shared<ov::Model>(outputs, inputs, "text_encoders");
}

std::shared_ptr<ov::Model> build_clip_text_with_states(const Weights& weights, const TextEncoderConfig& config,
                                                       bool projects) {
    const Scope scope = Scope(weights) / "text_model";
    const auto ids = ids_input("input_ids");
    const std::vector<Tensor> states = states_of(ids, {}, scope, config, config.num_hidden_layers);
    const Tensor last = final_norm(states.back(), scope, config);
    ov::OutputVector outputs;
    const auto add = [&](const Tensor& value, const std::string& name) {
        outputs.push_back(value);
        outputs.back().set_names({name});
    };
    if (projects) add(end_of_text(projected(states.back(), weights, config), ids), "text_embeds");
    add(last, "last_hidden_state");
    if (!projects) add(end_of_text(last, ids), "pooler_output");
    for (std::size_t i = 0; i < states.size(); ++i) add(states[i], "hidden_states." + std::to_string(i));
    return std::make_shared<ov::Model>(outputs, ov::ParameterVector{ids}, "text_encoder");
}

std::vector<std::string> unused_of_first_text(const TextEncoderConfig& first) {
    return {"text_model.encoder.layers." + std::to_string(first.num_hidden_layers - 1) + ".",
            "text_model.final_layer_norm."};
}

std::shared_ptr<ov::Model> build_clip_text(const Weights& weights, const TextEncoderConfig& config,
                                           const std::vector<int>& clip_skips, bool takes_vectors,
                                           ClipTextOutputs wanted) {
    const bool pools = wanted == ClipTextOutputs::with_pooled;
    for (const int clip_skip : clip_skips)
        if (clip_skip < 1 || clip_skip > config.num_hidden_layers)
            refuse_value("clip_skip", clip_skip, "the text encoder has {} layers; give 1 (the last{}) to {}",
                         config.num_hidden_layers, pools ? " but one" : "", config.num_hidden_layers);

    const Scope scope = Scope(weights) / "text_model";
    const auto ids = ids_input("input_ids");
    ov::ParameterVector inputs = {ids};
    Learned learned;
    if (takes_vectors) learned = learned_inputs("kept", "learned", config.hidden_size, inputs);

    // Layers that no output needs are left out.
    const int from = pools ? config.num_hidden_layers : config.num_hidden_layers + 1;
    const std::vector<Tensor> states =
        states_of(ids, learned, scope, config, pools ? from : from - std::ranges::min(clip_skips));

    ov::OutputVector outputs;
    for (const int clip_skip : clip_skips) {
        const Tensor& state = states.at(static_cast<std::size_t>(from - clip_skip));
        outputs.push_back(pools ? ov::Output<ov::Node>(state) : final_norm(state, scope, config));
    }
    if (pools) outputs.push_back(projected(states.back(), weights, config));
    outputs.front().set_names({"last_hidden_state"});
    return std::make_shared<ov::Model>(outputs, inputs, "text_encoder");
}

}  // namespace easel
