# Inquadra - draws one storyboard panel from a Spec and a seed: background, light, figures, weather.
# SPDX-License-Identifier: GPL-3.0-or-later
import math
import random

import cairo
import numpy as np

from . import indoors, outdoors
from .figures import Figure, draw_dog
from .pen import Pen
from .spec import INTERIORS, is_close

W, H = 512, 288
PLACES = {name: getattr(indoors if name in INTERIORS else outdoors, name) for name in
          ("forest", "street", "rooftop", "kitchen", "bedroom", "office", "bar", "beach", "mountains", "desert",
           "church", "car", "road", "farm", "platform")}
ZOOM = {"ELS": 1.0, "LS": 1.0, "MLS": 1.08, "MS": 1.16, "MCU": 1.20, "CU": 1.22, "ECU": 1.22}
INK = {"ELS": 0.08, "LS": 0.12, "MLS": 0.20, "MS": 0.28, "MCU": 0.34, "CU": 0.38, "ECU": 0.40}


class Stage:
    """What a setting needs to draw itself; lights shine after the night has fallen, front goes before the figures."""

    def __init__(self, pen, r, spec):
        self.pen, self.r, self.spec = pen, r, spec
        self.night = spec.time == "night"
        self.weather = spec.weather
        self.lights, self.front = [], []
        low = {"high": -62, "low": 62}.get(spec.angle, 0)
        self.hz = 150 + low + r.uniform(-10, 10)
        self.fl = 200 + low * 0.6 + r.uniform(-8, 8)
        self.wheel = 150


def shine(pen, lights):
    for kind, *a in lights:
        if kind == "glow":
            pen.glow(*a)
        elif kind == "rect":
            pen.rect(*a, 0.96, 0)
        elif kind == "poly":
            pen.poly(a[0], 0.96, 0)
        else:
            x, y, r0, r1, y1 = a
            pen.c.move_to(x - r0, y)
            pen.c.line_to(x + r0, y)
            pen.c.line_to(x + r1, y1)
            pen.c.line_to(x - r1, y1)
            pen.c.close_path()
            pen.grey(1.0, 0.30)
            pen.c.fill()
            pen.ell(x, y, r0 * 0.6, 6, 1.0, 0)


def background(c, spec, r):
    """The setting, darkened at night, its lights on. Returns the Stage."""
    z = ZOOM[spec.size]
    if spec.size == "ELS":
        z = 0.76 if spec.setting in INTERIORS else 0.92
    pen = Pen(c, 3.0 / z, INK[spec.size] * (0.4 if spec.time == "night" else 1.0))
    stage = Stage(pen, r, spec)
    flip = r.random() < 0.5
    c.save()
    c.translate(256 + r.uniform(-14, 14) * max(0, z - 1) * 4, 150)
    c.scale(-z if flip else z, z)
    c.translate(-256, -150)
    PLACES[spec.setting](stage)
    if stage.night:
        c.rectangle(-200, -200, 1000, 800)
        pen.grey(0.0, 0.52 if spec.setting in INTERIORS else 0.56)
        c.fill()
        shine(pen, stage.lights)
    c.restore()
    return stage


def weather_back(c, spec, r):
    """Fog lies in flat bands between setting and figures."""
    if spec.weather != "fog":
        return
    g = 0.62 if spec.time == "night" else 0.98
    c.set_source_rgba(g, g, g, 0.30)
    c.rectangle(-150, -150, 900, 700)
    c.fill()
    for k in range(3):
        y = 120 + 52 * k + r.uniform(-10, 10)
        x = r.uniform(-60, 60)
        c.set_source_rgba(g, g, g, 0.60)
        c.set_line_width(26)
        c.move_to(x - 120 + 160 * (k % 2), y)
        c.line_to(x + 420 + 160 * (k % 2), y)
        c.stroke()


def weather_front(c, spec, r):
    if spec.weather == "rain":
        g = 0.92 if spec.time == "night" else 0.38
        slope = r.choice((-1, 1)) * r.uniform(0.28, 0.40)
        c.set_source_rgba(g, g, g, 0.85)
        c.set_line_width(2.6)
        for row in range(5):
            y = row * 64 - 20 + r.uniform(-6, 6)
            x = r.uniform(0, 46) - 30
            while x < 540:
                yy = y + r.uniform(-12, 12)
                c.move_to(x, yy)
                c.line_to(x - slope * 40, yy + 40)
                x += r.uniform(44, 56)
        c.stroke()
    elif spec.weather == "fog":
        g = 0.66 if spec.time == "night" else 1.0
        c.set_source_rgba(g, g, g, 0.62)
        c.set_line_width(26)
        for y, x in ((236, r.uniform(-60, 100)), (276, r.uniform(-100, 60))):
            c.move_to(x - 100, y)
            c.line_to(x + 420, y)
            c.stroke()


