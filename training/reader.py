# Inquadra - a judge that learns from few panels: it reads what another diffusion network sees in a picture
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: reader.py --eyes MODEL.safetensors [--minutes 5] [--panels 36000]          writes runs/reader.pt
       reader.py --eyes MODEL.safetensors --learn [--minutes 30] [--panels 36000]  writes runs/judge.pt

The judge of classifier.py begins from nothing and needs a million looks at panels before it names settings, which takes a GPU. This one begins from the
UNet of an exported model: what that sees at each place of a nearly clean picture, with no caption (D. Baranchuk and others, "Label-Efficient
Semantic Segmentation with Diffusion Models", 2022). Only what names it is learnt, from drawn panels of panels.common(); with --learn, after the first steps, the
eyes learn as well, which is slower by far and sees more.

Eyes of another training than the weights to be judged, --learn or not, share nothing with them but the drawn panels: evaluate.py takes runs/judge.pt, where it is, for that.
Eyes of the same training see more and may be kinder to their own; reward.py teaches with them (reader.pt, on a GPU made with --learn --to reader.pt).
"""
import argparse
import collections
from concurrent.futures import ThreadPoolExecutor

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
import team

T = 0.1  # noise of the picture that is looked at
WIDTH = 256
FIRST = 150  # steps before the eyes learn


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

    def features(self, noisy):
        """Slightly noisy latents -> what is seen in them; differentiable."""
        with common.fast(noisy.device):
            self.unet(noisy, torch.full((len(noisy),), 1000 * T, device=noisy.device), self.kept["silence"].to(noisy.device).expand(len(noisy), -1, -1))
        return torch.cat([self.seen[k].float() for k in "abc"] + [F.avg_pool2d(self.seen["d"].float(), 2)], 1)

    @torch.no_grad()
    def look(self, z):
        noise = torch.randn(z.shape, generator=torch.Generator().manual_seed(11)).to(z.device)
        return self.features((1 - T) * z.float() + T * noise).half()

    @torch.no_grad()
    def encode(self, pictures):
        x = common.to_signed(pictures)[:, None].to(next(self.ae.parameters()).device)
        with common.fast(x.device):
            return (self.ae.encode(x).float() - self.kept["shift"]) * self.kept["scale"]


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


def load(name="reader.pt"):
    state = common.load(name)
    if not state:
        return None
    namer = Namer()
    namer.load_state_dict(state["namer"])
    return Reader(Eyes(state=state["eyes"]), namer)


def unpacked(path):
    """The common panels of a shard: [(frame, pictures [n,h,w], labels [n,7])]."""
    frames, labels, _, picture = shards.read(path)
    labels = labels.astype(np.int64)
    fit = classifier.are_common(labels)
    rows = {frame: [i for i, f in enumerate(frames) if f == frame and fit[i]] for frame in sorted(set(frames))}
    return [(frame, np.stack([picture(i) for i in part]), labels[part]) for frame, part in rows.items() if part]


def ahead(do, items, workers):
    """do() of each item, in order, by threads which are a few items ahead."""
    waiting = collections.deque()
    with ThreadPoolExecutor(workers) as pool:
        for item in items:
            waiting.append(pool.submit(do, item))
            if len(waiting) > 3 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def gather(eyes, paths, learn, device):
    """Common panels by frame with their labels, as latents where the eyes learn, else as the eyes see them: [(x [n,...] f16, labels [n,7])], on the device."""
    parts, size = {}, 64 if device.type == "cuda" else 16
    for at, shard in enumerate(ahead(unpacked, paths, 6 if device.type == "cuda" else 1)):
        for frame, pictures, labels in shard:
            for k in range(0, len(pictures), size):
                z = eyes.encode(pictures[k : k + size])
                parts.setdefault(frame, []).append((z.half() if learn else eyes.look(z), torch.from_numpy(labels[k : k + size]).to(device)))
        if at % 64 == 63:
            common.log("reader", files=at + 1)
    return [tuple(torch.cat(part) for part in zip(*v)) for v in parts.values()]


def work(group, a):
    device = common.setup(5, threads=1 if group.size > 1 else 0)
    state = common.load(name_of(a))
    if state and "opt" not in state:
        print("reader: already trained")
        return
    eyes, namer = Eyes(a.eyes).to(device), Namer().to(device)
    learning = nn.ModuleList([eyes.unet, namer]) if a.learn else namer
    learning.requires_grad_(True)
    sets = gather(eyes, shards.present()[: a.panels // shards.CHUNK][group.rank :: group.size], a.learn, device)
    share = np.array([len(y) for _, y in sets], float)
    share /= share.sum()
    parameters = list(learning.parameters())
    opt, step, spent = optim.Optimiser(learning, a.lr, group), 0, 0.0
    if state:
        namer.load_state_dict(state["namer"])
        eyes.unet.load_state_dict(state["eyes"]["unet"])
        opt.load_state_dict(state["opt"])
        step, spent = state["step"], state["spent"]
    clock, saved, f = common.Clock(a.minutes, spent), spent, 0.0
    rng = np.random.default_rng(6 + step + 7919 * group.rank)
    torch.manual_seed(6 + step + 7919 * group.rank)
    tally = torch.zeros(2, len(classifier.NAMES), device=device)

    def checkpoint(**more):
        common.save({"namer": namer.state_dict(), "eyes": {**eyes.kept, "unet": eyes.unet.state_dict()}, **more}, name_of(a))

    while f < 1:
        opt.set_rate(a.lr * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-6)
        x, y = sets[rng.choice(len(sets), p=share)]
        k = torch.from_numpy(np.sort(rng.integers(len(y), size=a.batch // group.size))).to(device)
        seen, want = x[k].float(), y[k]
        if a.learn:
            t = 2 * T * torch.rand(len(seen), 1, 1, 1, device=device)
            with torch.set_grad_enabled(step >= FIRST):
                seen = eyes.features((1 - t) * seen + t * torch.randn_like(seen))
        else:
            seen = seen + 0.1 * torch.randn_like(seen)
        with common.fast(device):
            out = namer(seen)
        loss = sum(F.cross_entropy(o.float(), want[:, i], ignore_index=-1, reduction="sum", label_smoothing=0.05) for i, o in enumerate(out)) / len(want)
        opt.zero_grad()
        loss.backward()
        for p in parameters:  # what lies behind the places looked at, and all of the eyes in the first steps
            p.grad = torch.zeros_like(p) if p.grad is None else p.grad
        f = group.average(parameters, clock.fraction())
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        opt.step()
        step += 1
        asked = want >= 0
        tally += torch.stack([torch.stack([((o.argmax(1) == want[:, i]) & asked[:, i]).sum() for i, o in enumerate(out)]), asked.sum(0)])
        if step % 100 == 0 and group.lead:
            right = {n: round(float(r / max(m, 1)), 3) for n, r, m in zip(classifier.NAMES, *tally.tolist())}
            common.log("reader", step=step, loss=round(float(loss), 3), done=round(f, 3), **right)
            tally.zero_()
        if clock.spent - saved > 100 and group.lead:
            saved = clock.spent
            checkpoint(opt=opt.state_dict(), step=step, spent=clock.spent)
    if group.lead:
        checkpoint()
        common.log("reader", trained=step)


def name_of(a):
    return a.to or ("judge.pt" if a.learn else "reader.pt")


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--eyes", required=True, help="an exported model")
    p.add_argument("--learn", action="store_true", help="the eyes learn, too")
    p.add_argument("--to", help="what to call it in runs/")
    p.add_argument("--minutes", type=float, default=5)
    p.add_argument("--panels", type=int, default=36000)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--lr", type=float, default=1e-3)
    return p.parse_args()


def main():
    import evaluate

    a = arguments()
    team.run(work, a)
    common.log("reader", held_out=evaluate.on_drawn(load(name_of(a)), 500, 33, True, True))


if __name__ == "__main__":
    main()
