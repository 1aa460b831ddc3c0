#!/usr/bin/env python3
# Inquadra - keeps of what fuzzing found the least set of inputs that reaches the same code.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: pack-found.py BUILD_FOLDER [CORPORA [TARGET...]]

CORPORA has a folder of inputs per target; without it the corpora of BUILD_FOLDER are taken. Writes found/TARGET.z where
that adds anything to what make-corpus.py writes, at most LIMIT bytes of inputs each."""
import os
import struct
import subprocess
import sys
import tempfile
import zlib

LIMIT = 40 << 10

if len(sys.argv) < 2:
    sys.exit(__doc__)
here = os.path.dirname(os.path.abspath(__file__))
build = os.path.join(sys.argv[1], "tests", "fuzz")
corpora = sys.argv[2] if len(sys.argv) > 2 else os.path.join(build, "corpus")
os.makedirs(os.path.join(here, "found"), exist_ok=True)
with tempfile.TemporaryDirectory() as tmp:
    subprocess.run([sys.executable, os.path.join(here, "make-corpus.py"), "--plain", tmp], check=True)
    for name in sys.argv[3:] or sorted(os.listdir(corpora)):
        # set_cover_merge: the folder to add to, then the folders to choose from
        plain, target = os.path.join(tmp, name), os.path.join(build, "fuzz-" + name)
        before = set(os.listdir(plain))
        subprocess.run([target, "-set_cover_merge=1", "-max_len=4096", "-rss_limit_mb=2048", plain, os.path.join(corpora, name)],
                       check=True, stderr=subprocess.DEVNULL)
        new = sorted((os.path.getsize(os.path.join(plain, f)), f) for f in set(os.listdir(plain)) - before)
        path, inputs, total = os.path.join(here, "found", name + ".z"), b"", 0
        for size, file in new:
            if total + size > LIMIT:
                break
            total += size
            with open(os.path.join(plain, file), "rb") as f:
                inputs += struct.pack("<I", size) + f.read()
        with open(path, "wb") as f:  # together, since they are alike
            f.write(zlib.compress(inputs, 9))
        print(f"{name}: {len(new)} inputs, {total} bytes, {os.path.getsize(path)} packed")
