"""The first steps of a training recipe in plain PyTorch on a few captioned pictures: what each step is given, and its loss.

    python make_training_curve.py RECIPE_DIR DATA.zip MODEL_DIR OUT.safetensors

RECIPE_DIR has nets.py, data.py and train_device.py, DATA.zip is what its prepare.py makes, and the autoencoder of MODEL_DIR
makes the latents. The UNet and the text encoder are the recipe's smallest.
"""
import sys

import torch
from safetensors.torch import save_file

PICTURES, CAPTIONS, STEPS, BATCH, RATE, WARM_UP, HORIZON = 12, 4, 40, 8, 1e-3, 10, 20
AVERAGES = ["unet.conv_in.weight", "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight",
            "text_encoder.text_model.encoder.layers.0.mlp.fc1.weight"]


def main(recipe, zipped, model, out):
    sys.path.insert(0, recipe)
    import nets
    import train_device
    from data import Data

    data = Data(zipped, 60, colours=False)
    data.train = data.train[:PICTURES]
    captions, many, _ = data.captions(CAPTIONS, 0, noise=0.)
    vae = nets.load_folder(model, "cpu")[2]
    with torch.no_grad():
        mean, log_variance = vae.encode(data.floats(data.train))
        mean, deviation = mean * nets.SCALE, torch.exp(.5 * log_variance) * nets.SCALE

    torch.manual_seed(1)
    text, unet = train_device.new_text_unet(train_device.SIZES["tiny"], data.size, len(captions.used))
    networks = {"text_encoder": text, "unet": unet}
    parameters = {f"{name}.{k}": p for name, n in networks.items() for k, p in n.named_parameters()}
    with torch.no_grad():
        for p in parameters.values():
            p.copy_(p.half())
    start = {k: p.detach().half() for k, p in parameters.items()}

    trainer = train_device.Trainer(train_device.groups_of(text, unet, RATE), HORIZON, WARM_UP)
    loss_of = train_device.UnetLoss(text, unet)
    alphas, weights = nets.alphas_cumprod().float(), nets.loss_weights()
    losses = []
    for step in range(STEPS):
        # As the test draws them again: one generator a step.
        g = torch.Generator().manual_seed(step)
        which = torch.randint(0, PICTURES, (BATCH,), generator=g)
        caption = torch.randint(0, CAPTIONS, (BATCH,), generator=g)
        t = torch.randint(0, 1000, (BATCH,), generator=g)
        z = mean[which] + deviation[which] * torch.randn(BATCH, *mean.shape[1:], generator=g)
        noise = torch.randn(z.shape, generator=g)
        c = alphas[t][:, None, None, None]
        for p in trainer.params:
            p.grad = None
        loss = loss_of(c.sqrt() * z + (1 - c).sqrt() * noise, t, many[which, caption].long(), noise, weights[t])
        loss.backward()
        losses.append(loss.item())
        trainer.update(step / STEPS)
    place = {id(p): a for p, a in zip(trainer.params, trainer.average)}
    tensors = start | {"average." + n: place[id(parameters[n])] for n in AVERAGES}
    tensors |= {"mean": mean, "deviation": deviation, "ids": many.long(), "losses": torch.tensor(losses, dtype=torch.float64)}
    save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, out)
    print(sum(p.numel() for p in parameters.values()), "parameters,", len(captions.used), "rows", losses)


if __name__ == "__main__":
    main(*sys.argv[1:5])
