"""A ControlNet for the tiny Stable Diffusion XL of families/, what it and the UNet give, and pictures drawn with it by diffusers.

    python make_xl_controls.py MODEL_DIR GOLDEN_DIR OUT_DIR

MODEL_DIR is families/sdxl.safetensors as it was before trim_families.py, as a diffusers folder with a vocabulary in each tokenizer's
folder; GOLDEN_DIR is tests/golden, whose inputs and schedulers are used. OUT_DIR gets edges/, cases.json, stages.safetensors and the
pictures. Float32 on the CPU; the weights are made up, and stored in float16, which holds them exactly.
"""
import json
import pathlib
import sys

import diffusers
import numpy as np
import torch
from diffusers import ControlNetModel, StableDiffusionXLPipeline
from PIL import Image
from safetensors.torch import save_file

from tinymodel import fill, to_half_grid, write_json

# As in cases.json of families/, and `controls` and `guess_mode` as in control_cases.json of adapters/. `chunks`: a prompt of several
# pieces, which the pipelines are given as embeddings.
DEFAULTS = dict(kind="txt2img", prompt="a red fox in the snow", seed=1, steps=5, guidance=5.0, width=64, height=64, sampler="euler",
                schedule="discrete", eta=0.0, strength=None, init_image=None, mask=None, clip_skip=0, rng="torch", raw=False, batch=1,
                original_inference_steps=None, guess_mode=False)
LINES, INIT, MASK = "inputs/lines_64x64.png", "inputs/init_64x64.png", "inputs/mask_64x64.png"


def net(image=LINES, scale=1.0, start=0.0, end=1.0, model="edges"):
    return dict(model=model, image=image, scale=scale, start=start, end=end)


CASES = [
    dict(name="plain", controls=[net()]),
    dict(name="sizes", seed=2, width=72, height=88, negative_prompt="fog", controls=[net(scale=0.7, start=0.2, end=0.8)],
         original_size=[1024, 768], crop=[32, 16], target_size=[512, 640], negative_original_size=[256, 320], negative_crop=[8, 24],
         negative_target_size=[96, 72]),
    dict(name="pieces", seed=3, prompt="a red fox BREAK in the snow BREAK at night", chunks=["a red fox", "in the snow", "at night"],
         negative_prompt="fog", controls=[net()]),
    dict(name="guess", seed=4, negative_prompt="fog", guess_mode=True, controls=[net()]),
    dict(name="unguided", seed=5, guidance=1.0, controls=[net()]),
    dict(name="two", seed=6, negative_prompt="fog", controls=[net(scale=0.6), net(image=INIT, scale=0.5, end=0.6)]),
    dict(name="img2img", seed=7, kind="img2img", negative_prompt="fog", strength=0.6, init_image=INIT, controls=[net()]),
    dict(name="inpaint", seed=8, kind="inpaint", sampler="euler_a", strength=0.9, init_image=INIT, mask=MASK, raw=True, controls=[net()]),
]
PIPES = dict(txt2img=diffusers.StableDiffusionXLControlNetPipeline, img2img=diffusers.StableDiffusionXLControlNetImg2ImgPipeline,
             inpaint=diffusers.StableDiffusionXLControlNetInpaintPipeline)


def make_net(unet):
    made = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(4, 6, 8, 12), load_weights_from_unet=False).eval()
    fill(made, 721)
    with torch.no_grad():
        for name, p in made.named_parameters():
            if name.startswith(("controlnet_down_blocks", "controlnet_mid_block")):
                p.mul_(0.5)
            elif name.startswith("controlnet_cond_embedding") and p.dim() > 1:
                p.mul_(1.6)  # SiLU loses size from layer to layer
    to_half_grid(made)
    return made


