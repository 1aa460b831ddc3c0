#!/usr/bin/env python3
"""Writes expect.json: what diffusers computes with the weights of tests/engine/model-fixture.c (family "sd1") when its
network inpaints (9 channels), when it is told its guidance scale and when a side is odd. Needs torch, numpy and
diffusers 0.27.2. The weights are GLib's g_rand_double() with seed 12, which is numpy's Mersenne twister.
"""
import json, os
import numpy as np, torch, diffusers
from diffusers.models.attention import BasicTransformerBlock, FeedForward
from diffusers.models.resnet import ResnetBlock2D

HERE = os.path.dirname(os.path.abspath(__file__))
C, D, CONTEXT, TOKENS, H, W = 32, 64, 64, 20, 8, 8
torch.manual_seed(0)


class Rand:
    def __init__(self, seed):
        self.bits = np.random.MT19937()
        self.bits._legacy_seeding(seed)

    def add(self, shape, scale, offset=0.0):
        raw = self.bits.random_raw(int(np.prod(shape)) * 6).astype(np.float64).reshape(-1, 3, 2)
        v = ((raw[:, :, 0] * 2.0 ** -32 + raw[:, :, 1]) * 2.0 ** -32) * 2 - 1
        total = (v[:, 0] + v[:, 1]) + v[:, 2]
        return (total.astype(np.float32) * np.float32(scale) + np.float32(offset)).reshape(shape)


class Writer:
    def __init__(self):
        self.r, self.t = Rand(12), {}

    def linear(self, name, i, o, bias=True):
        self.t[name + ".weight"] = self.r.add((o, i), 1 / np.sqrt(np.float32(i)))
        if bias:
            self.t[name + ".bias"] = self.r.add((o,), 0.02)

    def conv(self, name, i, o, k):
        self.t[name + ".weight"] = self.r.add((o, i, k, k), 1 / np.sqrt(np.float32(i * k * k)))
        self.t[name + ".bias"] = self.r.add((o,), 0.02)

    def norm(self, name, c):
        self.t[name + ".weight"] = self.r.add((c,), 0.1, 1)
        self.t[name + ".bias"] = self.r.add((c,), 0.05)

    def tower(self, ids, positions, d):
        self.r.add((ids, d), 0.3), self.r.add((positions, d), 0.1)
        self.norm("l1", d), self.norm("l2", d)
        for name in "qkvo":
            self.linear(name, d, d)
        self.linear("fc1", d, 2 * d), self.linear("fc2", 2 * d, d), self.norm("final", d)
        self.t.clear()

    def res(self, p, i, o):
        self.norm(p + "norm1", i), self.conv(p + "conv1", i, o, 3), self.linear(p + "time_emb_proj", 4 * C, o)
        self.norm(p + "norm2", o), self.conv(p + "conv2", o, o, 3)
        if i != o:
            self.conv(p + "conv_shortcut", i, o, 1)

    def transformer(self, p, d, depth):
        self.norm(p + "norm", d), self.linear(p + "proj_in", d, d), self.linear(p + "proj_out", d, d)
        for i in range(depth):
            b = f"{p}transformer_blocks.{i}."
            for a, source in (("attn1.", d), ("attn2.", CONTEXT)):
                self.linear(b + a + "to_q", d, d, False), self.linear(b + a + "to_k", source, d, False)
                self.linear(b + a + "to_v", source, d, False), self.linear(b + a + "to_out.0", d, d)
            for n in (1, 2, 3):
                self.norm(f"{b}norm{n}", d)
            self.linear(b + "ff.net.0.proj", d, 4 * d), self.linear(b + "ff.net.2", 2 * d, d)


def weights(inpaint, guidance):
    w = Writer()
    w.tower(514 + 15, TOKENS, 64)
    w.linear("time_embedding.linear_1", C, 4 * C), w.linear("time_embedding.linear_2", 4 * C, 4 * C)
    if guidance:
        w.linear("time_embedding.cond_proj", 8, C, False)
    w.conv("conv_in", 9 if inpaint else 4, C, 3)
    w.res("down_blocks.0.resnets.0.", C, C), w.conv("down_blocks.0.downsamplers.0.conv", C, C, 3)
    w.res("down_blocks.1.resnets.0.", C, D), w.transformer("down_blocks.1.attentions.0.", D, 2)
    w.res("mid_block.resnets.0.", D, D), w.transformer("mid_block.attentions.0.", D, 1)
    w.res("mid_block.resnets.1.", D, D)
    w.res("up_blocks.0.resnets.0.", 2 * D, D), w.transformer("up_blocks.0.attentions.0.", D, 1)
    w.res("up_blocks.0.resnets.1.", D + C, D), w.conv("up_blocks.0.upsamplers.0.conv", D, C, 3)
    w.res("up_blocks.1.resnets.0.", 2 * C, C), w.res("up_blocks.1.resnets.1.", 2 * C, C)
    w.norm("conv_norm_out", C), w.conv("conv_out", C, 4, 3)
    return {k: torch.from_numpy(v) for k, v in w.t.items()}


