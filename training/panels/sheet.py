# Inquadra - writes a contact sheet of drawn panels with their captions: python3 -m panels.sheet OUT.png --seed N
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import dataclasses
import random
import textwrap

import cairo
import numpy as np

from . import ACTIONS, SETTINGS, SIZES, TIMES, Spec, allowed, canonical_caption, caption, draw, fill, random_spec


def sheet(pictures, texts, path, columns=4, scale=0.75):
    """Pictures (uint8 [height, width], any frame) in cells of 512x288 with their text below, as one PNG."""
    w, h = int(512 * scale), int(288 * scale)
    pad, foot = 8, 34
    rows = (len(pictures) + columns - 1) // columns
    out = cairo.ImageSurface(cairo.FORMAT_RGB24, columns * (w + pad) + pad, rows * (h + foot + pad) + pad)
    c = cairo.Context(out)
    c.set_source_rgb(0.75, 0.75, 0.75)
    c.paint()
    c.select_font_face("sans-serif")
    c.set_font_size(12)
    for k, (picture, text) in enumerate(zip(pictures, texts)):
        x, y = pad + k % columns * (w + pad), pad + k // columns * (h + foot + pad)
        ph, pw = picture.shape
        bgrx = np.repeat(np.ascontiguousarray(picture)[:, :, None], 4, 2).copy()
        image = cairo.ImageSurface.create_for_data(memoryview(bgrx), cairo.FORMAT_RGB24, pw, ph)
        s = min(w / pw, h / ph)
        c.save()
        c.translate(x + (w - pw * s) / 2, y + (h - ph * s) / 2)
        c.scale(s, s)
        c.set_source_surface(image)
        c.paint()
        c.restore()
        c.set_source_rgb(0, 0, 0)
        for j, line in enumerate(textwrap.wrap(text, int(w / 6.6))[:2]):
            c.move_to(x, y + h + 13 + 14 * j)
            c.show_text(line)
    out.write_to_png(path)


def plain(spec, **changes):
    """The spec at eye level, clear, in the clean style, 16:9."""
    changes = {**dict(weather="clear", angle="eye", frame="16:9", move="none", extra="none", light="plain", framing="plain", style="clean"), **changes}
    return dataclasses.replace(spec, **changes)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("out")
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--count", type=int, default=24)
    ap.add_argument("--columns", type=int, default=4)
    ap.add_argument("--scale", type=float, default=0.75)
    ap.add_argument("--settings", nargs="*", help="one row per setting: every shot size")
    ap.add_argument("--actions", action="store_true", help="every action once, in long shots")
    ap.add_argument("--time", choices=TIMES)
    ap.add_argument("--canonical", action="store_true", help="evaluation captions")
    a = ap.parse_args()
    rng = random.Random(a.seed)
    if a.settings is not None:
        a.columns = len(SIZES)
        specs = []
        for setting in a.settings or SETTINGS:
            for size in SIZES:
                counts = [n for n in (1, 1, 2, 3) if allowed(size, n, setting)]
                specs.append(plain(fill(rng, size, rng.choice(counts), setting, a.time or rng.choice(TIMES))) if counts else Spec(size="MCU", setting=setting))
    elif a.actions:
        specs = [fill(rng, "LS", 2 if act in ("hug", "shake", "give", "punch", "argue") else 1, rng.choice(SETTINGS[32:]), "day", act) for act in ACTIONS if act != "drive"]
        specs = [plain(s, extra="bicycle" if s.action == "ride" else "none") for s in specs]
    else:
        specs = [random_spec(rng) for _ in range(a.count)]
    texts = [canonical_caption(s) if a.canonical else caption(s, rng) for s in specs]
    sheet([draw(s, a.seed * 1000 + k) for k, s in enumerate(specs)], texts, a.out, a.columns, a.scale)


if __name__ == "__main__":
    main()
