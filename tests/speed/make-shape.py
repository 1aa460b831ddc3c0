#!/usr/bin/env python3
"""make-shape.py sd15|sdxl OUT.safetensors: a checkpoint of full size with random halves, to time an engine without
downloading one. Names and shapes are those of the single-file layout; values keep activations near one. numpy only.
SPDX-License-Identifier: GPL-3.0-or-later"""
import json
import math
import struct
import sys

import numpy as np

SHAPES = {
    'sd15': dict(width=320, mult=(1, 2, 4, 4), depth=(1, 1, 1, 0), middle=1, context=768, adm=0, linear_proj=False),
    'sdxl': dict(width=320, mult=(1, 2, 4), depth=(0, 2, 10), middle=10, context=2048, adm=2816, linear_proj=True),
}
tensors = []  # name, shape, kind


def layer(name, out, *rest, bias=True):
    tensors.append((name + '.weight', (out,) + rest, 'w'))
    if bias:
        tensors.append((name + '.bias', (out,), '0'))


def norm(name, c):
    tensors.append((name + '.weight', (c,), '1'))
    tensors.append((name + '.bias', (c,), '0'))


def res(p, c, out, emb):
    norm(p + 'in_layers.0', c)
    layer(p + 'in_layers.2', out, c, 3, 3)
    layer(p + 'emb_layers.1', out, emb)
    norm(p + 'out_layers.0', out)
    layer(p + 'out_layers.3', out, out, 3, 3)
    if c != out:
        layer(p + 'skip_connection', out, c, 1, 1)


def transformer(p, c, depth, context, linear):
    proj = (c, c) if linear else (c, c, 1, 1)
    norm(p + 'norm', c)
    layer(p + 'proj_in', *proj)
    for i in range(depth):
        b = f'{p}transformer_blocks.{i}.'
        for attn, width in (('attn1', c), ('attn2', context)):
            layer(b + attn + '.to_q', c, c, bias=False)
            layer(b + attn + '.to_k', c, width, bias=False)
            layer(b + attn + '.to_v', c, width, bias=False)
            layer(b + attn + '.to_out.0', c, c)
        layer(b + 'ff.net.0.proj', 8 * c, c)
        layer(b + 'ff.net.2', c, 4 * c)
        for k in (1, 2, 3):
            norm(f'{b}norm{k}', c)
    layer(p + 'proj_out', *proj)


def unet(s):
    root, width, emb = 'model.diffusion_model.', s['width'], 4 * s['width']
    layer(root + 'time_embed.0', emb, width)
    layer(root + 'time_embed.2', emb, emb)
    if s['adm']:
        layer(root + 'label_emb.0.0', emb, s['adm'])
        layer(root + 'label_emb.0.2', emb, emb)
    layer(root + 'input_blocks.0.0', width, 4, 3, 3)
    skips, c, n = [width], width, 1
    for level, mult in enumerate(s['mult']):
        out = width * mult
        for _ in range(2):
            res(f'{root}input_blocks.{n}.0.', c, out, emb)
            c = out
            if s['depth'][level]:
                transformer(f'{root}input_blocks.{n}.1.', c, s['depth'][level], s['context'], s['linear_proj'])
            skips.append(c)
            n += 1
        if level + 1 < len(s['mult']):
            layer(f'{root}input_blocks.{n}.0.op', c, c, 3, 3)
            skips.append(c)
            n += 1
    res(root + 'middle_block.0.', c, c, emb)
    transformer(root + 'middle_block.1.', c, s['middle'], s['context'], s['linear_proj'])
    res(root + 'middle_block.2.', c, c, emb)
    n = 0
    for level in reversed(range(len(s['mult']))):
        out = width * s['mult'][level]
        for i in range(3):
            res(f'{root}output_blocks.{n}.0.', c + skips.pop(), out, emb)
            c, k = out, 1
            if s['depth'][level]:
                transformer(f'{root}output_blocks.{n}.1.', c, s['depth'][level], s['context'], s['linear_proj'])
                k = 2
            if level and i == 2:
                layer(f'{root}output_blocks.{n}.{k}.conv', c, c, 3, 3)
            n += 1
    norm(root + 'out.0', width)
    layer(root + 'out.2', 4, width, 3, 3)


def vae_res(p, c, out):
    norm(p + 'norm1', c)
    layer(p + 'conv1', out, c, 3, 3)
    norm(p + 'norm2', out)
    layer(p + 'conv2', out, out, 3, 3)
    if c != out:
        layer(p + 'nin_shortcut', out, c, 1, 1)


