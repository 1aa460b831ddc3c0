# Inquadra - a judge that learns from few panels: it reads what another diffusion network sees in a picture
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: reader.py --eyes MODEL.safetensors [--minutes 5] [--panels 36000]   writes runs/reader.pt; evaluate.py uses it where it is.

The judge of classifier.py begins from nothing and needs a million looks at panels before it names settings, which takes a GPU. This one begins from the
UNet of an exported model: what that sees at each place of a nearly clean picture, with no caption, is frozen (D. Baranchuk and others, "Label-Efficient
Semantic Segmentation with Diffusion Models", 2022); only what names it is learnt, from drawn panels of panels.common(). Eyes of another training than the weights to be judged share
nothing with them but the drawn panels; eyes of the same training see more and may be kinder to their own.
"""
import argparse
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import classifier
import common
import flow
import nets
import optim
import shards

T = 0.1  # noise of the picture that is looked at
WIDTH = 256


class Eyes(nn.Module):
    """Pictures or latents -> [n,CHANNELS,h/32,w/32], half precision."""

    CHANNELS = 3 * nets.UNET["d"] + nets.UNET["c"]

    def __init__(self, path=None, state=None):
        super().__init__()
        if state is None:
            house = flow.House(path)
            with torch.no_grad():
                state = {"unet": house.unet.state_dict(), "ae": house.ae.state_dict(), "scale": house.scale, "shift": house.shift, "silence": house.context([""])}
        self.kept = state
        self.unet, self.ae = nets.UNet(), nets.Autoencoder()
        self.unet.load_state_dict(state["unet"])
        self.ae.load_state_dict(state["ae"])
        self.eval().requires_grad_(False)
        self.to(memory_format=torch.channels_last)
        self.seen = {}
        for name, part in (("a", self.unet.input_blocks[3]), ("b", self.unet.middle_block), ("c", self.unet.output_blocks[0]), ("d", self.unet.output_blocks[3])):
            part.register_forward_hook(lambda *got, name=name: self.seen.__setitem__(name, got[2]))

    @torch.no_grad()
    def look(self, z):
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(11))
        with common.fast(torch.device("cpu")):
            self.unet((1 - T) * z.float() + T * noise, torch.full((len(z),), 1000 * T), self.kept["silence"].expand(len(z), -1, -1))
        return torch.cat([self.seen["a"], self.seen["b"], self.seen["c"], F.avg_pool2d(self.seen["d"].float(), 2).to(self.seen["a"].dtype)], 1).half()

    @torch.no_grad()
    def encode(self, pictures):
        with common.fast(torch.device("cpu")):
            return (self.ae.encode(common.to_signed(pictures)[:, None]).float() - self.kept["shift"]) * self.kept["scale"]


class Namer(nn.Module):
    """What the eyes see -> logits for each of classifier.NAMES."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(Eyes.CHANNELS, affine=False)
        self.first = nn.Conv2d(Eyes.CHANNELS, WIDTH, 1)
        self.near = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        sizes = classifier.class_counts()
        self.query = nn.Parameter(torch.randn(len(sizes), WIDTH) * WIDTH**-0.5)
        self.key, self.value = nn.Linear(WIDTH, WIDTH, bias=False), nn.Linear(WIDTH, WIDTH)
        self.hidden = nn.ModuleList(nn.Sequential(nn.Dropout(0.2), nn.Linear(4 * WIDTH, WIDTH), nn.GELU(), nn.Dropout(0.2), nn.Linear(WIDTH, n)) for n in sizes)

    def forward(self, x):
        x = F.gelu(self.first(self.norm(x)))
        x = x + F.gelu(self.near(x))
        corners = F.adaptive_avg_pool2d(x, (1, 2)).flatten(1)
        p = x.flatten(2).transpose(1, 2)
        w = torch.einsum("qd,bnd->bqn", self.query, self.key(p)).softmax(-1)
        y = torch.einsum("bqn,bnd->qbd", w, self.value(p))
        top = x.amax((2, 3))
        return [hidden(torch.cat([y[i], corners, top], 1)) for i, hidden in enumerate(self.hidden)]


class Reader:
    def __init__(self, eyes, namer):
        self.eyes, self.namer = eyes, namer

    def read(self, pictures):
        """uint8 pictures [h,w] of any frames -> [N,7] classes."""
        out = np.zeros((len(pictures), len(classifier.NAMES)), int)
        self.namer.eval()
        for shape in sorted({p.shape for p in pictures}):
            rows = [i for i, p in enumerate(pictures) if p.shape == shape]
            for at in range(0, len(rows), 16):
                part = rows[at : at + 16]
                with torch.no_grad():
                    seen = self.eyes.look(self.eyes.encode(np.stack([pictures[i] for i in part])))
                    out[part] = torch.stack([o.argmax(1) for o in self.namer(seen.float())], 1).numpy()
        return out


def load():
    state = common.load("reader.pt")
    if not state:
        return None
    namer = Namer()
    namer.load_state_dict(state["namer"])
    return Reader(Eyes(state=state["eyes"]), namer)


def seen_of(job):
    """A shard of common panels as the eyes see them, with its labels: {frame: ([n,C,h,w], labels)}. Runs in a worker."""
    path, shard = job
    torch.set_num_threads(1)
    if "eyes" not in kept:
        kept["eyes"] = Eyes(path)
    frames, labels, _, picture = shards.read(shard)
    labels, eyes, out = labels.astype(np.int64), kept["eyes"], {}
    fit = classifier.are_common(labels)
    for frame in sorted(set(frames)):
        rows = [i for i, f in enumerate(frames) if f == frame and fit[i]]
        if rows:
            seen = [eyes.look(eyes.encode(np.stack([picture(i) for i in rows[at : at + 16]]))) for at in range(0, len(rows), 16)]
            out[frame] = torch.cat(seen).numpy(), labels[rows]
    return out


kept = {}  # a worker's eyes


def main():
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    p = argparse.ArgumentParser()
    p.add_argument("--eyes", required=True, help="an exported model")
    p.add_argument("--minutes", type=float, default=5)
    p.add_argument("--panels", type=int, default=36000)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--lr", type=float, default=1.5e-3)
    a = p.parse_args()
    common.setup(5)
    workers = int(os.environ.get("INQ_THREADS", os.cpu_count() or 1))
    paths = shards.present()[: a.panels // shards.CHUNK]
    parts = {}
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        for i, got in enumerate(pool.map(seen_of, [(a.eyes, q) for q in paths])):
            for frame, (x, y) in got.items():
                parts.setdefault(frame, []).append((x, y))
            if i % 16 == 15:
                common.log("reader", files=i + 1)
    sets = [(torch.from_numpy(np.concatenate([x for x, _ in v])), torch.from_numpy(np.concatenate([y for _, y in v])).long()) for v in parts.values()]
    share = np.array([len(y) for _, y in sets], float)
    share /= share.sum()
    namer, rng = Namer(), np.random.default_rng(6)
    opt, clock, f, step = optim.Optimiser(namer, a.lr), common.Clock(a.minutes), 0.0, 0
    while f < 1:
        opt.set_rate(a.lr * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-6)
        x, y = sets[rng.choice(len(sets), p=share)]
        k = torch.from_numpy(np.sort(rng.integers(len(y), size=a.batch)))
        seen, want = x[k].float(), y[k]
        with common.fast(torch.device("cpu")):
            out = namer(seen + 0.1 * torch.randn_like(seen))
        loss = sum(F.cross_entropy(o.float(), want[:, i], ignore_index=-1, reduction="sum", label_smoothing=0.05) for i, o in enumerate(out)) / len(want)
        opt.zero_grad()
        loss.backward()
        opt.step()
        step, f = step + 1, clock.fraction()
        if step % 200 == 0:
            right = {n: round(float((o.argmax(1) == want[:, i])[want[:, i] >= 0].float().mean()), 3) for i, (n, o) in enumerate(zip(classifier.NAMES, out))}
            common.log("reader", step=step, loss=round(float(loss), 3), done=round(f, 3), panels=int(sum(len(y) for _, y in sets)), **right)
    reader = Reader(Eyes(a.eyes), namer.eval())
    common.save({"namer": namer.state_dict(), "eyes": reader.eyes.kept}, "reader.pt")
    import evaluate

    common.log("reader", held_out=evaluate.on_drawn(reader, 500, 33, True, True))


if __name__ == "__main__":
    main()
