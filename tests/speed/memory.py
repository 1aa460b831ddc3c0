#!/usr/bin/env python3
# Inquadra - how much memory a generation takes beside what it plans to.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage: memory.py CLI MODEL [ARGUMENT...]

Draws one picture with `CLI generate --model MODEL ARGUMENT...` and says what the process held at its peak, in all and
of which kind, beside the planned peak and the budget. On software Vulkan device memory is the process's own, so the
peak should be no more than 1.2 times the budget (or what is planned, if that is less). Kinds: own pages, pages of mapped
files (the checkpoint's and the program's), shared ones (a software device's memory); their peaks need not coincide. Linux.

Example, a checkpoint larger than memory:
    tests/data/make-full-size.py huge /tmp/huge.safetensors
    tests/speed/memory.py build/src/cli/inquadra-cli /tmp/huge.safetensors --size 64x64 --steps 1 --max-memory 1G
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

if len(sys.argv) < 3:
    sys.exit(__doc__)
cli, model, rest = sys.argv[1], sys.argv[2], sys.argv[3:]


def option(name):
    return rest[rest.index(name) : rest.index(name) + 2] if name in rest else []


# ---- what is planned ----

common = option("--max-memory") + option("--size")
plan = json.loads(subprocess.run([cli, "bench", "--plan", "--model", model, "--json"] + common, check=True, capture_output=True).stdout)

# ---- what is held ----


def kinds(pid):
    """MB by kind, and the checkpoint's share of the mapped files"""
    with open(f"/proc/{pid}/status") as f:
        text = f.read()
    found = dict(re.findall(r"(VmRSS|RssAnon|RssFile|RssShmem|VmHWM|VmPTE):\s+(\d+) kB", text))
    return {k: int(v) * 1024e-6 for k, v in found.items()}


most, moment = {}, {}


def watch(process):
    while process.poll() is None:
        try:
            now = kinds(process.pid)
        except (OSError, ValueError):
            break
        if now.get("VmRSS", 0) > most.get("VmRSS", 0):
            moment.update(now)
        for k, v in now.items():
            most[k] = max(most.get(k, 0), v)
        time.sleep(0.02)


with tempfile.TemporaryDirectory() as tmp:
    args = [cli, "generate", "--model", model, "--prompt", "a house by the sea", "--seed", "1", "--out", os.path.join(tmp, "o.png")]
    process = subprocess.Popen(args + rest, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    watcher = threading.Thread(target=watch, args=(process,))
    watcher.start()
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    watcher.join()
    if process.returncode != 0:
        sys.exit(said)

memory = plan["memory"]
peak, planned, budget = usage.ru_maxrss * 1024e-6, memory["needed"] * 1e-6, memory["budget"] * 1e-6
print(f"processor time {usage.ru_utime + usage.ru_stime:.0f} s ({usage.ru_utime:.0f} own, {usage.ru_stime:.0f} the kernel's)")
print(f"resident at most {peak:.0f} MB = {peak / planned:.2f} x planned ({planned:.0f} MB), {peak / budget:.2f} x budget ({budget:.0f} MB)")
for name, of in (("at the peak", moment), ("each at most", most)):
    print(f"{name}: " + ", ".join(f"{k} {v:.0f}" for k, v in sorted(of.items())))
