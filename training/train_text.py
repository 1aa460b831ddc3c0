# Inquadra - teaches the text tower what captions name, before it sees a picture
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: train_text.py [--minutes 10] [--batch 64]   writes runs/text.pt (resumes from it); train.py starts from it.

For each attribute a learnt query looks at the tower's states, as the UNet's cross attention will, and names the attribute's
value. Captions cost nothing to write, so words, synonyms, both languages and slug lines are learnt from millions of them
instead of from the far fewer panels that the UNet can be shown. Only the tower is kept.
"""
import argparse
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import common
import nets
import optim
import team

# what a caption may leave out is not asked for where the Spec has the ordinary value
ORDINARY = {"angle": "eye", "mood": "neutral", "prop": "none", "wear": "none", "view": "three-quarter", "extra": "none", "light": "plain",
            "style": "clean", "move": "none", "weather": "clear", "framing": "plain", "action": "stand", "thing": "none"}


def tables():
    from panels import spec as s

    return {"size": s.SIZES, "angle": s.ANGLES, "count": s.COUNTS, "setting": s.SETTINGS, "action": s.ACTIONS, "time": s.TIMES,
            "weather": s.WEATHER, "light": s.LIGHTS, "mood": s.MOODS, "prop": s.PROPS, "wear": s.WEAR, "extra": s.EXTRAS,
            "style": s.STYLES, "move": s.MOVES, "framing": s.FRAMINGS, "view": s.VIEWS, "thing": s.OBJECTS, "kind": s.KINDS}


class Reader(nn.Module):
    """The tower and a question for each attribute."""

    def __init__(self, words, sizes):
        super().__init__()
        self.text = nets.TextTower(words)
        d = nets.TEXT["d"]
        self.query = nn.Parameter(torch.randn(len(sizes), d) * d**-0.5)
        self.key = nn.Linear(d, d, bias=False)
        self.heads = nn.ModuleList(nn.Linear(d, n) for n in sizes)

    def forward(self, tokens):
        x = self.text(tokens)
        w = torch.einsum("qd,bnd->bqn", self.query, self.key(x)).softmax(-1)
        y = torch.einsum("bqn,bnd->qbd", w, x)
        return [head(y[i]) for i, head in enumerate(self.heads)]


class Captions:
    """Endless captions with their labels, -100 where nothing is asked."""

    def __init__(self, seed):
        self.rng, self.tables = random.Random(seed), tables()

    def one(self):
        import panels
        import vocab
        from panels.spec import as_person

        s = common.training_spec(self.rng)
        whole = self.rng.random() < 0.25
        text = panels.canonical(s) if whole else panels.caption(s, self.rng)
        label = []
        for name, table in self.tables.items():
            if name == "kind":
                value = as_person(s.people[0]).kind if s.count == 1 else None
            else:
                value = getattr(s, name)
            asked = value in table and (value != ORDINARY.get(name) or whole)
            label.append(table.index(value) if asked else -100)
        return vocab.encode(text, n_ctx=nets.N_CTX), label

    def batch(self, size):
        rows = [self.one() for _ in range(size)]
        return torch.tensor([list(r[0]) for r in rows]), torch.tensor([r[1] for r in rows])


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("--minutes", type=float, default=10)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--lr", type=float, default=1.5e-3)
    return p.parse_args()


def work(group, a):
    import vocab

    device = common.setup(4, threads=1 if group.size > 1 else 0)
    state = common.load("text.pt")
    if state and state["done"]:
        print("text: already trained")
        return
    names = list(tables())
    model = Reader(len(vocab.working()), [len(t) for t in tables().values()]).to(device)
    opt = optim.Optimiser(model, a.lr, group)
    step, spent = 0, 0.0
    if state:
        model.load_state_dict(state["model"])
        opt.load_state_dict(state["opt"])
        step, spent = state["step"], state["spent"]
    captions = Captions(8_000_000 + step + 7919 * group.rank)
    clock, saved, f, right, asked = common.Clock(a.minutes, spent), spent, 0.0, 0, 0

    def checkpoint(done):
        last = dict(opt=opt.state_dict()) if not done else {}
        common.save(dict(model=model.state_dict(), step=step, spent=clock.spent, done=done, **last), "text.pt")

    while f < 1:
        lr = a.lr * min(1.0, (step + 1) / 60) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-6
        tokens, labels = (t.to(device) for t in captions.batch(a.batch // group.size))
        with common.fast(device):
            out = model(tokens)
        losses = [F.cross_entropy(o.float(), labels[:, i], ignore_index=-100, reduction="sum") for i, o in enumerate(out)]
        loss = sum(losses) / len(tokens) / len(losses) * 4
        opt.zero_grad()
        loss.backward()
        f = group.average(list(model.parameters()), clock.fraction())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step(lr)
        step += 1
        right = right + torch.stack([(o.argmax(-1) == labels[:, i]).sum() for i, o in enumerate(out)])
        asked = asked + (labels >= 0).sum(0)
        if step % 100 == 0 and group.lead:
            shown = {n: round(float(r / max(int(m), 1)), 3) for n, r, m in zip(names, right, asked)}
            common.log("text", step=step, captions=step * a.batch, loss=round(float(loss), 4), done=round(f, 3), **shown)
            right, asked = 0, 0
        if clock.spent - saved > 60 and group.lead:
            saved = clock.spent
            checkpoint(False)
    if group.lead:
        checkpoint(True)


if __name__ == "__main__":
    team.run(work, arguments())
