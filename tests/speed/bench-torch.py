#!/usr/bin/env python3
"""bench-torch.py [--device cuda] [--out FILE.json] [sd15] [sdxl] [gemm]: what PyTorch takes for the same work as
`inquadra-cli bench`: halves, channels_last, scaled_dot_product_attention, no compile, guidance as a batch of two. The
networks are plain modules of the published shapes with random weights; nothing is downloaded.
SPDX-License-Identifier: GPL-3.0-or-later"""
import argparse
import json
import time

import torch
import torch.nn.functional as F
from torch import nn

SHAPES = {
    'sd15': dict(mult=(1, 2, 4, 4), depth=(1, 1, 1, 0), middle=1, context=768, adm=0, heads=8, head=0, size=64),
    'sdxl': dict(mult=(1, 2, 4), depth=(0, 2, 10), middle=10, context=2048, adm=2816, heads=0, head=64, size=128),
}


class Res(nn.Module):
    def __init__(self, c, out, emb):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(32, c), nn.Conv2d(c, out, 3, padding=1)
        self.emb = nn.Linear(emb, out)
        self.norm2, self.conv2 = nn.GroupNorm(32, out), nn.Conv2d(out, out, 3, padding=1)
        self.skip = nn.Conv2d(c, out, 1) if c != out else nn.Identity()

    def forward(self, x, emb):
        y = self.conv1(F.silu(self.norm1(x))) + self.emb(F.silu(emb))[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(y)))


class Attention(nn.Module):
    def __init__(self, c, context, heads):
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(c, c, bias=False)
        self.k, self.v = nn.Linear(context, c, bias=False), nn.Linear(context, c, bias=False)
        self.out = nn.Linear(c, c)

    def forward(self, x, context):
        def split(t):
            return t.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        y = F.scaled_dot_product_attention(split(self.q(x)), split(self.k(context)), split(self.v(context)))
        return self.out(y.transpose(1, 2).flatten(2))


class Block(nn.Module):
    def __init__(self, c, context, heads):
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(c) for _ in range(3))
        self.own, self.cross = Attention(c, c, heads), Attention(c, context, heads)
        self.up, self.down = nn.Linear(c, 8 * c), nn.Linear(4 * c, c)

    def forward(self, x, context):
        y = self.norms[0](x)
        x = x + self.own(y, y)
        x = x + self.cross(self.norms[1](x), context)
        a, gate = self.up(self.norms[2](x)).chunk(2, -1)
        return x + self.down(a * F.gelu(gate))


class Transformer(nn.Module):
    def __init__(self, c, depth, context, heads):
        super().__init__()
        self.norm = nn.GroupNorm(32, c, 1e-6)
        self.before, self.after = nn.Linear(c, c), nn.Linear(c, c)
        self.blocks = nn.ModuleList(Block(c, context, heads) for _ in range(depth))

    def forward(self, x, context):
        h = x.shape[2]
        y = self.before(self.norm(x).flatten(2).transpose(1, 2))
        for block in self.blocks:
            y = block(y, context)
        return x + self.after(y).transpose(1, 2).unflatten(2, (h, -1))


