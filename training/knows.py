# Inquadra - which words of a caption the UNet has learnt to foretell panels by, long before its pictures show it
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: knows.py [ATTRIBUTE ...] [--panels 40] [--times 0.9 0.8 0.65] [--raw]; setting, size, time and action if none is named.

For held-out panels noised to each time, the share for which, of six captions that differ in the attribute alone, the right one gives the least
error (A. Li and others, "Your Diffusion Model is Secretly a Zero-Shot Classifier", 2023). A sixth is chance (of fewer values, more). Also how much
worse the wrong ones are, in shares of the error. Reads runs/flow.pt and runs/ae.pt; --raw takes the weights as they are now, not their moving average.
"""
import argparse
import dataclasses
import random

import numpy as np
import torch

import classifier
import common
import nets
import train
from latents import coder

CAPTIONS, DRAWS = 6, 2


def values(name):
    import panels

    if name in ("setting", "action"):
        return sorted(panels.COMMON_SETTINGS if name == "setting" else panels.COMMON_ACTIONS)
    return {"size": panels.SIZES, "time": panels.TIMES, "angle": panels.ANGLES}[name]


def specs_that_show(name, n, rng):
    import panels

    out = []
    while len(out) < n:
        s = classifier.random_of(rng, True, True)
        if s.frame == "16:9" and name in panels.shown(s) and s.size in ("ELS", "LS", "MLS", "MS", "MCU"):
            out.append(s)
    return out


@torch.no_grad()
def right(model, code, name, n, times, seed=77):
    """(shares right at each time, share right over all, how much worse the wrong captions are at each)."""
    import panels
    import vocab

    rng = random.Random(seed)
    specs = specs_that_show(name, n, rng)
    z = code(np.stack([panels.draw(s, rng.randrange(2**31)) for s in specs]))
    weight = train.detail_weight(z)
    noise_of = torch.Generator().manual_seed(seed)
    hits, together, gap = np.zeros(len(times)), 0, np.zeros(len(times))
    for i, spec in enumerate(specs):
        wrong = [v for v in values(name) if v != getattr(spec, name)]
        asked = [dataclasses.replace(spec, **{name: v}) for v in rng.sample(wrong, min(CAPTIONS - 1, len(wrong)))]
        place = rng.randrange(len(asked) + 1)  # anywhere, or who hears no words would be right
        asked.insert(place, spec)
        tokens = torch.tensor([list(vocab.encode(panels.canonical(s), n_ctx=nets.N_CTX)) for s in asked])
        total = torch.zeros(len(tokens))
        for j, t in enumerate(times):
            error = torch.zeros(len(tokens))
            for _ in range(DRAWS):
                noise = torch.randn(z[i].shape, generator=noise_of)
                x = ((1 - t) * z[i] + t * noise).expand(len(tokens), -1, -1, -1)
                v = model(x, torch.full((len(tokens),), 1000.0 * t), tokens)
                error += (weight[i] * (v - (noise - z[i])).pow(2)).mean((1, 2, 3))
            hits[j] += int(error.argmin()) == place
            gap[j] += float((error.sum() - error[place]) / (len(error) - 1) / error[place] - 1)
            total += error / error.mean()
        together += int(total.argmin()) == place
    return hits / n, together / n, gap / n


def main():
    import vocab

    p = argparse.ArgumentParser()
    p.add_argument("attributes", nargs="*", help="setting, size, time, action, angle")
    p.add_argument("--panels", type=int, default=40)
    p.add_argument("--times", type=float, nargs="+", default=[0.9, 0.8, 0.65])
    p.add_argument("--raw", action="store_true")
    a = p.parse_args()
    device = common.setup(5)
    state = common.load("flow.pt")
    if not state:
        raise SystemExit("knows: train the UNet first (train.py)")
    model = nets.Diffusion(len(vocab.working())).eval()
    model.load_state_dict(state["model" if a.raw else "ema"], strict=False)
    ae, scale, shift = coder(device)
    for name in a.attributes or ["setting", "size", "time", "action"]:
        each, together, gap = right(model, lambda x: (ae.encode(common.to_signed(x)[:, None]) - shift) * scale, name, a.panels, a.times)
        shown = ", ".join(f"t {t:g}: {h:.2f} ({g:+.2%})" for t, h, g in zip(a.times, each, gap))
        print(f"{name}: right in {together:.2f} of {a.panels} panels; {shown}", flush=True)


if __name__ == "__main__":
    main()
