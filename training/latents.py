# Inquadra - encodes the pre-drawn panels once for the UNet's training
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: latents.py [--workers N]. Encodes every shard not done yet, on the GPU where there is one.

runs/latents/00042.npz: per frame name F the arrays "F/z" [n,8,h/8,w/8] f16 (normalised latents) and "F/tokens"
[n,CAPTIONS,48] u16. One file per shard, so it can be stopped, resumed and enlarged while train.py runs.
"""
import argparse
import glob
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch

import common
import nets
import shards

FOLDER = "latents"


def unpacked(path):
    """A shard's pictures and tokens by frame; runs in a worker."""
    frames, _, tokens, picture = shards.read(path)
    out = {}
    for name in sorted(set(frames)):
        rows = [i for i, f in enumerate(frames) if f == name]
        out[name] = np.stack([picture(i) for i in rows]), tokens[rows]
    return os.path.basename(path), out


def coder(device):
    state = common.load("ae.pt")
    if not state or not state.get("done"):
        raise SystemExit("latents: train the autoencoder first (train_ae.py)")
    ae = nets.Autoencoder().eval().requires_grad_(False).to(device)
    ae.load_state_dict(state["model"])
    return ae, state["scale"], state["shift"]


def encode(ae, scale, shift, pictures, device, batch):
    parts = []
    with torch.no_grad(), common.fast(device):
        for k in range(0, len(pictures), batch):
            x = torch.from_numpy(pictures[k : k + batch]).to(device).float()[:, None] / 127.5 - 1.0
            parts.append(((ae.encode(x).float() - shift) * scale).half().cpu())
    return torch.cat(parts).numpy()


def present():
    return sorted(p for p in glob.glob(os.path.join(common.run_path(FOLDER), "*.npz")) if ".part" not in p)


def load(paths):
    """Latents and tokens by frame name from latents files: {frame: (z, tokens)}."""
    got = {}
    for path in paths:
        with np.load(path) as f:
            for key in f.files:
                name, what = key.split("/")
                got.setdefault(name, {"z": [], "tokens": []})[what].append(f[key])
    return {name: (np.concatenate(v["z"]), np.concatenate(v["tokens"])) for name, v in got.items()}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--workers", type=int, default=int(os.environ.get("INQ_THREADS", os.cpu_count() or 1)))
    a = p.parse_args()
    device = common.setup(1)
    os.makedirs(common.run_path(FOLDER), exist_ok=True)
    ae, scale, shift = coder(device)
    todo = [q for q in shards.present() if not os.path.exists(os.path.join(common.run_path(FOLDER), os.path.basename(q)))]
    if not todo:
        print("latents: all shards encoded")
        return
    done = 0
    with ProcessPoolExecutor(a.workers, multiprocessing.get_context("spawn")) as pool:
        ahead = [pool.submit(unpacked, q) for q in todo[: 2 * a.workers]]
        for i in range(len(todo)):
            name, frames = ahead.pop(0).result()
            if i + 2 * a.workers < len(todo):
                ahead.append(pool.submit(unpacked, todo[i + 2 * a.workers]))
            out = {}
            for frame, (pictures, tokens) in frames.items():
                out[frame + "/z"] = encode(ae, scale, shift, pictures, device, 64 if device.type == "cuda" else 8)
                out[frame + "/tokens"] = tokens
                done += len(pictures)
            path = os.path.join(common.run_path(FOLDER), name)
            np.savez(path + ".part.npz", **out)
            os.replace(path + ".part.npz", path)
            if i % 8 == 7 or i + 1 == len(todo):
                common.log("latents", panels=done, shards=i + 1)


if __name__ == "__main__":
    main()
