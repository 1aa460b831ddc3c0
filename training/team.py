# Inquadra - trains with one single-threaded process per core, gradients averaged once a step
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads inside an operation wait for each other thousands of times a second, which costs most of the speed as
soon as anything else runs on the machine; processes that meet once a step do not.
"""
import os
import tempfile

import torch


class Team:
    def __init__(self, rank=0, size=1):
        self.rank, self.size, self.lead = rank, size, rank == 0

    def average(self, parameters, scalar):
        """Averages the gradients over the team; returns the leader's `scalar` to everyone (a shared clock)."""
        if self.size == 1:
            return scalar
        import torch.distributed as dist

        grads = [p.grad for p in parameters if p.grad is not None]
        mine = torch.tensor([float(scalar) if self.lead else 0.0]) * self.size
        flat = torch.cat([g.flatten() for g in grads] + [mine])
        dist.all_reduce(flat)
        flat /= self.size
        at = 0
        for g in grads:
            g.copy_(flat[at : at + g.numel()].view_as(g))
            at += g.numel()
        return float(flat[-1])


    def add(self, tensors):
        """Replaces each tensor by its sum over the team."""
        import torch.distributed as dist

        flat = torch.cat([t.flatten() for t in tensors])
        dist.all_reduce(flat)
        at = 0
        for t in tensors:
            t.copy_(flat[at : at + t.numel()].view_as(t))
            at += t.numel()


def member(rank, size, meet, work, args):
    import torch.distributed as dist

    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method="file://" + meet, rank=rank, world_size=size)
    work(Team(rank, size), args)
    dist.destroy_process_group()


def run(work, args):
    """work(team, args) in one process per core, or in this one where there is a GPU or no gloo."""
    import torch.distributed as dist

    size = int(os.environ.get("INQ_THREADS", os.cpu_count() or 1))
    if size == 1 or torch.cuda.is_available() or not dist.is_available():
        work(Team(), args)
        return
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.start_processes(
            member, (size, os.path.join(folder, "meet"), work, args), nprocs=size, start_method="fork")