class UNet(nn.Module):
    def __init__(self, s, width=320):
        super().__init__()
        emb = 4 * width

        def attend(c, depth):
            return Transformer(c, depth, s['context'], s['heads'] or c // s['head']) if depth else None
        self.width = width
        self.time = nn.Sequential(nn.Linear(width, emb), nn.SiLU(), nn.Linear(emb, emb))
        self.label = nn.Sequential(nn.Linear(s['adm'], emb), nn.SiLU(), nn.Linear(emb, emb)) if s['adm'] else None
        self.first = nn.Conv2d(4, width, 3, padding=1)
        skips, c = [width], width
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        for level, mult in enumerate(s['mult']):
            for _ in range(2):
                self.down.append(nn.ModuleList([Res(c, width * mult, emb), attend(width * mult, s['depth'][level])]))
                c = width * mult
                skips.append(c)
            if level + 1 < len(s['mult']):
                self.down.append(nn.ModuleList([nn.Conv2d(c, c, 3, 2, 1)]))
                skips.append(c)
        self.middle = nn.ModuleList([Res(c, c, emb), attend(c, s['middle']), Res(c, c, emb)])
        for level in reversed(range(len(s['mult']))):
            for i in range(3):
                out = width * s['mult'][level]
                self.up.append(nn.ModuleList([Res(c + skips.pop(), out, emb), attend(out, s['depth'][level]),
                                              nn.Conv2d(out, out, 3, padding=1) if level and i == 2 else None]))
                c = out
        self.norm, self.last = nn.GroupNorm(32, width), nn.Conv2d(width, 4, 3, padding=1)

    def forward(self, x, t, context, y):
        emb = self.time(t)
        if self.label is not None:
            emb = emb + self.label(y)
        x = self.first(x)
        skips = [x]
        for entry in self.down:
            if len(entry) == 1:
                x = entry[0](x)
            else:
                x = entry[0](x, emb)
                x = entry[1](x, context) if entry[1] is not None else x
            skips.append(x)
        x = self.middle[2](self.middle[1](self.middle[0](x, emb), context), emb)
        for block, attention, up in self.up:
            x = block(torch.cat((x, skips.pop()), 1), emb)
            x = attention(x, context) if attention is not None else x
            x = up(F.interpolate(x, scale_factor=2)) if up is not None else x
        return self.last(F.silu(self.norm(x)))


def milliseconds(run, device, repeats):
    for _ in range(min(3, repeats)):
        run()
    if device == 'cuda':
        torch.cuda.synchronize()
    begin = time.perf_counter()
    for _ in range(repeats):
        run()
    if device == 'cuda':
        torch.cuda.synchronize()
    return 1000 * (time.perf_counter() - begin) / repeats


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--device', default='cuda')
    parser.add_argument('--out')
    parser.add_argument('--repeats', type=int, default=20)
    parser.add_argument('--scale', type=int, default=1, help='latents so many times smaller, to try the script')
    parser.add_argument('what', nargs='*', default=['gemm', 'sd15', 'sdxl'])
    o = parser.parse_args()
    half = torch.float16 if o.device == 'cuda' else torch.float32
    torch.backends.cudnn.benchmark = True
    result = {'device': torch.cuda.get_device_name() if o.device == 'cuda' else 'cpu', 'torch': torch.__version__}
    if 'gemm' in o.what:
        n = 4096 // o.scale
        a, b = (torch.randn(n, n, device=o.device, dtype=half) for _ in range(2))
        ms = milliseconds(lambda: a @ b, o.device, o.repeats)
        result['gemm'] = {'n': n, 'ms': ms, 'gflop_per_s': 2e-6 * n ** 3 / ms}
    for name in [w for w in o.what if w in SHAPES]:
        s = SHAPES[name]
        torch.set_default_dtype(half)
        with torch.device(o.device):
            net = UNet(s).eval().to(memory_format=torch.channels_last)
        torch.set_default_dtype(torch.float32)
        size = s['size'] // o.scale
        x = torch.randn(2, 4, size, size, device=o.device, dtype=half).to(memory_format=torch.channels_last)
        t = torch.randn(2, 320, device=o.device, dtype=half)
        context = torch.randn(2, 77, s['context'], device=o.device, dtype=half)
        y = torch.randn(2, s['adm'], device=o.device, dtype=half) if s['adm'] else None
        result[name] = {'ms_per_step': milliseconds(lambda: net(x, t, context, y), o.device, o.repeats),
                        'parameters': sum(p.numel() for p in net.parameters()), 'pixels': 8 * size}
        del net
    text = json.dumps(result, indent=2)
    print(text)
    if o.out:
        open(o.out, 'w').write(text)


main()
