# Inquadra - fine-tunes a student so that what was asked can be read off its pictures
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: reward.py [--minutes 60] [--batch 32] [--from-weights DIR]   writes runs/reward.pt (resumes from it); needs runs/reader.pt

The student draws prompts of its own vocabulary from noise, in as many Euler steps as it has windows and one more anywhere; runs/reader.pt's network reads the
latents, slightly noised; how badly it reads what was asked is differentiated through all the steps into the weights (K. Clark and others, "Directly
Fine-Tuning Diffusion Models on Differentiable Rewards", 2024). Nothing is drawn: the only
data are captions of training combinations.
A network can please its reader in ways no artist would see. Against that there are a bound to the velocity of the weights it began from, noise of
another strength each time, and a reader that is content with nine tenths of certainty; and the judge of the result must be another one than the reader.
"""
import argparse
import collections
import dataclasses
import itertools
import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F

import classifier
import common
import flow
import nets
import reader
import team
import train

WEIGHTS = dict(size=0.5, angle=1.0, count=1.5, setting=1.0, action=1.0, time=0.5, style=1.0)
PLAIN, FREE = 0.8, 0.12  # captions that say all (rewarded); that say it in many ways (held in place alone); the rest are empty, for negative prompts


def prompts(rng, n):
    """n prompts for one frame: its (w,h), tokens [n,48], labels [n,7] (-1 where nothing is to be read)."""
    import panels
    import vocab

    tokens, labels, frame = [], [], None
    while len(tokens) < n:
        kind = rng.random()
        spec = classifier.random_of(rng, False, kind < PLAIN)
        if panels.held_out(spec):
            continue
        frame = frame or spec.frame
        spec = dataclasses.replace(spec, frame=frame)
        text = panels.canonical(spec) if kind < PLAIN else panels.caption(spec, rng) if kind < PLAIN + FREE else ""
        tokens.append(vocab.encode(text))
        labels.append(classifier.labels(spec) if kind < PLAIN else [-1] * len(classifier.NAMES))
    return panels.FRAMES[frame], torch.tensor(tokens, dtype=torch.long), torch.tensor(labels)


def route(grid, rng, extra):
    """The grid's times from 1 to 0 and up to `extra` more, each anywhere in a window: samplers of more steps than windows stop there."""
    more = []
    for _ in range(rng.randint(0, extra)):
        k = rng.randrange(len(grid) - 1)
        more.append(grid[k] + (grid[k + 1] - grid[k]) * rng.uniform(0.1, 0.9))
    return sorted(grid + more, reverse=True)


def seeded(seed, n):
    frame, *arrays = prompts(random.Random(seed), n)
    return frame, *(a.numpy() for a in arrays)


def supply(seed, n, workers):
    """What prompts() gives, again and again; drawn beforehand by workers, if any: a GPU would wait for them."""
    if not workers:
        rng = random.Random(seed)
        while True:
            yield prompts(rng, n)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        waiting = collections.deque(pool.submit(seeded, seed + 1_000_003 * k, n) for k in range(4 * workers))
        for k in itertools.count(4 * workers):
            waiting.append(pool.submit(seeded, seed + 1_000_003 * k, n))
            frame, tokens, labels = waiting.popleft().result()
            yield frame, torch.from_numpy(tokens), torch.from_numpy(labels)


class Teacher:
    """What a reader sees in latents, and how badly what was asked is read there."""

    def __init__(self, one, device="cpu"):
        self.eyes, self.namer = one.eyes.to(device), one.namer.to(device).eval().requires_grad_(False)

    def look(self, z):
        """Latents -> features; they are noised by another strength each."""
        t = 1.5 * reader.T * torch.rand(len(z), 1, 1, 1, device=z.device)
        return self.eyes.features((1 - t) * z + t * torch.randn_like(z))

    def read(self, seen, labels):
        """The weighted error, a mean over the rows of which something is asked, and how many are right of each of classifier.NAMES."""
        with common.fast(seen.device):
            out = self.namer(seen)
        losses = [WEIGHTS[n] * F.cross_entropy(o.float(), labels[:, i], ignore_index=-1, reduction="sum", label_smoothing=0.1) for i, (n, o) in enumerate(zip(classifier.NAMES, out))]
        right = torch.stack([((o.argmax(1) == labels[:, i]) & (labels[:, i] >= 0)).sum() for i, o in enumerate(out)])
        return sum(losses) / max(1, int((labels >= 0).any(1).sum())), right


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=60)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=4e-5)
    p.add_argument("--hold", type=float, default=0.35)
    p.add_argument("--near", type=float, default=3.0, help="weight of the distance to the velocity of the weights it began from")
    p.add_argument("--calls", type=int, default=4, help="windows of the student")
    p.add_argument("--extra", type=int, default=1, help="steps more than windows, at most")
    p.add_argument("--shift", type=float, default=3.5, help="how much the grid of its windows leans to noise")
    p.add_argument("--from-weights", default=common.MODEL_DIR, help="folder of the exported student")
    return p.parse_args()


