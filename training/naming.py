# Inquadra - trains a network that names attributes, with a resumable checkpoint
# SPDX-License-Identifier: GPL-3.0-or-later
"""The loop of train_text.py (what captions name) and train_eye.py (what latents show)."""
import numpy as np
import torch
import torch.nn.functional as F

import common
import optim

NOT_ASKED = -1


def arguments(parser, minutes, lr):
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=lr)


def learn(group, a, device, name, model, names, begin, finish=None):
    """Trains model, whose output is a list of logits [B,n], one for each of names; writes runs/NAME.pt and resumes from it; a finished one is left alone.

    begin(step) gives a function of the batch's size: (input, labels [B,names], NOT_ASKED where nothing is). finish() ends the leader's training."""
    state = common.load(name + ".pt")
    if state and state["done"]:
        print(f"{name}: already trained")
        return
    opt = optim.Optimiser(model, a.lr, group)
    step, spent = 0, 0.0
    if state:
        model.load_state_dict(state["model"])
        opt.load_state_dict(state["opt"])
        step, spent = state["step"], state["spent"]
    batch = begin(step)
    clock, saved, f, right, asked = common.Clock(a.minutes, spent), spent, 0.0, 0, 0

    def checkpoint(done):
        last = dict(opt=opt.state_dict()) if not done else {}
        common.save(dict(model=model.state_dict(), step=step, spent=clock.spent, done=done, **last), name + ".pt")

    while f < 1:
        lr = a.lr * min(1.0, (step + 1) / 60) * (0.5 + 0.5 * np.cos(np.pi * f)) + 1e-6
        x, labels = (t.to(device) for t in batch(a.batch // group.size))
        with common.fast(device):
            out = model(x)
        losses = [F.cross_entropy(o.float(), labels[:, i], ignore_index=NOT_ASKED, reduction="sum") for i, o in enumerate(out)]
        loss = sum(losses) / len(x) / len(losses) * 4
        opt.zero_grad()
        loss.backward()
        f = group.average(list(model.parameters()), clock.fraction())
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.set_rate(lr)
        opt.step()
        step += 1
        right = right + torch.stack([(o.argmax(-1) == labels[:, i]).sum() for i, o in enumerate(out)])
        asked = asked + (labels != NOT_ASKED).sum(0)
        if step % 100 == 0 and group.lead:
            shown = {n: round(float(r / max(int(m), 1)), 3) for n, r, m in zip(names, right, asked)}
            common.log(name, step=step, seen=step * a.batch, loss=round(float(loss), 4), done=round(f, 3), **shown)
            right, asked = 0, 0
        if clock.spent - saved > 60 and group.lead:
            saved = clock.spent
            checkpoint(False)
    if group.lead:
        if finish:
            finish()
        checkpoint(True)
