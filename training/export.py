# Inquadra - writes the trained weights as data/models/house/model.safetensors (f16, LDM single-file keys)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the weights and, beside them, the vocabulary they were trained with (tokenizer/merges.txt) and the words they know (words.txt).

Usage: export.py [--from flow|distil|reward] [--steps 6] [--cfg X] [--negative-cfg X] [--guidance-end X] [--shift 3.5] [--sampler NAME] [--no-guide] [--guide-start X]
[--guide-cfg X] [--version V].

Without --from: the student that reward.py went on with, the distilled student where there is one, else the teacher with its guidance. The autoencoder is the one whose decoder sharpen.py taught,
where there is one, else the one of train_ae.py.
"""
import argparse
import hashlib
import os
import shutil

import numpy as np
import torch

import common
import flow as flow_module
import nets
import st
import vocab

LICENCE = "GPL-3.0-or-later; trained only on panels drawn by training/panels"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--from", dest="source", choices=("flow", "distil", "reward"))
    p.add_argument("--steps", type=int, help="6; a distilled student: its calls")
    p.add_argument("--cfg", type=float)
    p.add_argument("--negative-cfg", type=float, help="the scale where a negative prompt is given; a distilled student: 2")
    p.add_argument("--guidance-end", type=float, default=1.0, help="share of the steps that is guided, where any is")
    p.add_argument("--perturb", choices=("none", "middle", "all"), default="none", help="where self-attention is left out for what guidance leads away from")
    p.add_argument("--shift", type=float, help="3.5; a distilled student: its own")
    p.add_argument("--sampler", choices=flow_module.SAMPLERS)
    p.add_argument("--no-guide", action="store_true", help="guidance with the network itself, though runs/guide.pt is there")
    p.add_argument("--guide-start", type=float, default=0.0, help="share of the steps before it, in which the network guides itself")
    p.add_argument("--guide-cfg", type=float, help="the guide's scale, where that is another than --cfg")
    p.add_argument("--version", default="1")
    p.add_argument("--out", default=common.MODEL)
    a = p.parse_args()
    ae = common.load("sharp.pt") or common.load("ae.pt")
    source = a.source or next((k for k in ("reward", "distil") if (common.load(k + ".pt") or {}).get("done")), "flow")
    student = source != "flow"
    flow = common.load(source + ".pt")
    if not ae or not ae.get("done") or not flow:
        raise SystemExit("export: run train_ae.py and train.py first")
    tensors = {}
    for key, value in ae["model"].items():
        tensors["first_stage_model." + key] = value
    for key, value in flow["ema"].items():
        for ours, theirs in nets.PREFIXES.items():
            if key.startswith(ours):
                tensors[theirs + key[len(ours) :]] = value
    guide = None if a.no_guide or student else common.load("guide.pt")
    if guide:
        text = [(v, flow["ema"][k]) for k, v in guide["ema"].items() if k.startswith("text.")]
        if sum((v - w).pow(2).sum() for v, w in text) > 0.1**2 * sum(w.pow(2).sum() for _, w in text):
            raise SystemExit("export: the guide listens to another text tower than the UNet (train.py --guide anew, or --no-guide)")
        for key, value in guide["ema"].items():
            if key.startswith("unet."):
                tensors[nets.GUIDE_PREFIX + key[len("unet.") :]] = value
    tensors = {k: v.float().numpy().astype(np.float16) for k, v in tensors.items()}
    if not all(np.isfinite(v).all() for v in tensors.values()):
        raise SystemExit("export: a weight is not finite in f16")
    rows = tensors[nets.PREFIXES["text."] + "embeddings.token_embedding.weight"].shape[0]
    if rows != len(vocab.working()):
        raise SystemExit(f"export: the weights know {rows} tokens, runs/tokenizer {len(vocab.working())}: they are not of one training")
    a.steps = a.steps or (flow.get("calls", 4) if student else 12 if guide else 6)
    a.sampler = a.sampler or ("tcd" if guide else "euler" if student else "dpmpp_2m")
    a.shift = a.shift or (flow.get("shift", 3.5) if student else 3.5)
    cfg = a.cfg if a.cfg is not None else 1.0 if student else 2.5 if guide else 3.0
    negative = a.negative_cfg or (2.0 if student else 0)
    st.write(
        a.out,
        tensors,
        {
            "inquadra.format": "1",
            "inquadra.family": "house",
            "inquadra.name": "Inquadra House",
            "inquadra.version": a.version,
            "inquadra.prediction": "flow",
            "inquadra.unet.patch": nets.LATENT_PATCH,
            "inquadra.unet.head_dim": nets.HEAD,
            "inquadra.vae.patch": nets.PIXEL_PATCH,
            "inquadra.groups": nets.GROUPS,
            "inquadra.vae.scale": repr(ae["scale"]),
            "inquadra.vae.shift": repr(ae["shift"]),
            "inquadra.text.head_dim": nets.HEAD,
            "inquadra.text.act": "quick_gelu",
            "inquadra.size": f"{common.WIDTH}x{common.HEIGHT}",
            "inquadra.sampler": a.sampler,
            "inquadra.steps": a.steps,
            "inquadra.cfg": f"{cfg:g}",
            **({"inquadra.negative_cfg": f"{negative:g}"} if negative else {}),
            **({"inquadra.guidance_end": f"{a.guidance_end:g}"} if cfg != 1 and a.guidance_end < 1 else {}),
            **({"inquadra.perturb": a.perturb} if cfg != 1 and a.perturb != "none" else {}),
            **({"inquadra.guide_start": f"{a.guide_start:g}"} if guide and a.guide_start else {}),
            **({"inquadra.guide_cfg": f"{a.guide_cfg:g}"} if guide and a.guide_cfg else {}),
            "inquadra.flow_shift": f"{a.shift:g}",
            "inquadra.license": LICENCE,
        },
    )
    beside = os.path.join(os.path.dirname(os.path.abspath(a.out)), "inquadra.json")
    if os.path.exists(beside):  # of the weights before: it would win over what was just written
        os.remove(beside)
    folder = os.path.join(os.path.dirname(os.path.abspath(a.out)), "tokenizer")
    os.makedirs(folder, exist_ok=True)
    shutil.copyfile(vocab.WORKING, os.path.join(folder, "merges.txt"))
    if os.path.exists(os.path.join(vocab.RUNS, "words.txt")):
        shutil.copyfile(os.path.join(vocab.RUNS, "words.txt"), os.path.join(folder, "..", "words.txt"))
    data = open(a.out, "rb").read()
    count = sum(v.size for v in tensors.values())
    print(f"{a.out}: {len(data) / 1e6:.1f} MB, {count / 1e6:.2f} M parameters, from {source} at step {flow['step']}, "
          f"cfg {cfg:g}, {a.steps} steps, sha256 {hashlib.sha256(data).hexdigest()[:16]}")


if __name__ == "__main__":
    main()
