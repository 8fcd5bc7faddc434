#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openvino/core/model.hpp>

#include "weights/checkpoint.h"

namespace easel {

/// What a text encoder by itself gives.
enum class ClipTextOutputs {
    /// States after the final layer norm.
    normed,
    /// As the second text encoder of Stable Diffusion XL, which its refiner has alone: states without a norm, and what
    /// is pooled.
    with_pooled,
};

/// CLIP's text encoder (Radford et al. 2021): input `input_ids` i32 [n, tokens]; an output f32 [n, tokens, hidden_size]
/// for each entry of `clip_skips`, in their order. An entry counts the layer from the last: 1 is the last
/// one. With ClipTextOutputs::with_pooled it is counted from the last but one, and there is an output more, as that of
/// build_two_clip_texts(). With `takes_vectors` there are the inputs `kept` and `learned` too (see
/// TextEncoderKey::takes_vectors). The weights' mapping must outlive whatever is compiled from
/// the model. Throws Error if a weight is missing or has another shape, or if there are fewer layers.
std::shared_ptr<ov::Model> build_clip_text(const Weights& weights, const TextEncoderConfig& config,
                                           const std::vector<int>& clip_skips = {1}, bool takes_vectors = false,
                                           ClipTextOutputs outputs = ClipTextOutputs::normed);

/// The two text encoders of Stable Diffusion XL as one network: inputs `input_ids` and `input_ids_2` i32 [n, tokens],
/// of their tokenizers. An output f32 [n, tokens, width] for each entry of `clip_skips`: the states of both joined,
/// without a norm, counted from the last but one, which is 1. Behind them the second one's last state after its norm
/// and projection, [n, tokens, projection_dim], whose row at the end of the text is the pooled vector. With
/// `takes_vectors` there are the inputs `kept`, `learned`, `kept_2` and `learned_2` too.
std::shared_ptr<ov::Model> build_two_clip_texts(const Network<TextEncoderConfig>& first,
                                                const Network<TextEncoderConfig>& second,
                                                const std::vector<int>& clip_skips = {1}, bool takes_vectors = false);

/// A text encoder of Stable Diffusion XL as other programs run it: `input_ids` i32 [n, tokens] to, in this order,
/// `last_hidden_state` [n, tokens, hidden_size] after the norm, `pooler_output` [n, hidden_size], its row at the end of
/// the text, and `hidden_states.0` ... the embeddings and what each layer gives, [n, tokens, hidden_size]. One that
/// `projects` has `text_embeds` [n, projection_dim] first, what it makes of that row, and no `pooler_output`. Throws
/// as build_clip_text() does.
std::shared_ptr<ov::Model> build_clip_text_with_states(const Weights& weights, const TextEncoderConfig& config,
                                                       bool projects);

/// What the names of those weights of the first one begin with that it has no use for: its last layer and its norm.
std::vector<std::string> unused_of_first_text(const TextEncoderConfig& first);

}  // namespace easel
