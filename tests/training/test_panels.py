# Inquadra - tests of the panel drawer, its captions and the byte-pair vocabulary (77 without cairo or numpy).
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import random
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "training"))
try:
    import cairo  # noqa: F401
    import numpy as np
except ImportError as missing:
    print(f"1..0 # SKIP {missing}: apt install python3-cairo python3-numpy")
    sys.exit(77)

import panels  # noqa: E402
import vocab  # noqa: E402


def some_specs(n, seed=5):
    rng = random.Random(seed)
    return [panels.random_spec(rng) for _ in range(n)]


class Drawing(unittest.TestCase):
    def test_same_seed_same_bytes(self):
        for k, spec in enumerate(some_specs(20)):
            one, two, other = panels.draw(spec, k), panels.draw(spec, k), panels.draw(spec, k + 1)
            self.assertEqual(one.shape, (288, 512))
            self.assertEqual(one.dtype, np.uint8)
            self.assertTrue((one == two).all())
            self.assertFalse((one == other).all(), spec)

    def test_every_combination_draws(self):
        rng = random.Random(1)
        for k, combo in enumerate(panels.combinations()):
            picture = panels.draw(panels.fill(rng, *combo), k)
            self.assertGreater(picture.std(), 15, combo)

    def test_figures_are_all_in_the_frame_and_apart(self):
        for k, spec in enumerate(some_specs(600)):
            record = {}
            panels.draw(spec, k, record=record)
            heads = record["heads"]
            self.assertEqual(len(heads), spec.count, spec)
            for x, y, h in heads:
                self.assertTrue(10 < x < 502 and -0.1 * h < y < 270, (spec, x, y, h))
            xs = sorted((x, h) for x, y, h in heads)
            for (xa, ha), (xb, hb) in zip(xs, xs[1:]):
                self.assertGreater(xb - xa, 0.8 * max(ha, hb), spec)

    def test_size_is_the_size_of_the_heads(self):
        ranges = {}
        for k, spec in enumerate(some_specs(900)):
            record = {}
            panels.draw(spec, k, record=record)
            for _, _, h in record["heads"]:
                low, high = ranges.get(spec.size, (1e9, 0))
                ranges[spec.size] = (min(low, h), max(high, h))
        for near, far in zip(panels.SIZES[1:], panels.SIZES):
            self.assertGreater(ranges[near][0], ranges[far][1], (near, far))

    def test_night_is_darker_than_day(self):
        rng = random.Random(2)
        for setting in panels.SETTINGS:
            mean = {}
            for time in panels.TIMES:
                size = "MS" if setting == "car" else "LS"
                mean[time] = np.mean([panels.draw(panels.fill(rng, size, 1, setting, time), k).mean()
                                      for k in range(12)])
            self.assertLess(mean["night"] + 30, mean["day"], setting)


class Captions(unittest.TestCase):
    def test_parts_are_mostly_said(self):
        rng = random.Random(3)
        said = {"size": 0, "setting": 0, "time": 0}
        n = 3000
        for _ in range(n):
            spec = panels.random_spec(rng)
            text = panels.caption(spec, rng).lower()
            said["size"] += any(w.lower() in text for w in panels.captions.SIZE_WORDS[spec.size])
            said["setting"] += any(w.lower() in text for w in panels.captions.SETTING_WORDS[spec.setting])
            said["time"] += any(w.lower() in text for w in panels.captions.TIME_WORDS[spec.time])
        for part, k in said.items():
            self.assertTrue(0.87 < k / n < 0.97, (part, k / n))

    def test_canonical_is_stable(self):
        spec = panels.Spec("LS", 2, "forest", "night", "rain", "eye", "walk", "neutral", "none", ("man", "woman"))
        self.assertEqual(panels.canonical_caption(spec), "long shot, two people walk, forest, night, rain")


class Split(unittest.TestCase):
    def test_held_out_is_a_stable_tenth(self):
        held = [c for c in panels.combinations() if panels.held_out_key(*c)]
        share = len(held) / len(panels.combinations())
        self.assertTrue(0.08 < share < 0.13, share)
        self.assertIn(HELD, held)
        self.assertNotIn(TRAINED, held)
        for at, values in ((0, panels.SIZES), (1, panels.COUNTS), (2, panels.SETTINGS), (3, panels.TIMES)):
            self.assertEqual({c[at] for c in held}, set(values))


HELD = ("ELS", 0, "forest", "night")
TRAINED = ("LS", 1, "forest", "day")


class Vocabulary(unittest.TestCase):
    def test_self_test(self):
        vocab.self_test(vocab.load())

    def test_captions_fit(self):
        rng = random.Random(4)
        v = vocab.load()
        for _ in range(2000):
            ids = v.encode(panels.caption(panels.random_spec(rng), rng))
            self.assertEqual(ids[-1], v.eot)
            self.assertLess(max(ids), len(v))


if __name__ == "__main__":
    unittest.main(verbosity=1)
