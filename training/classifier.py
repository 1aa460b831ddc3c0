# Inquadra - reads size, angle, figures, setting, action, time and style off a panel; trained on drawn panels alone
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evaluation's judge. Usage: classifier.py [--minutes 12] [--panels 16000] [--common]; writes runs/classifier.pt.

It knows nothing of the diffusion model and sees every combination, the held-out ones too; with --common those of panels.common() alone. Panels of all frames are fitted
into one canvas of 256x144. With runs/shards at hand it learns from those as well as from freshly drawn ones.
"""
import argparse
import multiprocessing
import os
import random
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import common
import optim
import team

NAMES = ("size", "angle", "count", "setting", "action", "time", "style")
CHUNK = 250
CANVAS = (144, 256)
RATE = 2e-3


def tables():
    import panels

    return (panels.SIZES, panels.ANGLES, panels.COUNTS, panels.SETTINGS, panels.ACTIONS, panels.TIMES, panels.STYLES)


def labels(spec):
    """A number for each of NAMES; -1 for what the picture does not show (panels.shown), which is neither learnt nor marked."""
    import panels

    values, seen = (spec.size, spec.angle, spec.count, spec.setting, spec.action, spec.time, spec.style), panels.shown(spec)
    return [table.index(v) if name in seen else -1 for name, table, v in zip(NAMES, tables(), values)]


def class_counts():
    return [len(t) for t in tables()]


def shrink(picture):
    """uint8 [h,w] of any frame -> uint8 [144,256]: fitted in, area averaged, grey beside it."""
    h, w = picture.shape
    if (h, w) == (288, 512):
        return picture.reshape(144, 2, 256, 2).mean((1, 3)).round().astype(np.uint8)
    k = min(CANVAS[0] / h, CANVAS[1] / w)
    nh, nw = int(round(h * k)), int(round(w * k))
    small = F.interpolate(torch.from_numpy(np.ascontiguousarray(picture)).float()[None, None], (nh, nw), mode="area")[0, 0].round().byte().numpy()
    out = np.full(CANVAS, 128, np.uint8)
    y, x = (CANVAS[0] - nh) // 2, (CANVAS[1] - nw) // 2
    out[y : y + nh, x : x + nw] = small
    return out


def random_of(rng, held_out=False, common_only=False):
    """A spec: any, or one that training never saw, or one of panels.common()."""
    import panels

    while True:
        spec = panels.random_held_out(rng) if held_out else panels.random_spec(rng)
        if not common_only or panels.common(spec):
            return spec


def draw_chunk(args):
    seed, held_out, n, common_only = args
    import panels

    torch.set_num_threads(1)
    rng = random.Random(seed)
    x, y = np.empty((n, *CANVAS), np.uint8), np.empty((n, len(NAMES)), np.int64)
    for i in range(n):
        spec = random_of(rng, held_out, common_only)
        x[i], y[i] = shrink(panels.draw(spec, rng.randrange(2**31))), labels(spec)
    return x, y


def drawn(n, seed, held_out=False, workers=2, common_only=False):
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        parts = list(pool.map(draw_chunk, [(seed * 100003 + i, held_out, min(CHUNK, n - i * CHUNK), common_only) for i in range((n + CHUNK - 1) // CHUNK)]))
    return np.concatenate([p[0] for p in parts])[:n], np.concatenate([p[1] for p in parts])[:n]


def read_shard(path):
    import shards

    torch.set_num_threads(1)
    frames, label, _, picture = shards.read(path)
    return np.stack([shrink(picture(i)) for i in range(len(frames))]), label.astype(np.int64)


def from_shards(paths, workers):
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        parts = list(pool.map(read_shard, paths))
    return [p[0] for p in parts], [p[1] for p in parts]


def are_common(y):
    """Rows of labels that name nothing outside of what most boards are made of."""
    import panels

    action, setting = ([-1] + [table.index(v) for v in often] for table, often in ((panels.ACTIONS, panels.COMMON_ACTIONS), (panels.SETTINGS, panels.COMMON_SETTINGS)))
    return (y[:, NAMES.index("count")] <= 3) & np.isin(y[:, NAMES.index("setting")], setting) & np.isin(y[:, NAMES.index("action")], action)


class Block(nn.Module):
    def __init__(self, i, o, stride=2):
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())
        self.b = nn.Sequential(nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        x = self.a(x)
        return F.relu(x + self.b(x))


class Classifier(nn.Module):
    """[B,144,256] -> a list of logits, one for each of NAMES."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(16, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU())
        self.body = nn.Sequential(Block(64, 96), Block(96, 192), Block(192, 256, 1))
        self.hidden = nn.Sequential(nn.Dropout(0.2), nn.Linear(256 * (4 + 8 + 1), 384), nn.ReLU(), nn.Dropout(0.2))
        self.heads = nn.ModuleList([nn.Linear(384, n) for n in class_counts()])

    def forward(self, x):
        h = self.body(self.stem(F.pixel_unshuffle(x[:, None], 4)))  # [B,256,9,16]
        # what stands where, roughly: mean over 2x2 areas, max over 8 columns, and the overall peak
        parts = [F.adaptive_avg_pool2d(h, (2, 2)), F.adaptive_max_pool2d(h, (1, 8)), F.adaptive_max_pool2d(h, 1)]
        h = self.hidden(torch.cat([p.flatten(1) for p in parts], 1))
        return [head(h) for head in self.heads]

    def read(self, pictures):
        """uint8 pictures [h,w] of any frames -> [N,7] classes."""
        return predict(self, np.stack([shrink(q) for q in pictures]))


