"""UNets of shapes that the tiny model does not have, with made-up weights: a folder each, and what they compute.

    python make_unets.py OUT_DIR
"""
import pathlib
import sys

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file

from tinymodel import fill, to_half_grid, write_json

COMMON = {"sample_size": 8, "norm_num_groups": 2, "cross_attention_dim": 6, "attention_head_dim": 2}
UNETS = {
    "plain_middle": {
        "block_out_channels": [4, 8], "layers_per_block": 1, "mid_block_type": "UNetMidBlock2D",
        "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"], "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"],
    },
    "no_middle": {  # the text comes in on the way up
        "block_out_channels": [4, 8], "layers_per_block": 1, "mid_block_type": None,
        "down_block_types": ["DownBlock2D", "DownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"],
    },
    "unequal_levels": {
        "block_out_channels": [4, 8, 8], "layers_per_block": [1, 3, 2], "transformer_layers_per_block": [1, 2, 1],
        "attention_head_dim": [2, 4, 1],
        "down_block_types": ["CrossAttnDownBlock2D"] * 2 + ["DownBlock2D"],
        "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 2,
    },
    "unequal_transformers": {  # as in SSD-1B
        "block_out_channels": [4, 8], "layers_per_block": 2, "mid_block_type": "UNetMidBlock2D",
        "transformer_layers_per_block": [1, [2, 1]], "reverse_transformer_layers_per_block": [[1, 1, 3], [2, 1, 1]],
        "use_linear_projection": True,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D"] * 2,
    },
}


def main(out):
    expected = {}
    for number, (name, config) in enumerate(UNETS.items()):
        unet = UNet2DConditionModel(**COMMON | config).eval()
        fill(unet, seed=20260101 + number)
        to_half_grid(unet)
        folder = pathlib.Path(out) / name
        folder.mkdir(parents=True, exist_ok=True)
        save_file({key: value.half() for key, value in unet.state_dict().items()},
                  folder / "diffusion_pytorch_model.safetensors", metadata={"format": "pt"})
        write_json(folder / "config.json", {"_class_name": "UNet2DConditionModel", **COMMON, **config})
        g = torch.Generator().manual_seed(number)
        sample, text = torch.randn(1, 4, 9, 7, generator=g), torch.randn(2, 77, 6, generator=g)
        with torch.no_grad():
            output = unet(sample.repeat(2, 1, 1, 1), 637, text).sample
        expected |= {f"{name}.sample": sample, f"{name}.text": text, f"{name}.output": output}
        print(name, sum(p.numel() for p in unet.parameters()), "values, outputs of", float(output.std()),
              "that differ between texts by", float((output[0] - output[1]).std()))
    save_file(expected, pathlib.Path(out) / "expected.safetensors")


if __name__ == "__main__":
    main(sys.argv[1])