def vae_middle(p, c):
    vae_res(p + 'mid.block_1.', c, c)
    norm(p + 'mid.attn_1.norm', c)
    for name in ('q', 'k', 'v', 'proj_out'):
        layer(p + 'mid.attn_1.' + name, c, c, 1, 1)
    vae_res(p + 'mid.block_2.', c, c)


def vae():
    root, mult = 'first_stage_model.', (1, 2, 4, 4)
    p, c = root + 'encoder.', 128
    layer(p + 'conv_in', c, 3, 3, 3)
    for level, m in enumerate(mult):
        for i in range(2):
            vae_res(f'{p}down.{level}.block.{i}.', c, 128 * m)
            c = 128 * m
        if level + 1 < len(mult):
            layer(f'{p}down.{level}.downsample.conv', c, c, 3, 3)
    vae_middle(p, c)
    norm(p + 'norm_out', c)
    layer(p + 'conv_out', 8, c, 3, 3)
    layer(root + 'quant_conv', 8, 8, 1, 1)
    layer(root + 'post_quant_conv', 4, 4, 1, 1)
    p = root + 'decoder.'
    layer(p + 'conv_in', c, 4, 3, 3)
    vae_middle(p, c)
    for level in reversed(range(len(mult))):
        for i in range(3):
            vae_res(f'{p}up.{level}.block.{i}.', c, 128 * mult[level])
            c = 128 * mult[level]
        if level:
            layer(f'{p}up.{level}.upsample.conv', c, c, 3, 3)
    norm(p + 'norm_out', c)
    layer(p + 'conv_out', 3, c, 3, 3)


def clip_l(root):
    p = root + 'text_model.'
    tensors.append((p + 'embeddings.token_embedding.weight', (49408, 768), 'e'))
    tensors.append((p + 'embeddings.position_embedding.weight', (77, 768), 'e'))
    for i in range(12):
        b = f'{p}encoder.layers.{i}.'
        for name in ('q_proj', 'k_proj', 'v_proj', 'out_proj'):
            layer(f'{b}self_attn.{name}', 768, 768)
        layer(b + 'mlp.fc1', 3072, 768)
        layer(b + 'mlp.fc2', 768, 3072)
        norm(b + 'layer_norm1', 768)
        norm(b + 'layer_norm2', 768)
    norm(p + 'final_layer_norm', 768)


def clip_g(root):
    p, c = root + 'model.', 1280
    tensors.append((p + 'token_embedding.weight', (49408, c), 'e'))
    tensors.append((p + 'positional_embedding', (77, c), 'e'))
    tensors.append((p + 'text_projection', (c, c), 'w'))
    for i in range(32):
        b = f'{p}transformer.resblocks.{i}.'
        tensors.append((b + 'attn.in_proj_weight', (3 * c, c), 'w'))
        tensors.append((b + 'attn.in_proj_bias', (3 * c,), '0'))
        layer(b + 'attn.out_proj', c, c)
        layer(b + 'mlp.c_fc', 4 * c, c)
        layer(b + 'mlp.c_proj', c, 4 * c)
        norm(b + 'ln_1', c)
        norm(b + 'ln_2', c)
    norm(p + 'ln_final', c)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in SHAPES:
        sys.exit(__doc__)
    unet(SHAPES[sys.argv[1]])
    vae()
    if sys.argv[1] == 'sdxl':
        clip_l('conditioner.embedders.0.transformer.')
        clip_g('conditioner.embedders.1.')
    else:
        clip_l('cond_stage_model.transformer.')
    header, at = {}, 0
    for name, shape, _ in tensors:
        size = 2 * math.prod(shape)
        header[name] = {'dtype': 'F16', 'shape': list(shape), 'data_offsets': [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(1 << 20, dtype=np.float32)  # the same numbers again and again: speed is what is timed
    with open(sys.argv[2], 'wb') as out:
        out.write(struct.pack('<Q', len(text)) + text)
        for _, shape, kind in tensors:
            left = math.prod(shape)
            scale = 0.6 / math.sqrt(math.prod(shape[1:])) if kind == 'w' else 0.02
            while left:
                n = min(left, noise.size)
                values = np.full(n, float(kind), np.float16) if kind in '01' else (noise[:n] * scale).astype(np.float16)
                out.write(values.tobytes())
                left -= n
    print(f'{sys.argv[2]}: {len(tensors)} tensors, {at / 1e9:.2f} GB')


main()
