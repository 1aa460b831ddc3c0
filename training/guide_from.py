# Inquadra - takes an earlier export of the same kind of network as the guide of a later one
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: guide_from.py EARLIER [--model FILE] [--sampler NAME] [--steps N] [--cfg X] [--guidance-end X] [--start X] [--guide-cfg X].

Writes EARLIER's UNet into the model as the network that guides (train.py says what that is). It learnt to listen to its own text tower, so the
states it hears are mapped to those: a matrix fitted to what both towers say of captions and, above all, of the empty prompt, folded into
the keys and values of its cross-attention. The rest of the options becomes what the file recommends.
"""
import argparse
import random

import numpy as np
import torch

import common
import flow
import nets
import st

CAPTIONS, EMPTY = 600, 100_000  # the empty prompt counts as so many captions


def fitted(later, earlier, texts):
    """[d,d'] that maps the later tower's states to the earlier one's, and how far off it is for captions and for nothing, in shares of the spread."""
    with torch.no_grad():
        a, b = later.context(texts), earlier.context(texts)
        a0, b0 = later.context([""]), earlier.context([""])
    weight = EMPTY**0.5
    rows = torch.cat([a.flatten(0, 1), weight * a0[0]]).double(), torch.cat([b.flatten(0, 1), weight * b0[0]]).double()
    w = torch.linalg.lstsq(*rows, driver="gelsd").solution.float()

    def off(x, y):
        return float((x @ w - y).std() / y.std())

    return w, off(a, b), off(a0, b0)


def main():
    import panels

    p = argparse.ArgumentParser()
    p.add_argument("earlier", help="model.safetensors with its tokenizer/merges.txt beside it")
    p.add_argument("--model", default=common.MODEL)
    p.add_argument("--sampler", choices=flow.SAMPLERS, default="tcd")
    p.add_argument("--steps", type=int, default=9)
    p.add_argument("--cfg", type=float, default=4.0)
    p.add_argument("--guidance-end", type=float, default=0.88)
    p.add_argument("--start", type=float, default=0.77, help="share of the steps before it, in which the network guides itself")
    p.add_argument("--guide-cfg", type=float, default=2.0)
    p.add_argument("--version", help="of the model with its guide")
    a = p.parse_args()
    rng = random.Random(8)
    texts = [panels.caption(panels.random_spec(rng), rng) for _ in range(CAPTIONS)]
    w, captions, nothing = fitted(flow.House(a.model), flow.House(a.earlier), texts)
    tensors, meta = st.read(a.model)
    guide, _ = st.read(a.earlier)
    tensors = {k: v for k, v in tensors.items() if not k.startswith(nets.GUIDE_PREFIX)}
    for key, value in guide.items():
        if not key.startswith(nets.PREFIXES["unet."]):
            continue
        if key.endswith(("attn2.to_k.weight", "attn2.to_v.weight")):
            value = (torch.from_numpy(value.astype(np.float32)) @ w.T).numpy().astype(np.float16)
        tensors[nets.GUIDE_PREFIX + key[len(nets.PREFIXES["unet."]) :]] = value
    meta.update({"inquadra.sampler": a.sampler, "inquadra.steps": str(a.steps), "inquadra.cfg": f"{a.cfg:g}", "inquadra.guidance_end": f"{a.guidance_end:g}",
                 "inquadra.guide_start": f"{a.start:g}", "inquadra.guide_cfg": f"{a.guide_cfg:g}"})
    if a.version:
        meta["inquadra.version"] = a.version
    st.write(a.model, tensors, meta)
    print(f"{a.model}: guided by {a.earlier}; its tower's states are met to {captions:.3f} of their spread for captions, {nothing:.4f} for the empty prompt")


if __name__ == "__main__":
    main()
