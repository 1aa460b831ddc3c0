# Inquadra - draws panels ahead of the training and keeps them small on the disk
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: shards.py [--panels 200000] [--wide X] [--common X] [--workers N]. Resumes: a shard that is there is not drawn again.
After INQ_UNTIL (seconds of the epoch) no shard is begun.

runs/shards/00042.npz holds CHUNK panels of the training split: frame [n] u8 (index into panels.FRAMES), labels [n,7] i16
(classifier.NAMES), tokens [n,CAPTIONS,48] u16, offset [n+1] i64 into data u8: zlib of the picture in 64 greys (what that costs
is 47 dB, far above the autoencoder; deflate's level 3 takes three fifths of level 5's time and an eighth more room). Shard k is the same on every machine. Twenty thousand panels take about two minutes on 2 cores.
"""
import argparse
import dataclasses
import functools
import gc
import glob
import os
import random
import time
import zlib
from concurrent.futures import ProcessPoolExecutor

import numpy as np

import common

CHUNK = 256
CAPTIONS = 4
FOLDER = "shards"
GREYS = np.uint8(0xFC)


def path_of(k):
    return os.path.join(common.run_path(FOLDER), f"{k:05d}.npz")


def pack(picture):
    """uint8 [h,w] -> bytes; unpack gives it back with its lowest two bits dropped (and white kept white)."""
    return zlib.compress((picture & GREYS).tobytes(), 3)


def unpack(data, frame):
    """-> uint8 [h,w] of the frame's name."""
    import panels

    w, h = panels.FRAMES[frame]
    x = np.frombuffer(zlib.decompress(data), np.uint8).reshape(h, w)
    return x | (x >> 6)


def draw_shard(k, wide=0.0, common_share=0.0):
    """Draws and writes shard k; returns the bytes it takes. A share wide of the panels in other frames becomes 16:9, and a share
    common_share is of panels.common()."""
    import panels
    import vocab
    from classifier import labels

    if os.path.exists(path_of(k)):
        return os.path.getsize(path_of(k))
    if time.time() > float(os.environ.get("INQ_UNTIL", "inf")):
        return 0  # what is there must do
    rng = random.Random(7_000_000 + k)
    frames = list(panels.FRAMES)
    frame, label, tokens, blobs = [], [], [], []
    for _ in range(CHUNK):
        spec = common.training_spec(rng, bool(common_share) and rng.random() < common_share)
        if wide and rng.random() < wide:
            spec = dataclasses.replace(spec, frame="16:9")
        blobs.append(pack(panels.draw(spec, rng.randrange(2**31))))
        frame.append(frames.index(spec.frame))
        label.append(labels(spec))
        texts = [panels.canonical(spec)] + [panels.caption(spec, rng) for _ in range(CAPTIONS - 1)]
        tokens.append([vocab.encode(t) for t in texts])
    offset = np.cumsum([0] + [len(b) for b in blobs])
    part = path_of(k) + f".{os.getpid()}.part.npz"
    np.savez(part, frame=np.uint8(frame), labels=np.int16(label), tokens=np.uint16(tokens), offset=offset, data=np.frombuffer(b"".join(blobs), np.uint8),
             vocabulary=len(vocab.working()))
    os.replace(part, path_of(k))
    return os.path.getsize(path_of(k))


def present():
    """Paths of the complete shards, in order."""
    return sorted(p for p in glob.glob(os.path.join(common.run_path(FOLDER), "*.npz")) if ".part" not in p)


def read(path):
    """One shard: frame names [n], labels, tokens, a function picture(i)."""
    import panels

    with np.load(path) as f:
        z = {k: f[k] for k in ("frame", "labels", "tokens", "offset", "data")}
    names = list(panels.FRAMES)
    frames = [names[i] for i in z["frame"]]
    data, offset = z["data"].tobytes(), z["offset"]
    return frames, z["labels"], z["tokens"], lambda i: unpack(data[offset[i] : offset[i + 1]], frames[i])


def pictures(paths, frame, limit):
    """Up to limit pictures of one frame from the shards: uint8 [n,h,w]."""
    out = []
    for path in paths:
        frames, _, _, picture = read(path)
        out += [picture(i) for i, f in enumerate(frames) if f == frame]
        if len(out) >= limit:
            break
    return np.stack(out[:limit])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--panels", type=int, default=200000)
    p.add_argument("--wide", type=float, default=0.0, help="share of the panels in other frames that is drawn in 16:9 instead")
    p.add_argument("--common", type=float, default=0.0, help="share of the panels that is of what most boards are made of (panels.common)")
    p.add_argument("--workers", type=int, default=int(os.environ.get("INQ_THREADS", os.cpu_count() or 1)))
    a = p.parse_args()
    os.makedirs(common.run_path(FOLDER), exist_ok=True)
    n = (a.panels + CHUNK - 1) // CHUNK
    size = 0
    # what is loaded stays: no use in looking through it again and again
    with ProcessPoolExecutor(a.workers, initializer=gc.freeze) as pool:
        for k, s in enumerate(pool.map(functools.partial(draw_shard, wide=a.wide, common_share=a.common), range(n))):
            size += s
            if k % 16 == 15 or k + 1 == n:
                common.log("shards", panels=(k + 1) * CHUNK, megabytes=round(size / 1e6, 1), kilobytes_each=round(size / (k + 1) / CHUNK / 1e3, 2))


if __name__ == "__main__":
    main()
