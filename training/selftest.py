# Inquadra - the part of the expectations that is installed beside the house model, for `inquadra-cli selftest`
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: selftest.py (expect.py runs it too). Needs numpy alone: a choice of tests/data/house/expect.safetensors, and
the SHA-256 of the weights they belong to."""
import hashlib
import json
import os

import st

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
EXPECT = os.environ.get("INQ_TESTS_DIR", os.path.join(ROOT, "tests", "data", "house"))
HOUSE = os.environ.get("INQ_MODEL_DIR", os.path.join(ROOT, "data", "models", "house"))
KEEP = ["context", "unet.x", "unet.eps.999", "unet.eps.1", "guide.eps.1", "vae.image", "vae.encode.mean", "vae.z", "vae.decode", "sample.noise", "sample.euler"]


def main():
    tensors = st.read(os.path.join(EXPECT, "expect.safetensors"))[0]
    with open(os.path.join(EXPECT, "expect.json")) as f:
        info = json.load(f)
    with open(os.path.join(HOUSE, "model.safetensors"), "rb") as f:
        info["model"] = hashlib.sha256(f.read()).hexdigest()
    path = os.path.join(HOUSE, "selftest.safetensors")
    st.write(path, {name: tensors[name] for name in KEEP if name in tensors})
    with open(os.path.join(HOUSE, "selftest.json"), "w") as f:
        json.dump(info, f, indent=1)
        f.write("\n")
    print(f"{path}: {os.path.getsize(path) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
