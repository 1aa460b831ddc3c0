# Inquadra - a network that names what latents show, for the UNet to be told while it trains what a place looks like
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: train_eye.py [--minutes 6] [--batch 64]   writes runs/eye.pt; train.py uses it where it is.

Learns from the kept latents and the labels of runs/shards the attributes of classifier.NAMES. What it sees at each place is what the middle of the
UNet is to foretell from noisy latents and the caption (S. Yu and others, "Representation Alignment for Generation", 2024): the faint lines that tell a
setting weigh little in the UNet's own error, and much here. The evaluation's judge is another network, which looks at pictures.
"""
import argparse
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import classifier
import common
import latents
import nets
import optim
import shards
import team

WIDTH = 128


class Eye(nn.Module):
    def __init__(self):
        super().__init__()
        half = WIDTH // 2
        self.first = nets.conv3(nets.LATENT_CHANNELS * nets.LATENT_PATCH**2, half)
        self.near = nets.AEBlock(half, half)
        self.down = nets.conv3(half, WIDTH, 2, 1)
        self.far = nn.Sequential(*(nets.AEBlock(WIDTH, WIDTH) for _ in range(3)), nets.norm(WIDTH, 1e-6))
        sizes = classifier.class_counts()
        self.query = nn.Parameter(torch.randn(len(sizes), WIDTH) * WIDTH**-0.5)
        self.key, self.value = nn.Linear(WIDTH, WIDTH, bias=False), nn.Linear(WIDTH, WIDTH)
        self.heads = nn.ModuleList(nn.Linear(WIDTH, n) for n in sizes)
        self.register_buffer("mean", torch.zeros(WIDTH))
        self.register_buffer("spread", torch.ones(WIDTH))

    def trunk(self, z):
        return self.far(self.down(self.near(self.first(F.pixel_unshuffle(z, nets.LATENT_PATCH)))))

    def places(self, z):
        """Latents [B,8,h,w] -> [B,WIDTH,h/4,w/4], of mean 0 and spread 1 over many panels."""
        return (self.trunk(z) - self.mean[:, None, None]) / self.spread[:, None, None]

    def forward(self, z):
        """Latents -> for each of classifier.NAMES, logits of its values."""
        x = F.silu(self.trunk(z)).flatten(2).transpose(1, 2)
        w = torch.einsum("qd,bnd->bqn", self.query, self.key(x)).softmax(-1)
        y = torch.einsum("bqn,bnd->qbd", w, F.silu(self.value(x)))
        return [head(y[i]) for i, head in enumerate(self.heads)]


def load(device):
    state = common.load("eye.pt")
    if not state or not state["done"]:
        return None
    eye = Eye().to(device).eval().requires_grad_(False)
    eye.load_state_dict(state["model"])
    return eye


def labels_of(path):
    """{frame: labels [n,7]} of a shard, in the order of its latents."""
    import panels

    with np.load(os.path.join(common.run_path(shards.FOLDER), os.path.basename(path))) as f:
        frame, labels = f["frame"], f["labels"]
    return {name: labels[frame == i] for i, name in enumerate(panels.FRAMES) if (frame == i).any()}


class Seen:
    """Latents, whole and reduced where there are some, with their labels."""

    def __init__(self, rank, size, limit):
        self.sets = []
        for small in (False, True):
            paths = latents.present(small)[rank::size][:limit]
            named = [labels_of(p) for p in paths]
            for name, (z, _) in (latents.load(paths) if paths else {}).items():
                self.sets.append((torch.from_numpy(z), torch.from_numpy(np.concatenate([n[name] for n in named if name in n])).long()))
        if not self.sets:
            raise SystemExit("train_eye: no latents (latents.py)")
        share = np.array([len(z) for z, _ in self.sets], float)
        self.share = share / share.sum()

    def batch(self, size, rng):
        z, labels = self.sets[rng.choice(len(self.sets), p=self.share)]
        k = torch.from_numpy(rng.integers(len(z), size=size))
        return z[k].float(), labels[k]


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=6)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--files", type=int, default=400, help="latents files to learn from, at most")
    return p.parse_args()


def work(group, a):
    device = common.setup(5, threads=1 if group.size > 1 else 0)
    state = common.load("eye.pt")
    if state and state["done"]:
        print("eye: already trained")
        return
    seen = Seen(group.rank, group.size, a.files // group.size)
    eye = Eye().to(device)
    opt = optim.Optimiser(eye, a.lr, group)
    step, spent = 0, 0.0
    if state:
        eye.load_state_dict(state["model"])
        opt.load_state_dict(state["opt"])
        step, spent = state["step"], state["spent"]
    rng = np.random.default_rng(9 + step + 7919 * group.rank)
    clock, saved, f, right, asked = common.Clock(a.minutes, spent), spent, 0.0, 0, 0
    while f < 1:
        lr = a.lr * min(1.0, (step + 1) / 60) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-6
        z, labels = (t.to(device) for t in seen.batch(a.batch // group.size, rng))
        z = z + 0.3 * torch.rand(len(z), 1, 1, 1, device=device) * torch.randn_like(z)
        with common.fast(device):
            out = eye(z)
        loss = sum(F.cross_entropy(o.float(), labels[:, i], ignore_index=-1, reduction="sum") for i, o in enumerate(out)) / len(z)
        opt.zero_grad()
        loss.backward()
        f = group.average(list(eye.parameters()), clock.fraction())
        torch.nn.utils.clip_grad_norm_(eye.parameters(), 1.0)
        opt.step(lr)
        step += 1
        right = right + torch.stack([(o.argmax(-1) == labels[:, i]).sum() for i, o in enumerate(out)])
        asked = asked + (labels >= 0).sum(0)
        if step % 100 == 0 and group.lead:
            shown = {n: round(float(r / max(int(m), 1)), 3) for n, r, m in zip(classifier.NAMES, right, asked)}
            common.log("eye", step=step, panels=step * a.batch, loss=round(float(loss), 4), done=round(f, 3), **shown)
            right, asked = 0, 0
        if clock.spent - saved > 60 and group.lead:
            saved = clock.spent
            common.save(dict(model=eye.state_dict(), opt=opt.state_dict(), step=step, spent=clock.spent, done=False), "eye.pt")
    if group.lead:
        eye.eval()
        with torch.no_grad():
            x = torch.cat([eye.trunk(seen.batch(64, rng)[0].to(device)).transpose(0, 1).flatten(1) for _ in range(16)], 1)
            eye.mean, eye.spread = x.mean(1), x.std(1)
        common.save(dict(model=eye.state_dict(), step=step, spent=clock.spent, done=True), "eye.pt")


if __name__ == "__main__":
    team.run(work, arguments())
