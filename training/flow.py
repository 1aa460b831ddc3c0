# Inquadra - rectified flow: timesteps, samplers, the trained model as the product runs it
# SPDX-License-Identifier: GPL-3.0-or-later
import math

import torch

import nets


def timesteps(steps, shift=1.0):
    """steps+1 values of t from 1 to 0; shift > 1 spends more of them near noise."""
    t = torch.linspace(1, 0, steps + 1, dtype=torch.float64)
    return (shift * t / (1 + (shift - 1) * t)).float()


def velocity(unet, x, t, context, uncond, cfg, perturb="none", guide=None):
    """Raw network output, guided where cfg is not 1, away from what the guide, or without one the network perturbed so, gives for uncond.

    t is a number in 0..1, contexts are [B,48,d]."""
    n = x.shape[0]
    times = torch.full((n,), float(t) * 1000.0, device=x.device)
    if cfg == 1.0:
        return unet(x, times, context)
    if guide is not None and perturb == "none":
        u, c = guide(x, times, uncond).float(), unet(x, times, context).float()
        return u + cfg * (c - u)
    with nets.perturbed(unet, perturb, n):
        both = unet(torch.cat([x, x]), torch.cat([times, times]), torch.cat([uncond, context]))
    u, c = both.float().chunk(2)
    return u + cfg * (c - u)


SAMPLERS = ("euler", "dpmpp_2m", "euler_a", "tcd", "lcm")  # in the order of how much of the noise each step makes anew: none to all
TCD_GAMMA = 0.3


def below(sampler, a, b):
    """The level a step from a to b goes down to along the noise it has; fresh noise leads from there back up to b."""
    if sampler == "euler_a":  # Karras et al. 2022: as keeps the variance of a step back along the noise
        kept = b * b * (1 - a) / (a * (1 - b))
        return kept / (1 - b + kept)
    return {"euler": b, "dpmpp_2m": b, "tcd": (1 - TCD_GAMMA) * b, "lcm": 0.0}[sampler]


def log_snr(t):
    """Half the logarithm of signal over noise."""
    return math.log((1 - t) / t) if 0 < t < 1 else math.inf * (0.5 - t)


def bend(a, b, x0, before):
    """What DPM-Solver++(2M) (Lu et al. 2022) adds to the straight step from a to b, which ends where x0 and x lead; before: the a and x0 of the step before.

    None at the ends, where the logarithm is not finite."""
    h, back = log_snr(b) - log_snr(a), log_snr(a) - log_snr(before[0])
    if math.isinf(h) or math.isinf(back):
        return 0.0
    return -(1 - b) * math.expm1(-h) * h / (2 * back) * (x0 - before[1])


def sample(unet, noise, context, uncond, steps, cfg=1.0, shift=1.0, sampler="euler", generators=None, guidance_end=1.0, perturb="none", init=None, strength=1.0, mask=None, guide=None, guide_start=0.0, guide_cfg=None):
    """noise [B,8,h,w] at t=1 -> latents at t=0; generators: one per picture, for the samplers that renew noise;
    after the share guidance_end of the steps there is no guidance. init: latents to begin from, of which so much of the way as
    strength says is left, in whole steps; guide: from the share guide_start of the steps on, with guide_cfg where that is another scale; mask [B,1,h,w]: 1 where it may change, the rest stays init.

    As the engine's samplers of these names on flows (lcm without its blend near t = 0, which changes nothing here)."""
    x, before = noise, None
    ts = timesteps(steps, shift).tolist()
    skip = 0 if init is None else steps - max(1, math.floor(steps * strength + 1e-9))
    if init is not None:
        x = (1 - ts[skip]) * init + ts[skip] * noise
    for i, (a, b) in list(enumerate(zip(ts[:-1], ts[1:])))[skip:]:
        leads = guide if i / steps > guide_start - 1e-9 else None
        scale = guide_cfg if leads is not None and guide_cfg else cfg
        v = velocity(unet, x, a, context, uncond, scale if i / steps < guidance_end - 1e-9 else 1.0, perturb, leads).float()
        c = below(sampler, a, b)
        x0 = x - a * v
        x = x + (c - a) * v
        if sampler == "dpmpp_2m" and before:
            x = x + bend(a, b, x0, before)
        before = (a, x0)
        if c < b:
            up = (1 - b) / (1 - c)
            fresh = torch.stack([torch.randn(x.shape[1:], generator=g) for g in generators]).to(x.device)
            x = up * x + max(0.0, b * b - up * up * c * c) ** 0.5 * fresh
        if mask is not None:
            x = mask * x + (1 - mask) * ((1 - b) * init + b * noise)
    return x


