# Inquadra - the figures of weights that were made with an earlier drawer, judged by that drawer
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: evaluate_former.py FOLDER [--model FILE] [--panels 240] [--seed 4] [--sheet PNG] [--json FILE].

FOLDER holds training/ as it was when the weights were made, and a judge trained with it. For the shipped ones:

    mkdir FOLDER && git archive febfc20 training | tar x -C FOLDER && (cd FOLDER/training && python3 classifier.py --minutes 20)

Panels, prompts and judge are of that folder; networks and sampling are today's.
"""
import argparse
import json
import os
import random
import sys

import numpy as np
import torch

import flow
import nets


def former(folder, *names):
    """That folder's modules, though this one has some of the same names."""
    sys.path.insert(0, os.path.join(folder, "training"))
    for name in names:
        sys.modules.pop(name, None)
    return [__import__(name) for name in names]


def generate(house, prompts, first_seed, common, how, batch=8):
    out = []
    with torch.no_grad():
        uncond = house.context([""])
        for at in range(0, len(prompts), batch):
            part = prompts[at : at + batch]
            own = [torch.Generator().manual_seed(first_seed + at + k) for k in range(len(part))]
            noise = torch.stack([torch.randn((nets.LATENT_CHANNELS, 36, 64), generator=g) for g in own])
            z = flow.sample(house.unet, noise, house.context(part), uncond.expand(len(part), -1, -1), generators=own, **house.guided(how["cfg"]), **how)
            out += list(common.to_bytes(house.decode(z))[:, 0])
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--model", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "models", "house", "model.safetensors"))
    p.add_argument("--panels", type=int, default=240)
    p.add_argument("--seed", type=int, default=4)
    p.add_argument("--sheet")
    p.add_argument("--json")
    a = p.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)
    house = flow.House(a.model)
    how = {"sampler": house.sampler, "steps": house.steps, "cfg": house.cfg, "shift": house.flow_shift, "guidance_end": house.guidance_end}
    common, panels, classifier, train_ae = former(a.folder, "common", "panels", "classifier", "train_ae")
    net = classifier.load()
    if net is None:
        raise SystemExit("evaluate_former: train the judge in FOLDER/training first (classifier.py)")
    report = {**how, "guide_start": house.guide_start, "guide_cfg": house.guide_cfg, "panels": a.panels, "seed": a.seed, "captions": "canonical"}
    report["judge_on_drawn"] = classifier.accuracy(net, *classifier.drawn(1000, 31))
    report["judge_on_held_out_drawn"] = classifier.accuracy(net, *classifier.drawn(500, 32, True))
    rng = random.Random(33)
    whole = [panels.draw(panels.random_held_out(rng), rng.randrange(2**31)) for _ in range(64)]
    report["autoencoder_psnr_db"] = round(train_ae.psnr(house.ae, whole, torch.device("cpu")), 2)
    rng = random.Random(1000 + a.seed)
    specs = [panels.random_held_out(rng) for _ in range(a.panels)]
    prompts = [panels.canonical_caption(s) for s in specs]
    pictures = generate(house, prompts, a.seed * 100000, common, how)
    want = np.array([classifier.labels(s) for s in specs])
    right = classifier.predict(net, np.stack([classifier.shrink(q) for q in pictures])) == want
    report["right"] = {n: round(float(v), 4) for n, v in zip(classifier.NAMES, right.mean(0))}
    report["all_four_right"] = round(float(right.all(1).mean()), 4)
    tables = {"size": panels.SIZES, "count": panels.COUNTS, "setting": panels.SETTINGS}
    for column, (name, table) in enumerate(tables.items()):
        rows = [(str(v), want[:, column] == i) for i, v in enumerate(table)]
        report["by_" + name] = {v: [int(right[m, column].sum()), int(m.sum())] for v, m in rows if m.any()}
    print(json.dumps(report, indent=1))
    if a.json:
        with open(a.json, "w") as f:
            json.dump(report, f, indent=1)
            f.write("\n")
    if a.sheet:
        common.sheet(pictures[:40], 5, a.sheet, 0.5, prompts[:40], greys=16)


if __name__ == "__main__":
    main()
