# Inquadra - draws panels and keeps their latents and captions for the UNet's training
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: latents.py [--panels 48000]. Appends to what is there, so it can be stopped, resumed and enlarged.

runs/latents.f16  [N,8,36,64] normalised latents; runs/captions.u16 [N,CAPTIONS,48] token ids;
runs/latents.count holds how many are complete. train.py may read while this writes.
"""
import argparse
import multiprocessing
import os
import random
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch

import common
import nets

CAPTIONS = 4
CHUNK = 128
LATENT = (nets.LATENT_CHANNELS, common.HEIGHT // 8, common.WIDTH // 8)


coder = None  # (autoencoder, scale, shift) of a worker process


def start_worker(threads):
    global coder
    torch.set_num_threads(threads)
    state = common.load("ae.pt")
    ae = nets.Autoencoder().eval().requires_grad_(False)
    ae.load_state_dict(state["model"])
    coder = ae, state["scale"], state["shift"]


def make_chunk(index):
    """Chunk `index` of the data set, the same on every run: latents f16 and token ids."""
    pictures, tokens = draw_chunk(index)
    ae, scale, shift = coder
    device = next(ae.parameters()).device
    parts = []
    with torch.no_grad(), common.fast(device):
        for k in range(0, CHUNK, 8):
            x = common.to_signed(pictures[k : k + 8])[:, None]
            parts.append(((ae.encode(x).float() - shift) * scale).half())
    return torch.cat(parts).numpy(), tokens


def draw_chunk(index):
    import panels
    import vocab

    rng = random.Random(7_000_000 + index)
    pictures = np.empty((CHUNK, common.HEIGHT, common.WIDTH), np.uint8)
    tokens = np.empty((CHUNK, CAPTIONS, nets.N_CTX), np.uint16)
    for i in range(CHUNK):
        spec = common.training_spec(rng)
        pictures[i] = panels.draw(spec, rng.randrange(2**31))
        texts = [panels.canonical_caption(spec)] + [panels.caption(spec, rng) for _ in range(CAPTIONS - 1)]
        tokens[i] = [vocab.encode(t, n_ctx=nets.N_CTX) for t in texts]
    return pictures, tokens


def count():
    try:
        return int(open(common.run_path("latents.count")).read())
    except (OSError, ValueError):
        return 0


def arrays(n):
    """Read-only views of the first n entries."""
    z = np.memmap(common.run_path("latents.f16"), np.float16, "r", shape=(n,) + LATENT)
    c = np.memmap(common.run_path("captions.u16"), np.uint16, "r", shape=(n, CAPTIONS, nets.N_CTX))
    return z, c


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--panels", type=int, default=48000)
    p.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    a = p.parse_args()
    common.setup(1)
    if not (common.load("ae.pt") or {}).get("done"):
        raise SystemExit("latents: train the autoencoder first (train_ae.py)")
    start = count() // CHUNK
    last = (a.panels + CHUNK - 1) // CHUNK
    if start >= last:
        print("latents:", count(), "already there")
        return
    with ProcessPoolExecutor(a.workers, multiprocessing.get_context("spawn"), initializer=start_worker, initargs=(1,)) as pool:
        ahead = [pool.submit(make_chunk, i) for i in range(start, min(start + 2 * a.workers, last))]
        for i in range(start, last):
            z, tokens = ahead.pop(0).result()
            if i + 2 * a.workers < last:
                ahead.append(pool.submit(make_chunk, i + 2 * a.workers))
            with open(common.run_path("latents.f16"), "r+b" if i else "wb") as f:
                f.seek(i * CHUNK * int(np.prod(LATENT)) * 2)
                f.write(z.tobytes())
            with open(common.run_path("captions.u16"), "r+b" if i else "wb") as f:
                f.seek(i * CHUNK * CAPTIONS * nets.N_CTX * 2)
                f.write(tokens.tobytes())
            with open(common.run_path("latents.count.part"), "w") as f:
                f.write(str((i + 1) * CHUNK))
            os.replace(common.run_path("latents.count.part"), common.run_path("latents.count"))
            if i % 8 == 7 or i + 1 == last:
                common.log("latents", panels=(i + 1) * CHUNK)


if __name__ == "__main__":
    main()
