# Inquadra - trains UNet and text tower as a rectified flow on the kept latents, then distils the guidance
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: train.py --minutes 75 [--batch 32] [--small] [--from-weights DIR]   writes runs/flow.pt (resumes from it)
       train.py --guide --minutes 17 --seen 45000                              writes runs/guide.pt: the network that guides
       train.py --distil 3.0 --calls 4 --minutes 10 [--from-weights DIR]         writes runs/distil.pt; without runs/flow.pt DIR is the teacher

The guide is a small UNet trained for a short while, mostly without captions, beside runs/flow.pt's tower. Guidance away from what it predicts corrects
what both get wrong and it more so: lines left open, figures run together (T. Karras and others, "Guiding a Diffusion Model with a Bad Version
of Itself", 2024).

The student of --distil needs no guidance and few calls. The way from noise to picture is cut into as many windows as calls; in
each the guided teacher goes from the window's start (a real picture, noised) to its end in a few small steps, and the student learns the
straight line between the two (H. Yan and others, "PeRFlow: Piecewise Rectified Flow", 2024). Euler steps on the same grid then
need one call a window, and more steps than windows are right as well.

x_t = (1-t) x0 + t n; the network sees t*1000 and predicts n - x0. Its error counts at three scales (E. Hoogeboom and others, "simple diffusion",
2023): most of it is ink nobody could foretell, and what stands where shows in its means. The learning rate falls to zero over the last
part of the minutes asked for, so a run ends well whenever it is told to end; asked for more minutes later, it
goes on with another cycle. Where train_text.py was run, the text tower is what that taught it and stays so: learning along with the UNet it lost the names of
settings, which panels say little about: their states came three times closer together.
"""
import argparse
import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import common
import flow
import latents
import nets
import optim
import team
import train_eye

DROP = 0.12
GUIDE_DROP = 0.7  # negative prompts are to be understood too
EMA = 0.999
SIGHT = 0.5  # of the error in what is seen (train_eye.py)


class Data:
    """Latents and token ids by frame, kept on the GPU where there is one; grows when latents.py has written more.

    A batch is of one frame, drawn in proportion to how many panels it has."""

    def __init__(self, empty, device, rank=0, size=1, small=False, wide=1.0, common_settings=1.0):
        self.rng = np.random.default_rng(int.from_bytes(os.urandom(4), "little"))
        self.device, self.known, self.rank, self.size, self.small = device, set(), rank, size, small
        self.factors = (wide, common_settings)  # as in latents.emphasis
        self.empty = torch.from_numpy(empty).to(device)
        self.sets = {}
        self.refresh()
        if not self.n:
            raise SystemExit("train: no latents (latents.py)")

    def refresh(self):
        fresh = [p for p in latents.present(self.small) if p not in self.known]
        mine = [p for p in fresh if int(os.path.basename(p).split(".")[0]) % self.size == self.rank] or ([] if self.sets else fresh)
        self.known.update(fresh)
        often = latents.emphasis(mine, *self.factors) if mine and self.factors != (1.0, 1.0) else {}
        for name, (z, t) in (latents.load(mine) if mine else {}).items():
            row = often[name] if often else np.ones(len(z))
            got = torch.from_numpy(z).to(self.device), torch.from_numpy(t.astype(np.int16)).to(self.device), np.cumsum(row)
            if name in self.sets:
                had = self.sets[name]
                got = torch.cat([had[0], got[0]]), torch.cat([had[1], got[1]]), np.concatenate([had[2], had[2][-1] + got[2]])
            self.sets[name] = got
        if mine or not self.known:
            share = np.array([row[-1] for _, _, row in self.sets.values()])
            self.n, self.share = sum(len(z) for z, _, _ in self.sets.values()), share / max(share.sum(), 1)

    def batch(self, size, drop):
        z, t, row = list(self.sets.values())[self.rng.choice(len(self.sets), p=self.share)]
        k = torch.from_numpy(np.searchsorted(row, self.rng.random(size) * row[-1], "right")).to(self.device)
        c = torch.from_numpy(self.rng.integers(t.shape[1], size=size)).to(self.device)
        tokens = t[k, c].long()
        gone = torch.from_numpy(self.rng.random(size) < drop).to(self.device)
        return z[k].float(), torch.where(gone[:, None], self.empty[None], tokens)


def draw_times(n, device="cpu"):
    """Mostly logit-normal leaning to noise (what decides composition; panels finished from t = 0.6 close well long before), some uniform."""
    t = torch.sigmoid(torch.randn(n, device=device) + 0.8)
    u = torch.rand(n, device=device)
    return torch.where(torch.rand(n, device=device) < 0.2, u, t).clamp(0.001, 0.999)


def detail_weight(x0):
    """[B,1,h,w], mean 1: less where latents differ much from their surroundings. A figure's ink has ten times the energy of the faint lines that
    tell a place, which with more weight on ink were not learnt at all; with the full inverse instead of its root faces lost their detail."""
    d = (x0 - F.avg_pool2d(x0, 9, 1, 4, count_include_pad=False)).pow(2).mean(1, keepdim=True)
    d = F.avg_pool2d(d, 3, 1, 1, count_include_pad=False)
    w = (0.4 + d / d.mean(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)).rsqrt()
    return w / w.mean(dim=(1, 2, 3), keepdim=True)


def missed(error, weight):
    """Mean weighted square of a velocity's error [B,8,h,w] and of its means over 2x2 and 4x4 places, about a third of the sum each."""
    total = (weight * error.pow(2)).mean()
    for k, share in ((2, 2.0), (4, 5.0)):
        total = total + share * (F.avg_pool2d(weight, k) * F.avg_pool2d(error, k).pow(2)).mean()
    return total


class Sight(nn.Module):
    """From what the middle of the UNet has to what runs/eye.pt sees in the clean latents."""

    def __init__(self, d):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(d, 256, 1), nn.SiLU(), nn.Conv2d(256, train_eye.WIDTH, 1))

    def missed(self, middle, eye, z):
        """1 less the cosine between what was seen and what was foretold, averaged over places."""
        with torch.no_grad():
            seen = eye.places(z)
        return 1 - F.cosine_similarity(self.net(middle).float(), seen.float(), dim=1).mean()


