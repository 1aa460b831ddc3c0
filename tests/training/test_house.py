# Inquadra - tests of the house model's files: container, keys, agreement of weights and expectations (77 without numpy).
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path.insert(0, os.path.join(ROOT, "training"))
try:
    import numpy as np
except ImportError as missing:
    print(f"1..0 # SKIP {missing}: apt install python3-numpy")
    sys.exit(77)
try:
    import torch
except ImportError:
    torch = None

import st  # noqa: E402
import vocab  # noqa: E402

MODEL = os.path.join(ROOT, "data", "models", "house", "model.safetensors")
EXPECT = os.path.join(ROOT, "tests", "data", "house", "expect")


class Container(unittest.TestCase):
    def test_what_is_written_is_read(self):
        tensors = {"b": np.arange(6, dtype=np.float16).reshape(2, 3), "a.x": np.float32([[1.5]]), "n": np.int64([7, -1])}
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "t.safetensors")
            st.write(path, tensors, {"k": 3})
            back, meta = st.read(path)
            self.assertEqual(int.from_bytes(open(path, "rb").read(8), "little") % 8, 0)
        self.assertEqual(meta, {"k": "3"})
        self.assertEqual(set(back), set(tensors))
        for name in tensors:
            self.assertEqual(back[name].dtype, tensors[name].dtype)
            np.testing.assert_array_equal(back[name], tensors[name])


class Shipped(unittest.TestCase):
    def setUp(self):
        self.tensors, self.meta = st.read(MODEL)

    def test_keys_and_size(self):
        for key in ("first_stage_model.encoder.conv_in.weight", "first_stage_model.decoder.conv_out.weight",
                    "model.diffusion_model.input_blocks.0.0.weight", "model.diffusion_model.out.2.weight",
                    "cond_stage_model.transformer.text_model.final_layer_norm.weight"):
            self.assertIn(key, self.tensors)
        self.assertTrue(all(t.dtype == np.float16 and np.isfinite(t).all() for t in self.tensors.values()))
        self.assertLess(os.path.getsize(MODEL), 40e6)
        self.assertEqual(self.meta["inquadra.prediction"], "flow")

    def test_vocabulary_fits_the_embedding(self):
        table = self.tensors["cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"]
        self.assertEqual(table.shape[0], len(vocab.load()))

    def test_expectations_name_the_shipped_sampler(self):
        with open(EXPECT + ".json") as f:
            info = json.load(f)
        euler = info["samplers"]["euler"]
        self.assertEqual(euler["steps"], int(self.meta["inquadra.steps"]))
        self.assertEqual(euler["cfg"], float(self.meta["inquadra.cfg"]))
        self.assertEqual(info["tokens"][0]["ids"], [vocab.load().encode(t) for t in info["prompts"] + [info["negative"]]])


@unittest.skipIf(torch is None, "python3-torch is not installed")
class Samplers(unittest.TestCase):
    """On pictures whose velocity is known: a single picture, and a Gaussian of spread 0.5."""

    def run_one(self, sampler, velocity, seed=1, steps=30, n=2000):
        import flow

        noise = torch.randn((1, n), generator=torch.Generator().manual_seed(7))
        unet = lambda x, t, context: velocity(x, float(t[0]) / 1000)
        random = [torch.Generator().manual_seed(seed)]
        return flow.sample(unet, noise, None, None, steps, 1.0, 3.5, sampler, random)

    @staticmethod
    def gaussian(x, t, s=0.5):
        x0 = (1 - t) * s * s / ((1 - t) ** 2 * s * s + t * t) * x
        n = t / ((1 - t) ** 2 * s * s + t * t) * x
        return n - x0

    def test_a_single_picture_is_found(self):
        import flow

        for sampler in flow.SAMPLERS:
            x = self.run_one(sampler, lambda x, t: (x - 0.3) / t)
            self.assertLess(float((x - 0.3).abs().max()), 1e-4, sampler)

    def test_spread_is_kept_where_it_should_be(self):
        for sampler in ("euler", "dpmpp_2m", "euler_a"):
            spread = float(self.run_one(sampler, self.gaussian, steps=100).std())
            self.assertAlmostEqual(spread, 0.5, delta=0.04, msg=sampler)

    def test_noise_renewed_is_noise_that_decides(self):
        import flow

        for sampler in flow.SAMPLERS:
            a, b, again = (self.run_one(sampler, self.gaussian, seed) for seed in (1, 2, 1))
            self.assertTrue(torch.equal(a, again), sampler)
            self.assertEqual(torch.equal(a, b), sampler in ("euler", "dpmpp_2m"), sampler)

    def test_second_order_is_nearer_in_few_steps(self):
        exact = 0.5 * torch.randn((1, 2000), generator=torch.Generator().manual_seed(7))  # the flow only scales
        straight, bent = (float((self.run_one(s, self.gaussian, steps=25) - exact).abs().max()) for s in ("euler", "dpmpp_2m"))
        self.assertLess(bent, straight / 3)


@unittest.skipIf(torch is None, "python3-torch is not installed")
class Agreement(unittest.TestCase):
    def test_weights_give_the_expectations(self):
        import flow

        house = flow.House(MODEL)
        want, _ = st.read(EXPECT + ".safetensors")
        want = {k: torch.from_numpy(v) for k, v in want.items()}
        got = {
            "context": house.text(torch.tensor([vocab.load().encode(t) for t in json.load(open(EXPECT + ".json"))["prompts"]])),
            "unet.eps.500": house.unet(want["unet.x"], torch.full((2,), 500.0), want["context"][:2]),
            "vae.decode": house.decode(want["vae.z"]),
            "vae.encode.mean": house.ae.encode(want["vae.image"]),
        }
        if house.guide is not None:
            got["guide.eps.1"] = house.guide(want["unet.x"], torch.full((2,), 1.0), want["context"][:2])
        for name, value in got.items():
            expected = want[name][: len(value)]
            self.assertLess(float((value - expected).abs().max() / expected.std()), 2e-3, name)


if __name__ == "__main__":
    unittest.main()