def euler(unet, noise, context, uncond, steps, cfg=1.0, shift=1.0, **more):
    return sample(unet, noise, context, uncond, steps, cfg, shift, **more)


def read_unet(state):
    """The UNet of these tensors, sizes and all; None where there are none."""
    if not state:
        return None
    c, d = state["input_blocks.0.0.weight"].shape[0], state["middle_block.0.in_layers.0.weight"].shape[0]
    places = ("input_blocks.3.1.", "middle_block.1.", "output_blocks.0.1.", "output_blocks.1.1.")
    depth = [len({k.split("transformer_blocks.")[1].split(".")[0] for k in state if k.startswith(p + "transformer_blocks.")}) for p in places]
    first = state["input_blocks.3.1.transformer_blocks.0.attn2.to_k.weight"]
    ff = state["input_blocks.3.1.transformer_blocks.0.ff.net.2.weight"].shape[1] // d
    unet = nets.UNet(c=c, d=d, context=first.shape[1], ff=ff, depth=depth, pooled="label_emb.0.0.weight" in state)
    unet.load_state_dict(state)
    return unet


class House:
    """An exported model read back: weights as they are stored (f16), arithmetic in f32."""

    def __init__(self, path):
        import numpy as np

        import st
        import vocab

        self.vocab = vocab.beside(path)
        tensors, self.meta = st.read(path)
        state = {k: torch.from_numpy(v.astype(np.float32)) for k, v in tensors.items()}

        def part(prefix):
            return {k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)}

        text = part(nets.PREFIXES["text."])
        self.unet, self.guide = read_unet(part(nets.PREFIXES["unet."])), read_unet(part(nets.GUIDE_PREFIX))
        words, width = text["embeddings.token_embedding.weight"].shape
        layers = len({k.split(".")[2] for k in text if k.startswith("encoder.layers.")})
        self.text = nets.TextTower(words, width, layers)
        self.text.load_state_dict(text)
        self.ae = nets.Autoencoder()
        self.ae.load_state_dict(part("first_stage_model."))
        for m in self.networks():
            m.eval().requires_grad_(False)
        self.scale, self.shift = float(self.meta["inquadra.vae.scale"]), float(self.meta["inquadra.vae.shift"])
        self.steps, self.cfg = int(self.meta["inquadra.steps"]), float(self.meta["inquadra.cfg"])
        self.sampler = self.meta.get("inquadra.sampler", "euler")
        self.guidance_end = float(self.meta.get("inquadra.guidance_end", 1))
        self.perturb = self.meta.get("inquadra.perturb", "none")
        self.guide_start, self.guide_cfg = (float(self.meta.get("inquadra.guide_" + k, 0)) for k in ("start", "cfg"))
        self.flow_shift = float(self.meta["inquadra.flow_shift"])

    def to(self, device):
        for m in self.networks():
            m.to(device)
        return self

    def networks(self):
        return [m for m in (self.unet, self.guide, self.text, self.ae) if m is not None]

    def guided(self, cfg):
        """What sample() is told of the guide where the guidance is cfg."""
        scale = 1 + (cfg - 1) * (self.guide_cfg - 1) / (self.cfg - 1) if self.guide_cfg and self.cfg > 1 else None
        return {"guide": self.guide, "guide_start": self.guide_start, "guide_cfg": scale}

    def context(self, prompts):
        return self.text(torch.tensor([self.vocab.encode(p) for p in prompts], dtype=torch.long, device=self.text.mask.device))

    def decode(self, latents):
        """Normalised latents -> image in [-1,1]."""
        return self.ae.decode(latents / self.scale + self.shift)

    def encode(self, image):
        return (self.ae.encode(image) - self.shift) * self.scale