class Captured:
    """run(x0, tokens) as CUDA graphs, one a shape. Once --compile has fused what a step does, launching its kernels one by one takes the
    GPU's host longer than they take the GPU: three times as many panels a second, where neither helps much alone (README.md)."""

    def __init__(self, run):
        self.run, self.graphs, self.pool = run, {}, None

    def __call__(self, x0, tokens):
        if x0.shape not in self.graphs:
            self.graphs[x0.shape] = self.capture(x0.clone(), tokens.clone())
        graph, x, t = self.graphs[x0.shape]
        x.copy_(x0)
        t.copy_(tokens)
        graph.replay()

    def capture(self, x, t):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):  # convolutions are tuned here
                self.run(x, t)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self.pool):
            self.run(x, t)
        self.pool = graph.pool()
        return graph, x, t


@torch.no_grad()
def window(teacher, grid, x0, noise, tokens, empty, guidance, substeps, device, guide=None, perturb="none"):
    """(x_t, t, velocity) on the straight line that replaces the teacher's guided way through one window of the grid.

    teacher: (text tower, UNet); x0, noise [B,8,h,w]; grid [calls+1] from 1 to 0; perturb as for flow.velocity()."""
    text, unet = teacher
    n = len(x0)
    k = torch.randint(len(grid) - 1, (n,), device=device)
    start, end = grid[k], grid[k + 1]
    s = start[:, None, None, None]
    first = x = (1 - s) * x0 + s * noise
    with common.fast(device):
        context = text(torch.cat([empty[None].expand(n, -1), tokens]))
    for j in range(substeps):
        t = start + (end - start) * (j / substeps)
        with common.fast(device):
            if guide is None:
                with nets.perturbed(unet, perturb, n):
                    u, c = unet(torch.cat([x, x]), torch.cat([t, t]) * 1000, context).float().chunk(2)
            else:
                u, c = guide(x, t * 1000, context[:n]).float(), unet(x, t * 1000, context[n:]).float()
        v = u + guidance * (c - u)  # an empty caption stays unguided (c = u), but for a guide or a perturbation
        x = x + ((end - start) / substeps)[:, None, None, None] * v
    target = (x - first) / (end - start)[:, None, None, None]
    # anywhere on the line; its start, where a sampler of few calls stands, a third of the time
    a = torch.rand(n, device=device) * (torch.rand(n, device=device) > 0.33)
    return first + (a * (end - start))[:, None, None, None] * target, start + a * (end - start), target


