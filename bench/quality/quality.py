"""What an approximation costs in quality: pictures drawn exactly and with it, compared one by one.

    python quality.py --easel ../../easel --with "step-cache = 0.1" --with "step-cache = 0.2"

Each --with is a line of a job file. Needs numpy and pillow. Processor time is of the whole command, loading included.
"""

import argparse
import os
import pathlib
import resource
import subprocess
import tempfile

import numpy as np
from PIL import Image


def draw(easel, folder, names, settings):
    """Draws a picture for each name; returns the pictures and the processor time in seconds."""
    prompts = ", ".join(f'"{name}"' for name in names)
    job = folder / "job.toml"
    job.write_text(f'[defaults]\nseed = 1\n{settings}\n[[picture]]\nprompt = [{prompts}]\noutput = "{folder}/p-%03d.png"\n')
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([easel, "run", job, "--no-sheet", "--quiet"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    pictures = [np.asarray(Image.open(path).convert("RGB"), np.float64) for path in sorted(folder.glob("p-*.png"))]
    assert len(pictures) == len(names), folder
    return pictures, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def psnr(a, b):
    error = np.mean((a - b) ** 2)
    return 99.0 if error == 0 else min(99.0, 10 * np.log10(255**2 / error))


def ssim(a, b, side=8):
    """Wang et al. 2004, on luma, the mean over blocks of side x side."""
    blocks = []
    for picture in (a, b):
        luma = picture @ (0.299, 0.587, 0.114)
        height, width = (n // side * side for n in luma.shape)
        cut = luma[:height, :width].reshape(height // side, side, width // side, side).swapaxes(1, 2)
        blocks.append(cut.reshape(-1, side * side))
    x, y = blocks
    mx, my = x.mean(1), y.mean(1)
    vx, vy, vxy = x.var(1), y.var(1), ((x.T - mx) * (y.T - my)).mean(0)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return np.mean((2 * mx * my + c1) * (2 * vxy + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2)))


def named_right(exact, pictures, side=32):
    """The share of pictures of which the nearest exact one, by the mean absolute difference at side x side, is their own."""
    def small(picture):
        return np.asarray(Image.fromarray(picture.astype(np.uint8)).resize((side, side), Image.BOX), np.float64)
    all_exact = np.stack([small(picture) for picture in exact])
    nearest = [np.abs(all_exact - small(picture)).mean((1, 2, 3)).argmin() for picture in pictures]
    return np.mean([i == found for i, found in enumerate(nearest)])


def main():
    repo = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--easel", default=repo / "easel")
    parser.add_argument("--names", default=repo / "models" / "emoji" / "names.txt", help="a file of prompts, one a line")
    parser.add_argument("--count", type=int, default=64, help="how many of them, evenly spread")
    parser.add_argument("--all", default="steps = 20", help="what all are drawn with")
    parser.add_argument("--with", dest="settings", action="append", required=True)
    arguments = parser.parse_args()

    names = [line for line in pathlib.Path(arguments.names).read_text().splitlines() if line and '"' not in line]
    names = [names[i * len(names) // arguments.count] for i in range(arguments.count)]
    print(f"{len(names)} pictures with {arguments.all}, {os.cpu_count()} processors")
    print("| settings | PSNR median (least) | SSIM median (least) | named right | processor time |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as temporary:
        exact = None
        for i, settings in enumerate(["", *arguments.settings]):
            folder = pathlib.Path(temporary) / str(i)
            folder.mkdir()
            pictures, seconds = draw(arguments.easel, folder, names, f"{arguments.all}\n{settings}")
            if exact is None:
                exact, exact_seconds = pictures, seconds
                print(f"| exact | | | | {seconds:.0f} s |", flush=True)
                continue
            ratios = [psnr(a, b) for a, b in zip(exact, pictures)]
            likeness = [ssim(a, b) for a, b in zip(exact, pictures)]
            print(f"| {settings} | {np.median(ratios):.1f} dB ({min(ratios):.1f}) | {np.median(likeness):.3f} "
                  f"({min(likeness):.3f}) | {100 * named_right(exact, pictures):.0f} % | {seconds / exact_seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main()
