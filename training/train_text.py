# Inquadra - teaches the text tower what captions name, before it sees a picture
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: train_text.py [--minutes 10] [--batch 64]   writes runs/text.pt (resumes from it); train.py starts from it.

For each attribute a learnt query looks at the tower's states, as the UNet's cross attention will, and names the attribute's
value. Captions cost nothing to write, so words, synonyms, both languages and slug lines are learnt from millions of them
instead of from the far fewer panels that the UNet can be shown. Only the tower is kept.
"""
import argparse
import random

import torch
import torch.nn as nn

import common
import naming
import nets
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
    """Endless captions with their labels, naming.NOT_ASKED where nothing is."""

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
            label.append(table.index(value) if asked else naming.NOT_ASKED)
        return vocab.encode(text, n_ctx=nets.N_CTX), label

    def batch(self, size):
        rows = [self.one() for _ in range(size)]
        return torch.tensor([list(r[0]) for r in rows]), torch.tensor([r[1] for r in rows])


def arguments():
    p = argparse.ArgumentParser()
    naming.arguments(p, 10, 1.5e-3)
    return p.parse_args()


def work(group, a):
    import vocab

    device = common.setup(4, threads=1 if group.size > 1 else 0)
    model = Reader(len(vocab.working()), [len(t) for t in tables().values()]).to(device)
    naming.learn(group, a, device, "text", model, list(tables()), lambda step: Captions(8_000_000 + step + 7919 * group.rank).batch)


if __name__ == "__main__":
    team.run(work, arguments())
