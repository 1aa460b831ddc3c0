# Inquadra - the house model's networks, in the single-file key layout of LDM checkpoints
# SPDX-License-Identifier: GPL-3.0-or-later
"""Autoencoder, UNet and text tower of the house model.

Attribute names are chosen so that state_dict() yields the keys published
Stable Diffusion 1.x files use: `first_stage_model.*`, `model.diffusion_model.*`
and `cond_stage_model.transformer.text_model.*`. The engine runs them with the
operations it has for SD 1.x; every width and depth is read from the tensors.

Shapes are torch's (batch, channels, height, width). A panel of 512x288 pixels is
[1,288,512] grey in [-1,1]; its latents are [8,36,64]; the UNet works on
[32,18,32] (latents pixel-unshuffled by 2).
"""
import contextlib
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

GROUPS = 16
HEAD = 32
PIXEL_PATCH = 4
LATENT_PATCH = 2
LATENT_CHANNELS = 8
N_CTX = 48

AE_ENCODER = dict(width=(32, 64), mid=64)
AE_DECODER = dict(width=(48, 80), mid=80)
UNET = dict(c=64, d=160, context=192, ff=2, depth=(1, 2, 2, 1))
GUIDE = dict(c=32, d=96, depth=(1, 1, 1, 1))  # the network that guidance leads away from
TEXT = dict(d=192, layers=4)


def norm(channels, eps):
    return nn.GroupNorm(GROUPS, channels, eps=eps)


def conv3(i, o, stride=1, padding=1):
    return nn.Conv2d(i, o, 3, stride=stride, padding=padding)


def zeroed(module):
    for p in module.parameters():
        nn.init.zeros_(p)
    return module


# ------------------------------------------------------------ autoencoder


class AEBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.norm1, self.conv1 = norm(i, 1e-6), conv3(i, o)
        self.norm2, self.conv2 = norm(o, 1e-6), conv3(o, o)
        if i != o:
            self.nin_shortcut = nn.Conv2d(i, o, 1)

    def forward(self, x):
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return (self.nin_shortcut(x) if hasattr(self, "nin_shortcut") else x) + h


class Resample(nn.Module):
    """Holds `conv`; down: stride 2 after padding (0,1,0,1), up: nearest x2 before it."""

    def __init__(self, i, o, up):
        super().__init__()
        self.up = up
        self.conv = conv3(i, o) if up else conv3(i, o, 2, 0)

    def forward(self, x):
        if self.up:
            return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Level(nn.Module):
    def __init__(self, blocks, down=None, up=None):
        super().__init__()
        self.block = nn.ModuleList(blocks)
        if down is not None:
            self.downsample = down
        if up is not None:
            self.upsample = up


class Mid(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.block_1, self.block_2 = AEBlock(c, c), AEBlock(c, c)

    def forward(self, x):
        return self.block_2(self.block_1(x))


class Encoder(nn.Module):
    def __init__(self, width, mid):
        super().__init__()
        a, b = width
        self.conv_in = conv3(PIXEL_PATCH**2, a)
        self.down = nn.ModuleList([Level([AEBlock(a, a)], down=Resample(a, a, False)), Level([AEBlock(a, b)])])
        self.mid = Mid(mid)
        self.norm_out, self.conv_out = norm(mid, 1e-6), conv3(mid, LATENT_CHANNELS)

    def forward(self, x):
        h = self.conv_in(x)
        for level in self.down:
            for block in level.block:
                h = block(h)
            if hasattr(level, "downsample"):
                h = level.downsample(h)
        return self.conv_out(F.silu(self.norm_out(self.mid(h))))


class Decoder(nn.Module):
    def __init__(self, width, mid):
        super().__init__()
        a, b = width
        self.conv_in = conv3(LATENT_CHANNELS, mid)
        self.mid = Mid(mid)
        self.up = nn.ModuleList([Level([AEBlock(a, a)]), Level([AEBlock(b, a)], up=Resample(a, a, True))])
        self.norm_out, self.conv_out = norm(a, 1e-6), conv3(a, PIXEL_PATCH**2)

    def forward(self, z):
        h = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            for block in level.block:
                h = block(h)
            if hasattr(level, "upsample"):
                h = level.upsample(h)
        return self.conv_out(F.silu(self.norm_out(h)))


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(**AE_ENCODER), Decoder(**AE_DECODER)

    def encode(self, image):
        """image [B,1,H,W] in [-1,1] -> raw latents [B,8,H/8,W/8] (the mean; there is no variance)."""
        return self.encoder(F.pixel_unshuffle(image, PIXEL_PATCH))

    def decode(self, z):
        return F.pixel_shuffle(self.decoder(z), PIXEL_PATCH)


# ------------------------------------------------------------ UNet


def timestep_embedding(t, dim):
    """t [B] in 0..1000 -> [B,dim]; cosines first, as in LDM."""
    half = dim // 2
    freqs = torch.exp(torch.arange(half, dtype=torch.float32, device=t.device) * (-math.log(10000.0) / half))
    args = t.float()[:, None] * freqs[None]
    return torch.cat([torch.cos(args), torch.sin(args)], dim=-1)


class ResBlock(nn.Module):
    def __init__(self, i, o, emb):
        super().__init__()
        self.in_layers = nn.Sequential(norm(i, 1e-5), nn.SiLU(), conv3(i, o))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(emb, o))
        self.out_layers = nn.Sequential(norm(o, 1e-5), nn.SiLU(), nn.Identity(), zeroed(conv3(o, o)))
        self.skip_connection = nn.Identity() if i == o else nn.Conv2d(i, o, 1)

    def forward(self, x, emb, context):
        h = self.in_layers(x) + self.emb_layers(emb)[:, :, None, None]
        return self.skip_connection(x) + self.out_layers(h)


