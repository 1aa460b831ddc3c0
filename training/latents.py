# Inquadra - encodes the pre-drawn panels once for the UNet's training
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: latents.py [--small] [--workers N]. Encodes every shard not done yet, on the GPU where there is one.

--small encodes the panels reduced to about two thirds into runs/latents-small: a UNet call costs 0.4 of a whole one there, so
composition is learnt sooner.

runs/latents/00042.npz: per frame name F the arrays "F/z" [n,8,h/8,w/8] f16 (normalised latents) and "F/tokens"
[n,CAPTIONS,48] u16. One file per shard, so it can be stopped, resumed and enlarged while train.py runs.
"""
import argparse
import functools
import glob
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import torch
from PIL import Image

import common
import nets
import shards

FOLDER, SMALL = "latents", "latents-small"


def by_frame(path):
    """A shard's pictures and tokens by frame."""
    frames, _, tokens, picture = shards.read(path)
    out = {}
    for name in sorted(set(frames)):
        rows = [i for i, f in enumerate(frames) if f == name]
        out[name] = np.stack([picture(i) for i in rows]), tokens[rows]
    return out


def coder(device):
    state = common.load("ae.pt")
    if not state or not state.get("done"):
        raise SystemExit("latents: train the autoencoder first (train_ae.py)")
    # channels last: 1.6 times as fast in bf16 on a CPU
    ae = nets.Autoencoder().eval().requires_grad_(False).to(device, memory_format=torch.channels_last)
    ae.load_state_dict(state["model"])
    return ae, state["scale"], state["shift"]


def reduced(pictures):
    """uint8 [n,h,w] -> about 0.64 of the sides, multiples of 32 again."""
    h, w = (round(s * 0.64 / 32) * 32 for s in pictures.shape[1:])
    return np.stack([np.asarray(Image.fromarray(p).resize((w, h), Image.LANCZOS)) for p in pictures])


def encode(ae, scale, shift, pictures, device, batch):
    parts = []
    with torch.no_grad(), common.fast(device):
        for k in range(0, len(pictures), batch):
            x = torch.from_numpy(pictures[k : k + batch]).to(device).float()[:, None] / 127.5 - 1.0
            parts.append(((ae.encode(x).float() - shift) * scale).half().cpu())
    return torch.cat(parts).numpy()


kept = {}  # a worker's autoencoder


def encode_shard(path, small=False):
    """Encodes one shard and writes its latents; returns its number of panels. Runs in a worker."""
    if not kept:
        device = common.setup(1, threads=1)
        kept["device"], kept["coder"] = device, coder(device)
    device, (ae, scale, shift) = kept["device"], kept["coder"]
    out, n = {}, 0
    for frame, (pictures, tokens) in by_frame(path).items():
        pictures = reduced(pictures) if small else pictures
        out[frame + "/z"] = encode(ae, scale, shift, pictures, device, 64 if device.type == "cuda" else 8)
        out[frame + "/tokens"] = tokens
        n += len(pictures)
    to = os.path.join(common.run_path(SMALL if small else FOLDER), os.path.basename(path))
    np.savez(to + ".part.npz", **out)
    os.replace(to + ".part.npz", to)
    return n


def present(small=False):
    return sorted(p for p in glob.glob(os.path.join(common.run_path(SMALL if small else FOLDER), "*.npz")) if ".part" not in p)


def read(path):
    with np.load(path) as f:
        return {key: f[key] for key in f.files}


def load(paths):
    """Latents and tokens by frame name from latents files: {frame: (z, tokens)}."""
    got = {}
    with ThreadPoolExecutor(8) as pool:
        for arrays in pool.map(read, paths):
            for key, value in arrays.items():
                name, what = key.split("/")
                got.setdefault(name, {"z": [], "tokens": []})[what].append(value)
    return {name: (np.concatenate(v["z"]), np.concatenate(v["tokens"])) for name, v in got.items()}


def emphasis(paths, wide=1.0, common_settings=1.0):
    """For the rows load() gives, how often each is to be learnt from: {frame: [n]}. Medium shots and wider count `wide` times, twice that where nobody
    or next to nobody stands before the place (no figures, extreme long shots); settings of panels.COMMON_SETTINGS `common_settings` times. Read from
    the shards the latents were made of."""
    import panels

    often = [i for i, name in enumerate(panels.SETTINGS) if name in panels.COMMON_SETTINGS]
    got = {name: [] for name in panels.FRAMES}
    for path in paths:
        with np.load(os.path.join(common.run_path(shards.FOLDER), os.path.basename(path))) as f:
            frame, (size, _, count, setting) = f["frame"], f["labels"][:, :4].T
        is_wide = (size >= 0) & (size <= panels.SIZES.index("MS"))
        row = np.where(np.isin(setting, often), common_settings, 1.0)
        if wide != 1:
            row = row * np.where(is_wide, np.where((count == 0) | (size == 0), 2 * wide, wide), 1.0)
        for i, name in enumerate(panels.FRAMES):
            got[name].append(row[frame == i])
    return {name: np.concatenate(v) for name, v in got.items()}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--small", action="store_true")
    p.add_argument("--workers", type=int, default=int(os.environ.get("INQ_THREADS", os.cpu_count() or 1)))
    a = p.parse_args()
    folder = common.run_path(SMALL if a.small else FOLDER)
    os.makedirs(folder, exist_ok=True)
    coder(torch.device("cpu"))  # says at once when there is no autoencoder
    todo = [q for q in shards.present() if not os.path.exists(os.path.join(folder, os.path.basename(q)))]
    if not todo:
        print("latents: all shards encoded")
        return
    # each worker has its own autoencoder: pictures through a pipe to one took 173 s for 300,000 panels where the GPU idled
    with ProcessPoolExecutor(min(a.workers, len(todo)), multiprocessing.get_context("spawn")) as pool:
        done = 0
        for i, n in enumerate(pool.map(functools.partial(encode_shard, small=a.small), todo)):
            done += n
            if i % 64 == 63 or i + 1 == len(todo):
                common.log("latents", panels=done, shards=i + 1)


if __name__ == "__main__":
    main()
