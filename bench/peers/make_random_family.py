#!/usr/bin/env python3
"""Write a random-weights model that has exactly the shape of a published one of another family than 1.5.

    make_random_family.py sdxl OUT           Stable Diffusion XL base: diffusers folder, fp16, 6.9 GB
    make_random_family.py sdxl-turbo OUT     the same networks, with Turbo's scheduler
    make_random_family.py sd21 OUT           Stable Diffusion 2.1 (768, v-prediction), 2.6 GB
    make_random_family.py sd-turbo OUT       the same networks, with SD-Turbo's scheduler and prediction
    make_random_family.py taesd OUT          the tiny autoencoder of 1.x and 2.x (AutoencoderTiny), 5 MB
    make_random_family.py controlnet-sd15 OUT    a ControlNet for Stable Diffusion 1.5, 0.7 GB
    make_random_family.py controlnet-sdxl OUT    a full ControlNet for SDXL, 2.5 GB

Needs numpy, torch, diffusers and transformers, which say what tensors there are; no network is ever held in memory. What
such a model draws is noise: it is for timing and memory. make_random_sd15.py makes 1.5's shape without any of them.
"""
import argparse
import re
import sys
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, ControlNetModel, UNet2DConditionModel
from make_random_sd15 import put, write_safetensors, write_tokenizer
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

SCHEDULE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
            "trained_betas": None}
EULER_XL = {"_class_name": "EulerDiscreteScheduler", **SCHEDULE, "prediction_type": "epsilon", "steps_offset": 1,
            "timestep_spacing": "leading", "interpolation_type": "linear", "use_karras_sigmas": False}
TURBO = {"_class_name": "EulerAncestralDiscreteScheduler", **SCHEDULE, "prediction_type": "epsilon", "steps_offset": 1,
         "timestep_spacing": "trailing"}
DDIM_21 = {"_class_name": "DDIMScheduler", **SCHEDULE, "prediction_type": "v_prediction", "steps_offset": 1,
           "set_alpha_to_one": False, "clip_sample": False}
EULER_SD_TURBO = {"_class_name": "EulerDiscreteScheduler", **SCHEDULE, "prediction_type": "epsilon", "steps_offset": 1,
                  "timestep_spacing": "trailing", "interpolation_type": "linear", "use_karras_sigmas": False}

CLIP_L = {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12,
          "hidden_act": "quick_gelu", "projection_dim": 768}
CLIP_G = {"hidden_size": 1280, "intermediate_size": 5120, "num_attention_heads": 20, "num_hidden_layers": 32,
          "hidden_act": "gelu", "projection_dim": 1280}
# OpenCLIP's H, whose last layer is left out.
CLIP_H = {"hidden_size": 1024, "intermediate_size": 4096, "num_attention_heads": 16, "num_hidden_layers": 23,
          "hidden_act": "gelu", "projection_dim": 512}

BLOCKS_XL = {"block_out_channels": [320, 640, 1280], "attention_head_dim": [5, 10, 20], "cross_attention_dim": 2048,
             "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
             "transformer_layers_per_block": [1, 2, 10], "use_linear_projection": True,
             "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
             "projection_class_embeddings_input_dim": 2816}
UNET_XL = {**BLOCKS_XL, "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"], "sample_size": 128,
           "in_channels": 4, "out_channels": 4, "layers_per_block": 2}
UNET_2 = {"block_out_channels": [320, 640, 1280, 1280], "attention_head_dim": [5, 10, 20, 20],
          "cross_attention_dim": 1024, "use_linear_projection": True, "in_channels": 4, "out_channels": 4,
          "layers_per_block": 2, "sample_size": 96}
VAE = {"block_out_channels": [128, 256, 512, 512], "down_block_types": ["DownEncoderBlock2D"] * 4,
       "up_block_types": ["UpDecoderBlock2D"] * 4, "layers_per_block": 2, "latent_channels": 4, "sample_size": 768}


def kind_of(name, shape):
    """How make_random_sd15.fill() is to fill a tensor: norms about one, biases about zero, residual ends damped."""
    if len(shape) == 1:
        return "1" if name.endswith("weight") else "0"
    if "embedding" in name and "time" not in name and "add" not in name and "class" not in name:
        return "e"
    return "r" if re.search(r"(conv2|to_out\.0|ff\.net\.2|proj_out|fc2|out_proj)\.weight$", name) else "w"


