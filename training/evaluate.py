# Inquadra - how often the house model draws what the prompt says, on combinations it never trained on
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: evaluate.py [--panels 240] [--variations 24] [--cfg X] [--steps N] [--guidance-end X] [--shift S] [--sampler NAME] [--sheet PNG] [--json FILE] [--captions free]
[--frames all] [--common] [--bank 20000] [--sketches 48].

Runs the exported weights with the sampler they recommend, as the product does (its own noise apart). The judge is reader.py's with eyes that learnt, or classifier.py's net; its own accuracy on
freshly drawn panels is measured and said first. --captions free uses varied captions, which leave an attribute out now and then,
so its figures are lower by design. Beside obedience: whether the four variations of a prompt differ, whether lines are as clean
as drawn ones, and whether panels repeat training panels (measures.py; needs runs/shards for the last); and how a rough sketch
and a masked half are taken up.
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
import torch.nn.functional as F

import classifier
import common
import flow
import measures
import nets
import reader
import shards
from train_ae import psnr


def generate_part(job):
    path, *rest = job
    torch.set_num_threads(1)
    return generate(flow.House(path), *rest)


def generate_all(path, prompts, sizes, seeds, how):
    """As generate(): on the GPU, or with a process per core."""
    if torch.cuda.is_available():
        return generate(flow.House(path).to("cuda"), prompts, sizes, seeds, how, 64)
    n = int(os.environ.get("INQ_THREADS", os.cpu_count() or 1))
    part = (len(prompts) + n - 1) // n
    jobs = [(path, prompts[i : i + part], sizes[i : i + part], seeds[i : i + part], how) for i in range(0, len(prompts), part)]
    if len(jobs) == 1:
        return generate_part(jobs[0])
    with ProcessPoolExecutor(n, multiprocessing.get_context("spawn")) as pool:
        return [p for got in pool.map(generate_part, jobs) for p in got]


