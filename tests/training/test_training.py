# Inquadra - tests of the training's parts: shards, windows of the distillation, what the evaluation measures.
# 77 without cairo or numpy; all but the shards need PyTorch too, and are skipped without it.
# SPDX-License-Identifier: GPL-3.0-or-later
import atexit
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import types
import unittest
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["INQ_RUNS"] = tempfile.mkdtemp(prefix="inquadra-runs-")
os.environ["INQ_THREADS"] = "1"
atexit.register(shutil.rmtree, os.environ["INQ_RUNS"], True)
sys.path.insert(0, os.path.join(HERE, "..", "..", "training"))
try:
    import cairo  # noqa: F401
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}: apt install python3-numpy python3-cairo")
    sys.exit(77)
try:
    import torch
except ImportError:
    torch = None

import panels  # noqa: E402
import shards  # noqa: E402

if torch is not None:
    import classifier
    import common
    import flow
    import knows
    import latents
    import measures
    import nets
    import optim
    import train
    import train_eye
    import train_text

    torch.set_num_threads(1)
needs_torch = unittest.skipIf(torch is None, "python3-torch is not installed")


def some(n, seed=1):
    rng = random.Random(seed)
    return [panels.random_spec(rng) for _ in range(n)]


class Shards(unittest.TestCase):
    def test_a_packed_panel_comes_back_almost_whole(self):
        for k, spec in enumerate(some(6)):
            p = panels.draw(spec, k)
            back = shards.unpack(shards.pack(p), spec.frame)
            self.assertEqual(back.shape, p.shape)
            self.assertLessEqual(int(np.abs(back.astype(int) - p).max()), 3)
            self.assertTrue((back[p == 255] == 255).all() and (back[p == 0] == 0).all())

    def test_training_never_draws_what_is_held_out(self):
        import common

        rng = random.Random(3)
        self.assertFalse(any(panels.held_out(common.training_spec(rng)) for _ in range(300)))

    def test_a_common_panel_is_of_what_most_boards_are_made_of(self):
        import common

        rng = random.Random(4)
        self.assertTrue(panels.COMMON_SETTINGS <= set(panels.SETTINGS) and panels.COMMON_ACTIONS <= set(panels.ACTIONS))
        drawn = [common.training_spec(rng, True) for _ in range(300)]
        self.assertTrue(all(panels.common(s) and not panels.held_out(s) for s in drawn))
        self.assertEqual({s.setting for s in drawn}, set(panels.COMMON_SETTINGS))
        self.assertEqual({s.time for s in drawn}, set(panels.TIMES))
        self.assertFalse(all(panels.common(common.training_spec(rng)) for _ in range(30)))


