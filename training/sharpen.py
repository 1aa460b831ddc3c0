# Inquadra - teaches the decoder to draw clean lines from what the UNet makes of them
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: sharpen.py [--minutes 20] [--batch 8] [--from-weights DIR]   writes runs/sharp.pt, which export.py takes instead of runs/ae.pt. Resumes.

Where the UNet is not sure of a stroke its latents are a mean, and the decoder, which has seen exact ones, draws that as a smudge. Here panels are
encoded, noised and brought back by the exported model's own last call, and the decoder learns to make the panel of that: near to it by line_weight()ed absolute error, and of
such strokes that a small critic, which looks at patches, takes it for drawn (P. Isola and others, 2017; the balance of the two as P. Esser and others, "Taming Transformers", 2021). The encoder stays: latents mean what they did.
"""
import argparse
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import common
import flow
import nets
import shards
import team
import train_ae

CLEAN = 0.25  # share of panels whose latents are exact


class Critic(nn.Module):
    """Pictures [B,1,h,w] in [-1,1] -> for each patch of 8 pixels, of which it sees about 60, a number that is greater where it looks drawn."""

    def __init__(self):
        super().__init__()

        def conv(i, o, stride=1):
            return nn.Conv2d(i, o, 3, stride, 1)

        self.net = nn.Sequential(conv(32, 64), nn.LeakyReLU(0.2), conv(64, 96, 2), nn.LeakyReLU(0.2), conv(96, 128), nn.LeakyReLU(0.2), conv(128, 1))

    def forward(self, x):
        edges = 4 * (x - F.avg_pool2d(x, 3, 1, 1, count_include_pad=False))  # how soft they are is what tells
        return self.net(F.pixel_unshuffle(torch.cat([x, edges], 1), 4))


def detail(x):
    """How much pictures [B,1,h,w] change from one pixel to the next, about each place: great where a stroke is clean, small where it is a smudge."""
    fine = x - F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    return (F.avg_pool2d(fine.pow(2), 9, 1, 4, count_include_pad=False) + 1e-4).sqrt()


class Panels:
    """Batches of one frame from the team's part of the shards, which are read one after the other, again and again."""

    def __init__(self, rank, size, seed):
        self.rng, self.paths, self.waiting = random.Random(seed), shards.present()[rank::size], []
        if not self.paths:
            raise SystemExit("sharpen: draw panels first (shards.py)")

    def batch(self, n):
        """uint8 [n,h,w] and tokens [n,48]."""
        while not self.waiting:
            frames, _, tokens, picture = shards.read(self.rng.choice(self.paths))
            for frame in sorted(set(frames)):
                rows = [i for i, f in enumerate(frames) if f == frame]
                self.rng.shuffle(rows)
                self.waiting += [[(picture(i), tokens[i][0]) for i in rows[k : k + n]] for k in range(0, len(rows) - n + 1, n)]
            self.rng.shuffle(self.waiting)
        pictures, tokens = zip(*self.waiting.pop())
        return np.stack(pictures), np.stack(tokens).astype(np.int64)


def made(house, z, tokens, device):
    """What the model's last call makes of panels' normalised latents: noised as far as its last of four windows begins, at most."""
    n = len(z)
    far = float(flow.timesteps(4, house.flow_shift)[-2])
    t = far * torch.rand(n, device=device) ** 0.5
    t = torch.where(torch.rand(n, device=device) < CLEAN, torch.zeros_like(t), t)
    s = t[:, None, None, None]
    x = (1 - s) * z + s * torch.randn_like(z)
    with common.fast(device):
        v = house.unet(x, 1000 * t, house.text(torch.from_numpy(tokens).to(device))).float()
    return x - s * v


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=20)
    p.add_argument("--batch", type=int, default=8)
    p.add_argument("--lr", type=float, default=3e-4)
    p.add_argument("--drawn", type=float, default=0.7, help="how much the critic has to say against the error")
    p.add_argument("--crisp", type=float, default=1.0, help="how much missing detail() has to say against the error")
    p.add_argument("--from-weights", default=common.MODEL_DIR, help="folder of the exported model")
    return p.parse_args()


