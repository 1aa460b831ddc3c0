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
import naming
import nets
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
    naming.arguments(p, 6, 1e-3)
    p.add_argument("--files", type=int, default=400, help="latents files to learn from, at most")
    return p.parse_args()


def work(group, a):
    device = common.setup(5, threads=1 if group.size > 1 else 0)
    seen, eye = Seen(group.rank, group.size, a.files // group.size), Eye().to(device)

    def begin(step):
        rng = np.random.default_rng(9 + step + 7919 * group.rank)

        def batch(size):
            z, labels = seen.batch(size, rng)
            return z + 0.3 * torch.rand(len(z), 1, 1, 1) * torch.randn_like(z), labels

        return batch

    @torch.no_grad()
    def finish():
        rng = np.random.default_rng(9)
        x = torch.cat([eye.trunk(seen.batch(64, rng)[0].to(device)).transpose(0, 1).flatten(1) for _ in range(16)], 1)
        eye.mean, eye.spread = x.mean(1), x.std(1)

    naming.learn(group, a, device, "eye", eye, classifier.NAMES, begin, finish)


if __name__ == "__main__":
    team.run(work, arguments())