def write_network(folder, file, make, seed):
    """Stream the tensors of the module that make() gives on torch's meta device, which holds shapes alone."""
    with torch.device("meta"):
        module = make()
    tensors = [(name, tuple(t.shape), kind_of(name, tuple(t.shape))) for name, t in module.state_dict().items()
               if t.is_floating_point()]
    write_safetensors(folder / file, tensors, seed, np.float16)


def write_diffusers_part(folder, kind, config, seed):
    put(folder / "config.json", {"_class_name": kind.__name__, **config})
    write_network(folder, "diffusion_pytorch_model.safetensors", lambda: kind(**config), seed)


def write_text_encoder(folder, kind, config, seed):
    full = {"architectures": [kind.__name__], "model_type": "clip_text_model", "vocab_size": 49408,
            "max_position_embeddings": 77, "layer_norm_eps": 1e-05, "bos_token_id": 0, "eos_token_id": 2,
            "pad_token_id": 1, "torch_dtype": "float16", **config}
    put(folder / "config.json", full)
    write_network(folder, "model.safetensors", lambda: kind(CLIPTextConfig(**full)), seed)


def write_index(out, pipeline, parts):
    put(out / "model_index.json", {"_class_name": pipeline, "_diffusers_version": "0.30.0", **parts})


def write_xl(out, scheduler, seed, bpe):
    write_index(out, "StableDiffusionXLPipeline", {
        "force_zeros_for_empty_prompt": True, "scheduler": ["diffusers", scheduler["_class_name"]],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "tokenizer_2": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"], "vae": ["diffusers", "AutoencoderKL"]})
    put(out / "scheduler/scheduler_config.json", scheduler)
    write_tokenizer(out / "tokenizer", bpe)
    write_tokenizer(out / "tokenizer_2", bpe)
    write_text_encoder(out / "text_encoder", CLIPTextModel, CLIP_L, seed)
    write_text_encoder(out / "text_encoder_2", CLIPTextModelWithProjection, CLIP_G, seed + 1)
    write_diffusers_part(out / "vae", AutoencoderKL, {**VAE, "scaling_factor": 0.13025, "force_upcast": True}, seed + 2)
    write_diffusers_part(out / "unet", UNet2DConditionModel, UNET_XL, seed + 3)


def write_2(out, scheduler, side, seed, bpe):
    write_index(out, "StableDiffusionPipeline", {
        "feature_extractor": [None, None], "safety_checker": [None, None], "requires_safety_checker": False,
        "scheduler": ["diffusers", scheduler["_class_name"]], "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"]})
    put(out / "scheduler/scheduler_config.json", scheduler)
    write_tokenizer(out / "tokenizer", bpe)
    write_text_encoder(out / "text_encoder", CLIPTextModel, CLIP_H, seed)
    write_diffusers_part(out / "vae", AutoencoderKL, VAE, seed + 1)
    write_diffusers_part(out / "unet", UNet2DConditionModel, {**UNET_2, "sample_size": side // 8}, seed + 2)


FAMILIES = {
    "sdxl": lambda a: write_xl(a.out, EULER_XL, a.seed, a.bpe),
    "sdxl-turbo": lambda a: write_xl(a.out, TURBO, a.seed, a.bpe),
    "sd21": lambda a: write_2(a.out, DDIM_21, 768, a.seed, a.bpe),
    "sd-turbo": lambda a: write_2(a.out, EULER_SD_TURBO, 512, a.seed, a.bpe),
    "taesd": lambda a: write_diffusers_part(a.out, AutoencoderTiny, {}, a.seed),
    "controlnet-sd15": lambda a: write_diffusers_part(a.out, ControlNetModel, {"cross_attention_dim": 768}, a.seed),
    "controlnet-sdxl": lambda a: write_diffusers_part(a.out, ControlNetModel, BLOCKS_XL, a.seed),
}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("family", choices=FAMILIES)
    p.add_argument("out", type=Path, help="diffusers folder to write")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--bpe", help="bpe_simple_vocab_16e6.txt.gz, if it is already at hand")
    a = p.parse_args()
    if a.out.exists():
        sys.exit(f"{a.out} is there already")
    FAMILIES[a.family](a)


if __name__ == "__main__":
    main()