def read_guide(device):
    """runs/guide.pt's network, or None."""
    state = common.load("guide.pt")
    if not state:
        return None
    unet = nets.UNet(**nets.GUIDE).to(device).eval().requires_grad_(False)
    unet.load_state_dict({k[len("unet.") :]: v for k, v in state["ema"].items() if k.startswith("unet.")})
    return unet


def rate(peak, f, step, hold):
    """Warm-up, constant to the fraction `hold` of the run, then down to zero as a half cosine."""
    if f > hold:
        peak *= 0.5 + 0.5 * np.cos(np.pi * min(1.0, (f - hold) / (1 - hold)))
    return peak * min(1.0, (step + 1) / 60) + 1e-7


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=75)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--seen", type=int, default=0, help="end when so many panels were seen, if that is before the minutes are over")
    p.add_argument("--small", action="store_true", help="on reduced panels (latents.py --small): first, for composition")
    p.add_argument("--lr", type=float, default=1.2e-3)
    p.add_argument("--hold", type=float, default=0.35)
    p.add_argument("--guide", action="store_true", help="train the network that guides")
    p.add_argument("--distil", type=float, default=0, help="guidance to fold into one call")
    p.add_argument("--perturb", choices=("none", "middle", "all"), default="none", help="where the teacher's self-attention is left out for what guidance leads away from")
    p.add_argument("--calls", type=int, default=4, help="windows of the distilled student")
    p.add_argument("--substeps", type=int, default=3, help="the teacher's steps inside a window")
    p.add_argument("--shift", type=float, default=3.5, help="the grid of the windows leans to noise by this much")
    p.add_argument("--wide", type=float, default=1.0, help="how much more often a wide shot is learnt from (MS and wider; needs runs/shards)")
    p.add_argument("--common", type=float, default=1.0, help="how much more often a setting of panels.COMMON_SETTINGS is (needs runs/shards)")
    p.add_argument("--eager", action="store_true", help="steps are not captured as CUDA graphs")
    p.add_argument("--compile", action="store_true", help="fuse what a step does to panels of the commonest frame (a GPU; half a minute to start)")
    p.add_argument("--train-text", action="store_true", help="the tower learns too, though it was taught captions (train_text.py): it forgets what panels show faintly")
    p.add_argument("--from-weights", help="folder of an exported model to start from, where shapes match")
    return p.parse_args()