@needs_torch
class Judge(unittest.TestCase):
    def test_every_frame_fits_the_canvas_and_every_spec_has_labels(self):
        for w, h in panels.FRAMES.values():
            small = classifier.shrink(np.full((h, w), 200, np.uint8))
            self.assertEqual(small.shape, classifier.CANVAS)
            self.assertTrue(set(np.unique(small)) <= {128, 200})
            self.assertGreater((small == 200).mean(), 0.3)
        for spec in some(300):
            for name, label, table in zip(classifier.NAMES, classifier.labels(spec), classifier.tables()):
                self.assertTrue(0 <= label < len(table) if name in panels.shown(spec) else label == -1, (name, spec))

    def test_it_can_keep_to_what_is_common(self):
        rng = random.Random(3)
        specs = [classifier.random_of(rng, held_out=True, common_only=True) for _ in range(20)]
        self.assertTrue(all(panels.common(s) and panels.held_out(s) for s in specs))
        self.assertFalse(all(panels.common(classifier.random_of(rng)) for _ in range(20)))

    def test_what_is_not_shown_is_not_marked(self):
        """Of a far figure everything counts; of an extreme close-up neither place nor deed; wrong answers to those change no figure."""
        self.assertEqual(panels.shown(panels.Spec(size="LS")), set(classifier.NAMES))
        self.assertEqual(set(classifier.NAMES) - panels.shown(panels.Spec(size="ECU")), {"setting", "action"})
        self.assertEqual(set(classifier.NAMES) - panels.shown(panels.Spec(size="CU")), {"action"})
        self.assertEqual(set(classifier.NAMES) - panels.shown(panels.Spec(size="LS", count=0, people=())), {"action"})
        self.assertEqual(set(classifier.NAMES) - panels.shown(panels.Spec(size="LS", angle="bird", setting="field")), {"setting"})
        self.assertIn("setting", panels.shown(panels.Spec(size="LS", angle="bird", setting="kitchen")))
        specs = [panels.Spec(size="LS"), panels.Spec(size="ECU")]
        y = np.array([classifier.labels(s) for s in specs])
        guess, classifier.predict = classifier.predict, lambda net, x: np.where(y < 0, 3, y)
        try:
            self.assertEqual(set(classifier.accuracy(None, None, y).values()), {1.0})
            classifier.predict = lambda net, x: np.stack([y[0], y[0]])
            self.assertLess(classifier.accuracy(None, None, y)["size"], 1.0)
            self.assertEqual(classifier.accuracy(None, None, y)["action"], 1.0)
        finally:
            classifier.predict = guess

    def test_a_clock_ends_when_it_is_told_to(self):
        clock = common.Clock(60)
        self.assertLess(clock.fraction(), 0.1)
        clock.end()
        self.assertEqual(clock.fraction(), 1.0)
        os.environ["INQ_UNTIL"] = "1"  # long ago
        try:
            self.assertLessEqual(common.Clock(60).total, 1.0)
            self.assertLessEqual(common.Clock(60, 30.0).total, 31.0)
            self.assertEqual(common.Clock(60, 30.0).fraction(), 1.0)
        finally:
            del os.environ["INQ_UNTIL"]

    def test_a_long_pause_does_not_move_the_end(self):
        begin = time.time()
        with mock.patch.dict(os.environ, INQ_UNTIL=str(begin + 100)):
            clock = common.Clock(60)
            self.assertAlmostEqual(clock.total, 100, delta=1)
            with mock.patch.object(time, "time", lambda: begin + 80):  # a pause of 80 s, of which 30 count
                self.assertAlmostEqual(clock.fraction(), 0.6, delta=0.02)
                self.assertAlmostEqual(clock.total, 50, delta=1)
            with mock.patch.object(time, "time", lambda: begin + 101):
                self.assertEqual(clock.fraction(), 1.0)


class Flat:
    """A teacher whose velocity is the same everywhere; guidance changes it only where the caption is not empty."""

    def text(self, tokens):
        return tokens

    def unet(self, x, t, context):
        said = (context[:, 0] > 0).float()[:, None, None, None]
        return torch.ones_like(x) * (1 + said)


@needs_torch
class Learning(unittest.TestCase):
    def test_what_stands_where_counts_more_than_ink(self):
        one = torch.ones(2, 8, 8, 16)
        ink = one.clone()
        ink[:, :, ::2] *= -1  # gone in the means
        weight = torch.ones(2, 1, 8, 16)
        self.assertAlmostEqual(float(train.missed(0.5 * ink, weight)), 0.25, 5)
        self.assertAlmostEqual(float(train.missed(0.5 * one, weight)), 0.25 * 8, 5)
        self.assertAlmostEqual(float(train.missed(one, 3 * weight)), 24, 4)

    def test_faint_lines_weigh_more_than_ink(self):
        x = torch.zeros(1, 8, 36, 64)
        x[:, :, :, 8:10] = 4.0  # ink
        x[:, :, :, 40:42] = 0.5  # a faint line
        w = train.detail_weight(x)[0, 0, 18]
        self.assertAlmostEqual(float(train.detail_weight(x).mean()), 1.0, 5)
        self.assertGreater(float(w[40]), 3 * float(w[8]))

    def test_wide_shots_and_common_settings_are_learnt_from_as_often_as_asked(self):
        sizes = np.where(np.arange(64) % 4 < 3, panels.SIZES.index("CU"), panels.SIZES.index("LS"))
        labels = np.zeros((64, len(classifier.NAMES)), np.int16)
        often = panels.SETTINGS.index(sorted(panels.COMMON_SETTINGS)[0])
        seldom = next(i for i, name in enumerate(panels.SETTINGS) if name not in panels.COMMON_SETTINGS)
        labels[:, 0], labels[:, 2] = sizes, 1
        labels[:, 3] = np.where(np.arange(64) % 8 == 3, often, seldom)  # half of the wide ones
        labels[:32, 2] = np.where(sizes[:32] == panels.SIZES.index("CU"), 0, 1)  # that nobody is there counts in wide shots alone
        tokens = np.zeros((64, shards.CAPTIONS, nets.N_CTX), np.uint16)
        wide = (sizes == panels.SIZES.index("LS")).astype(np.float16)
        paths = [common.run_path(f"{folder}/90000.npz") for folder in (shards.FOLDER, latents.FOLDER)]
        for path in paths:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self.addCleanup(os.remove, path)
        np.savez(paths[0], frame=np.zeros(64, np.uint8), labels=labels)
        np.savez(paths[1], **{"16:9/z": np.broadcast_to(wide[:, None, None, None], (64, 8, 2, 2)), "16:9/tokens": tokens})
        for factor, settings, share in ((1, 1, 0.25), (3, 1, 0.5), (1, 5, 0.5), (3, 5, 0.75)):
            data = train.Data(np.zeros(nets.N_CTX, np.int64), torch.device("cpu"), wide=factor, common_settings=settings)
            self.assertEqual(data.n, 64)
            data.rng = np.random.default_rng(1)
            z, _ = data.batch(4000, 0.0)
            self.assertAlmostEqual(float(z[:, 0, 0, 0].mean()), share, delta=0.03)

    def test_a_tower_that_is_kept_stays_as_it_was(self):
        model = nets.Diffusion(30, c=16, d=32, ff=1, depth=(1, 1, 1, 1))
        model.text.requires_grad_(False)
        before = {k: v.clone() for k, v in model.state_dict().items()}
        opt = optim.Optimiser(model, 1e-2)
        opt.zero_grad()
        (model(torch.randn(1, 8, 4, 8), torch.ones(1), torch.zeros(1, nets.N_CTX, dtype=torch.long)) - 1).pow(2).mean().backward()
        opt.step()
        changed = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
        self.assertTrue(any(k.startswith("unet.") for k in changed))
        self.assertFalse([k for k in changed if k.startswith("text.")])


