#include "train/text_encoder.h"

namespace easel::train {
namespace {

struct SelfAttentionImpl : torch::nn::Module {
    explicit SelfAttentionImpl(const TextEncoderConfig& config)
        : heads(config.num_attention_heads),
          q_proj(register_module("q_proj", linear(config.hidden_size, config.hidden_size))),
          k_proj(register_module("k_proj", linear(config.hidden_size, config.hidden_size))),
          v_proj(register_module("v_proj", linear(config.hidden_size, config.hidden_size))),
          out_proj(register_module("out_proj", linear(config.hidden_size, config.hidden_size))) {}

    Tensor forward(const Tensor& x) {
        return out_proj(attention(q_proj(x), k_proj(x), v_proj(x), heads, /*causal=*/true));
    }

    int heads;
    Linear q_proj, k_proj, v_proj, out_proj;
};
TORCH_MODULE(SelfAttention);

struct MlpImpl : torch::nn::Module {
    explicit MlpImpl(const TextEncoderConfig& config)
        : is_quick(config.hidden_act != "gelu"),
          fc1(register_module("fc1", linear(config.hidden_size, config.intermediate_size))),
          fc2(register_module("fc2", linear(config.intermediate_size, config.hidden_size))) {}

    Tensor forward(const Tensor& x) {
        const Tensor wide = fc1(x);
        return fc2(is_quick ? quick_gelu(wide) : torch::gelu(wide));
    }

    bool is_quick;
    Linear fc1, fc2;
};
TORCH_MODULE(Mlp);

struct EncoderLayerImpl : torch::nn::Module {
    explicit EncoderLayerImpl(const TextEncoderConfig& config)
        : layer_norm1(register_module("layer_norm1", layer_norm(config.hidden_size, config.layer_norm_eps))),
          layer_norm2(register_module("layer_norm2", layer_norm(config.hidden_size, config.layer_norm_eps))),
          self_attn(register_module("self_attn", SelfAttention(config))),
          mlp(register_module("mlp", Mlp(config))) {}

    Tensor forward(Tensor x) {
        x = x + self_attn(layer_norm1(x));
        return x + mlp(layer_norm2(x));
    }

    torch::nn::LayerNorm layer_norm1, layer_norm2;
    SelfAttention self_attn;
    Mlp mlp;
};
TORCH_MODULE(EncoderLayer);

/// Token embedding plus the position's.
struct EmbeddingsImpl : torch::nn::Module {
    explicit EmbeddingsImpl(const TextEncoderConfig& config)
        : token_embedding(
              register_module("token_embedding", torch::nn::Embedding(config.vocab_size, config.hidden_size))),
          position_embedding(register_module(
              "position_embedding", torch::nn::Embedding(config.max_position_embeddings, config.hidden_size))) {}

    Tensor forward(const Tensor& ids) { return tokens(ids) + position_embedding->weight.narrow(0, 0, ids.size(1)); }

    Tensor tokens(const Tensor& ids) {
        if (!rows.defined()) return token_embedding(ids);
        const Tensor places = place_of_id.index_select(0, ids.flatten()).view_as(ids);
        const Tensor own = torch::embedding(rows, places.clamp_min(0));
        const Tensor of_table = token_embedding(ids.clamp_max(token_embedding->weight.size(0) - 1));
        return torch::where(places.unsqueeze(-1) >= 0, own, of_table);
    }

    /// Lets `values` [n, hidden_size], a parameter from now on, stand for the `ids` [n], all below `id_count`.
    void set_rows(const Tensor& ids, const Tensor& values, std::int64_t id_count) {
        const Tensor places = torch::full({id_count}, -1, ids.options());
        places.index_copy_(0, ids, torch::arange(ids.size(0), ids.options()));
        ids_of_rows = register_buffer("ids_of_rows", ids);
        place_of_id = register_buffer("place_of_id", places);
        rows = register_parameter("token_rows", values);
    }

    torch::nn::Embedding token_embedding, position_embedding;
    /// The rows that were split off the token table or added to it, the ids that they are for, and the place of each
    /// id's row; -1 for those of the table.
    Tensor rows, ids_of_rows, place_of_id;
};
TORCH_MODULE(Embeddings);

struct EncoderImpl : torch::nn::Module {
    explicit EncoderImpl(const TextEncoderConfig& config) : layers(register_module("layers", List<EncoderLayer>())) {
        for (int i = 0; i < config.num_hidden_layers; ++i) layers->add(EncoderLayer(config));
    }

    Tensor forward(Tensor x, int left_out) {
        const std::size_t used = layers->size() - static_cast<std::size_t>(left_out);
        for (std::size_t i = 0; i < used; ++i) x = (*layers)[i](x);
        return x;
    }

    List<EncoderLayer> layers;
};
TORCH_MODULE(Encoder);

}  // namespace

struct TextEncoderImpl::Model : torch::nn::Module {
    explicit Model(const TextEncoderConfig& config)
        : embeddings(register_module("embeddings", Embeddings(config))),
          encoder(register_module("encoder", Encoder(config))),
          final_layer_norm(register_module("final_layer_norm", layer_norm(config.hidden_size, config.layer_norm_eps))) {
    }

    Embeddings embeddings;
    Encoder encoder;
    torch::nn::LayerNorm final_layer_norm;
};

TextEncoderImpl::TextEncoderImpl(const TextEncoderConfig& config)
    : text_model_(register_module("text_model", std::make_shared<Model>(config))) {}

Tensor TextEncoderImpl::forward(const Tensor& ids, int left_out) {
    return text_model_->final_layer_norm(text_model_->encoder(text_model_->embeddings(ids), left_out));
}

void TextEncoderImpl::split_rows(const Tensor& ids) {
    const torch::NoGradGuard no_grad;
    EmbeddingsImpl& embeddings = *text_model_->embeddings;
    Tensor& table = embeddings.token_embedding->weight;
    const Tensor used = std::get<0>(torch::_unique(ids.to(torch::kLong), /*sorted=*/true));
    embeddings.set_rows(used, table.index_select(0, used), table.size(0));
    table.set_requires_grad(false);
}

void TextEncoderImpl::add_rows(const Tensor& like) {
    const torch::NoGradGuard no_grad;
    EmbeddingsImpl& embeddings = *text_model_->embeddings;
    const Tensor& table = embeddings.token_embedding->weight;
    const std::int64_t first = table.size(0), count = like.size(0);
    const Tensor ids = torch::arange(first, first + count, torch::TensorOptions(torch::kLong).device(table.device()));
    embeddings.set_rows(ids, table.index_select(0, like.to(table.device())), first + count);
}

Tensor TextEncoderImpl::token_table(const Tensor& rows) const {
    const EmbeddingsImpl& embeddings = *text_model_->embeddings;
    return embeddings.token_embedding->weight.detach().index_copy(0, embeddings.ids_of_rows, rows);
}

}  // namespace easel::train
