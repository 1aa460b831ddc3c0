# Inquadra - Muon for the hidden matrices, AdamW for the rest, as one optimiser
# SPDX-License-Identifier: GPL-3.0-or-later
"""Muon (K. Jordan, 2024): momentum whose matrix is made orthogonal by a Newton-Schulz iteration. The step is scaled to
the size AdamW's would have (J. Liu and others, "Muon is scalable for LLM training", 2025), so one rate serves both.
Matrices of one shape go through the iteration together.
"""
import torch

import common


def orthogonal(g, steps=5):
    """g [n,rows,columns] -> its nearest (semi-)orthogonal matrices, roughly."""
    a, b, c = 3.4445, -4.7750, 2.0315
    turned = g.shape[1] > g.shape[2]
    x = g.transpose(1, 2) if turned else g
    x = x.to(torch.bfloat16) if common.has_bf16(x.device.type) else x
    x = x / (x.flatten(1).norm(dim=1)[:, None, None] + 1e-7)
    for _ in range(steps):
        s = torch.bmm(x, x.transpose(1, 2))
        x = a * x + torch.bmm(b * s + c * torch.bmm(s, s), x)
    x = x.to(g.dtype)
    return x.transpose(1, 2) if turned else x


class Optimiser:
    """Matrices and convolutions inside the network by Muon; what is left (ends, embeddings, norms, biases) by AdamW.

    The members of a team share the iteration out and exchange the results: it is a third of a step on a CPU."""

    def __init__(self, model, lr, team=None, decay=0.01, momentum=0.95):
        self.lr, self.decay, self.momentum = lr, decay, momentum
        self.team = team if team and team.size > 1 else None
        ends = ("unet.input_blocks.0.", "unet.out.", "unet.time_embed.", "unet.label_emb.", "embeddings.")
        groups, rest = {}, []
        for name, p in model.named_parameters():
            if not p.requires_grad:
                continue
            if p.dim() >= 2 and not any(e in name for e in ends):
                groups.setdefault((p.shape[0], p[0].numel()), []).append(p)
            else:
                rest.append(p)
        self.groups = [groups[k] for k in sorted(groups)]
        self.buffers = [torch.zeros(len(g), *k) for k, g in zip(sorted(groups), self.groups)]
        self.buffers = [b.to(g[0].device) for b, g in zip(self.buffers, self.groups)]
        # where steps are captured the rate is a number in the device's memory, which a replay reads anew
        captured = self.buffers[0].is_cuda
        self.rate = torch.tensor(float(lr), device=self.buffers[0].device) if captured else lr
        self.adam = torch.optim.AdamW(rest, lr=self.rate, betas=(0.9, 0.99), weight_decay=0.0, **({"capturable": True} if captured else {}))

    def zero_grad(self):
        for g in self.groups:
            for p in g:
                p.grad = None
        self.adam.zero_grad(set_to_none=True)

    def set_rate(self, lr):
        if torch.is_tensor(self.rate):
            self.rate.fill_(lr)
        else:
            self.rate = lr
            for g in self.adam.param_groups:
                g["lr"] = lr

    @torch.no_grad()
    def step(self):
        updates = []
        for i, (group, buffer) in enumerate(zip(self.groups, self.buffers)):
            g = torch.stack([p.grad.flatten(1) for p in group])
            buffer.mul_(self.momentum).add_(g, alpha=1 - self.momentum)
            g.lerp_(buffer, self.momentum)
            if self.team:
                mine = range((self.team.rank + i) % self.team.size, len(g), self.team.size)
                part = torch.zeros_like(g)
                if mine:
                    part[list(mine)] = orthogonal(g[list(mine)])
                updates.append(part)
            else:
                updates.append(orthogonal(g))
        if self.team:
            self.team.add(updates)
        for group, update in zip(self.groups, updates):
            update = update * (self.rate * (0.4 * max(update.shape[1:]) ** 0.5))
            torch._foreach_mul_(group, 1 - self.rate * self.decay)
            torch._foreach_sub_(group, [u.view_as(p) for p, u in zip(group, update)])
        self.adam.step()

    def state_dict(self):
        return {"adam": self.adam.state_dict(), "buffers": self.buffers}

    def load_state_dict(self, state):
        self.adam.load_state_dict(state["adam"])
        for g in self.adam.param_groups:  # of this device, not of the one that saved
            g.update(lr=self.rate, capturable=torch.is_tensor(self.rate))
        for kept in self.adam.state.values():
            kept["step"] = kept["step"].to(self.buffers[0].device)
        for mine, saved in zip(self.buffers, state["buffers"]):
            mine.copy_(saved)
