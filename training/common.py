# Inquadra - paths, checkpoints, clocks and pictures shared by the training programs
# SPDX-License-Identifier: GPL-3.0-or-later
import functools
import json
import os
import random
import signal
import sys
import threading
import time

import numpy as np

try:
    import torch
except ImportError:  # drawing and packing panels need none
    torch = None

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
RUNS = os.environ.get("INQ_RUNS", os.path.join(HERE, "runs"))
MODEL_DIR = os.environ.get("INQ_MODEL_DIR", os.path.join(ROOT, "data", "models", "house"))
MODEL = os.path.join(MODEL_DIR, "model.safetensors")
TESTS = os.environ.get("INQ_TESTS_DIR", os.path.join(ROOT, "tests", "data", "house"))
WIDTH, HEIGHT = 512, 288

sys.path.insert(0, HERE)


def setup(seed=1, threads=0):
    os.makedirs(RUNS, exist_ok=True)
    torch.set_num_threads(threads or int(os.environ.get("INQ_THREADS", os.cpu_count() or 1)))
    torch.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)
    if not torch.cuda.is_available():
        return torch.device("cpu")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.benchmark_limit = 3  # every frame is tuned anew: ten tries of each convolution took a minute
    return torch.device("cuda")


@functools.lru_cache(None)
def has_bf16(kind="cpu"):
    """True where bf16 arithmetic is faster than f32: without the instructions it is emulated, many times slower."""
    flags = ""
    try:
        with open("/proc/cpuinfo") as f:
            flags = f.read()
    except OSError:
        pass
    return kind == "cuda" or ("avx512_bf16" in flags and torch.__version__ >= "2")


def fast(device):
    """bf16 arithmetic where the processor has it; elsewhere f32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bf16(device.type))


def run_path(name):
    return os.path.join(RUNS, name)


def save(obj, name):
    """Writes a checkpoint so that a crash leaves either the old or the new one."""
    path = run_path(name)
    torch.save(obj, path + ".part")
    os.replace(path + ".part", path)


def load(name):
    path = run_path(name)
    if not os.path.exists(path):
        return None
    kw = {"weights_only": False} if torch.__version__ >= "2" else {}
    return torch.load(path, map_location="cpu", **kw)


def log(name, **values):
    values["clock"] = time.strftime("%H:%M:%S", time.gmtime())
    line = json.dumps(values)
    print(name, line, flush=True)
    with open(run_path(name + ".log"), "a") as f:
        f.write(line + "\n")


class Clock:
    """Time spent training over all resumes, against the minutes asked for; ends earlier where INQ_UNTIL (seconds of the epoch) comes
    before. After SIGTERM the training is at its end: it saves what it has and exports can follow."""

    def __init__(self, minutes, spent=0.0):
        self.minutes, self.spent, self.last = minutes, spent, time.time()
        self.ended = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self.end)

    @property
    def total(self):
        """Seconds in all; fewer after a pause (a compiler's, say) that has taken from the time until INQ_UNTIL."""
        until = float(os.environ.get("INQ_UNTIL") or "inf")
        return min(self.minutes * 60.0, self.spent + max(1.0, until - self.last))

    def end(self, *_):
        self.ended = True

    def fraction(self):
        now = time.time()
        if self.ended or now > float(os.environ.get("INQ_UNTIL") or "inf"):
            return 1.0
        self.spent += min(now - self.last, 30.0)  # a pause is not training
        self.last = now
        return self.spent / self.total


class EMA:
    def __init__(self, model, decay):
        self.decay, self.steps = decay, 0
        self.shadow = {k: v.detach().clone() for k, v in model.state_dict().items() if v.is_floating_point()}

    def update(self, model):
        self.steps += 1
        d = min(self.decay, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            names = list(self.shadow)
            state = model.state_dict()
            torch._foreach_mul_([self.shadow[k] for k in names], d)
            torch._foreach_add_([self.shadow[k] for k in names], [state[k] for k in names], alpha=1 - d)


def warm_start(module, folder, prefixes):
    """Copies an exported model's tensors into module where name and shape match; prefixes: ours -> theirs."""
    import st

    tensors, _ = st.read(os.path.join(folder, "model.safetensors"))
    state, taken = module.state_dict(), 0
    for name, value in state.items():
        for ours, theirs in prefixes.items():
            if name.startswith(ours):
                got = tensors.get(theirs + name[len(ours) :])
                if got is not None and got.shape == tuple(value.shape):
                    state[name] = torch.from_numpy(got.astype(np.float32))
                    taken += 1
    module.load_state_dict(state)
    print(f"warm start: {taken} of {len(state)} tensors from {folder}")
    return taken == len(state)


def training_spec(rng, common=False):
    """A spec whose combination is not kept for the evaluation; one of panels.common() where asked, of close shots and of lines that are not
    clean half as many then: wide ones and closed contours have more to be learnt."""
    import panels

    while True:
        spec = panels.random_spec(rng)
        if panels.held_out(spec) or common and not panels.common(spec):
            continue
        odd = (spec.size not in ("ELS", "LS", "MLS", "MS")) + (spec.style != "clean")
        if not common or rng.random() < 0.5**odd:
            return spec


def to_signed(picture):
    """uint8 -> f32 in [-1,1]."""
    return torch.as_tensor(picture).float() / 127.5 - 1.0


def to_bytes(image):
    return ((image.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu().numpy()


def sheet(pictures, columns, path, scale=1.0, captions=None, greys=0):
    """Writes uint8 pictures [n][H,W] as one PNG, with a line of text under each where given; fewer greys, smaller file."""
    from PIL import Image, ImageDraw

    h, w = (int(round(s * scale)) for s in pictures[0].shape)
    strip = 14 if captions else 0
    rows = (len(pictures) + columns - 1) // columns
    page = Image.new("L", (columns * (w + 4) + 4, rows * (h + strip + 4) + 4), 128)
    draw = ImageDraw.Draw(page)
    for i, p in enumerate(pictures):
        x, y = 4 + (i % columns) * (w + 4), 4 + (i // columns) * (h + strip + 4)
        page.paste(Image.fromarray(p).resize((w, h), Image.BOX if scale <= 0.5 else Image.LANCZOS), (x, y))
        if captions:
            text = captions[i]
            while text and draw.textlength(text) > w:
                text = text[:-1]
            draw.text((x, y + h + 1), text, fill=255)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if greys:
        page = page.quantize(greys, dither=Image.Dither.NONE)
    page.save(path, optimize=True)
