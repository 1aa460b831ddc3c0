# Inquadra - how fast one core draws: python3 -m panels.speed [--panels 500] [--rounds 5] [--seed 1]
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says how many random panels a core draws a second, in processor time: of all rounds, and of each panel's fastest round, which
other work on the machine disturbs least."""
import argparse
import gc
import random
import time

from . import draw, random_spec


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--panels", type=int, default=500)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seed", type=int, default=1)
    a = p.parse_args()
    r = random.Random(a.seed)
    shots = [(random_spec(r), r.randrange(2**31)) for _ in range(a.panels)]
    gc.freeze()  # as shards.py does
    spent, best = 0.0, [float("inf")] * len(shots)
    for _ in range(a.rounds):
        for i, shot in enumerate(shots):
            start = time.process_time()
            draw(*shot)
            took = time.process_time() - start
            spent += took
            best[i] = min(best[i], took)
    print(f"{len(shots) * a.rounds / spent:.0f} panels a second on one core; each at its fastest: {len(shots) / sum(best):.0f}")


if __name__ == "__main__":
    main()