class Nothing(torch.nn.Module):
    def forward(self, x, *args, **kwargs):
        return (x,)


def network(inpaint, guidance):
    unet = diffusers.UNet2DConditionModel(
        in_channels=9 if inpaint else 4, out_channels=4, layers_per_block=1, block_out_channels=(C, D),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2), attention_head_dim=8, cross_attention_dim=CONTEXT,
        use_linear_projection=True, time_cond_proj_dim=8 if guidance else None)
    del unet.mid_block.attentions[0].transformer_blocks[1]
    up = unet.up_blocks[0]
    del up.attentions[0].transformer_blocks[1]
    up.attentions[1] = Nothing()
    up.upsamplers[0].conv = torch.nn.Conv2d(D, C, 3, padding=1)
    unet.up_blocks[1].resnets[0] = ResnetBlock2D(in_channels=2 * C, out_channels=C, temb_channels=4 * C, eps=1e-5)
    for block in [m for m in unet.modules() if isinstance(m, BasicTransformerBlock)]:
        block.ff = FeedForward(D, mult=2, activation_fn="geglu")
    unet.load_state_dict(weights(inpaint, guidance))
    return unet.eval()


def wave(shape, a, b, f=np.sin):
    return torch.tensor(f(a * np.arange(np.prod(shape)) + b), dtype=torch.float32).reshape(shape)


BETAS = dict(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
noise, x0 = 1.3 * wave((1, 4, H, W), 0.9, 0.4), 0.8 * wave((1, 4, H, W), 0.31, 1.0)
masked = 0.7 * wave((1, 4, H, W), 0.23, 0.2, np.cos)
cond, uncond = 0.5 * wave((1, TOKENS, CONTEXT), 0.37, 0.1), 0.5 * wave((1, TOKENS, CONTEXT), 0.53, 0.9)
mask = torch.zeros(1, 1, H, W)
mask[..., 3:] = 1
mask[:, :, 0] = 0


@torch.no_grad()
def inpaint(strength):
    """StableDiffusionInpaintPipeline's loop: latents, mask, masked latents; nothing kept by force"""
    unet, euler = network(True, False), diffusers.EulerDiscreteScheduler(**BETAS)
    euler.set_timesteps(6)
    first = 6 - int(6 * strength)
    x = noise * euler.sigmas[first] + (x0 if strength < 1 else 0)
    for t in euler.timesteps[first:]:
        y = torch.cat([euler.scale_model_input(torch.cat([x] * 2), t), torch.cat([mask] * 2), torch.cat([masked] * 2)], 1)
        u, c = unet(y, t, torch.cat([uncond, cond])).sample.chunk(2)
        x = euler.step(u + 3 * (c - u), t, x).prev_sample
    return x


@torch.no_grad()
def consistency(scale):
    """LatentConsistencyModelPipeline's loop, of a single step: no noise on the way"""
    unet, width = network(False, True), 8
    w = torch.tensor([scale - 1.0]) * 1000
    emb = torch.exp(torch.arange(width // 2) * -(np.log(10000.0) / (width // 2 - 1)))
    emb = w[:, None] * emb[None].float()
    lcm = diffusers.LCMScheduler(**BETAS)
    lcm.set_timesteps(1)
    t = lcm.timesteps[0]
    out = unet(noise, t, cond, timestep_cond=torch.cat([emb.sin(), emb.cos()], 1)).sample
    return lcm.step(out, t, noise).prev_sample


@torch.no_grad()
def odd():
    """Sides that the network cannot halve evenly, on its way up cut to what they were on its way down"""
    return network(False, False)(1.3 * wave((1, 4, 7, 5), 0.9, 0.4), 500, cond).sample


def short(x):
    return [float(f"{v:.6g}") for v in x.flatten().tolist()]


with open(os.path.join(HERE, "expect.json"), "w") as f:
    json.dump({"about": "made by make.py; NCHW", "inpaint": short(inpaint(1)), "inpaint_half": short(inpaint(0.5)),
               "lcm_8.5": short(consistency(8.5)), "lcm_2": short(consistency(2)), "odd": short(odd())}, f, separators=(",", ":"))
