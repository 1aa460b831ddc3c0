# Inquadra - trains the house autoencoder on crops of freshly drawn panels
# SPDX-License-Identifier: GPL-3.0-or-later
"""Squared error, line pixels weighted 5x; noise on the latents so that the decoder forgives the UNet.

Usage: train_ae.py [--minutes 9] [--panels 5000] [--batch 24] [--from-weights DIR]. Resumes from runs/ae.pt; a finished one is
left alone. --from-weights starts from an exported model's autoencoder where shapes match.
"""
import argparse
import os
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F

import common
import nets
import shards
import team

CROP = 128
LATENT_NOISE = 0.3  # at most


def held_out_pictures(n, seed):
    """n freshly drawn 16:9 panels of combinations that training never sees."""
    import panels

    rng = random.Random(seed)
    out = []
    while len(out) < n:
        spec = panels.random_held_out(rng)
        if spec.frame == "16:9":
            out.append(panels.draw(spec, rng.randrange(2**31)))
    return np.stack(out)


def shard_pictures(path):
    frames, _, _, picture = shards.read(path)
    return frames, [picture(i) for i in range(len(frames))]


def training_pictures(limit, rank=0, size=1):
    """Pre-drawn panels by frame: {name: uint8 [n,h,w]}, the team's members reading different shards."""
    paths = shards.present()[rank::size]
    if not paths:
        raise SystemExit("train_ae: draw panels first (shards.py)")
    out = {}
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:  # zlib lets go of the interpreter
        for frames, pictures in pool.map(shard_pictures, paths[: max(1, limit // shards.CHUNK)]):
            for f, p in zip(frames, pictures):
                out.setdefault(f, []).append(p)
    return {f: np.stack(v) for f, v in out.items()}


def line_weight(x):
    """5 where a pixel differs from its neighbourhood (ink on paper, light on dark), else 1."""
    edge = (x - F.avg_pool2d(x, 5, 1, 2, count_include_pad=False)).abs()
    return 1.0 + 4.0 * (edge / 0.25).clamp(max=1.0)


class Crops:
    """Random crops of the pictures, cut on the device they live on."""

    def __init__(self, pictures, device):
        self.sets = [torch.from_numpy(v).to(device) for v in pictures.values()]
        n = np.array([len(v) for v in self.sets], float)
        self.share, self.device = n / n.sum(), device

    def batch(self, size, rng):
        x = self.sets[rng.choice(len(self.sets), p=self.share)]
        n, h, w = x.shape
        k = torch.from_numpy(rng.integers(n, size=size)).to(self.device)
        top = torch.from_numpy(rng.integers(h - CROP + 1, size=size)).to(self.device)
        left = torch.from_numpy(rng.integers(w - CROP + 1, size=size)).to(self.device)
        span = torch.arange(CROP, device=self.device)
        out = x[k[:, None, None], (top[:, None] + span)[:, :, None], (left[:, None] + span)[:, None, :]]
        flip = torch.from_numpy(rng.random(size) < 0.5).to(self.device)[:, None, None]
        return (torch.where(flip, out.flip(2), out).float() / 127.5 - 1.0)[:, None]


def psnr(ae, pictures, device):
    """Mean PSNR over whole panels, in dB of the 0..255 range, rounded as the product shows them."""
    values = []
    with torch.no_grad():
        for p in pictures:
            x = common.to_signed(p)[None, None].to(device)
            y = common.to_bytes(ae.decode(ae.encode(x)))[0, 0]
            mse = np.mean((p.astype(np.float64) - y) ** 2)
            values.append(10 * np.log10(255**2 / max(mse, 1e-9)))
    return float(np.mean(values))


def fold_statistics(ae, pictures, device):
    """Scales each latent channel to unit spread inside the weights; returns what is left: (scale, shift)."""
    with torch.no_grad():
        z = torch.cat([ae.encode(common.to_signed(p)[None, None].to(device)) for p in pictures])
        s = z.std(dim=(0, 2, 3))
        ae.encoder.conv_out.weight /= s[:, None, None, None]
        ae.encoder.conv_out.bias /= s
        ae.decoder.conv_in.weight *= s[None, :, None, None]
        z = z / s[None, :, None, None]
        return 1.0 / float(z.std()), float(z.mean())


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=9)
    p.add_argument("--panels", type=int, default=5000)
    p.add_argument("--batch", type=int, default=24)
    p.add_argument("--lr", type=float, default=2e-3)
    p.add_argument("--from-weights", help="folder of an exported model to start from")
    return p.parse_args()


def work(group, a):
    device = common.setup(1 + group.rank, threads=1 if group.size > 1 else 0)
    state = common.load("ae.pt")
    if state and state.get("done"):
        print("autoencoder: already trained, PSNR", state["psnr"])
        return
    torch.manual_seed(1)
    ae = nets.Autoencoder().to(device)
    opt = torch.optim.AdamW(ae.parameters(), lr=a.lr, betas=(0.9, 0.99), weight_decay=1e-4)
    step, spent = 0, 0.0
    if a.from_weights and not state:
        common.warm_start(ae, a.from_weights, {"": "first_stage_model."})
    if state:
        ae.load_state_dict(state["model"])
        opt.load_state_dict(state["opt"])
        step, spent = state["step"], state["spent"]
    pictures = training_pictures(a.panels // group.size, group.rank, group.size)
    crops = Crops(pictures, device)
    rng = np.random.default_rng(step + 1 + 7919 * group.rank)
    torch.manual_seed(2 + step + 7919 * group.rank)
    clock, saved, f = common.Clock(a.minutes, spent), spent, 0.0
    while f < 1:
        for g in opt.param_groups:
            g["lr"] = a.lr * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-6
        x = crops.batch(a.batch // group.size, rng)
        with common.fast(device):
            z = ae.encode(x)
            y = ae.decode(z + LATENT_NOISE * torch.rand(len(z), 1, 1, 1, device=device) * torch.randn_like(z))
        z, y = z.float(), y.float()
        w = line_weight(x)
        error = (w * (x - y) ** 2).sum() / w.sum()
        spread, centre = z.std(dim=(0, 2, 3)), z.mean(dim=(0, 2, 3))
        loss = error + 0.002 * ((spread - 1) ** 2 + centre**2).mean()
        opt.zero_grad(set_to_none=True)
        loss.backward()
        f = group.average(list(ae.parameters()), clock.fraction())
        torch.nn.utils.clip_grad_norm_(ae.parameters(), 1.0)
        opt.step()
        step += 1
        if step % 200 == 0 and group.lead:
            common.log("ae", step=step, error=round(float(error), 5), spread=round(float(spread.mean()), 3), done=round(f, 3))
        if clock.spent - saved > 60 and group.lead:
            saved = clock.spent
            common.save(dict(model=ae.state_dict(), opt=opt.state_dict(), step=step, spent=clock.spent), "ae.pt")
    if not group.lead:
        return
    ae.eval()
    fresh = held_out_pictures(min(64, max(8, a.panels // 40)), 999983)
    scale, shift = fold_statistics(ae, next(iter(pictures.values()))[:400] if "16:9" not in pictures else pictures["16:9"][:400], device)
    quality = psnr(ae, fresh, device)
    common.log("ae", step=step, psnr=round(quality, 2), scale=scale, shift=shift)
    common.save(dict(model=ae.state_dict(), scale=scale, shift=shift, psnr=quality, step=step, done=True), "ae.pt")
    with torch.no_grad():
        x = common.to_signed(fresh[:8])[:, None].to(device)
        y = common.to_bytes(ae.decode(ae.encode(x)))[:, 0]
    common.sheet([q for pair in zip(fresh[:8], y) for q in pair], 2, common.run_path("ae.png"))


if __name__ == "__main__":
    team.run(work, arguments())