def prepare(x):
    return common.to_signed(x)


def augment(x):
    """Small noise, softness and brightness: a generated panel is never quite as clean as a drawn one."""
    soft = F.avg_pool2d(x[:, None], 3, 1, 1)[:, 0]
    r = lambda *s: torch.rand(*s, device=x.device)  # noqa: E731
    mix = r(len(x), 1, 1) * 0.5
    x = x * (1 - mix) + soft * mix
    return x * (1.05 + 0.1 * r(len(x), 1, 1)) + 0.1 * (r(len(x), 1, 1) - 0.5) + 0.08 * r(len(x), 1, 1) * torch.randn_like(x)


def predict(net, x):
    """uint8 [N,144,256] -> [N,7] classes."""
    out = []
    net.eval()
    device = next(net.parameters()).device
    with torch.no_grad():
        for i in range(0, len(x), 50):
            out.append(torch.stack([o.float().argmax(1).cpu() for o in net(prepare(x[i : i + 50]).to(device))], 1))
    return torch.cat(out).numpy()


def shares(right, specs):
    """Of what the drawings of specs show, how much is right: {name: share}; right [N,7]."""
    want = np.array([labels(s) for s in specs])
    return {n: round(float(right[want[:, j] >= 0, j].mean()), 4) if (want[:, j] >= 0).any() else None for j, n in enumerate(NAMES)}


def accuracy(net, x, y):
    right = predict(net, x) == y
    return {n: round(float(right[y[:, j] >= 0, j].mean()), 4) if (y[:, j] >= 0).any() else None for j, n in enumerate(NAMES)}


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
    p.add_argument("--first", type=float, default=0.4, help="share of the time in which it sees medium shots and wider alone: places are learnt there, then seen behind faces")
    p.add_argument("--common", action="store_true", help="of what most boards are made of alone (panels.common): sooner learnt; evaluate.py --common then")
    return p.parse_args()


def work(group, a):
    device = common.setup(3, threads=1 if group.size > 1 else 0)
    state = common.load("classifier.pt")
    if state and state.get("minutes", 0) >= a.minutes:
        print("classifier: already trained")
        return
    import panels
    import shards

    workers = 1 if group.size > 1 else min(16, os.cpu_count() or 1)
    x, y = drawn(max(64, a.panels // 8 // group.size), 21 + 10 * group.rank, True, workers, a.common)  # held-out combinations: not in the shards
    paths = shards.present()[group.rank :: group.size][: a.panels // shards.CHUNK // group.size]
    if paths:
        more = from_shards(paths, workers)
        more = np.concatenate(more[0]), np.concatenate(more[1])
        rows = are_common(more[1]) if a.common else slice(None)  # shards hold what is rare too
        x, y = np.concatenate([x, more[0][rows]]), np.concatenate([y, more[1][rows]])
    else:
        more = drawn(a.panels // group.size, 24 + 10 * group.rank, False, workers, a.common)
        x, y = np.concatenate([x, more[0]]), np.concatenate([y, more[1]])
    vx, vy = drawn(min(1000, a.panels // 4), 22, workers=workers, common_only=a.common)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    if device.type == "cuda":
        x, y = x.to(device), y.to(device)
    net = Classifier().to(device, memory_format=torch.channels_last)
    opt = optim.Optimiser(net, RATE, group)
    wide = np.flatnonzero(y[:, 0].cpu().numpy() <= panels.SIZES.index("MS"))
    first = a.first if len(wide) else 0
    step, spent = 0, 0.0
    if state:
        net.load_state_dict(state["model"])
        if "opt" in state:
            opt.load_state_dict(state["opt"])
        step, spent = state["step"], state["spent"]
    clock, saved, f = common.Clock(a.minutes, spent), spent, 0.0
    rng = np.random.default_rng(4 + step + 7919 * group.rank)
    torch.manual_seed(4 + step + 7919 * group.rank)
    while f < 1:
        opt.set_rate(RATE * min(1.0, (step + 1) / 200) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-6)
        k = rng.integers(len(wide) if f < first else len(x), size=a.batch // group.size)
        k = torch.from_numpy(np.sort(wide[k] if f < first else k)).to(x.device)
        net.train()
        with common.fast(device):
            out = net(augment(prepare(x[k]).to(device)))
        target = y[k].to(device)
        loss = sum(F.cross_entropy(o.float(), target[:, i], ignore_index=-1, reduction="sum") for i, o in enumerate(out)) / len(target)
        opt.zero_grad()
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
    common.save(dict(model=net.state_dict(), step=step, spent=clock.spent, minutes=a.minutes), "classifier.pt")


if __name__ == "__main__":
    team.run(work, arguments())
