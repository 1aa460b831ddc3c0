# Inquadra - reads shot size, number of figures, setting and time off a panel; trained on drawn panels alone
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evaluation's judge. Usage: classifier.py [--minutes 12] [--panels 16000]; writes runs/classifier.pt.

It knows nothing of the diffusion model and sees every combination, the held-out ones too.
"""
import argparse
import random
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import common
import team

NAMES = ("size", "count", "setting", "time")
CHUNK = 250


def labels(spec):
    import panels

    return (panels.SIZES.index(spec.size), panels.COUNTS.index(spec.count), panels.SETTINGS.index(spec.setting),
            panels.TIMES.index(spec.time))


def class_counts():
    import panels

    return [len(panels.SIZES), len(panels.COUNTS), len(panels.SETTINGS), len(panels.TIMES)]


def shrink(picture):
    """uint8 [288,512] -> uint8 [144,256], box filtered."""
    return picture.reshape(144, 2, 256, 2).mean((1, 3)).round().astype(np.uint8)


def draw_chunk(args):
    seed, held_out = args
    import panels

    rng = random.Random(seed)
    x, y = np.empty((CHUNK, 144, 256), np.uint8), np.empty((CHUNK, 4), np.int64)
    for i in range(CHUNK):
        spec = panels.random_held_out(rng) if held_out else panels.random_spec(rng)
        x[i], y[i] = shrink(panels.draw(spec, rng.randrange(2**31))), labels(spec)
    return x, y


def drawn(n, seed, held_out=False, workers=2):
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(draw_chunk, [(seed * 100003 + i, held_out) for i in range((n + CHUNK - 1) // CHUNK)]))
    return np.concatenate([p[0] for p in parts])[:n], np.concatenate([p[1] for p in parts])[:n]


class Block(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(i, o, 3, 2, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())
        self.b = nn.Sequential(nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        x = self.a(x)
        return F.relu(x + self.b(x))


class Classifier(nn.Module):
    """[B,144,256] uint8 -> a list of four logits."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(4, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU())
        self.body = nn.Sequential(Block(32, 48), Block(48, 96), Block(96, 144))
        self.hidden = nn.Sequential(nn.Dropout(0.2), nn.Linear(144 * (4 + 8 + 1), 256), nn.ReLU(), nn.Dropout(0.2))
        self.heads = nn.ModuleList([nn.Linear(256, n) for n in class_counts()])

    def forward(self, x):
        h = self.body(self.stem(F.pixel_unshuffle(x[:, None], 2)))  # [B,144,9,16]
        # what stands where, roughly: mean over 2x2 areas, max over 8 columns, and the overall peak
        parts = [F.adaptive_avg_pool2d(h, (2, 2)), F.adaptive_max_pool2d(h, (1, 8)), F.adaptive_max_pool2d(h, 1)]
        h = self.hidden(torch.cat([p.flatten(1) for p in parts], 1))
        return [head(h) for head in self.heads]


def prepare(x):
    return common.to_signed(x)


def augment(x):
    """Small noise, softness and brightness: a generated panel is never quite as clean as a drawn one."""
    soft = F.avg_pool2d(x[:, None], 3, 1, 1)[:, 0]
    mix = torch.rand(len(x), 1, 1) * 0.5
    x = x * (1 - mix) + soft * mix
    return x * (1 + 0.1 * torch.randn(len(x), 1, 1)) + 0.05 * torch.randn(len(x), 1, 1) + 0.08 * torch.rand(len(x), 1, 1) * torch.randn_like(x)


def predict(net, x):
    """uint8 [N,144,256] -> [N,4] classes."""
    out = []
    net.eval()
    with torch.no_grad():
        for i in range(0, len(x), 50):
            out.append(torch.stack([o.float().argmax(1) for o in net(prepare(x[i : i + 50]))], 1))
    return torch.cat(out).numpy()


def accuracy(net, x, y):
    return {n: round(float(a), 4) for n, a in zip(NAMES, (predict(net, x) == y).mean(0))}


def load():
    state = common.load("classifier.pt")
    if not state or not state.get("minutes"):
        return None
    net = Classifier()
    net.load_state_dict(state["model"])
    return net.eval()


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=12)
    p.add_argument("--panels", type=int, default=16000)
    p.add_argument("--batch", type=int, default=64)
    return p.parse_args()


def work(group, a):
    common.setup(3, threads=1 if group.size > 1 else 0)
    device = torch.device("cpu")
    state = common.load("classifier.pt")
    if state and state.get("minutes", 0) >= a.minutes:
        print("classifier: already trained")
        return
    x, y = drawn(a.panels // group.size, 21 + 10 * group.rank, workers=1 if group.size > 1 else 2)
    vx, vy = drawn(1000, 22, workers=1)
    net = Classifier()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    step, spent = 0, 0.0
    if state:
        net.load_state_dict(state["model"])
        opt.load_state_dict(state["opt"])
        step, spent = state["step"], state["spent"]
    clock, saved, f = common.Clock(a.minutes, spent), spent, 0.0
    rng = np.random.default_rng(4 + step + 7919 * group.rank)
    torch.manual_seed(4 + step + 7919 * group.rank)
    while f < 1:
        for g in opt.param_groups:
            g["lr"] = 2e-3 * min(1.0, (step + 1) / 200) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-6
        k = np.sort(rng.integers(len(x), size=a.batch // group.size))
        net.train()
        with common.fast(device):
            out = net(augment(prepare(x[k])))
        target = torch.from_numpy(y[k])
        loss = sum(F.cross_entropy(o.float(), target[:, i]) for i, o in enumerate(out))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        f = group.average(list(net.parameters()), clock.fraction())
        opt.step()
        step += 1
        if step % 200 == 0 and group.lead:
            common.log("classifier", step=step, loss=round(float(loss), 4), done=round(f, 3), **accuracy(net, vx[:300], vy[:300]))
        if clock.spent - saved > 120 and group.lead:
            saved = clock.spent
            common.save(dict(model=net.state_dict(), opt=opt.state_dict(), step=step, spent=clock.spent), "classifier.pt")
    if not group.lead:
        return
    common.log("classifier", step=step, fresh=accuracy(net, vx, vy))
    common.save(dict(model=net.state_dict(), opt=opt.state_dict(), step=step, spent=clock.spent, minutes=a.minutes), "classifier.pt")


if __name__ == "__main__":
    team.run(work, arguments())
