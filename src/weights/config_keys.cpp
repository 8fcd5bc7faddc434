#include "weights/config_keys.h"

#include <algorithm>

namespace easel {
namespace {

constexpr std::string_view text_encoder_known[] = {
    // Read.
    "hidden_act",
    "hidden_size",
    "intermediate_size",
    "layer_norm_eps",
    "max_position_embeddings",
    "num_attention_heads",
    "num_hidden_layers",
    "vocab_size",
    // Of CLIPTextConfig: training, the pooled output, and the tokenizer's ids.
    "attention_dropout",
    "bos_token_id",
    "dropout",
    "eos_token_id",
    "initializer_factor",
    "initializer_range",
    "pad_token_id",
    "projection_dim",
    "use_attention_mask",
    // Of PretrainedConfig: how it was stored, and what is for models that generate or classify text.
    "add_cross_attention",
    "architectures",
    "attn_implementation",
    "bad_words_ids",
    "begin_suppress_tokens",
    "chunk_size_feed_forward",
    "cross_attention_hidden_size",
    "decoder_start_token_id",
    "diversity_penalty",
    "do_sample",
    "dtype",
    "early_stopping",
    "encoder_no_repeat_ngram_size",
    "encoder_repetition_penalty",
    "epsilon_cutoff",
    "eta_cutoff",
    "exponential_decay_length_penalty",
    "finetuning_task",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "gradient_checkpointing",
    "id2label",
    "is_decoder",
    "is_encoder_decoder",
    "label2id",
    "length_penalty",
    "max_length",
    "min_length",
    "model_type",
    "no_repeat_ngram_size",
    "num_beam_groups",
    "num_beams",
    "num_labels",
    "num_return_sequences",
    "output_attentions",
    "output_hidden_states",
    "output_scores",
    "prefix",
    "problem_type",
    "pruned_heads",
    "remove_invalid_values",
    "repetition_penalty",
    "return_dict",
    "return_dict_in_generate",
    "sep_token_id",
    "suppress_tokens",
    "task_specific_params",
    "temperature",
    "tf_legacy_loss",
    "tie_encoder_decoder",
    "tie_word_embeddings",
    "tokenizer_class",
    "top_k",
    "top_p",
    "torch_dtype",
    "torchscript",
    "transformers_version",
    "typical_p",
    "use_bfloat16",
    "use_cache",
};

constexpr std::string_view unet_known[] = {
    // Read.
    "addition_embed_type",
    "addition_time_embed_dim",
    "projection_class_embeddings_input_dim",
    "attention_head_dim",
    "block_out_channels",
    "cross_attention_dim",
    "down_block_types",
    "flip_sin_to_cos",
    "freq_shift",
    "in_channels",
    "layers_per_block",
    "mid_block_type",
    "norm_eps",
    "norm_num_groups",
    "num_attention_heads",
    "out_channels",
    "reverse_transformer_layers_per_block",
    "sample_size",
    "time_cond_proj_dim",
    "transformer_layers_per_block",
    "up_block_types",
    "use_linear_projection",
    // Without effect: training, precision, and details of what is refused below.
    "addition_embed_type_num_heads",
    "dropout",
    "upcast_attention",
    // Of the averaged weights (diffusers' EMAModel), which these are.
    "decay",
    "inv_gamma",
    "max_value",
    "min_decay",
    "min_value",
    "optimization_step",
    "power",
    "update_after_step",
    "use_ema_warmup",
};

/// Features of the class that other families use.
constexpr KeyWithOneValue unet_unsupported[] = {
    {"act_fn", "\"silu\""},
    {"attention_type", "\"default\""},
    {"center_input_sample", "false"},
    {"class_embed_type", "null"},
    {"class_embeddings_concat", "false"},
    {"conv_in_kernel", "3"},
    {"conv_out_kernel", "3"},
    {"cross_attention_norm", "null"},
    {"downsample_padding", "1"},
    {"dual_cross_attention", "false"},
    {"encoder_hid_dim", "null"},
    {"encoder_hid_dim_type", "null"},
    {"mid_block_only_cross_attention", "false"},
    {"mid_block_scale_factor", "1"},
    {"num_class_embeds", "null"},
    {"only_cross_attention", "false"},
    {"resnet_out_scale_factor", "1"},
    {"resnet_skip_time_act", "false"},
    {"resnet_time_scale_shift", "\"default\""},
    {"time_embedding_act_fn", "null"},
    {"time_embedding_dim", "null"},
    {"time_embedding_type", "\"positional\""},
    {"timestep_post_act", "null"},
};

constexpr std::string_view controlnet_known[] = {
    // Read.
    "addition_embed_type",
    "addition_time_embed_dim",
    "attention_head_dim",
    "block_out_channels",
    "conditioning_embedding_out_channels",
    "controlnet_conditioning_channel_order",
    "cross_attention_dim",
    "down_block_types",
    "flip_sin_to_cos",
    "freq_shift",
    "global_pool_conditions",
    "in_channels",
    "layers_per_block",
    "mid_block_type",
    "norm_eps",
    "norm_num_groups",
    "num_attention_heads",
    "projection_class_embeddings_input_dim",
    "transformer_layers_per_block",
    "use_linear_projection",
    // Without effect: precision, and a detail of another "addition_embed_type".
    "addition_embed_type_num_heads",
    "upcast_attention",
};

constexpr KeyWithOneValue controlnet_unsupported[] = {
    {"act_fn", "\"silu\""},
    {"class_embed_type", "null"},
    {"conditioning_channels", "3"},
    {"downsample_padding", "1"},
    {"encoder_hid_dim", "null"},
    {"encoder_hid_dim_type", "null"},
    {"mid_block_scale_factor", "1"},
    {"num_class_embeds", "null"},
    {"only_cross_attention", "false"},
    {"resnet_time_scale_shift", "\"default\""},
};

constexpr std::string_view vae_known[] = {
    // Read.
    "block_out_channels",
    "down_block_types",
    "in_channels",
    "latent_channels",
    "layers_per_block",
    "mid_block_add_attention",
    "norm_num_groups",
    "out_channels",
    "sample_size",
    "scaling_factor",
    "shift_factor",
    "up_block_types",
    "use_post_quant_conv",
    "use_quant_conv",
    // Precision.
    "force_upcast",
};

constexpr KeyWithOneValue vae_unsupported[] = {
    {"act_fn", "\"silu\""},
    {"latents_mean", "null"},
    {"latents_std", "null"},
};

}  // namespace

KnownKeys text_encoder_keys() { return {.known = text_encoder_known}; }
KnownKeys unet_keys() { return {.known = unet_known, .unsupported = unet_unsupported}; }
KnownKeys controlnet_keys() { return {.known = controlnet_known, .unsupported = controlnet_unsupported}; }
KnownKeys vae_keys() { return {.known = vae_known, .unsupported = vae_unsupported}; }

nlohmann::json shortest(const std::vector<int>& numbers) {
    if (numbers.empty()) return 1;
    const bool same = std::ranges::all_of(numbers, [&](int number) { return number == numbers.front(); });
    return same ? nlohmann::json(numbers.front()) : nlohmann::json(numbers);
}

}  // namespace easel