def work(group, a):
    device = common.setup(8, threads=1 if group.size > 1 else 0)
    house, critic = flow.House(a.from_weights + "/model.safetensors").to(device), Critic().to(device)
    ae = house.ae
    learning = list(ae.decoder.requires_grad_(True).parameters())
    judging = list(critic.parameters())
    opt = torch.optim.AdamW(learning, lr=a.lr, betas=(0.5, 0.99), weight_decay=0.0)
    opt_critic = torch.optim.AdamW(judging, lr=1e-3, betas=(0.5, 0.99), weight_decay=0.0)
    state, step, spent = common.load("sharp.pt"), 0, 0.0
    if state and state["done"]:
        print("sharpen: already trained, PSNR", state["psnr"])
        return
    if state:
        ae.load_state_dict(state["model"])
        critic.load_state_dict(state["critic"])
        opt.load_state_dict(state["opt"])
        opt_critic.load_state_dict(state["opt_critic"])
        step, spent = state["step"], state["spent"]
    panels = Panels(group.rank, group.size, 5 + step + 7919 * group.rank)
    torch.manual_seed(5 + step + 7919 * group.rank)
    clock, saved, f, norms, tally = common.Clock(a.minutes, spent), spent, 0.0, None, np.zeros(4)

    def checkpoint(**more):
        common.save(dict(model=ae.state_dict(), scale=house.scale, shift=house.shift, step=step, spent=clock.spent, **more), "sharp.pt")

    while f < 1:
        for g in opt.param_groups:
            g["lr"] = a.lr * min(1.0, (step + 1) / 50) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-7
        pictures, tokens = panels.batch(a.batch // group.size)
        x = common.to_signed(pictures)[:, None].to(device)
        with torch.no_grad():
            with common.fast(device):
                z = house.encode(x).float()
            z = made(house, z, tokens, device)
        with common.fast(device):
            y = house.decode(z).float()
        at, w = y.detach().requires_grad_(True), train_ae.line_weight(x)
        with common.fast(device):
            told = critic(at).float()
        error = (w * (x - at).abs()).sum() / w.sum()
        soft = (detail(at) - detail(x)).abs().mean()
        near, liked, crisp = (torch.autograd.grad(what, at)[0] for what in (error, F.softplus(-told).mean(), soft))
        now = np.array([float(near.norm()), float(liked.norm()), float(crisp.norm())])
        norms = now if norms is None else 0.95 * norms + 0.05 * now
        opt.zero_grad()
        share = norms[0] / np.maximum(norms[1:], 1e-9) * [a.drawn * min(1.0, step / 100), a.crisp]
        y.backward(near + float(share[0]) * liked + float(share[1]) * crisp)
        f = group.average(learning, clock.fraction())
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        opt.step()
        with common.fast(device):
            fake, real = critic(y.detach()).float(), critic(x).float()
        opt_critic.zero_grad()
        (F.softplus(fake).mean() + F.softplus(-real).mean()).backward()
        group.average(judging, 0.0)
        opt_critic.step()
        step += 1
        tally += [float(error.detach()), float(((fake < 0).float().mean() + (real > 0).float().mean()) / 2), 1, float(soft.detach())]
        if step % 50 == 0 and group.lead:
            common.log("sharp", step=step, error=round(tally[0] / tally[2], 4), caught=round(tally[1] / tally[2], 3), soft=round(tally[3] / tally[2], 4), done=round(f, 3))
            tally[:] = 0
        if clock.spent - saved > 60 and group.lead:
            saved = clock.spent
            checkpoint(critic=critic.state_dict(), opt=opt.state_dict(), opt_critic=opt_critic.state_dict(), done=False)
    if group.lead:
        quality = train_ae.psnr(ae.eval(), train_ae.held_out_pictures(32, 999983), device)
        common.log("sharp", step=step, psnr=round(quality, 2))
        checkpoint(psnr=quality, done=True)


if __name__ == "__main__":
    team.run(work, arguments())
