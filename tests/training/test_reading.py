# Inquadra - tests of the readers, of the reward that one of them gives, and of the decoder's sharpening.
# 77 without cairo, numpy or PyTorch.
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import atexit
import os
import random
import shutil
import sys
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["INQ_RUNS"] = tempfile.mkdtemp(prefix="inquadra-runs-")
os.environ["INQ_THREADS"] = "1"
atexit.register(shutil.rmtree, os.environ["INQ_RUNS"], True)
sys.path.insert(0, os.path.join(HERE, "..", "..", "training"))
try:
    import cairo  # noqa: F401
    import numpy as np
    import torch
except ImportError as missing:
    print(f"skipped: {missing}: apt install python3-numpy python3-cairo python3-torch")
    sys.exit(77)

import classifier  # noqa: E402
import common  # noqa: E402
import flow  # noqa: E402
import nets  # noqa: E402
import optim  # noqa: E402
import panels  # noqa: E402
import reader  # noqa: E402
import reward  # noqa: E402
import shards  # noqa: E402
import sharpen  # noqa: E402
import team  # noqa: E402
import vocab  # noqa: E402

torch.set_num_threads(1)
CPU = torch.device("cpu")


def eyes():
    return {"unet": nets.UNet().state_dict(), "ae": nets.Autoencoder().state_dict(), "scale": 1.0, "shift": 0.0, "silence": torch.zeros(1, nets.N_CTX, nets.UNET["context"])}


class Sharpening(unittest.TestCase):
    def test_exact_latents_stay_and_others_come_back_by_one_call(self):
        seen = []

        class Model:
            flow_shift = 3.5

            def text(self, tokens):
                return tokens.float()[..., None]

            def unet(self, x, t, context):
                seen.append(t)
                return torch.zeros_like(x)

        torch.manual_seed(4)
        z = torch.randn(400, 8, 4, 4)
        out = sharpen.made(Model(), z, np.zeros((400, 48), np.int64), torch.device("cpu"))
        t = seen[0] / 1000
        kept = (out == z).flatten(1).all(1)
        self.assertTrue(torch.equal(kept, t == 0))
        self.assertTrue(0.15 < float(kept.float().mean()) < 0.35)
        self.assertLessEqual(float(t.max()), flow.timesteps(4, 3.5)[-2])
        self.assertGreater(float(t.max()), 0.4)

    def test_a_smudge_has_less_detail_than_a_stroke_and_more_of_it_is_asked_for(self):
        stroke = torch.ones(1, 1, 24, 24)
        stroke[..., 12:14] = -1
        smudge = torch.nn.functional.avg_pool2d(stroke, 7, 1, 3, count_include_pad=False)
        paper = torch.full((1, 1, 24, 24), 0.3)
        clean, soft, none = (float(sharpen.detail(x)[0, 0, 12, 12]) for x in (stroke, smudge, paper))
        self.assertGreater(clean, 4 * soft)
        self.assertGreater(soft, none)
        self.assertAlmostEqual(none, 0.01, 4)  # the root stays differentiable where nothing changes
        at = smudge.clone().requires_grad_(True)
        (sharpen.detail(at) - sharpen.detail(stroke)).abs().mean().backward()
        nearer = smudge - 0.5 * at.grad / at.grad.abs().max()
        self.assertGreater(float(sharpen.detail(nearer)[0, 0, 12, 12]), soft)

    def test_batches_are_of_one_frame_with_their_captions(self):
        frames = ["16:9"] * 5 + ["1:1"] * 4
        sizes = {"16:9": (4, 6), "1:1": (5, 5)}
        read = lambda path: (frames, None, np.arange(9)[:, None, None] + np.zeros((9, 4, 48), int), lambda i: np.full(sizes[frames[i]], i, np.uint8))  # noqa: E731
        with mock.patch.object(shards, "present", lambda: ["a", "b"]), mock.patch.object(shards, "read", read):
            source = sharpen.Panels(1, 2, 3)
            self.assertEqual(source.paths, ["b"])
            got = [source.batch(2) for _ in range(40)]
        self.assertEqual({p.shape for p, _ in got}, {(2, 4, 6), (2, 5, 5)})
        for pictures, tokens in got:
            np.testing.assert_array_equal(pictures[:, 0, 0], tokens[:, 0])


