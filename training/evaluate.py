# Inquadra - how often the house model draws what the prompt says, on combinations it never trained on
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: evaluate.py [--panels 240] [--cfg X] [--steps N] [--shift S] [--sampler NAME] [--sheet PNG] [--json FILE] [--captions free].

Runs the exported weights with the sampler they recommend, as the product does (its own noise apart). The judge is classifier.py's net; its
own accuracy on freshly drawn panels is measured and said first. --captions free uses varied captions, which leave
an attribute out now and then, so its figures are lower by design.
"""
import argparse
import json
import multiprocessing
import os
import random
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch

import classifier
import common
import flow
import nets
from train_ae import psnr


def generate_part(job):
    path, prompts, *rest = job
    torch.set_num_threads(1)
    return generate(flow.House(path), prompts, *rest)


def generate_on_all_cores(path, prompts, seed, steps, cfg, shift, sampler):
    """As generate(), a process per core."""
    n = os.cpu_count() or 1
    size = (len(prompts) + n - 1) // n
    jobs = [(path, prompts[i : i + size], seed + i, steps, cfg, shift, sampler) for i in range(0, len(prompts), size)]
    with ProcessPoolExecutor(n, multiprocessing.get_context("fork")) as pool:
        return np.concatenate(list(pool.map(generate_part, jobs)))


def generate(house, prompts, seed, steps, cfg, shift, sampler="euler", batch=8):
    """uint8 pictures [N,288,512]; picture k depends on seed + k alone."""
    out = []
    with torch.no_grad():
        uncond = house.context([""])
        for i in range(0, len(prompts), batch):
            part = prompts[i : i + batch]
            shape = (nets.LATENT_CHANNELS, common.HEIGHT // 8, common.WIDTH // 8)
            random_of = [torch.Generator().manual_seed(seed + i + k) for k in range(len(part))]
            noise = torch.stack([torch.randn(shape, generator=g) for g in random_of])
            z = flow.sample(house.unet, noise, house.context(part), uncond.expand(len(part), -1, -1), steps, cfg, shift,
                            sampler, random_of)
            out.append(common.to_bytes(house.decode(z))[:, 0])
    return np.concatenate(out)


def main():
    import panels

    p = argparse.ArgumentParser()
    p.add_argument("--model", default=common.MODEL)
    p.add_argument("--panels", type=int, default=240)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cfg", type=float)
    p.add_argument("--steps", type=int)
    p.add_argument("--shift", type=float)
    p.add_argument("--sampler", choices=flow.SAMPLERS)
    p.add_argument("--captions", choices=("canonical", "free"), default="canonical")
    p.add_argument("--quick", action="store_true", help="skip what does not depend on the diffusion model")
    p.add_argument("--sheet")
    p.add_argument("--json")
    a = p.parse_args()
    common.setup(6, threads=1)
    net = classifier.load()
    if net is None and not a.quick:
        raise SystemExit("evaluate: train the judge first (classifier.py)")
    house = flow.House(a.model)
    cfg = house.cfg if a.cfg is None else a.cfg
    steps, shift = a.steps or house.steps, house.flow_shift if a.shift is None else a.shift
    sampler = a.sampler or house.sampler
    report = {"sampler": sampler, "steps": steps, "cfg": cfg, "shift": shift, "panels": a.panels, "captions": a.captions}
    if not a.quick:
        report["judge_on_drawn"] = classifier.accuracy(net, *classifier.drawn(1000, 31))
        report["judge_on_held_out_drawn"] = classifier.accuracy(net, *classifier.drawn(500, 32, True))
        rng = random.Random(33)
        whole = [panels.draw(panels.random_held_out(rng), rng.randrange(2**31)) for _ in range(64)]
        report["autoencoder_psnr_db"] = round(psnr(house.ae, whole, torch.device("cpu")), 2)
    rng = random.Random(1000 + a.seed)
    specs = [panels.random_held_out(rng) for _ in range(a.panels)]
    prompts = [panels.canonical_caption(s) if a.captions == "canonical" else panels.caption(s, rng) for s in specs]
    t0 = time.time()
    pictures = generate_on_all_cores(a.model, prompts, a.seed * 100000, steps, cfg, shift, sampler)
    report["seconds_per_panel"] = round((time.time() - t0) / len(prompts), 3)
    if net is not None:
        want = np.array([classifier.labels(s) for s in specs])
        right = classifier.predict(net, np.stack([classifier.shrink(q) for q in pictures])) == want
        report["right"] = {n: round(float(v), 4) for n, v in zip(classifier.NAMES, right.mean(0))}
        report["all_four_right"] = round(float(right.all(1).mean()), 4)
        groups = {"count_by_number": (1, panels.COUNTS, 1), "size_by_size": (0, panels.SIZES, 0),
                  "setting_by_setting": (2, panels.SETTINGS, 2), "setting_by_size": (0, panels.SIZES, 2)}
        for title, (column, names, judged) in groups.items():
            rows = [(str(n), want[:, column] == i) for i, n in enumerate(names)]
            report[title] = {n: [int(right[m, judged].sum()), int(m.sum())] for n, m in rows if m.any()}
    print(json.dumps(report, indent=1))
    if a.json:
        with open(a.json, "w") as f:
            json.dump(report, f, indent=1)
            f.write("\n")
    if a.sheet:
        common.sheet(list(pictures[:40]), 5, a.sheet, 0.5, prompts[:40], greys=16)


if __name__ == "__main__":
    main()
