# Inquadra - writes a checkpoint of published size without its weights, for measurements
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: make-full-size.py sd15|sdxl|huge OUT.safetensors [--random]

The tensors of Stable Diffusion 1.5 (2.1 GB) or XL (6.9 GB), halves, names and shapes as published; huge is XL with nine
times as many transformer blocks at the lowest level (41 GB), for machines with less memory than that. Without --random
the file is sparse: it takes no room on the disk and every number but the last is 0, which is enough for planning memory
and for timing what does not look at the numbers. With --random each tensor is noise over the square root of its inputs; pieces of
the same noise, which is made once: so 41 GB take minutes.
"""
import json
import struct
import sys

TENSORS = []  # (name, shape)


def add(name, *shape):
    TENSORS.append((name, list(shape)))


def linear(p, i, o, bias=True):
    add(p + ".weight", o, i)
    if bias:
        add(p + ".bias", o)


def conv(p, i, o, k=3):
    add(p + ".weight", o, i, k, k)
    add(p + ".bias", o)


def norm(p, c):
    add(p + ".weight", c)
    add(p + ".bias", c)


# ---- UNet ----

U = "model.diffusion_model."


def res(p, i, o, emb):
    norm(p + ".in_layers.0", i)
    conv(p + ".in_layers.2", i, o)
    linear(p + ".emb_layers.1", emb, o)
    norm(p + ".out_layers.0", o)
    conv(p + ".out_layers.3", o, o)
    if i != o:
        conv(p + ".skip_connection", i, o, 1)


def transformer(p, c, context, depth, straight):
    norm(p + ".norm", c)
    for name in ("proj_in", "proj_out"):
        linear(p + "." + name, c, c) if straight else conv(p + "." + name, c, c, 1)
    for d in range(depth):
        b = f"{p}.transformer_blocks.{d}"
        for n, source in (("attn1", c), ("attn2", context)):
            linear(f"{b}.{n}.to_q", c, c, False)
            linear(f"{b}.{n}.to_k", source, c, False)
            linear(f"{b}.{n}.to_v", source, c, False)
            linear(f"{b}.{n}.to_out.0", c, c)
        linear(b + ".ff.net.0.proj", c, 8 * c)
        linear(b + ".ff.net.2", 4 * c, c)
        for n in (1, 2, 3):
            norm(f"{b}.norm{n}", c)


def unet(mult, depth, context, adm, straight):
    c = 320
    emb = 4 * c
    linear(U + "time_embed.0", c, emb)
    linear(U + "time_embed.2", emb, emb)
    if adm:
        linear(U + "label_emb.0.0", adm, emb)
        linear(U + "label_emb.0.2", emb, emb)
    conv(U + "input_blocks.0.0", 4, c)
    skips, now, at = [c], c, 1
    for level, m in enumerate(mult):
        for _ in range(2):
            res(f"{U}input_blocks.{at}.0", now, c * m, emb)
            now = c * m
            if depth[level]:
                transformer(f"{U}input_blocks.{at}.1", now, context, depth[level], straight)
            skips.append(now)
            at += 1
        if level + 1 < len(mult):
            conv(f"{U}input_blocks.{at}.0.op", now, now)
            skips.append(now)
            at += 1
    res(U + "middle_block.0", now, now, emb)
    transformer(U + "middle_block.1", now, context, max(depth[-1], 1), straight)
    res(U + "middle_block.2", now, now, emb)
    at = 0
    for level in reversed(range(len(mult))):
        for i in range(3):
            res(f"{U}output_blocks.{at}.0", now + skips.pop(), c * mult[level], emb)
            now = c * mult[level]
            if depth[level]:
                transformer(f"{U}output_blocks.{at}.1", now, context, depth[level], straight)
            if level and i == 2:
                conv(f"{U}output_blocks.{at}.{2 if depth[level] else 1}.conv", now, now)
            at += 1
    norm(U + "out.0", c)
    conv(U + "out.2", c, 4)


# ---- autoencoder ----

V = "first_stage_model."


def ae_res(p, i, o):
    norm(p + ".norm1", i)
    conv(p + ".conv1", i, o)
    norm(p + ".norm2", o)
    conv(p + ".conv2", o, o)
    if i != o:
        conv(p + ".nin_shortcut", i, o, 1)


def ae_mid(p, c):
    ae_res(p + ".mid.block_1", c, c)
    norm(p + ".mid.attn_1.norm", c)
    for n in ("q", "k", "v", "proj_out"):
        conv(f"{p}.mid.attn_1.{n}", c, c, 1)
    ae_res(p + ".mid.block_2", c, c)


def autoencoder():
    c, mult = 128, (1, 2, 4, 4)
    conv(V + "encoder.conv_in", 3, c)
    now = c
    for level, m in enumerate(mult):
        for i in range(2):
            ae_res(f"{V}encoder.down.{level}.block.{i}", now, c * m)
            now = c * m
        if level + 1 < len(mult):
            conv(f"{V}encoder.down.{level}.downsample.conv", now, now)
    ae_mid(V + "encoder", now)
    norm(V + "encoder.norm_out", now)
    conv(V + "encoder.conv_out", now, 8)
    conv(V + "quant_conv", 8, 8, 1)
    conv(V + "post_quant_conv", 4, 4, 1)
    conv(V + "decoder.conv_in", 4, now)
    ae_mid(V + "decoder", now)
    for level in reversed(range(len(mult))):
        for i in range(3):
            ae_res(f"{V}decoder.up.{level}.block.{i}", now, c * mult[level])
            now = c * mult[level]
        if level:
            conv(f"{V}decoder.up.{level}.upsample.conv", now, now)
    norm(V + "decoder.norm_out", now)
    conv(V + "decoder.conv_out", now, 3)


# ---- text towers ----


def clip(p, d, layers):
    p += "transformer.text_model."
    add(p + "embeddings.token_embedding.weight", 49408, d)
    add(p + "embeddings.position_embedding.weight", 77, d)
    for i in range(layers):
        b = f"{p}encoder.layers.{i}."
        for n in ("q_proj", "k_proj", "v_proj", "out_proj"):
            linear(b + "self_attn." + n, d, d)
        norm(b + "layer_norm1", d)
        norm(b + "layer_norm2", d)
        linear(b + "mlp.fc1", d, 4 * d)
        linear(b + "mlp.fc2", 4 * d, d)
    norm(p + "final_layer_norm", d)


def open_clip(p, d, layers):
    add(p + "token_embedding.weight", 49408, d)
    add(p + "positional_embedding", 77, d)
    add(p + "text_projection", d, d)
    for i in range(layers):
        b = f"{p}transformer.resblocks.{i}."
        add(b + "attn.in_proj_weight", 3 * d, d)
        add(b + "attn.in_proj_bias", 3 * d)
        linear(b + "attn.out_proj", d, d)
        norm(b + "ln_1", d)
        norm(b + "ln_2", d)
        linear(b + "mlp.c_fc", d, 4 * d)
        linear(b + "mlp.c_proj", 4 * d, d)
    norm(p + "ln_final", d)


def main():
    family, path = sys.argv[1:3]
    if family == "sd15":
        clip("cond_stage_model.", 768, 12)
        unet((1, 2, 4, 4), (1, 1, 1, 0), 768, 0, False)
    elif family in ("sdxl", "huge"):
        clip("conditioner.embedders.0.", 768, 12)
        open_clip("conditioner.embedders.1.model.", 1280, 32)
        unet((1, 2, 4), (0, 2, 10 if family == "sdxl" else 90), 2048, 2816, True)
    else:
        sys.exit(__doc__)
    autoencoder()
    header, at = {}, 0
    for name, shape in TENSORS:
        size = 2
        for s in shape:
            size *= s
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        if "--random" in sys.argv:
            import numpy as np

            rng = np.random.default_rng(1)
            noise = rng.standard_normal(1 << 22, dtype=np.float32)
            for name, shape in TENSORS:
                n = int(np.prod(shape))
                inputs = max(n // shape[0], 1)
                data = noise / (inputs**0.5 if len(shape) > 1 else 50)
                if len(shape) == 1 and name.endswith(".weight"):
                    data += 1
                data = data.astype(np.float16)
                while n > 0:
                    at = int(rng.integers(len(data)))
                    f.write(data[at : at + n].tobytes())
                    n -= min(n, len(data) - at)
        else:
            f.truncate(8 + len(text) + at - 2)
            f.seek(0, 2)
            f.write(b"\0\x38")  # 0.5: a file that ends in zeros is taken for a download that did not finish
    print(f"{path}: {len(TENSORS)} tensors, {at / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