def layout(spec, r, stage):
    """Where the figures stand: (x, y of the feet, full height) per figure, and the size of a figure."""
    n = spec.count
    angle = spec.angle
    if spec.size == "ELS":
        h = r.uniform(54, 64)
        y = {"high": 205, "low": 264}.get(angle, 242) + r.uniform(-8, 8)
        y = max(y, stage.hz + 44)
        step = r.uniform(72, 96)
        mid = 256 + r.uniform(-1, 1) * (200 - step * (n - 1) / 2)
        return [(mid + (k - (n - 1) / 2) * step, y + r.uniform(-4, 4), h * r.uniform(0.97, 1.03)) for k in range(n)]
    if spec.size == "LS":
        h = r.uniform(142, 160)
        y = {"high": 252, "low": 280}.get(angle, 268) + r.uniform(-5, 5)
        step = r.uniform(128, 150)
        mid = 256 + r.uniform(-1, 1) * (175 - step * (n - 1) / 2)
    else:
        # crop: where the frame's lower edge cuts the figure, as a part of its height, and head room
        cut, room, width = {"MLS": (0.74, 22, 150), "MS": (0.50, 22, 170), "MCU": (0.315, 16, 220),
                            "CU": (0.222, 12, 245), "ECU": (0.0, 0, 0)}[spec.size]
        room += r.uniform(-5, 6)
        if spec.size == "ECU":
            h = r.uniform(2450, 2700)
            hh = h * 0.155
            x = 256 + r.choice((-1, 1)) * r.uniform(48, 84)  # off centre: the setting shows beside the face
            # eyes near the middle of the frame
            neck_y = 148 + r.uniform(-10, 10) + hh * 0.60
            return [(x, neck_y + 0.335 * h + (0.27 if spec.action == "sit" else 0.47) * h, h)]
        h = (288 - room) / cut * (0.92 if spec.size == "CU" and n == 2 else 1.0) * r.uniform(0.97, 1.03)
        tall = 0.97 if spec.action != "sit" else 0.77
        y = room + h * tall
        step = width * r.uniform(0.94, 1.04)
        mid = 256 + r.uniform(-1, 1) * {1: 70, 2: 22, 3: 4}[n] * (1.2 if spec.size == "MLS" else 1.0)
    out = []
    for k in range(n):
        hk = h * r.uniform(0.96, 1.02)
        out.append((mid + (k - (n - 1) / 2) * step, y + r.uniform(-2, 2), hk))
    return out


def figures(c, spec, r, stage, record):
    n = spec.count
    pen = Pen(c, 2.6 if spec.size == "ELS" else 3.4 if not is_close(spec.size) else 4.2)
    pitch = {"high": 0.06, "low": -0.06}.get(spec.angle, 0.0)
    together = r.choice((-1, 1))
    people = []
    # side by side in a close frame an outstretched arm would cross the neighbour's face
    action = "point up" if spec.action == "point" and n > 1 and spec.size in ("MLS", "MS") else spec.action
    for k, (x, y, h) in enumerate(layout(spec, r, stage)):
        if spec.action in ("walk", "run", "point"):
            facing = together
        elif n == 2:
            facing = 1 if k == 0 else -1
        elif n == 3:
            facing = (1, r.choice((-1, 1)), -1)[k]
        else:
            facing = r.choice((-1, 1))
        if spec.action == "stand" and r.random() < 0.35 and n == 1:
            facing = 0
        prop = spec.prop if k == 0 and spec.prop != "dog" else "none"
        if spec.prop == "hat" and k == 0:
            prop = "hat"
        people.append(Figure(r, spec.people[k], x, y, h, facing, action, spec.mood, prop, stage.night, pitch))
    if stage.spec.setting == "car":
        stage.wheel = people[0].x
    for f in people:
        if spec.size in ("ELS", "LS"):
            pen.ell(f.x, f.y + 1, 0.22 * f.h, 0.035 * f.h, 0.25, 0)
        f.draw(pen)
    if spec.prop == "dog" and people:
        f = people[0]
        d = f.facing or 1
        side = f.x - d * 62
        if not 30 < side < 482:
            side = f.x + d * 62
        draw_dog(pen, min(470, max(42, side)), f.y + 3, f.h, d)
    if spec.action == "sit" and spec.size in ("MS", "MLS") and spec.setting != "car":
        t = 236 if spec.size == "MS" else 250
        pen.rect(-120, t, 760, 18, 0.90)
        pen.rect(-120, t + 18, 760, 120, 0.46)
        x = r.uniform(200, 312) if n == 2 else r.choice((90, 422))
        pen.rect(x - 13, t - 26, 26, 24, 0.98)
        pen.ell(x + 17, t - 14, 7, 8, None)
    if record is not None:
        record["heads"] = [f.head for f in people]


def draw(spec, seed, width=W, height=H, record=None):
    """Grey picture [height, width] uint8 of the Spec; the same seed gives the same bytes. With a dict in
    record, record["heads"] lists (x, y, height) of every head drawn, on the 512x288 stage."""
    r = random.Random(f"{seed}|{spec.size}|{spec.setting}|{spec.time}|{spec.count}")
    surface = cairo.ImageSurface(cairo.FORMAT_RGB24, width, height)
    c = cairo.Context(surface)
    c.scale(width / W, height / H)
    tilt = r.choice((-1, 1)) * math.radians(r.uniform(10, 13)) if spec.angle == "dutch" else 0.0
    c.save()
    if tilt:
        c.translate(256, 144)
        c.rotate(tilt)
        c.translate(-256, -144)
    stage = background(c, spec, r)
    weather_back(c, spec, r)
    figures(c, spec, r, stage, record)
    c.restore()
    for front in stage.front:
        front()
    weather_front(c, spec, r)
    surface.flush()
    data = np.frombuffer(surface.get_data(), np.uint8).reshape(height, surface.get_stride() // 4, 4)
    return data[:, :width, 0].copy()