class Reading(unittest.TestCase):
    def test_a_reader_reads_every_frame_and_comes_back(self):
        torch.manual_seed(3)
        state = eyes()
        judge = reader.Reader(reader.Eyes(state=state), reader.Namer())
        rng = np.random.default_rng(1)
        pictures = [rng.integers(0, 256, (h, w), dtype=np.uint8) for w, h in panels.FRAMES.values()]
        first = judge.read(pictures + pictures[:1])
        self.assertEqual(first.shape, (len(pictures) + 1, len(classifier.NAMES)))
        self.assertTrue((first[0] == first[-1]).all())
        self.assertTrue((first < np.array(classifier.class_counts())).all())
        self.addCleanup(lambda: os.remove(common.run_path("reader.pt")))
        common.save({"namer": judge.namer.state_dict(), "eyes": state}, "reader.pt")
        np.testing.assert_array_equal(reader.load().read(pictures), first[:-1])

    def test_eyes_learn_and_go_on_where_they_were_cut_off(self):
        silent = np.zeros((12, len(classifier.NAMES)), np.int64)
        state = eyes()
        was = {k: v.clone() for k, v in state["unet"].items()}
        sets = [(torch.randn(12, nets.LATENT_CHANNELS, 8, 8).half(), torch.from_numpy(silent))]
        self.addCleanup(lambda: os.path.exists(common.run_path("judge.pt")) and os.remove(common.run_path("judge.pt")))

        class Given(reader.Eyes):
            def __init__(self, path=None, state=state):
                super().__init__(state=state)

        a = argparse.Namespace(eyes="x", learn=True, to=None, minutes=0.02, panels=256, batch=4, lr=1e-3)
        with mock.patch.object(reader, "Eyes", Given), mock.patch.object(reader, "gather", lambda *_: sets), mock.patch.object(reader, "FIRST", 1):
            reader.work(team.Team(), a)
            done = common.load("judge.pt")
            self.assertNotIn("opt", done)
            self.assertTrue(any(not torch.equal(done["eyes"]["unet"][k], v) for k, v in was.items()))
            self.assertIsNotNone(reader.load("judge.pt"))
            both = torch.nn.ModuleList([Given().unet, reader.Namer()]).requires_grad_(True)
            common.save({**done, "opt": optim.Optimiser(both, 1e-3).state_dict(), "step": 3, "spent": 60.0}, "judge.pt")
            reader.work(team.Team(), a)  # its time is over: one step
            now = common.load("judge.pt")["namer"]
            for k in ("query", "first.weight"):
                self.assertLess(float((now[k] - done["namer"][k]).abs().max()), 0.05, k)

    def test_reward_goes_to_what_was_asked_alone(self):
        state = eyes()
        for p in ("out.2.weight", "middle_block.0.out_layers.3.weight"):
            torch.nn.init.normal_(state["unet"][p], std=0.1)
        teacher = reward.Teacher(reader.Reader(reader.Eyes(state=state), reader.Namer()))
        z = torch.randn(3, nets.LATENT_CHANNELS, 16, 16, requires_grad=True)
        labels = torch.full((3, 7), -1)
        labels[1, 3] = 4
        loss, right = teacher.read(teacher.look(z), labels)
        loss.backward()
        moved = z.grad.flatten(1).abs().sum(1)
        self.assertEqual([bool(m > 0) for m in moved], [False, True, False])
        self.assertLessEqual(int(right.sum()), 1)

    def test_rewarded_prompts_are_of_training_combinations_and_of_one_frame(self):
        said = []
        with mock.patch.object(vocab, "encode", lambda text: said.append(text) or [0] * 48), \
                mock.patch.object(panels, "canonical", lambda spec: (panels.held_out(spec), panels.common(spec), spec.frame)), \
                mock.patch.object(panels, "caption", lambda spec, rng: (panels.held_out(spec), None, spec.frame)):
            size, tokens, labels = reward.prompts(random.Random(3), 60)
        self.assertEqual((len(tokens), len(labels)), (60, 60))
        self.assertIn(size, panels.FRAMES.values())
        asked = [t for t in said if t]
        self.assertTrue(all(not held and panels.FRAMES[frame] == size for held, _, frame in asked))
        self.assertTrue(all(often is not False for _, often, _ in asked))
        self.assertLess(len(asked), 60)
        for text, label in zip(said, labels):
            self.assertEqual(bool((label >= 0).any()), bool(text) and text[1] is True)

    def test_routes_keep_the_windows(self):
        grid = flow.timesteps(4, 3.5).tolist()
        lengths = set()
        for seed in range(20):
            times = reward.route(grid, random.Random(seed), 2)
            self.assertEqual(times, sorted(times, reverse=True))
            self.assertTrue(set(grid) <= set(times))
            lengths.add(len(times))
        self.assertEqual(lengths, {5, 6, 7})

    def test_common_panels_are_told_by_their_labels(self):
        rng = random.Random(4)
        specs = [panels.random_spec(rng) for _ in range(300)]
        y = np.array([classifier.labels(s) for s in specs])
        kept = classifier.are_common(y)
        self.assertTrue(0 < kept.sum() < len(kept))
        for spec, row, keep in zip(specs, y, kept):
            if panels.common(spec):
                self.assertTrue(keep)
            if row[3] >= 0 and spec.setting not in panels.COMMON_SETTINGS or spec.count > 3:
                self.assertFalse(keep)

    def test_what_is_read_ahead_comes_in_order_and_not_all_at_once(self):
        begun, lock = [], threading.Lock()

        def do(k):
            with lock:
                begun.append(k)
            return k * k

        source = reader.ahead(do, range(50), 2)
        self.assertEqual(next(source), 0)
        self.assertLessEqual(max(begun), 6)
        self.assertEqual(list(source), [k * k for k in range(1, 50)])

    def test_common_panels_are_gathered_by_frame(self):
        rng = random.Random(4)
        specs = [panels.random_spec(rng) for _ in range(90)]
        labels = np.array([classifier.labels(s) for s in specs], np.int16)
        paths = [specs[:50], specs[50:]]

        def read(part):
            return [s.frame for s in part], labels[:50] if part is paths[0] else labels[50:], None, lambda i: np.full((4, 6), specs.index(part[i]), np.uint8)

        class Given:
            def encode(self, pictures):
                return torch.from_numpy(pictures[:, :1, :1].astype(np.float32))

            def look(self, z):
                return -z

        want = {i for i in range(90) if classifier.are_common(labels[i : i + 1])[0]}
        self.assertTrue(0 < len(want) < 90)
        for learn in (True, False):
            with mock.patch.object(shards, "read", read):
                sets = reader.gather(Given(), paths, learn, CPU)
            got = []
            for x, y in sets:
                numbers = [abs(int(v)) for v in x.flatten()]
                self.assertEqual(len({specs[i].frame for i in numbers}), 1)
                np.testing.assert_array_equal(y.numpy(), labels[numbers])
                got += numbers
            self.assertEqual(len(got), len(set(got)))
            self.assertEqual(set(got), want)
            self.assertTrue(all((x >= 0).all() if learn else (x <= 0).all() for x, _ in sets))

    def test_prompts_drawn_beforehand_are_prompts_of_their_seeds(self):
        def prompts(rng, n):
            return (6, 4), torch.full((n, 48), rng.randrange(1000)), torch.full((n, 7), -1)

        with mock.patch.object(reward, "prompts", prompts), mock.patch.object(reward, "ProcessPoolExecutor", lambda n, _: ThreadPoolExecutor(n)):
            source = reward.supply(9, 3, 2)
            for k in range(12):
                frame, tokens, labels = next(source)
                self.assertEqual((frame, labels.shape), ((6, 4), (3, 7)))
                self.assertTrue(torch.equal(tokens, torch.full((3, 48), random.Random(9 + 1_000_003 * k).randrange(1000))))
            source.close()
            alone, rng = reward.supply(9, 3, 0), random.Random(9)
            for _ in range(3):
                self.assertTrue(torch.equal(next(alone)[1], prompts(rng, 3)[1]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
