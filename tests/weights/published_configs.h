#pragma once

#include <string_view>

/// config.json files with every key that their class writes, at the values of Stable Diffusion 1.5.
namespace easel::testing {

/// As transformers 4.22 wrote all keys of CLIPTextConfig and PretrainedConfig.
inline constexpr std::string_view text_encoder_config_of_1_5 =
    R"({"_name_or_path": "openai/clip-vit-large-patch14", "add_cross_attention": false,
"architectures": ["CLIPTextModel"], "attention_dropout": 0.0, "bad_words_ids": null,
"begin_suppress_tokens": null, "bos_token_id": 0, "chunk_size_feed_forward": 0,
"cross_attention_hidden_size": null, "decoder_start_token_id": null, "diversity_penalty": 0.0,
"do_sample": false, "dropout": 0.0, "early_stopping": false, "encoder_no_repeat_ngram_size": 0,
"eos_token_id": 2, "exponential_decay_length_penalty": null, "finetuning_task": null,
"forced_bos_token_id": null, "forced_eos_token_id": null, "hidden_act": "quick_gelu", "hidden_size": 768,
"id2label": {"0": "LABEL_0", "1": "LABEL_1"}, "initializer_factor": 1.0, "initializer_range": 0.02,
"intermediate_size": 3072, "is_decoder": false, "is_encoder_decoder": false, "label2id": {"LABEL_0": 0,
"LABEL_1": 1}, "layer_norm_eps": 1e-05, "length_penalty": 1.0, "max_length": 20, "max_position_embeddings": 77,
"min_length": 0, "model_type": "clip_text_model", "no_repeat_ngram_size": 0, "num_attention_heads": 12,
"num_beam_groups": 1, "num_beams": 1, "num_hidden_layers": 12, "num_return_sequences": 1,
"output_attentions": false, "output_hidden_states": false, "output_scores": false, "pad_token_id": 1,
"prefix": null, "problem_type": null, "projection_dim": 768, "pruned_heads": {},
"remove_invalid_values": false, "repetition_penalty": 1.0, "return_dict": true,
"return_dict_in_generate": false, "sep_token_id": null, "suppress_tokens": null, "task_specific_params": null,
"temperature": 1.0, "tf_legacy_loss": false, "tie_encoder_decoder": false, "tie_word_embeddings": true,
"tokenizer_class": null, "top_k": 50, "top_p": 1.0, "torch_dtype": "float32", "torchscript": false,
"transformers_version": "4.22.0.dev0", "typical_p": 1.0, "use_bfloat16": false, "vocab_size": 49408})";

/// As diffusers 0.42 writes UNet2DConditionModel, with the keys that EMAModel adds.
inline constexpr std::string_view unet_config_of_1_5 =
    R"({"_class_name": "UNet2DConditionModel", "_diffusers_version": "0.36.0", "_name_or_path": "somewhere",
"act_fn": "silu", "addition_embed_type": null, "addition_embed_type_num_heads": 64,
"addition_time_embed_dim": null, "attention_head_dim": 8, "attention_type": "default",
"block_out_channels": [320, 640, 1280, 1280], "center_input_sample": false, "class_embed_type": null,
"class_embeddings_concat": false, "conv_in_kernel": 3, "conv_out_kernel": 3, "cross_attention_dim": 768,
"cross_attention_norm": null, "decay": 0.9999, "down_block_types": ["CrossAttnDownBlock2D",
"CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"], "downsample_padding": 1, "dropout": 0.0,
"dual_cross_attention": false, "encoder_hid_dim": null, "encoder_hid_dim_type": null, "flip_sin_to_cos": true,
"freq_shift": 0, "in_channels": 4, "inv_gamma": 1.0, "layers_per_block": 2,
"mid_block_only_cross_attention": null, "mid_block_scale_factor": 1,
"mid_block_type": "UNetMidBlock2DCrossAttn", "min_decay": 0.0, "norm_eps": 1e-05, "norm_num_groups": 32,
"num_attention_heads": null, "num_class_embeds": null, "only_cross_attention": false,
"optimization_step": 37000, "out_channels": 4, "power": 0.6666666666666666,
"projection_class_embeddings_input_dim": null, "resnet_out_scale_factor": 1.0, "resnet_skip_time_act": false,
"resnet_time_scale_shift": "default", "reverse_transformer_layers_per_block": null, "sample_size": 64,
"time_cond_proj_dim": null, "time_embedding_act_fn": null, "time_embedding_dim": null,
"time_embedding_type": "positional", "timestep_post_act": null, "transformer_layers_per_block": 1,
"up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
"upcast_attention": false, "update_after_step": 0, "use_ema_warmup": false, "use_linear_projection": false})";

/// As diffusers 0.42 writes AutoencoderKL.
inline constexpr std::string_view vae_config_of_1_5 =
    R"({"_class_name": "AutoencoderKL", "_diffusers_version": "0.36.0", "_name_or_path": "stabilityai/sd-vae-ft-mse",
"act_fn": "silu", "block_out_channels": [128, 256, 512, 512], "down_block_types": ["DownEncoderBlock2D",
"DownEncoderBlock2D", "DownEncoderBlock2D", "DownEncoderBlock2D"], "force_upcast": true, "in_channels": 3,
"latent_channels": 4, "latents_mean": null, "latents_std": null, "layers_per_block": 2,
"mid_block_add_attention": true, "norm_num_groups": 32, "out_channels": 3, "sample_size": 512,
"scaling_factor": 0.18215, "shift_factor": null, "up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D",
"UpDecoderBlock2D", "UpDecoderBlock2D"], "use_post_quant_conv": true, "use_quant_conv": true})";

}  // namespace easel::testing
