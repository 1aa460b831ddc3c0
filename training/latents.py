# Inquadra - draws panels and keeps their latents and captions for the UNet's training
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: latents.py [--panels 48000]. Appends to what is there, so it can be stopped, resumed and enlarged.

runs/latents.f16  [N,8,36,64] normalised latents; runs/captions.u16 [N,CAPTIONS,48] token ids;
runs/latents.count holds how many are complete. train.py may read while this writes.
"""
import argparse
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


def draw_chunk(index):
    """Chunk `index` of the data set, the same on every run: pictures and token ids."""
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
    p.add_argument("--workers", type=int, default=2)
    a = p.parse_args()
    device = common.setup(1)
    state = common.load("ae.pt")
    if not state or not state.get("done"):
        raise SystemExit("latents: train the autoencoder first (train_ae.py)")
    ae = nets.Autoencoder().to(device).eval()
    ae.load_state_dict(state["model"])
    start = count() // CHUNK
    last = (a.panels + CHUNK - 1) // CHUNK
    if start >= last:
        print("latents:", count(), "already there")
        return
    with ProcessPoolExecutor(a.workers) as pool:
        ahead = [pool.submit(draw_chunk, i) for i in range(start, min(start + 4, last))]
        for i in range(start, last):
            pictures, tokens = ahead.pop(0).result()
            if i + 4 < last:
                ahead.append(pool.submit(draw_chunk, i + 4))
            parts = []
            with torch.no_grad(), common.fast(device):
                for k in range(0, CHUNK, 16):
                    x = common.to_signed(pictures[k : k + 16])[:, None].to(device)
                    parts.append(((ae.encode(x).float() - state["shift"]) * state["scale"]).half().cpu())
            with open(common.run_path("latents.f16"), "r+b" if i else "wb") as f:
                f.seek(i * CHUNK * int(np.prod(LATENT)) * 2)
                f.write(torch.cat(parts).numpy().tobytes())
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
