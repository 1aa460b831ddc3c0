# Inquadra - reads and writes safetensors files with numpy alone
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import struct

import numpy as np

NAMES = {"F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "U8": np.uint8}


def write(path, tensors, metadata=None):
    """tensors: name -> numpy array; written in name order, header padded to 8 bytes."""
    kinds = {np.dtype(v): k for k, v in NAMES.items()}
    header, offset = {}, 0
    if metadata:
        header["__metadata__"] = {k: str(v) for k, v in metadata.items()}
    names = sorted(tensors)
    for name in names:
        t = tensors[name]
        header[name] = {"dtype": kinds[t.dtype], "shape": list(t.shape), "data_offsets": [offset, offset + t.nbytes]}
        offset += t.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".part", "wb") as f:
        f.write(struct.pack("<Q", len(text)))
        f.write(text)
        for name in names:
            f.write(np.ascontiguousarray(tensors[name]).tobytes())
    os.replace(path + ".part", path)


def read(path):
    """-> (name -> numpy array, metadata)."""
    with open(path, "rb") as f:
        (n,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(n))
        data = f.read()
    metadata = header.pop("__metadata__", {})
    out = {}
    for name, h in header.items():
        a, b = h["data_offsets"]
        out[name] = np.frombuffer(data[a:b], dtype=NAMES[h["dtype"]]).reshape(h["shape"]).copy()
    return out, metadata
