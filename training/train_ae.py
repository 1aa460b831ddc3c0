# Inquadra - trains the house autoencoder on crops of freshly drawn panels
# SPDX-License-Identifier: GPL-3.0-or-later
"""Squared error, line pixels weighted 5x; noise on the latents so that the decoder forgives the UNet.

Usage: train_ae.py [--minutes 9] [--panels 5000]. Resumes from runs/ae.pt; a finished one is left alone.
"""
import argparse
import random

import numpy as np
import torch
import torch.nn.functional as F

import common
import nets
import team

CROP = 128
LATENT_NOISE = 0.1


def draw_panels(n, seed):
    import panels

    rng = random.Random(seed)
    out = np.empty((n, common.HEIGHT, common.WIDTH), np.uint8)
    for i in range(n):
        out[i] = panels.draw(common.training_spec(rng), rng.randrange(2**31))
    return out


def line_weight(x):
    """5 where a pixel differs from its neighbourhood (ink on paper, light on dark), else 1."""
    edge = (x - F.avg_pool2d(x, 5, 1, 2, count_include_pad=False)).abs()
    return 1.0 + 4.0 * (edge / 0.25).clamp(max=1.0)


def batch(pictures, size, rng):
    h, w = CROP, CROP
    out = np.empty((size, h, w), np.uint8)
    for i in range(size):
        k = rng.integers(len(pictures))
        y, x = rng.integers(common.HEIGHT - h + 1), rng.integers(common.WIDTH - w + 1)
        crop = pictures[k, y : y + h, x : x + w]
        out[i] = crop[:, ::-1] if rng.random() < 0.5 else crop
    return common.to_signed(out)[:, None]


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
    if state:
        ae.load_state_dict(state["model"])
        opt.load_state_dict(state["opt"])
        step, spent = state["step"], state["spent"]
    pictures = draw_panels(a.panels // group.size, 11 + step + 7919 * group.rank)
    rng = np.random.default_rng(step + 1 + 7919 * group.rank)
    torch.manual_seed(2 + step + 7919 * group.rank)
    clock, saved, f = common.Clock(a.minutes, spent), spent, 0.0
    while f < 1:
        for g in opt.param_groups:
            g["lr"] = a.lr * min(1.0, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-6
        x = batch(pictures, a.batch // group.size, rng).to(device)
        with common.fast(device):
            z = ae.encode(x)
            y = ae.decode(z + LATENT_NOISE * torch.randn_like(z))
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
    fresh = draw_panels(64, 999983)
    scale, shift = fold_statistics(ae, pictures[:400], device)
    quality = psnr(ae, fresh, device)
    common.log("ae", step=step, psnr=round(quality, 2), scale=scale, shift=shift)
    common.save(dict(model=ae.state_dict(), scale=scale, shift=shift, psnr=quality, step=step, done=True), "ae.pt")
    with torch.no_grad():
        x = common.to_signed(fresh[:8])[:, None].to(device)
        y = common.to_bytes(ae.decode(ae.encode(x)))[:, 0]
    common.sheet([q for pair in zip(fresh[:8], y) for q in pair], 2, common.run_path("ae.png"))


if __name__ == "__main__":
    team.run(work, arguments())