def work(group, a):
    import vocab

    device = common.setup(2, threads=1 if group.size > 1 else 0)
    empty = np.asarray(vocab.encode("", n_ctx=nets.N_CTX), np.int64)
    data = Data(empty, device, group.rank, group.size, a.small, a.wide, a.common)
    words = len(vocab.working())
    model = nets.Diffusion(words, **(nets.GUIDE if a.guide else {})).to(device)
    name, teacher, guide = ("distil" if a.distil else "guide" if a.guide else "flow"), None, None
    state, taught = common.load(name + ".pt"), False
    if a.distil:
        base = common.load("flow.pt")
        teacher = nets.Diffusion(words).to(device).eval().requires_grad_(False)
        if base:
            teacher.load_state_dict(nets.without_sight(base["ema"]))
        elif not a.from_weights or not common.warm_start(teacher, a.from_weights, nets.PREFIXES):
            raise SystemExit("train: nothing to distil: runs/flow.pt is missing and --from-weights names no whole teacher of this vocabulary")
        guide = read_guide(device)
        model.load_state_dict(teacher.state_dict())
    elif a.guide:
        base = common.load("flow.pt")
        if not base:
            raise SystemExit("train: the guide listens to the tower of runs/flow.pt, which is missing")
        model.text.load_state_dict({k[len("text.") :]: v for k, v in base["ema"].items() if k.startswith("text.")})
    elif a.from_weights and not state:
        taught = common.warm_start(model, a.from_weights, nets.PREFIXES)
    text = common.load("text.pt")
    if text and not state and not taught and not a.distil and not a.guide:  # what the tower learnt from captions alone
        model.text.load_state_dict({k[len("text.") :]: v for k, v in text["model"].items() if k.startswith("text.")})
    taught = state.get("taught", bool(text)) if state else taught or bool(text)
    model.text.requires_grad_(a.train_text or not (taught or a.guide or a.distil))
    eye = None if a.guide or a.distil else train_eye.load(device)
    if eye:
        model.sight = Sight(nets.UNET["d"]).to(device)
    ema = common.EMA(model, 0.998 if a.distil else EMA)
    opt = optim.Optimiser(model, a.lr, group)
    step, seen, spent, start = 0, 0, 0.0, 0.0
    if state:
        model.load_state_dict(state["model"] if eye else nets.without_sight(state["model"]), strict=not eye)  # an eye may have come since
        if [b.shape for b in state["opt"]["buffers"]] == [b.shape for b in opt.buffers]:  # not with --train-text on one side alone
            opt.load_state_dict(state["opt"])
        ema.shadow.update({k: v.to(device) for k, v in state["ema"].items() if k in ema.shadow})  # the eye may be gone, too
        ema.steps = state["step"]
        step, seen, spent, start = state["step"], state["seen"], state["spent"], state.get("start", 0.0)
        if state["done"]:  # more minutes than last time: another cycle of the learning rate
            start = spent
    torch.manual_seed(2 + step + 7919 * group.rank)
    clock, saved, f = common.Clock(a.minutes, spent), spent, 0.0
    means = torch.zeros(2, device=device)  # of the loss and of what was not seen; no waiting for the device
    size, parameters = a.batch // group.size, [p for p in model.parameters() if p.requires_grad]
    grid = flow.timesteps(a.calls, a.shift).to(device)

    def checkpoint(done=False):
        common.save(dict(model=model.state_dict(), opt=opt.state_dict(), ema=ema.shadow, step=step, seen=seen,
                         spent=clock.spent, start=start, taught=taught, guidance=a.distil, calls=a.calls, shift=a.shift, done=done), name + ".pt")

    fused = torch.compile(model, dynamic=False) if a.compile else model
    fused_teacher = torch.compile(teacher.unet, dynamic=False) if a.compile and teacher else teacher and teacher.unet
    commonest = max((z for z, _, _ in data.sets.values()), key=len).shape[1:]

    def gradients(x0, tokens):
        noise = torch.randn_like(x0)
        if teacher is None:
            t = draw_times(size, device)
            s = t[:, None, None, None]
            xt, target = (1 - s) * x0 + s * noise, noise - x0
        else:
            led = teacher.text, fused_teacher if x0.shape[1:] == commonest else teacher.unet
            xt, t, target = window(led, grid, x0, noise, tokens, data.empty, a.distil, a.substeps, device, guide, a.perturb)
        forward = fused if x0.shape[1:] == commonest else model
        with common.fast(device):
            v, middle = forward(xt, t * 1000, tokens, True)
            aside = model.sight.missed(middle, eye, x0) if eye else torch.zeros((), device=device)
        loss = missed(v.float() - target, detail_weight(x0))
        opt.zero_grad()
        (loss + SIGHT * aside).backward()
        means.add_(torch.stack([loss.detach(), aside.detach()]))

    def whole(x0, tokens):
        gradients(x0, tokens)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        opt.step()

    replay = Captured(whole) if device.type == "cuda" and not a.eager else None
    while f < 1:
        lr = rate(a.lr, (f * clock.total - start) / max(clock.total - start, 1.0), step, a.hold)
        opt.set_rate(lr)
        batch = data.batch(size, GUIDE_DROP if a.guide else DROP)
        if replay:
            replay(*batch)
            f = clock.fraction()
        else:
            gradients(*batch)
            f = group.average(parameters, clock.fraction())
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            opt.step()
        if group.lead:
            ema.update(model)
        step += 1
        seen += a.batch
        if a.seen:
            f = max(f, seen / a.seen)
        if step % 100 == 0:
            data.refresh()
            mean, blind = (means / 100).tolist()
            means.zero_()
            if group.lead:
                common.log(name, step=step, seen=seen, loss=round(mean, 4), **({"sight": round(blind, 4)} if eye else {}), lr=round(lr, 6), minutes=round(clock.spent / 60, 2),
                           rate=round(seen / max(clock.spent, 1), 1), panels=data.n)
        if clock.spent - saved > 100 and group.lead:
            saved = clock.spent
            checkpoint()
    if group.lead:
        checkpoint(True)


if __name__ == "__main__":
    team.run(work, arguments())
