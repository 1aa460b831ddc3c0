#!/usr/bin/env python3
# Inquadra - writes the files the fuzzers begin with: small, valid or nearly so, the same each time.
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


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(color, depth, rows, extra=b"", interlace=0, size=(4, 3)):
    head = struct.pack(">IIBBBBB", *size, depth, color, 0, 0, interlace)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) + chunk(b"IEND", b""))


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
    },
    "tokenizer": {
        "plain": tokens(WORDS, b"Hello, hello it's 1920 aaaaaaa"),
        "gzip": tokens(gzip.compress(WORDS, mtime=0), b"hello"),
        "bytes": tokens(b"", "caf\u00e9 \u4e00 \u0130 e\u0301\u0323 <|endoftext|>".encode() + b"\xff\xc0"),
        "bad": tokens(b"a b c\n\n", b""),
        "clip": tokens(b'"bpe_simple_vocab_16e6.txt#version: 0.2\na b\n', b"ab"),
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

out = sys.argv[1]
for name, files in CORPUS.items():
    os.makedirs(os.path.join(out, name), exist_ok=True)
    for file, data in files.items():
        with open(os.path.join(out, name, file), "wb") as f:
            f.write(data)