def generate(house, prompts, sizes, seeds, how, batch=8, start=None, mask=None):
    """A uint8 picture [h,w] for each prompt; sizes are (w,h); how: what flow.sample() is told; a picture depends on its own seed alone.

    start: a uint8 picture for each to begin from; mask: [h,w] of one size, 1 where it may change."""
    out = [None] * len(prompts)
    device = next(house.unet.parameters()).device
    with torch.no_grad(), common.fast(device):
        uncond = house.context([""])
        for size in sorted(set(sizes)):
            rows = [i for i, s in enumerate(sizes) if s == size]
            for at in range(0, len(rows), batch):
                part = rows[at : at + batch]
                shape = (nets.LATENT_CHANNELS, size[1] // 8, size[0] // 8)
                random_of = [torch.Generator().manual_seed(seeds[i]) for i in part]
                noise = torch.stack([torch.randn(shape, generator=g) for g in random_of]).to(device)
                context = house.context([prompts[i] for i in part])
                if start is not None:
                    images = common.to_signed(np.stack([start[i] for i in part]))[:, None].to(device)
                    how = {**how, "init": house.encode(images).float()}
                if mask is not None:
                    how["mask"] = F.interpolate(torch.from_numpy(mask).float()[None, None], shape[1:], mode="area").to(device)
                z = flow.sample(house.unet, noise, context, uncond.expand(len(part), -1, -1), generators=random_of, **house.guided(how["cfg"]), **how)
                for i, picture in zip(part, common.to_bytes(house.decode(z).float())[:, 0]):
                    out[i] = picture
    return out


def main():
    import panels

    p = argparse.ArgumentParser()
    p.add_argument("--model", default=common.MODEL)
    p.add_argument("--panels", type=int, default=240)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--cfg", type=float)
    p.add_argument("--steps", type=int)
    p.add_argument("--guidance-end", type=float, help="share of the steps that is guided")
    p.add_argument("--perturb", choices=("none", "middle", "all"), help="where self-attention is left out for what guidance leads away from")
    p.add_argument("--shift", type=float)
    p.add_argument("--sampler", choices=flow.SAMPLERS)
    p.add_argument("--captions", choices=("canonical", "free"), default="canonical")
    p.add_argument("--frames", default="all", help="all, or one frame: 16:9")
    p.add_argument("--common", action="store_true", help="prompts of what most boards are made of (panels.common)")
    p.add_argument("--variations", type=int, default=24, help="prompts drawn four times for variety")
    p.add_argument("--sketches", type=int, default=48, help="rough sketches and masked halves to go on from")
    p.add_argument("--bank", type=int, default=20000, help="training panels looked at for copies")
    p.add_argument("--judge", help="reader.pt or another file of runs/ made by reader.py; else judge.pt where it is, classifier.py's net, or reader.pt")
    p.add_argument("--quick", action="store_true", help="skip what does not depend on the diffusion model")
    p.add_argument("--sheet")
    p.add_argument("--json")
    a = p.parse_args()
    common.setup(6, threads=1)
    judge = reader.load(a.judge) if a.judge else reader.load("judge.pt") or classifier.load() or reader.load()
    if judge is None and not a.quick:
        raise SystemExit("evaluate: train the judge first (reader.py --learn or classifier.py)")
    house = flow.House(a.model)
    how = {
        "sampler": a.sampler or house.sampler,
        "steps": a.steps or house.steps,
        "cfg": house.cfg if a.cfg is None else a.cfg,
        "guidance_end": a.guidance_end or house.guidance_end,
        "perturb": a.perturb or house.perturb,
        "shift": house.flow_shift if a.shift is None else a.shift,
    }
    report = {**how, "panels": a.panels, "captions": a.captions, "frames": a.frames, "common": a.common}
    rng = random.Random(1000 + a.seed)
    specs, variation_specs = some(rng, a.panels, a.frames, a.common), some(rng, a.variations, "16:9", a.common)
    fresh = [panels.draw(s, rng.randrange(2**31)) for s in some(rng, max(16, a.panels // 4), a.frames, a.common)]
    if not a.quick:
        n = min(1000, 4 * a.panels)
        report["judge"] = type(judge).__name__
        report["judge_on_drawn"] = on_drawn(judge, n // 2, 31, False, a.common)
        report["judge_on_held_out_drawn"] = on_drawn(judge, n // 2, 32, True, a.common)
        report["autoencoder_psnr_db"] = round(psnr(house.ae, fresh[:64], torch.device("cpu")), 2)
    prompts = [panels.canonical(s) if a.captions == "canonical" else panels.caption(s, rng) for s in specs]
    sizes = [panels.FRAMES[s.frame] for s in specs]
    t0 = time.time()
    pictures = generate_all(a.model, prompts, sizes, [a.seed * 100000 + i for i in range(len(prompts))], how)
    report["seconds_per_panel"] = round((time.time() - t0) / len(prompts), 3)
    if judge is not None:
        want = np.array([classifier.labels(s) for s in specs])
        right = judge.read(pictures) == want
        report["right"] = {}
        for j, name in enumerate(classifier.NAMES):
            rows = want[:, j] >= 0  # what the frame shows (panels.shown)
            report["right"][name] = round(float(right[rows, j].mean()), 4) if rows.any() else None
        report["size_count_setting_time_right"] = round(float((right | (want < 0))[:, [0, 2, 3, 5]].all(1).mean()), 4)
        for j, (name, table) in enumerate(zip(classifier.NAMES, classifier.tables())):
            rows = [(str(v), want[:, j] == i) for i, v in enumerate(table)]
            report["by_" + name] = {v: [int(right[m, j].sum()), int(m.sum())] for v, m in rows if m.any()}
    # four variations of a prompt against four drawings of its Spec
    if a.variations:
        four = [panels.canonical(s) for s in variation_specs for _ in range(4)]
        made = generate_all(a.model, four, [(common.WIDTH, common.HEIGHT)] * len(four), [a.seed * 300000 + i for i in range(len(four))], how)
        report["variety"] = measures.variety([made[i : i + 4] for i in range(0, len(made), 4)],
                                             [[panels.draw(s, 40 + i) for i in range(4)] for s in variation_specs])
    if a.sketches:
        report["start"] = from_pictures(a, house, judge, how, rng)
    clean = [p for p, s in zip(pictures, specs) if s.style == "clean"] or pictures
    report["mush"] = measures.line_quality(clean, fresh)
    bank = training_thumbnails(a.bank)
    if bank is not None:
        report["copying"] = measures.copying(pictures, fresh, bank)
    print(json.dumps(report, indent=1))
    if a.json:
        with open(a.json, "w") as f:
            json.dump(report, f, indent=1)
            f.write("\n")
    if a.sheet:
        wide = [i for i, s in enumerate(specs) if s.frame == "16:9"][:40]
        if wide:
            common.sheet([pictures[i] for i in wide], 5, a.sheet, 0.5, [prompts[i] for i in wide], greys=16)


def from_pictures(a, house, judge, how, rng):
    """What becomes of a rough sketch (strength 0.8) and of a panel whose right half may change, with prompts that say what was drawn.

    likeness: how often the result's thumbnail is nearer to its own sketch's panel than to every other's; right: as for prompts alone;
    seam: how much brightness steps at the mask's edge, against as much beside it (1: no seam)."""
    import panels

    specs = some(rng, a.sketches, "16:9", a.common)
    drawn = [panels.draw(s, rng.randrange(2**31)) for s in specs]
    prompts, sizes = [panels.canonical(s) for s in specs], [panels.FRAMES["16:9"]] * len(specs)
    seeds = [a.seed * 500000 + i for i in range(len(specs))]
    half = np.zeros(drawn[0].shape, np.float32)
    half[:, half.shape[1] // 2 :] = 1
    made = generate(house, prompts, sizes, seeds, {**how, "strength": 0.8}, start=[measures.sketch(p) for p in drawn])
    changed = generate(house, prompts, sizes, seeds, how, start=drawn, mask=half)
    bank = measures.thumbnails([measures.sketch(p) for p in drawn])
    near = torch.cdist(measures.thumbnails([measures.sketch(p) for p in made]), bank).argmin(1)
    out = {"likeness": round(float((near == torch.arange(len(near))).float().mean()), 4), "seam": measures.seam(changed, half.shape[1] // 2)}
    if judge is not None:
        want = np.array([classifier.labels(s) for s in specs])
        for name, pictures in (("sketch", made), ("mask", changed)):
            right = judge.read(pictures) == want
            out[name + "_right"] = {n: round(float(right[want[:, j] >= 0, j].mean()), 4) for j, n in enumerate(classifier.NAMES) if (want[:, j] >= 0).any()}
    return out


def on_drawn(judge, n, seed, held_out, common_only):
    """How often the judge names what was drawn, where the drawing shows it."""
    import panels

    rng = random.Random(seed)
    specs = [classifier.random_of(rng, held_out, common_only) for _ in range(n)]
    right = judge.read([panels.draw(s, rng.randrange(2**31)) for s in specs]) == np.array([classifier.labels(s) for s in specs])
    return classifier.shares(right, specs)


def some(rng, n, frames, common_only=False):
    """n held-out specs, of one frame unless frames is "all"."""
    out = []
    while len(out) < n:
        s = classifier.random_of(rng, True, common_only)
        if frames == "all" or s.frame == frames:
            out.append(s)
    return out


def training_thumbnails(limit):
    """[M,36*64] of pre-drawn training panels, or None without runs/shards."""
    parts, n = [], 0
    for path in shards.present():
        if n >= limit:
            break
        frames, _, _, picture = shards.read(path)
        parts.append(measures.thumbnails([picture(i) for i in range(len(frames))]))
        n += len(frames)
    return torch.cat(parts)[:limit] if parts else None


if __name__ == "__main__":
    main()