class Attention(nn.Module):
    def __init__(self, d, context):
        super().__init__()
        self.to_q = nn.Linear(d, d, bias=False)
        self.to_k = nn.Linear(context, d, bias=False)
        self.to_v = nn.Linear(context, d, bias=False)
        self.to_out = nn.Sequential(nn.Linear(d, d), nn.Identity())
        self.alone = 0  # the first rows of a batch, whose positions see themselves alone

    def forward(self, x, context=None):
        context = x if context is None else context
        v = self.to_v(context)
        y = attend(self.to_q(x), self.to_k(context), v)
        return self.to_out(torch.cat([v[: self.alone], y[self.alone :]]) if self.alone else y)


def attend(q, k, v, mask=None):
    """[B,N,d] x [B,M,d] -> [B,N,d], heads of HEAD channels."""
    b, n, d = q.shape

    def split(y):
        return y.reshape(b, -1, d // HEAD, HEAD).transpose(1, 2)

    q, k, v = split(q), split(k), split(v)
    if q.is_cuda:
        y = F.scaled_dot_product_attention(q, k, v, None if mask is None else mask.to(q.dtype))
        return y.transpose(1, 2).reshape(b, n, d)
    w = torch.matmul(q * HEAD**-0.5, k.transpose(2, 3))
    if mask is not None:
        w = w + mask
    return torch.matmul(w.softmax(-1), v).transpose(1, 2).reshape(b, n, d)


class GEGLU(nn.Module):
    def __init__(self, d, inner):
        super().__init__()
        self.proj = nn.Linear(d, inner * 2)

    def forward(self, x):
        x, gate = self.proj(x).chunk(2, dim=-1)
        return x * F.gelu(gate)


class FeedForward(nn.Module):
    def __init__(self, d, mult):
        super().__init__()
        self.net = nn.Sequential(GEGLU(d, d * mult), nn.Identity(), nn.Linear(d * mult, d))

    def forward(self, x):
        return self.net(x)


class TransformerBlock(nn.Module):
    def __init__(self, d, context, ff):
        super().__init__()
        self.attn1, self.attn2 = Attention(d, d), Attention(d, context)
        self.ff = FeedForward(d, ff)
        self.norm1, self.norm2, self.norm3 = nn.LayerNorm(d), nn.LayerNorm(d), nn.LayerNorm(d)

    def forward(self, x, context):
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    def __init__(self, d, context, ff, depth):
        super().__init__()
        self.norm = norm(d, 1e-6)
        self.proj_in = nn.Conv2d(d, d, 1)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(d, context, ff) for _ in range(depth)])
        self.proj_out = zeroed(nn.Conv2d(d, d, 1))

    def forward(self, x, emb, context):
        b, c, h, w = x.shape
        y = self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)
        for block in self.transformer_blocks:
            y = block(y, context)
        return x + self.proj_out(y.transpose(1, 2).reshape(b, c, h, w))


