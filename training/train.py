# Inquadra - trains UNet and text tower as a rectified flow on the kept latents, then distils the guidance
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: train.py --minutes 75            writes runs/flow.pt (resumes from it)
       train.py --distil 3.0 --minutes 10 writes runs/distil.pt: a student that needs no second call per step

x_t = (1-t) x0 + t n; the network sees t*1000 and predicts n - x0. The learning rate falls to zero over the last
part of the minutes asked for, so a run ends well whenever it is told to end; asked for more minutes later, it
goes on with another cycle.
"""
import argparse
import os

import numpy as np
import torch
import torch.nn.functional as F

import common
import latents
import nets
import optim
import team

DROP = 0.12
EMA = 0.999


class Data:
    """Cached latents and token ids; grows when latents.py has written more."""

    def __init__(self, empty):
        self.rng, self.empty, self.n = np.random.default_rng(int.from_bytes(os.urandom(4), "little")), empty, 0
        self.refresh()

    def refresh(self):
        n = latents.count()
        if n > self.n:
            self.n = n
            self.z, self.c = latents.arrays(n)

    def batch(self, size, drop):
        k = np.sort(self.rng.integers(self.n, size=size))
        x = torch.from_numpy(self.z[k].astype(np.float32))
        tokens = self.c[k, self.rng.integers(latents.CAPTIONS, size=size)].astype(np.int64)
        tokens[self.rng.random(size) < drop] = self.empty
        return x, torch.from_numpy(tokens)


def draw_times(n):
    """Mostly logit-normal leaning to noise (what decides composition), some uniform."""
    t = torch.sigmoid(torch.randn(n) * 1.1 + 0.3)
    u = torch.rand(n)
    return torch.where(torch.rand(n) < 0.2, u, t).clamp(0.001, 0.999)


def detail_weight(x0):
    """[B,1,h,w], mean 1: more where latents differ from their surroundings (figures, ink), less on flat paper."""
    d = (x0 - F.avg_pool2d(x0, 9, 1, 4, count_include_pad=False)).pow(2).mean(1, keepdim=True)
    d = F.avg_pool2d(d, 3, 1, 1, count_include_pad=False)
    w = 0.5 + (d / d.mean(dim=(1, 2, 3), keepdim=True)).clamp(max=3.0)
    return w / w.mean(dim=(1, 2, 3), keepdim=True)


def rate(peak, f, step, hold):
    """Warm-up, constant to the fraction `hold` of the run, then down to zero as a half cosine."""
    if f > hold:
        peak *= 0.5 + 0.5 * np.cos(np.pi * min(1.0, (f - hold) / (1 - hold)))
    return peak * min(1.0, (step + 1) / 60) + 1e-7


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=75)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--lr", type=float, default=1.2e-3)
    p.add_argument("--hold", type=float, default=0.35)
    p.add_argument("--distil", type=float, default=0, help="guidance to fold into one call")
    return p.parse_args()


def work(group, a):
    import vocab

    device = common.setup(2, threads=1 if group.size > 1 else 0)
    empty = np.asarray(vocab.encode("", n_ctx=nets.N_CTX), np.int64)
    data = Data(empty)
    model = nets.Diffusion(len(vocab.load())).to(device)
    name, teacher = ("distil" if a.distil else "flow"), None
    state = common.load(name + ".pt")
    if a.distil:
        base = common.load("flow.pt")
        teacher = nets.Diffusion(len(vocab.load())).to(device).eval().requires_grad_(False)
        teacher.load_state_dict(base["ema"])
        model.load_state_dict(base["ema"])
    ema = common.EMA(model, 0.998 if a.distil else EMA)
    opt = optim.Optimiser(model, a.lr)
    step, seen, spent, start = 0, 0, 0.0, 0.0
    if state:
        model.load_state_dict(state["model"])
        opt.load_state_dict(state["opt"])
        ema.shadow, ema.steps = state["ema"], state["step"]
        step, seen, spent, start = state["step"], state["seen"], state["spent"], state.get("start", 0.0)
        if state["done"]:  # more minutes than last time: another cycle of the learning rate
            start = spent
    torch.manual_seed(2 + step + 7919 * group.rank)
    clock, saved, mean, f = common.Clock(a.minutes, spent), spent, 0.0, 0.0
    size, parameters = a.batch // group.size, list(model.parameters())

    def checkpoint(done=False):
        common.save(dict(model=model.state_dict(), opt=opt.state_dict(), ema=ema.shadow, step=step, seen=seen,
                         spent=clock.spent, start=start, guidance=a.distil, done=done), name + ".pt")

    while f < 1:
        lr = rate(a.lr, (f * clock.total - start) / max(clock.total - start, 1.0), step, a.hold)
        x0, tokens = (v.to(device) for v in data.batch(size, DROP))
        noise = torch.randn_like(x0)
        t = draw_times(size).to(device)
        s = t[:, None, None, None]
        xt, target, w = (1 - s) * x0 + s * noise, noise - x0, detail_weight(x0)
        if teacher is not None:
            with torch.no_grad(), common.fast(device):
                none = torch.from_numpy(empty).expand(size, -1).to(device)
                c, u = teacher(torch.cat([xt, xt]), torch.cat([t, t]) * 1000, torch.cat([tokens, none])).float().chunk(2)
                target = u + a.distil * (c - u)  # an empty caption stays unguided: c = u
        with common.fast(device):
            v = model(xt, t * 1000, tokens)
        loss = (w * (v.float() - target) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        f = group.average(parameters, clock.fraction())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step(lr)
        if group.lead:
            ema.update(model)
        step += 1
        seen += a.batch
        mean += float(loss) / 100
        if step % 100 == 0:
            data.refresh()
        if step % 100 == 0 and group.lead:
            common.log(name, step=step, seen=seen, loss=round(mean, 4), lr=round(lr, 6), minutes=round(clock.spent / 60, 2),
                       rate=round(seen / max(clock.spent, 1), 1), panels=data.n)
        mean = mean if step % 100 else 0.0
        if clock.spent - saved > 150 and group.lead:
            saved = clock.spent
            checkpoint()
    if group.lead:
        checkpoint(True)


if __name__ == "__main__":
    team.run(work, arguments())