def save_net(made, folder):
    folder.mkdir(parents=True, exist_ok=True)
    made.save_pretrained(folder)
    save_file({k: v.half().contiguous() for k, v in made.state_dict().items()}, folder / "diffusion_pytorch_model.safetensors",
              metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    config.pop("_name_or_path", None)
    write_json(folder / "config.json", config)


def stages(base, made):
    """Two rows of text and of added conditions; the latents are the same for both."""
    g = torch.Generator().manual_seed(5)
    h, w, factor = 9, 7, 8
    context, _, pooled, _ = base.encode_prompt(["a red fox", "the city at night"], do_classifier_free_guidance=False)
    ids = torch.tensor([[72.0, 56, 0, 0, 72, 56], [512, 256, 8, 16, 128, 96]])
    x = torch.randn(1, 4, h, w, generator=g)
    picture = torch.rand(1, 3, h * factor, w * factor, generator=g)
    added = dict(text_embeds=pooled, time_ids=ids)
    down, mid = made(x.repeat(2, 1, 1, 1), 500, context, picture.repeat(2, 1, 1, 1), added_cond_kwargs=added, return_dict=False)
    drawn = base.unet(x.repeat(2, 1, 1, 1), 500, context, added_cond_kwargs=added, down_block_additional_residuals=down,
                      mid_block_additional_residual=mid).sample
    data = dict(context=context, pooled=pooled, time_ids=ids, sample=x, picture=picture, mid=mid, unet=drawn)
    return data | {f"down_{k}": d for k, d in enumerate(down)}


def scheduler_of(path):
    config = json.loads(path.read_text())
    return getattr(diffusers, config["_class_name"]).from_config({k: v for k, v in config.items() if not k.startswith("_")})


def embeddings_of(pipe, case):
    """Each piece encoded by itself and joined; pooled is the first one's. The negative prompt, of one piece, is repeated: to attention
    that is the same."""
    states = [pipe.encode_prompt(piece, negative_prompt=case["negative_prompt"], do_classifier_free_guidance=True) for piece in case["chunks"]]
    return dict(prompt_embeds=torch.cat([s[0] for s in states], 1), pooled_prompt_embeds=states[0][2],
                negative_prompt_embeds=torch.cat([s[1] for s in states], 1), negative_pooled_prompt_embeds=states[0][3])


def draw(base, made, case, golden):
    several = len(case["controls"]) > 1
    pipe = PIPES[case["kind"]](vae=base.vae, text_encoder=base.text_encoder, text_encoder_2=base.text_encoder_2, tokenizer=base.tokenizer,
                               tokenizer_2=base.tokenizer_2, unet=base.unet, controlnet=[made] * len(case["controls"]) if several else made,
                               scheduler=scheduler_of(golden / "families" / case["scheduler_config"]), add_watermarker=False,
                               force_zeros_for_empty_prompt=True)
    pipe.set_progress_bar_config(disable=True)
    size = (case["width"], case["height"])
    of = lambda key: [c[key] for c in case["controls"]] if several else case["controls"][0][key]
    pictures = [Image.open(golden / c["image"]).convert("RGB") for c in case["controls"]]
    pictures = pictures if several else pictures[0]
    args = dict(num_inference_steps=case["steps"], guidance_scale=case["guidance"], generator=torch.Generator().manual_seed(case["seed"]),
                output_type="latent", controlnet_conditioning_scale=of("scale"), control_guidance_start=of("start"),
                control_guidance_end=of("end"), guess_mode=case["guess_mode"], width=size[0], height=size[1])
    if "chunks" in case:
        args |= embeddings_of(pipe, case)
    else:
        args |= dict(prompt=case["prompt"], negative_prompt=case.get("negative_prompt"))
    for ours, theirs in (("original_size", "original_size"), ("crop", "crops_coords_top_left"), ("target_size", "target_size"),
                         ("negative_original_size", "negative_original_size"), ("negative_crop", "negative_crops_coords_top_left"),
                         ("negative_target_size", "negative_target_size")):
        if ours in case:
            args[theirs] = tuple(case[ours])
    if case["kind"] == "txt2img":
        args |= dict(image=pictures)
    else:
        args |= dict(image=Image.open(golden / "families" / case["init_image"]).convert("RGB"), control_image=pictures,
                     strength=case["strength"])
    if case["kind"] == "inpaint":
        args |= dict(mask_image=Image.open(golden / "families" / case["mask"]))
    latents = pipe(**args).images
    picture = base.vae.decode(latents / base.vae.config.scaling_factor).sample
    return ((picture / 2 + 0.5).clip(0, 1) * 255).round().byte()[0].permute(1, 2, 0).numpy(), latents


@torch.no_grad()
def main(model, golden, out):
    golden, out = pathlib.Path(golden), pathlib.Path(out)
    base = StableDiffusionXLPipeline.from_pretrained(model, torch_dtype=torch.float32, add_watermarker=False)
    made = make_net(base.unet)
    save_net(made, out / "edges")
    save_file({k: v.float().contiguous().clone() for k, v in stages(base, made).items()}, out / "stages.safetensors")
    cases = []
    for given in CASES:
        case = {**DEFAULTS, **given}
        case["scheduler_config"] = f"schedulers/sdxl_{case['sampler']}.json"
        pixels, latents = draw(base, made, case, golden)
        without, _ = draw(base, made, case | {"controls": [c | {"scale": 0.0} for c in case["controls"]]}, golden)
        case["expected"] = f"{case['name']}.png"
        Image.fromarray(pixels).save(out / case["expected"], optimize=True)
        case.pop("chunks", None)
        cases.append(case)
        print(f"{case['name']:10s} latents std {latents.std():.3f}  from without nets {np.abs(pixels.astype(int) - without).mean():.1f} of 255", flush=True)
    (out / "cases.json").write_text("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