class Downsample(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.op = conv3(c, c, 2, 1)

    def forward(self, x, emb, context):
        return self.op(x)


class Upsample(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv = conv3(i, o)

    def forward(self, x, emb, context):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class ConvIn(nn.Conv2d):
    def forward(self, x, emb, context):
        return super().forward(x)


class Stage(nn.ModuleList):
    def forward(self, x, emb, context):
        for layer in self:
            x = layer(x, emb, context)
        return x


class UNet(nn.Module):
    """Two levels: 32x18 positions at width c, 16x9 at width d. Transformers at the second; depth: blocks in each of the four.

    pooled: the mean of the text's states is added to what every block hears of the time, so that what holds for the whole panel
    (light, style, shot size) reaches the first level too, which attends to no text."""

    def __init__(self, c=UNET["c"], d=UNET["d"], context=UNET["context"], ff=UNET["ff"], depth=UNET["depth"], pooled=True):
        super().__init__()
        io = LATENT_CHANNELS * LATENT_PATCH**2
        e = 4 * c
        self.c = c
        self.time_embed = nn.Sequential(nn.Linear(c, e), nn.SiLU(), nn.Linear(e, e))
        if pooled:
            self.label_emb = nn.Sequential(nn.Sequential(nn.Linear(context, e), nn.SiLU(), zeroed(nn.Linear(e, e))))

        def res(i, o):
            return ResBlock(i, o, e)

        def tr(at):
            return SpatialTransformer(d, context, ff, depth[at])

        self.input_blocks = nn.ModuleList(
            [Stage([ConvIn(io, c, 3, padding=1)]), Stage([res(c, c)]), Stage([Downsample(c)]), Stage([res(c, d), tr(0)])]
        )
        self.middle_block = Stage([res(d, d), tr(1), res(d, d)])
        self.output_blocks = nn.ModuleList(
            [
                Stage([res(d + d, d), tr(2)]),
                Stage([res(d + c, d), tr(3), Upsample(d, c)]),
                Stage([res(c + c, c)]),
                Stage([res(c + c, c)]),
            ]
        )
        self.out = nn.Sequential(norm(c, 1e-5), nn.SiLU(), zeroed(conv3(c, io)))

    def forward(self, x, t, context, middle=False):
        """x [B,8,36,64] noisy latents, t [B] in 0..1000, context [B,48,d] -> velocity like x; with middle also what the middle block gives."""
        emb = self.time_embed(timestep_embedding(t, self.c).to(x.dtype))
        if hasattr(self, "label_emb"):
            emb = emb + self.label_emb(context.mean(1))
        h = F.pixel_unshuffle(x, LATENT_PATCH)
        skips = []
        for stage in self.input_blocks:
            h = stage(h, emb, context)
            skips.append(h)
        inner = h = self.middle_block(h, emb, context)
        for stage in self.output_blocks:
            h = stage(torch.cat([h, skips.pop()], dim=1), emb, context)
        v = F.pixel_shuffle(self.out(h), LATENT_PATCH)
        return (v, inner) if middle else v


# ------------------------------------------------------------ text tower


class SelfAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.k_proj, self.v_proj = nn.Linear(d, d), nn.Linear(d, d)
        self.q_proj, self.out_proj = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x, mask):
        return self.out_proj(attend(self.q_proj(x), self.k_proj(x), self.v_proj(x), mask))


class MLP(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x):
        x = self.fc1(x)
        return self.fc2(x * torch.sigmoid(1.702 * x))


class TextLayer(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.layer_norm1, self.self_attn = nn.LayerNorm(d), SelfAttention(d)
        self.layer_norm2, self.mlp = nn.LayerNorm(d), MLP(d)

    def forward(self, x, mask):
        x = x + self.self_attn(self.layer_norm1(x), mask)
        return x + self.mlp(self.layer_norm2(x))


class TextTower(nn.Module):
    def __init__(self, vocab, d=TEXT["d"], layers=TEXT["layers"]):
        super().__init__()
        self.embeddings = nn.Module()
        self.embeddings.token_embedding = nn.Embedding(vocab, d)
        self.embeddings.position_embedding = nn.Embedding(N_CTX, d)
        nn.init.normal_(self.embeddings.token_embedding.weight, std=0.3)
        nn.init.normal_(self.embeddings.position_embedding.weight, std=0.1)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList([TextLayer(d) for _ in range(layers)])
        self.final_layer_norm = nn.LayerNorm(d)
        self.register_buffer("mask", torch.full((N_CTX, N_CTX), -1e4).triu(1), persistent=False)

    def forward(self, tokens):
        """tokens [B,48] int -> context [B,48,d]; padding is end-of-text and is attended to."""
        x = self.embeddings.token_embedding(tokens) + self.embeddings.position_embedding.weight
        for layer in self.encoder.layers:
            x = layer(x, self.mask.to(x.dtype))
        return self.final_layer_norm(x)


class Diffusion(nn.Module):
    """The part trained as one: UNet and text tower."""

    def __init__(self, vocab, **unet):
        super().__init__()
        self.unet = UNet(**unet)
        self.text = TextTower(vocab)

    def forward(self, x, t, tokens, middle=False):
        return self.unet(x, t, self.text(tokens), middle)


def without_sight(state):
    """A checkpoint's tensors less those that only the training uses (train.Sight)."""
    return {k: v for k, v in state.items() if not k.startswith("sight.")}


@contextlib.contextmanager
def perturbed(unet, where, rows):
    """Inside, the first rows of every batch lack self-attention in the "middle" block or in "all" (Ahn et al. 2024)."""
    at = {"none": [], "middle": [getattr(unet, "middle_block", None)], "all": [unet]}[where]
    blocks = [m.attn1 for part in at for m in part.modules() if isinstance(m, TransformerBlock)]
    for attention in blocks:
        attention.alone = rows
    try:
        yield
    finally:
        for attention in blocks:
            attention.alone = 0


GUIDE_PREFIX = "guide.diffusion_model."
PREFIXES = {"unet.": "model.diffusion_model.", "text.": "cond_stage_model.transformer.text_model."}