@needs_torch
class Knows(unittest.TestCase):
    def right(self, hears):
        """Of night panels, for a network that foretells them if the caption says night; one that does not hear foretells all alike."""
        rng, night = random.Random(3), []
        while len(night) < 24:
            spec = classifier.random_of(rng, True, True)
            if spec.time == "night" and spec.frame == "16:9":
                night.append(spec)

        def network(x, t, tokens):
            fits = torch.tensor([not hears or b"night" in bytes(row.tolist()) for row in tokens])
            return x / (t / 1000)[:, None, None, None] * fits[:, None, None, None]

        words = types.SimpleNamespace(encode=lambda text, n_ctx: text.encode().ljust(200))
        with mock.patch.dict(sys.modules, vocab=words), mock.patch.object(knows, "specs_that_show", lambda *a: night):
            return knows.right(network, lambda x: torch.zeros(len(x), 8, 36, 64), "time", 24, (0.9, 0.5))[1]

    def test_it_is_right_for_who_hears_the_word_and_at_chance_for_who_does_not(self):
        self.assertEqual(self.right(True), 1.0)
        self.assertLess(self.right(False), 0.75)


@needs_torch
class Eye(unittest.TestCase):
    def shard(self, frame):
        """A shard and its latents whose label stands in the latents too."""
        labels = np.zeros((len(frame), len(classifier.NAMES)), np.int16)
        labels[:, 0] = np.arange(len(frame)) % len(panels.SIZES)
        paths = [common.run_path(f"{folder}/90001.npz") for folder in (shards.FOLDER, latents.FOLDER)]
        for path in paths:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            self.addCleanup(os.remove, path)
        np.savez(paths[0], frame=np.uint8(frame), labels=labels)
        arrays = {}
        for i, name in enumerate(panels.FRAMES):
            if i in frame:
                rows = labels[np.array(frame) == i, 0]
                arrays[name + "/z"] = np.broadcast_to(rows.astype(np.float16)[:, None, None, None], (len(rows), 8, 8, 8))
                arrays[name + "/tokens"] = np.zeros((len(rows), shards.CAPTIONS, nets.N_CTX), np.uint16)
        np.savez(paths[1], **arrays)

    def test_labels_stand_by_their_latents_in_every_frame(self):
        self.shard([2, 0, 0, 1, 2, 0, 5, 1] * 4)
        seen = train_eye.Seen(0, 1, 10)
        self.assertEqual(len(seen.sets), 4)
        for _ in range(8):
            z, labels = seen.batch(16, np.random.default_rng(1))
            self.assertTrue(torch.equal(z[:, 0, 0, 0], labels[:, 0].float()))

    def test_what_it_sees_has_a_place_for_each_of_the_middle_of_the_unet(self):
        torch.manual_seed(1)
        eye, unet = train_eye.Eye().eval(), nets.UNet()
        sight = train.Sight(nets.UNET["d"])
        for w, h in panels.FRAMES.values():
            z = torch.randn(1, nets.LATENT_CHANNELS, h // 8, w // 8)
            with torch.no_grad():
                _, middle = unet(z, torch.zeros(1), torch.zeros(1, nets.N_CTX, nets.UNET["context"]), True)
            self.assertEqual(eye.places(z).shape[2:], middle.shape[2:])
            self.assertTrue(0 < float(sight.missed(middle, eye, z)) < 2)
            self.assertEqual([len(o[0]) for o in eye(z)], classifier.class_counts())

    def test_sight_is_learnt_and_not_exported(self):
        self.assertEqual(nets.without_sight({"unet.a": 1, "sight.net.0.weight": 2}), {"unet.a": 1})
        torch.manual_seed(2)
        unet, eye = nets.UNet(), train_eye.Eye().eval().requires_grad_(False)
        sight = train.Sight(nets.UNET["d"])
        z = torch.randn(2, nets.LATENT_CHANNELS, 12, 20)
        _, middle = unet(z, torch.zeros(2), torch.randn(2, nets.N_CTX, nets.UNET["context"]), True)
        sight.missed(middle, eye, z).backward()
        self.assertGreater(float(unet.input_blocks[0][0].weight.grad.abs().sum()), 0)
        self.assertTrue(all(p.grad is None for p in eye.parameters()))


    def test_training_goes_on_when_the_eye_comes_or_goes(self):
        import argparse

        import team
        import vocab

        self.shard([0] * 8)
        for name in ("flow.pt", "eye.pt", "flow.log"):
            self.addCleanup(lambda path=common.run_path(name): os.path.exists(path) and os.remove(path))
        with mock.patch.object(sys, "argv", ["train.py", "--batch", "2", "--minutes", "60"]), mock.patch.object(vocab, "working", lambda: range(30)), \
                mock.patch.object(vocab, "encode", lambda text, n_ctx: [0] * n_ctx):
            a = train.arguments()
            for seen, eye in ((2, False), (4, True), (6, False)):
                if eye:
                    common.save(dict(model=train_eye.Eye().state_dict(), done=True), "eye.pt")
                elif os.path.exists(common.run_path("eye.pt")):
                    os.remove(common.run_path("eye.pt"))
                train.work(team.Team(), argparse.Namespace(**{**vars(a), "seen": seen}))
                state = common.load("flow.pt")
                self.assertEqual(state["seen"], seen)
                for part in ("model", "ema"):
                    self.assertEqual(any(k.startswith("sight.") for k in state[part]), eye, part)


@needs_torch
class Distillation(unittest.TestCase):
    def test_a_window_is_the_guided_way_of_the_teacher(self):
        torch.manual_seed(1)
        x0, noise = torch.randn(64, 8, 4, 4), torch.randn(64, 8, 4, 4)
        tokens = torch.ones(64, 3, dtype=torch.long)
        tokens[32:] = 0
        grid = flow.timesteps(4, 3.5)
        xt, t, v = train.window((Flat().text, Flat().unet), grid, x0, noise, tokens, torch.zeros(3, dtype=torch.long), 3.0, 2, torch.device("cpu"))
        self.assertTrue(torch.allclose(v[:32], torch.full_like(v[:32], 1 + 3.0 * 1), atol=1e-4))  # u + 3 (c - u), c = 2, u = 1
        self.assertTrue(torch.allclose(v[32:], torch.ones_like(v[32:]), atol=1e-4))
        self.assertTrue(((t > 0) & (t <= 1)).all())
        starts = torch.isclose(t[:, None], grid[None, :-1]).any(1)
        self.assertGreater(int(starts.sum()), 8)
        s = t[starts][:, None, None, None]
        self.assertTrue(torch.allclose(xt[starts], (1 - s) * x0[starts] + s * noise[starts], atol=1e-4))


@needs_torch
class Reduced(unittest.TestCase):
    def test_sides_stay_multiples_of_32(self):
        for w, h in panels.FRAMES.values():
            small = latents.reduced(np.zeros((1, h, w), np.uint8))[0]
            self.assertEqual([n % 32 for n in small.shape], [0, 0])
            self.assertLess(small.size, 0.5 * w * h)


@needs_torch
class Words(unittest.TestCase):
    def test_only_what_a_caption_can_say_is_asked(self):
        shutil.copytree(os.path.join(common.MODEL_DIR, "tokenizer"), common.run_path("tokenizer"), dirs_exist_ok=True)
        captions = train_text.Captions(5)
        names = list(captions.tables)
        tokens, labels = captions.batch(64)
        self.assertEqual(tokens.shape, (64, nets.N_CTX))
        self.assertTrue((labels[:, names.index("setting")] >= 0).all())
        sizes = torch.tensor([len(t) for t in captions.tables.values()])
        self.assertTrue((labels < sizes).all())
        asked = (labels >= 0).float().mean(0)
        self.assertLess(float(asked[names.index("prop")]), 0.6)  # most carry nothing, and nobody says so


@needs_torch
class Perturbed(unittest.TestCase):
    def test_the_first_rows_see_themselves_alone_and_no_longer_after(self):
        torch.manual_seed(1)
        attention, x = nets.Attention(32, 32), torch.randn(2, 5, 32)
        plain = attention(x)
        attention.alone = 1
        out = attention(x)
        self.assertTrue(torch.allclose(out[0], attention.to_out(attention.to_v(x[:1]))[0], atol=1e-6))
        self.assertTrue(torch.equal(out[1], plain[1]))
        attention.alone = 0
        unet = nets.UNet(c=32, d=64, context=32, depth=(1, 1, 1, 1))
        blocks = [m.attn1 for m in unet.modules() if isinstance(m, nets.TransformerBlock)]
        with nets.perturbed(unet, "middle", 2):
            self.assertEqual(sum(b.alone == 2 for b in blocks), 1)
        with nets.perturbed(unet, "all", 2):
            self.assertTrue(all(b.alone == 2 for b in blocks))
        self.assertFalse(any(b.alone for b in blocks))


@needs_torch
class Guided(unittest.TestCase):
    def test_guidance_leads_away_from_the_guide_where_there_is_one(self):
        def always(value):
            return lambda x, t, context: torch.full_like(x, value) * context.mean((1, 2))[:, None, None, None]

        x, said, unsaid = torch.zeros(2, 8, 2, 2), torch.ones(2, 3, 4), torch.full((2, 3, 4), 0.5)
        net, guide = always(4.0), always(1.0)
        self.assertEqual(float(flow.velocity(net, x, 0.5, said, unsaid, 3.0, guide=guide)[0, 0, 0, 0]), 0.5 + 3 * (4 - 0.5))
        self.assertEqual(float(flow.velocity(net, x, 0.5, said, unsaid, 1.0, guide=guide)[0, 0, 0, 0]), 4)
        z = flow.sample(net, x, said, unsaid, 1, 3.0, guide=guide)
        self.assertEqual(float(z[0, 0, 0, 0]), -11)

    def test_an_exported_guide_is_read_back_with_its_own_sizes(self):
        unet = nets.UNet(**nets.GUIDE)
        back = flow.read_unet(unet.state_dict())
        self.assertEqual({k: v.shape for k, v in back.state_dict().items()}, {k: v.shape for k, v in unet.state_dict().items()})
        self.assertIsNone(flow.read_unet({}))


class Frames(unittest.TestCase):
    def test_the_program_asks_for_the_frames_that_are_drawn(self):
        with open(os.path.join(HERE, "..", "..", "src", "jobs", "inq-drawing.c"), encoding="utf-8") as f:
            table = re.search(r"house_frames\[\] = \{(.*?)\};", f.read(), re.S).group(1)
        asked = [(int(w), int(h)) for w, h in re.findall(r"\{ (\d+), (\d+) \}", table)]
        self.assertEqual(asked[0], (512, 288))
        self.assertEqual(set(asked), set(panels.FRAMES.values()))


class Chain(unittest.TestCase):
    """make.sh with an interpreter that only says how it is called."""
    def run_make(self, stage, **env):
        with tempfile.TemporaryDirectory() as folder:
            python = os.path.join(folder, "python")
            with open(python, "w") as f:
                f.write('#!/bin/sh\n[ "$1" = -c ] && { echo "${GPU:-0}"; exit; }\necho "$@"\n')
            os.chmod(python, 0o755)
            clean = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG")}
            out = subprocess.run(["sh", os.path.join(HERE, "..", "..", "training", "make.sh"), stage], check=True, text=True,
                                 capture_output=True, env={**clean, "PYTHON": python, "INQ_MODEL_DIR": folder, **env}).stdout
        return out.splitlines()

    def test_panels_drawn_ahead_are_enough_for_a_gpu(self):
        self.assertIn("shards.py --panels 200000", self.run_make("draw"))
        self.assertIn("shards.py --panels 300000", self.run_make("draw", GPU="1"))
        self.assertIn("shards.py --panels 77", self.run_make("draw", PANELS="77"))
        self.assertIn("shards.py --panels 48000", self.run_make("all"))

    def test_no_option_is_given_twice(self):
        lines = self.run_make("train")
        self.assertTrue(any(line.startswith("train.py ") for line in lines))
        for line in lines:
            options = [word for word in line.split() if word.startswith("--")]
            self.assertEqual(len(options), len(set(options)), line)


@needs_torch
class Measures(unittest.TestCase):
    def test_copies_and_twins_are_found(self):
        specs = [s for s in some(200, 4) if s.frame == "16:9"][:12]
        drawn = [[panels.draw(s, 40 + i) for i in range(4)] for s in specs[:4]]
        same = [[g[0]] * 4 for g in drawn]
        self.assertEqual(measures.variety(same, drawn)["near_duplicates"], 1.0)
        self.assertLess(measures.variety(drawn, drawn)["near_duplicates"], 0.1)
        train_set = [panels.draw(s, 1) for s in specs]
        fresh = [panels.draw(s, 2) for s in specs]
        bank = measures.thumbnails(train_set)
        self.assertLess(measures.copying(train_set, fresh, bank)["ratio"], 0.05)
        self.assertAlmostEqual(measures.copying(fresh, fresh, bank)["ratio"], 1.0, 2)

    def test_smudged_lines_count_as_mush(self):
        p = panels.draw(panels.Spec(size="MS", setting="office"), 3)
        x = torch.from_numpy(p).float()[None, None]
        soft = torch.nn.functional.avg_pool2d(x, 7, 1, 3, count_include_pad=False)[0, 0].round().byte().numpy()
        self.assertGreater(measures.mush(soft), 1.5 * measures.mush(p))

    def test_a_sketch_has_the_panel_s_lines_and_no_wash(self):
        drawn = [panels.draw(panels.Spec(size=size, setting="office"), 3) for size in ("MS", "CU", "LS")]
        sketches = [measures.sketch(p) for p in drawn]
        for p, q in zip(drawn, sketches):
            self.assertEqual(q.shape, p.shape)
            self.assertGreater(float((q == 255).mean()), 0.6)
            self.assertGreater(float((q < 100).mean()), 0.01)
            self.assertLess(p[q < 100].mean(), p.mean())  # where it is dark, so is the panel

    def test_a_seam_is_a_step_at_the_mask_s_edge(self):
        p = panels.draw(panels.Spec(size="MS", setting="office"), 3)
        darker = p.copy()
        darker[:, 256:] //= 2
        self.assertGreater(measures.seam([darker], 256), 3 * measures.seam([p], 256))
        self.assertGreater(measures.seam([darker], 256), 4)


@needs_torch
class Start(unittest.TestCase):
    def test_a_picture_to_start_from_is_left_as_far_as_strength_says(self):
        torch.manual_seed(2)
        calls = []

        def towards_grey(x, t, context):
            calls.append(float(t[0]) / 1000)
            return x / max(calls[-1], 1e-3)  # straight to zero

        noise, init = torch.randn(2, 8, 4, 6), torch.randn(2, 8, 4, 6)
        z = flow.sample(towards_grey, noise, None, None, 8, init=init, strength=0.5)
        self.assertEqual(len(calls), 4)
        self.assertAlmostEqual(calls[0], 0.5)
        self.assertLess(float(z.abs().max()), 1e-5)
        mask = torch.zeros(1, 1, 4, 6)
        mask[..., 3:] = 1
        z = flow.sample(towards_grey, noise, None, None, 8, init=init, mask=mask)
        self.assertTrue(torch.allclose(z[..., :3], init[..., :3], atol=1e-6))
        self.assertLess(float(z[..., 3:].abs().max()), 1e-5)


if __name__ == "__main__":
    unittest.main()
