#!/usr/bin/env python3
# Inquadra - what gguf-py (PyPI: gguf, numpy) makes of random blocks of each quantised type: quants.safetensors beside.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import struct

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

# Where the f16 scales lie in a block.
SCALES = {"Q8_0": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q2_K": [80, 82], "Q3_K": [108],
          "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}

rng = np.random.default_rng(4)
header, data = {}, b""
for name, offsets in SCALES.items():
    kind = GGMLQuantizationType[name]
    elements, size = GGML_QUANT_SIZES[kind]
    n = 2 if elements == 256 else 5
    blocks = rng.integers(0, 256, (n, size), dtype=np.uint8)
    for at in offsets:
        scale = (rng.standard_normal(n) * 0.02).astype(np.float16)
        scale[-1] = np.float16(3e-6)  # a denormal
        blocks[:, at:at + 2] = scale.view(np.uint8).reshape(n, 2)
    values = dequantize(blocks.reshape(-1), kind).astype("<f4").reshape(-1)
    assert np.isfinite(values).all() and values.size == n * elements
    for key, dtype, array in ((name + ".blocks", "U8", blocks.reshape(-1)), (name + ".values", "F32", values)):
        header[key] = {"dtype": dtype, "shape": [array.size], "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
text = json.dumps(header).encode()
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "quants.safetensors"), "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
