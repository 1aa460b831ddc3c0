# Inquadra - writes what PyTorch computes from the exported model, for the engine's tests and `inquadra-cli verify`
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: expect.py. Weights as exported (f16), arithmetic in f32; names as in the reference data for SD 1.x.

vae.z / scaling_factor + shift_factor decodes to vae.decode; vae.image encodes to vae.encode.mean (raw, as the
encoder puts it out). Pictures are 192x128 to keep the file small.
"""
import json
import os

import numpy as np
import torch

import common
import flow
import nets
import selftest
import st

PROMPTS = ["wide shot, two people walk through a forest at night, rain", "CU. INT. KITCHEN - DAY. Anna, smiling \u2014 caf\u00e9 3", ""]
NEGATIVE = "fog, empty"
WIDTH, HEIGHT = 192, 128


def main():
    import panels

    common.setup(5)
    house = flow.House(common.MODEL)
    g = torch.Generator().manual_seed(5)
    shape = (nets.LATENT_CHANNELS, HEIGHT // 8, WIDTH // 8)
    out = {}
    texts = PROMPTS + [NEGATIVE]
    ids = [house.vocab.encode(t, n_ctx=nets.N_CTX) for t in texts]
    with torch.no_grad():
        context = house.text(torch.tensor(ids, dtype=torch.long))
        out["text0.last"] = out["context"] = context
        if hasattr(house.unet, "label_emb"):
            out["text0.pooled"] = context.mean(1)
        x = out["unet.x"] = torch.randn((2,) + shape, generator=g)
        for t in (999, 500, 1):
            out[f"unet.eps.{t}"] = house.unet(x, torch.full((2,), float(t)), context[:2])
        if house.guide is not None:
            for t in (999, 1):
                out[f"guide.eps.{t}"] = house.guide(x, torch.full((2,), float(t)), context[:2])
        for where in ("middle", "all"):
            with nets.perturbed(house.unet, where, 1):
                out[f"unet.perturbed.{where}.500"] = house.unet(x, torch.full((2,), 500.0), context[:2])
        panel = panels.draw(panels.Spec(size="LS", count=2, people=("man", "woman")), 7)
        image = out["vae.image"] = common.to_signed(panel[100 : 100 + HEIGHT, 160 : 160 + WIDTH])[None, None]
        mean = out["vae.encode.mean"] = house.ae.encode(image)
        z = out["vae.z"] = (mean - house.shift) * house.scale + 0.1 * torch.randn((1,) + shape, generator=g)
        out["vae.decode"] = house.decode(z)
        noise = out["sample.noise"] = torch.randn((1,) + shape, generator=g)
        cfg, steps = house.cfg, house.steps
        out["sample.euler"] = flow.euler(house.unet, noise, context[:1], context[3:4], steps, cfg, house.flow_shift, **house.guided(cfg))
        out["sample.euler.image"] = house.decode(out["sample.euler"])
    ts = flow.timesteps(steps, house.flow_shift).tolist()
    info = {
        "kind": "house",
        "size": "192x128",
        "seed": 5,
        "config": {"vae_patch": nets.PIXEL_PATCH, "unet_patch": nets.LATENT_PATCH, "head_dim": nets.HEAD, "groups": nets.GROUPS},
        "prompts": PROMPTS,
        "negative": NEGATIVE,
        "reference": "torch f32 on the CPU, training/nets.py",
        "tokens": [{"encoder": 0, "pad": ids[2][-1], "ids": ids}],
        "unet": [999, 500, 1],
        "samplers": {
            "euler": {
                "steps": steps,
                "cfg": cfg,
                "timesteps": [1000.0 * t for t in ts[:-1]],
                "sigmas": ts,
                "prompt": 0,
                "negative": cfg != 1.0,
                "image": "sample.euler.image",
            }
        },
        "prediction_type": "flow",
        "scaling_factor": house.scale,
        "shift_factor": house.shift,
        "schedule": {"num_train_timesteps": 1000, "prediction_type": "flow", "shift": house.flow_shift},
    }
    path = os.path.join(common.TESTS, "expect.safetensors")
    st.write(path, {k: v.contiguous().numpy().astype(np.float32) for k, v in out.items()})
    with open(os.path.join(common.TESTS, "expect.json"), "w") as f:
        json.dump(info, f, indent=1)
        f.write("\n")
    print(f"{path}: {os.path.getsize(path) / 1e6:.2f} MB, {len(out)} tensors")
    selftest.main()


if __name__ == "__main__":
    main()
