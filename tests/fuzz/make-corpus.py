#!/usr/bin/env python3
# Inquadra - writes the files the fuzzers begin with: small, valid or nearly so, the same each time; and those that hours
# of fuzzing found (found/TARGET.z: the least set that reaches the same code; pack-found.py makes it).
# SPDX-License-Identifier: GPL-3.0-or-later
import gzip
import json
import os
import struct
import sys
import zlib


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def tokens(merges, text):
    return struct.pack("<H", len(merges)) + merges + text


def prompt(text, seed=7):
    return struct.pack("<Q", seed) + (text if isinstance(text, bytes) else text.encode())


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(color, depth, rows, extra=b"", interlace=0, size=(4, 3)):
    head = struct.pack(">IIBBBBB", *size, depth, color, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) + chunk(b"IEND", b""))


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return struct.pack("<Q", len(value)) + value


def gguf(pairs, tensors, data=b"", version=3):
    """pairs: name -> (type, bytes); tensors: name -> (dims innermost first, type, offset)"""
    out = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(pairs))
    for name, (kind, value) in pairs.items():
        out += text(name) + struct.pack("<I", kind) + value
    for name, (dims, kind, offset) in tensors.items():
        out += text(name) + struct.pack("<I", len(dims)) + b"".join(struct.pack("<Q", d) for d in dims)
        out += struct.pack("<IQ", kind, offset)
    return out + bytes(-len(out) % 32) + data


def lora(tensors):
    header, at = {}, 0
    for name, shape in tensors.items():
        size = 4
        for d in shape:
            size *= d
        header[name] = tensor("F32", shape, at, at + size)
        at += size
    return safetensors(header, bytes(at))


def json_file(which, value):
    return bytes([which]) + (value if isinstance(value, bytes) else json.dumps(value).encode())


GGUF_SIZES = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
              11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 30: (1, 2)}
MODEL = {"model.diffusion_model.input_blocks.0.0.weight": [1, 4], "model.diffusion_model.input_blocks.1.0.in_layers.0.weight": [1],
         "model.diffusion_model.input_blocks.2.0.op.weight": [1], "model.diffusion_model.out.2.weight": [4],
         "model.diffusion_model.time_embed.0.weight": [1, 2], "model.diffusion_model.middle_block.1.attn2.to_k.weight": [1, 8],
         "first_stage_model.decoder.conv_in.weight": [1, 4], "first_stage_model.decoder.conv_out.weight": [3],
         "first_stage_model.decoder.up.0.block.0": [1], "first_stage_model.decoder.up.1.upsample.conv.weight": [1],
         "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": [3, 8],
         "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight": [2, 8],
         "cond_stage_model.transformer.text_model.final_layer_norm.weight": [8],
         "cond_stage_model.transformer.text_model.encoder.layers.0.layer_norm1.weight": [8]}
SETTINGS = {"inquadra.family": "sd1", "inquadra.other_vae": "x", "inquadra.other_vae.family": "sdxl", "inquadra.unet.patch": "2",
            "inquadra.vae.patch": "2", "inquadra.sampler": "euler_karras", "inquadra.size": "64x32", "inquadra.text.head_dim": "4"}


def model(settings=None):
    header, at = {"__metadata__": settings} if settings else {}, 0
    for name, shape in MODEL.items():
        size = 2 * shape[0] * (shape[1] if len(shape) > 1 else 1)
        header[name], at = tensor("F16", shape, at, at + size), at + size
    return safetensors(header, bytes(at))


UNET_NAMES = ["conv_in.weight", "down_blocks.0.resnets.0.norm1.weight", "down_blocks.0.attentions.0.proj_in.weight",
              "down_blocks.0.downsamplers.0.conv.weight", "mid_block.resnets.1.conv2.bias", "up_blocks.1.resnets.2.conv1.weight",
              "up_blocks.0.upsamplers.0.conv.weight", "time_embedding.linear_1.weight"]
VAE_NAMES = ["encoder.down_blocks.0.resnets.0.conv_shortcut.weight", "decoder.up_blocks.3.upsamplers.0.conv.weight",
             "decoder.mid_block.attentions.0.to_q.weight", "decoder.mid_block.resnets.0.norm1.weight", "quant_conv.bias"]