def work(group, a):
    import vocab

    device = common.setup(7, threads=1 if group.size > 1 else 0)
    one = reader.load()
    if one is None:
        raise SystemExit("reward: train the reader first (reader.py)")
    teacher, words = Teacher(one, device), len(vocab.working())
    model, first = nets.Diffusion(words).to(device), nets.Diffusion(words).to(device)
    if not common.warm_start(first, a.from_weights, nets.PREFIXES):
        raise SystemExit("reward: --from-weights names no whole model of this vocabulary")
    model.load_state_dict(first.state_dict())
    model.text.requires_grad_(False)
    first.eval().requires_grad_(False)
    ema, parameters = common.EMA(model, 0.99), [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.AdamW(parameters, lr=a.lr, betas=(0.9, 0.99), weight_decay=0.0)
    state, step, spent = common.load("reward.pt"), 0, 0.0
    if state:
        model.load_state_dict(state["model"])
        opt.load_state_dict(state["opt"])
        ema.shadow.update({k: v.to(device) for k, v in state["ema"].items()})
        ema.steps = step = state["step"]
        spent = state["spent"]
    rng = random.Random(5 + step + 7919 * group.rank)
    asked = supply(rng.randrange(2**40), a.batch // group.size, 6 if device.type == "cuda" else 0)
    torch.manual_seed(5 + step + 7919 * group.rank)
    clock, saved, f = common.Clock(a.minutes, spent), spent, 0.0
    grid, size = flow.timesteps(a.calls, a.shift).tolist(), a.batch // group.size
    tally = np.zeros((4, len(classifier.NAMES)))

    def checkpoint(done=False):
        common.save(dict(model=model.state_dict(), opt=opt.state_dict(), ema=ema.shadow, step=step, spent=clock.spent, calls=a.calls, shift=a.shift, done=done), "reward.pt")

    while f < 1:
        for g in opt.param_groups:
            g["lr"] = train.rate(a.lr, f, step, a.hold)
        (w, h), tokens, labels = next(asked)
        tokens, labels = tokens.to(device), labels.to(device)
        x = torch.randn(size, nets.LATENT_CHANNELS, h // 8, w // 8, device=device)
        with torch.no_grad(), common.fast(device):
            context = model.text(tokens).float()
        times = route(grid, random.Random(step), a.extra)  # the same for the whole team
        compared = rng.randrange(len(times) - 1)
        for i, (at, to) in enumerate(zip(times[:-1], times[1:])):
            now = torch.full((size,), at * 1000, device=device)
            with common.fast(device):
                v = model.unet(x, now, context).float()
            if i == compared:
                with torch.no_grad(), common.fast(device):
                    before = first.unet(x, now, context).float()
                apart = (v - before).pow(2).mean()
            x = x + (to - at) * v
        loss, right = teacher.read(teacher.look(x), labels)
        opt.zero_grad()
        (loss + a.near * apart).backward()
        f = group.average(parameters, clock.fraction())
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        opt.step()
        if group.lead:
            ema.update(model)
        step += 1
        tally += np.stack([right.cpu().numpy(), (labels >= 0).sum(0).cpu().numpy(), *(np.full(7, float(v.detach())) for v in (loss, apart))])
        if step % 25 == 0 and group.lead:
            common.log("reward", step=step, seen=step * a.batch, loss=round(tally[2, 0] / 25, 4), apart=round(tally[3, 0] / 25, 5), minutes=round(clock.spent / 60, 2),
                       **{n: round(tally[0, i] / max(1, tally[1, i]), 3) for i, n in enumerate(classifier.NAMES)})
            tally[:] = 0
        if clock.spent - saved > 100 and group.lead:
            saved = clock.spent
            checkpoint()
    if group.lead:
        checkpoint(True)


if __name__ == "__main__":
    team.run(work, arguments())
