"""Makes golden/families from the reference data of the model families: the models, cases and stages that the tests use.

    python3 trim_families.py REFERENCE GOLDEN

The reference's sdxl_refiner is made with channels (8, 8, 8, 12), heads (2, 2, 2, 3) and transformers of
1, 1, 1 and 2 blocks.
Of a table of token embeddings only the rows of tokens that occur are kept. A tensor NAME.rows says which they are;
the tests put zeros into the others.
"""
import json
import re
import shutil
import struct
import sys
from pathlib import Path

TABLE_LENGTH = 49408
SINGLE_FILES = ["sd2_v.safetensors", "sd2_v.yaml", "sdxl.safetensors"]
# What a case may not have; the fields of other families are left out where they are null.
NULLS = ["init_image", "mask", "strength", "vae", "original_inference_steps"]
# Without their VAE, which is that of sd2_v.safetensors.
FOLDERS = ["sd15_inpaint", "lcm", "pix2pix"]
# Has the text encoder and the VAE of sdxl.safetensors.
REFINER = "sdxl_refiner"
TINY_VAE = ["taesd_decoder.safetensors", "taesd_encoder.safetensors"]
STAGES = ["sd2_v"]
CASES = [
    "sd2v_ddim_8",
    "sd2v_exclamations",
    "sd2v_euler_a_odd",
    "sd2v_clip_skip_1",
    "sd2v_img2img",
    "sd2v_inpaint4",
    "inp9_ddim_10",
    "inp9_euler_a_08",
    "inp9_resized_72x88",
    "lcm_4",
    "lcm_original_20",
    "lcm_img2img",
    "taesd_txt2img",
    "taesd_inp9",
    "taesd_lcm_img2img",
    "ip2p_euler_a",
    "ip2p_ddim_negative",
    "ip2p_resized",
    "ip2p_unguided",
    "xl_euler_8",
    "xl_zeros",
    "xl_two_prompts",
    "xl_sizes",
    "xl_odd_72x88",
    "xl_clip_skip_1",
    "xl_img2img_resized",
    "xl_inpaint4_10",
    "xl_ends_at_06",
    "xl_ends_at_08",
    "xl_heun_ends_at_07",
    "refiner_from_06",
    "refiner_from_08",
    "refiner_heun_from_07",
    "refiner_img2img_from_07",
    "xl_base_as_refiner_from_06",
    "refiner_img2img",
    "refiner_aesthetic",
]
PROMPTS = ["prompt", "negative_prompt", "prompt_2", "negative_prompt_2"]


def read(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", None)
    start = 8 + length
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = (entry["dtype"], entry["shape"], data[start + begin : start + end])
    return tensors, metadata


def write(path, tensors, metadata):
    header, offset, body = {}, 0, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (dtype, shape, data) in sorted(tensors.items(), key=lambda entry: (entry[1][0] != "I64", entry[0])):
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + len(data)]}
        offset += len(data)
        body += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def trimmed(tensors, ids):
    result = {}
    for name, (dtype, shape, data) in tensors.items():
        if name.endswith("token_embedding.weight") and shape[0] == TABLE_LENGTH:
            row = len(data) // shape[0]
            kept = b"".join(data[i * row : (i + 1) * row] for i in ids)
            result[name] = (dtype, [len(ids), shape[1]], kept)
            result[name + ".rows"] = ("I64", [len(ids)], struct.pack(f"<{len(ids)}q", *ids))
        else:
            result[name] = (dtype, shape, data)
    return result


def copy_model(source, target, ids):
    if source.suffix == ".safetensors":
        tensors, metadata = read(source)
        write(target, trimmed(tensors, ids), metadata)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def used_ids(reference, cases):
    """Those of the cases' prompts, with either padding, and of the prompts of the stages."""
    ids = {0, 256, 49406, 49407}
    prompts = {case[key] for case in cases for key in PROMPTS if case[key]}
    for row in json.loads((reference / "expected/tokens_pad_exclamation.json").read_text()):
        if row["prompt"] in prompts:
            prompts.remove(row["prompt"])
            ids.update(row["ids_pad_end"] + row["ids_pad_exclamation"])
    # The others are of words that are one token each.
    vocabulary = json.loads((reference.parent / "clip_vocab/vocab.json").read_text())
    for prompt in prompts:
        ids.update(vocabulary[word + "</w>"] for word in re.findall(r"\w+|[^\w\s]+", prompt.lower()))
    for stage in STAGES:
        tensors, _ = read(reference / f"expected/stages/{stage}.safetensors")
        if "text.ids" in tensors:
            data = tensors["text.ids"][2]
            ids.update(struct.unpack(f"<{len(data) // 8}q", data))
    return sorted(ids)


def stages_of_refiner(reference):
    """Its UNet at two sizes, and the text encoder that it has from Stable Diffusion XL."""
    stages = reference / "expected/stages"
    unet, metadata = read(stages / f"{REFINER}.safetensors")
    text, _ = read(stages / "sdxl.safetensors")
    kept = {name: unet[name] for name in unet if not re.match(r"unet\.(9x7|add|time)\.", name)}
    kept |= {f"text_2.{name}": text[f"text_2.{name}"] for name in ("ids", "penultimate", "text_embeds")}
    return kept, metadata


def main(reference, golden):
    shutil.rmtree(golden, ignore_errors=True)
    all_cases = {case["name"]: case for case in json.loads((reference / "expected/cases.json").read_text())}
    cases = [case for name, case in all_cases.items() if name in CASES]
    # What hands its latents over is drawn with the same settings but for these.
    for case in cases:
        if case["init_latents"]:
            case |= {key: all_cases[case["init_latents"]][key] for key in ("init_image", "strength")}
    # Those of Stable Diffusion XL have more prompts.
    is_xl = lambda name: name.startswith("sdxl")
    others = [case for case in cases if not is_xl(case["model"])]
    ids = used_ids(reference, [case for case in others if case["model"] != "pix2pix"])
    ids_of_folders = used_ids(reference, others)
    ids_of_xl = used_ids(reference, [case for case in cases if is_xl(case["model"])])
    for name in SINGLE_FILES:
        copy_model(reference / "models/single" / name, golden / name, ids_of_xl if is_xl(name) else ids)
    for folder in FOLDERS:
        for source in sorted((reference / "models" / folder).rglob("*")):
            if source.is_file() and (source.parent.name != "vae" or source.suffix == ".json"):
                copy_model(source, golden / folder / source.relative_to(reference / "models" / folder), ids_of_folders)
    for source in sorted((reference / "models" / REFINER).rglob("*")):
        if source.is_file():
            copy_model(source, golden / REFINER / source.relative_to(reference / "models" / REFINER), [])
    for name in TINY_VAE:
        copy_model(reference / "models/taesd" / name, golden / "taesd" / name, ids)
    for stage in STAGES:
        tensors, metadata = read(reference / f"expected/stages/{stage}.safetensors")
        write(golden / f"stages/{stage}.safetensors", tensors, metadata)
    write(golden / f"stages/{REFINER}.safetensors", *stages_of_refiner(reference))
    lines = [json.dumps({key: case[key] for key in case if case[key] is not None or key in NULLS}) for case in cases]
    (golden / "cases.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
    for case in cases:
        expected = case["expected"] if isinstance(case["expected"], list) else [case["expected"]]
        inputs = [case[key] for key in ("init_image", "mask", "scheduler_config") if case[key]]
        for name in expected + inputs:
            (golden / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(reference / "expected" / name, golden / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