STEM = "lora_unet_down_blocks_0_attentions_0_proj_in"
WORDS = b"#version: 0.2\nh e\nl l\nhe ll\nhell o</w>\na a\naa aa\n' s</w>\n"
CORPUS = {
    "safetensors": {
        "empty": safetensors({}),
        "two": safetensors({"a": tensor("F32", [2, 1], 0, 8), "b": tensor("F16", [2], 8, 12)}, b"12345678abcd"),
        "metadata": safetensors({"__metadata__": {"format": "pt"}, "x": tensor("BF16", [], 0, 2)}, b"ab"),
        "types": safetensors({t: tensor(t, [0, 3], 0, 0) for t in ("I8", "U8", "I16", "I32", "I64", "BOOL", "F64")}),
        "overlap": safetensors({"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 2, 6)}, b"123456"),
        "escapes": safetensors(b'{"\\u00e9\\ud83d\\ude00\\n":{"shape":[1],"dtype":"U8","data_offsets":[0,1]} }  ', b"z"),
        "huge": safetensors({"a": tensor("F32", [2 ** 62, 4], 0, 0)}),
        "pickle": b"\x80\x02}q\x00.",
        "zip": b"PK\x03\x04" + bytes(40),
        "model": model(),
        "settings": model(SETTINGS),
    },
    "gguf": {
        "empty": gguf({}, {}),
        "pairs": gguf({"general.name": (8, text("x")), "a": (4, struct.pack("<I", 7)), "b": (6, struct.pack("<f", 1.5)),
                       "c": (9, struct.pack("<IQ", 8, 2) + text("p") + text("q")), "d": (7, b"\1"),
                       "e": (12, struct.pack("<d", 2)), "f": (9, struct.pack("<IQIQ", 9, 1, 0, 3) + b"abc")}, {}),
        "shape": gguf({"comfy.gguf.orig_shape.x": (9, struct.pack("<IQii", 5, 2, 4, 8))}, {"x": ([32], 8, 0)}, bytes(34)),
        "aligned": gguf({"general.alignment": (4, struct.pack("<I", 64))}, {"x": ([2, 2], 0, 0), "y": ([8], 1, 64)},
                        bytes(32 + 80)),
        "unet": gguf({}, {n: ([1], 24, 32 * i) for i, n in enumerate(UNET_NAMES)}, bytes(32 * len(UNET_NAMES))),
        "vae": gguf({}, {n: ([1], 24, 32 * i) for i, n in enumerate(VAE_NAMES)}, bytes(32 * len(VAE_NAMES)), 2),
        **{f"type-{t}": gguf({}, {"x": ([e, 2], t, 0)}, bytes(range(1, 2 * b + 1)) if 2 * b < 256 else bytes(2 * b))
           for t, (e, b) in GGUF_SIZES.items()},
    },
    "lora": {
        "kohya": lora({STEM + ".lora_down.weight": [2, 4], STEM + ".lora_up.weight": [3, 2], STEM + ".alpha": []}),
        "conv": lora({STEM + ".lora_down.weight": [2, 2, 3, 3], STEM + ".lora_up.weight": [3, 2, 1, 1]}),
        "peft": lora({"unet.mid_block.attentions.0.proj_in.lora_A.weight": [1, 4],
                      "unet.mid_block.attentions.0.proj_in.lora_B.weight": [4, 1]}),
        "loha": lora({STEM + p: s for p, s in ((".hada_w1_a", [4, 2]), (".hada_w1_b", [2, 4]), (".hada_w2_a", [4, 2]),
                                               (".hada_w2_b", [2, 4]))}),
        "lokr": lora({STEM + ".lokr_w1": [2, 2], STEM + ".lokr_w2_a": [2, 1], STEM + ".lokr_w2_b": [1, 3]}),
        "odd": lora({STEM + ".lora_down.weight": [2, 4], STEM + ".lora_up.weight": [3, 3]}),
    },
    "json": {
        "index": json_file(0, {"_class_name": "StableDiffusionXLPipeline", "unet": ["diffusers", "UNet2DConditionModel"]}),
        "other": json_file(0, {"_class_name": "FluxPipeline"}),
        "shards": json_file(1, {"metadata": {"total_size": 2}, "weight_map": {
            "down_blocks.0.resnets.0.conv1.weight": "a.safetensors", "up_blocks.0.resnets.0.conv1.weight": "b.safetensors"}}),
        "escape": json_file(1, {"weight_map": {"x": "../vae/diffusion_pytorch_model.safetensors"}}),
        "unet": json_file(2, {"block_out_channels": [320, 640], "attention_head_dim": [5, 10], "sample_size": 64,
                              "use_linear_projection": True, "norm_num_groups": 32, "addition_embed_type": "text_time"}),
        "vae": json_file(3, {"block_out_channels": [128, 256], "scaling_factor": 0.18215}),
        "tower": json_file(4, {"hidden_size": 768, "num_attention_heads": 12, "hidden_act": "quick_gelu"}),
        "scheduler": json_file(5, {"_class_name": "LCMScheduler", "prediction_type": "v_prediction",
                                   "rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}),
        "deep": json_file(2, b"[" * 200),
        "comment": json_file(2, b'{/*"*/"a":[[[1e999,-1]]]}'),
    },
    "tokenizer": {
        "plain": tokens(WORDS, b"Hello, hello it's 1920 aaaaaaa"),
        "gzip": tokens(gzip.compress(WORDS, mtime=0), b"hello"),
        "bytes": tokens(b"", "caf\u00e9 \u4e00 \u0130 e\u0301\u0323 <|endoftext|>".encode() + b"\xff\xc0"),
        "bad": tokens(b"a b c\n\n", b""),
        "clip": tokens(b'"bpe_simple_vocab_16e6.txt#version: 0.2\na b\n', b"ab"),
    },
    "prompt": {
        "emphasis": prompt("a (cat:1.3) on [a [roof]], ((moon)) \\(night\\) (b:-.5) (c: 1e3 )"),
        "chunks": prompt("one BREAK two (three BREAK four)"),
        "choices": prompt("{a|b|{c|d}} {e} \\{f|g\\} {|h"),
        "comments": prompt("a\n  // {b|\nc}\n//"),
        "lora": prompt("x <lora:film:0.8> <lyco:a b> <lora:c:1:1> <lora:"),
        "bad": prompt("a <lora::1> <lora:x:nan>"),
        "bytes": prompt(b"\xff(\xc3\xa9\xc3:\xa91.2)"),
    },
    "png": {
        "grey": png(0, 8, [bytes(range(4))] * 3),
        "grey1": png(0, 1, [b"\xa0"] * 3),
        "grey16": png(0, 16, [bytes(range(8))] * 3),
        "rgb": png(2, 8, [bytes(range(12))] * 3),
        "rgba": png(6, 8, [bytes(range(16))] * 3),
        "palette": png(3, 8, [b"\0\1\0\1"] * 3, chunk(b"PLTE", b"\xff\0\0\0\xff\0") + chunk(b"tRNS", b"\x80")),
        "interlaced": png(0, 8, [b"\1"] * 1 + [b"\2\3"] * 3, interlace=1, size=(2, 3)),
        "text": png(0, 8, [bytes(4)] * 3, chunk(b"iTXt", b"parameters\0\0\0\0\0hello")
                    + chunk(b"zTXt", b"k\0\0" + zlib.compress(b"x" * 1000))),
    },
}

out = sys.argv[-1]  # "--plain" before it leaves the found ones out
here = os.path.dirname(os.path.abspath(__file__))
for name, files in CORPUS.items():
    os.makedirs(os.path.join(out, name), exist_ok=True)
    for file, data in files.items():
        with open(os.path.join(out, name, file), "wb") as f:
            f.write(data)
    found = os.path.join(here, "found", name + ".z")
    if os.path.exists(found) and "--plain" not in sys.argv:
        with open(found, "rb") as f:
            inputs, at = zlib.decompress(f.read()), 0
        while at < len(inputs):
            (size,) = struct.unpack_from("<I", inputs, at)
            with open(os.path.join(out, name, f"found-{at}"), "wb") as f:
                f.write(inputs[at + 4 : at + 4 + size])
            at += 4 + size
