# Inquadra - the indoor settings of the drawer, each with one large unmistakable shape.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Same stage and conventions as outdoors.py; s.fl is where the floor meets the wall."""
import math

from .outdoors import X0, X1, Y0, Y1


def room(s, wall, floor):
    s.pen.rect(X0, Y0, X1 - X0, Y1 - Y0, wall, 0)
    s.pen.rect(X0, s.fl, X1 - X0, Y1 - s.fl, floor)


def window_night(s, x, y, w, h):
    """The night behind a window: dark glass with the moon in it."""
    s.pen.rect(x, y, w, h, 0.22 if s.night else 1.0)
    if s.night:
        s.lights.append(("glow", x + w * 0.68, y + h * 0.28, min(w, h) * 0.14))


def kitchen(s):
    p, r, fl = s.pen, s.r, s.fl
    room(s, 0.94, 0.84)
    for k in range(-9, 10):
        p.line([(256 + k * 52, fl), (256 + k * 150, Y1)], w=2.6)
    for y in (fl + 20, fl + 50, fl + 95):
        p.line([(X0, y), (X1, y)], w=2.6)
    # tiles behind the counter
    for y in (fl - 104, fl - 86):
        p.line([(X0, y), (X1, y)], 0.70, 2.6)
    x = X0 + r.uniform(0, 26)
    while x < X1:
        p.line([(x, fl - 122), (x, fl - 70)], 0.70, 2.6)
        x += 30
    wx = 205 + r.uniform(-60, 60)
    x = -128 + r.uniform(0, 30)
    while x < X1:
        if abs(x + 33 - (wx + 50)) > 84:
            p.rect(x, fl - 196, 66, 72, 0.60)
            p.rect(x + 10, fl - 186, 46, 52, 0.72, 0.7)
            p.ell(x + 54, fl - 134, 4, 4, 0.08, 0)
        x += 66
    window_night(s, wx, fl - 190, 100, 78)
    p.line([(wx + 50, fl - 190), (wx + 50, fl - 112)])
    p.line([(wx, fl - 151), (wx + 100, fl - 151)])
    x = X0 + r.uniform(0, 60)
    while x < X1:
        p.rect(x, fl - 62, 72, 62, 0.78)
        p.line([(x + 26, fl - 50), (x + 46, fl - 50)], w=4)
        x += 72
    p.rect(X0, fl - 72, X1 - X0, 13, 0.26)
    sx = r.uniform(130, 180)
    p.rect(sx, fl - 66, 84, 68, 0.98)
    p.rect(sx + 12, fl - 40, 60, 30, 0.22)
    p.rect(sx + 22, fl - 100, 40, 26, 0.40)
    p.line([(sx + 14, fl - 92), (sx + 22, fl - 92)], w=6)
    fx = r.choice((-8, 14)) + r.uniform(-10, 10)
    p.rect(fx, fl - 172, 86, 184, 0.99, 1.2)
    p.line([(fx, fl - 112), (fx + 86, fl - 112)])
    p.line([(fx + 72, fl - 100), (fx + 72, fl - 66)], w=6)
    p.line([(fx + 72, fl - 150), (fx + 72, fl - 126)], w=6)
    lx = r.uniform(330, 420)
    p.line([(lx, Y0), (lx, 34)])
    p.poly([(lx - 34, 56), (lx - 12, 32), (lx + 12, 32), (lx + 34, 56)], 0.30)
    if s.night:
        s.lights.append(("cone", lx, 58, 30, 130, s.fl + 30))


def bedroom(s):
    p, r, fl = s.pen, s.r, s.fl
    room(s, 0.86, 0.70)
    x = X0 + r.uniform(0, 40)
    while x < X1:
        p.rect(x, Y0, 20, fl - Y0, 0.94, 0)
        x += 44
    wx = 40 + r.uniform(-20, 30)
    top = min(30, fl - 165)
    window_night(s, wx, top, 110, 110)
    p.line([(wx + 55, top), (wx + 55, top + 110)])
    p.line([(wx, top + 55), (wx + 110, top + 55)])
    c = p.c
    for x, d in ((wx - 16, 1), (wx + 126, -1)):
        c.move_to(x - d * 26, top - 14)
        c.line_to(x + d * 44, top - 14)
        c.curve_to(x + d * 40, top + 50, x + d * 18, top + 70, x + d * 6, top + 90)
        c.line_to(x + d * 14, top + 138)
        c.line_to(x - d * 26, top + 138)
        c.close_path()
        p.finish(0.44)
        p.line([(x - d * 8, top - 8), (x - d * 10, top + 132)], w=2.6)
    p.line([(wx - 60, top - 14), (wx + 170, top - 14)], w=6)
    bx = 330 + r.uniform(-40, 40)
    by = fl + 10
    c.move_to(bx - 104, by)
    c.line_to(bx - 104, by - 92)
    c.curve_to(bx - 90, by - 140, bx + 90, by - 140, bx + 104, by - 92)
    c.line_to(bx + 104, by)
    c.close_path()
    p.finish(0.28, 1.2)
    for k in (-1, 1):
        p.ell(bx + k * 48, by - 46, 44, 24, 1.0)
    c.move_to(bx - 100, by - 30)
    c.line_to(bx + 100, by - 30)
    c.line_to(bx + 130, by + 66)
    c.line_to(bx - 130, by + 66)
    c.close_path()
    p.finish(0.60)
    p.poly([(bx - 100, by - 30), (bx + 100, by - 30), (bx + 108, by - 4), (bx - 108, by - 4)], 0.98)
    p.rect(bx - 130, by + 62, 260, 22, 0.28)
    lx = bx + 152
    p.rect(lx - 26, by - 28, 52, 58, 0.50)
    p.line([(lx, by - 30), (lx, by - 62)], w=5)
    p.poly([(lx - 14, by - 92), (lx + 14, by - 92), (lx + 26, by - 58), (lx - 26, by - 58)], 0.98)
    if s.night:
        s.lights.append(("glow", lx, by - 74, 24))


def office(s):
    p, r, fl = s.pen, s.r, s.fl
    room(s, 0.90, 0.66)
    # ceiling with light panels
    ceil = max(8, fl - 186)
    p.rect(X0, Y0, X1 - X0, ceil - Y0, 0.78)
    wx, ww = 110 + r.uniform(-30, 30), 290
    top, h = ceil + 16, 100
    p.rect(wx, top, ww, h, 0.36 if s.night else 1.0, 1.2)
    for k in range(1, 8):
        p.line([(wx, top + k * h / 8), (wx + ww, top + k * h / 8)], 0.55 if s.night else 0.34, 4)
    for k in (0.25, 0.75):
        p.line([(wx + ww * k, top), (wx + ww * k, top + h)], w=2.6)
    for x in (wx - 84, wx + ww + 14):
        p.rect(x, fl - 112, 70, 116, 0.56)
        for k in range(3):
            p.rect(x + 8, fl - 104 + k * 37, 54, 29, 0.70, 0.8)
            p.line([(x + 26, fl - 92 + k * 37), (x + 44, fl - 92 + k * 37)], w=4)
    for dx in (r.uniform(60, 100), r.uniform(370, 410)):
        d = fl + 12
        p.rect(dx - 80, d - 46, 160, 12, 0.96)
        p.rect(dx - 70, d - 34, 44, 52, 0.80)
        p.rect(dx + 26, d - 34, 44, 52, 0.80)
        p.line([(dx, d - 46), (dx, d - 58)], w=8)
        p.rect(dx - 34, d - 108, 68, 50, 0.14)
        p.rect(dx - 27, d - 101, 54, 36, 0.82, 0)
        if s.night:
            s.lights.append(("rect", dx - 27, d - 101, 54, 36))
    for x in (40, 210, 380):
        x += r.uniform(-10, 10)
        p.poly([(x, ceil - 4), (x + 100, ceil - 4), (x + 118, ceil - 30), (x - 18, ceil - 30)], 1.0)
        if s.night and x > 150:
            s.lights.append(("poly", [(x, ceil - 4), (x + 100, ceil - 4), (x + 118, ceil - 30), (x - 18, ceil - 30)]))


def bar(s):
    p, r, fl = s.pen, s.r, s.fl
    room(s, 0.52, 0.40)
    for k in range(3):
        y = fl - 72 - k * 52
        p.rect(X0, y - 46, X1 - X0, 46, 0.66, 0)
        x = X0 + r.uniform(0, 20)
        while x < X1:
            w, h = r.choice((10, 12, 14)), r.uniform(20, 27)
            g = r.choice((0.14, 0.98, 0.98, 0.36))
            p.c.move_to(x - w, y)
            p.c.line_to(x - w, y - h)
            p.c.line_to(x - 4, y - h - 6)
            p.c.line_to(x - 4, y - h - 16)
            p.c.line_to(x + 4, y - h - 16)
            p.c.line_to(x + 4, y - h - 6)
            p.c.line_to(x + w, y - h)
            p.c.line_to(x + w, y)
            p.c.close_path()
            p.finish(g, 0.8)
            x += r.uniform(34, 44)
        p.rect(X0, y, X1 - X0, 8, 0.18)
    p.rect(X0, fl - 50, X1 - X0, 70, 0.30)
    x = X0 + r.uniform(0, 40)
    while x < X1:
        p.rect(x, fl - 34, 52, 46, 0.40, 0.8)
        x += 68
    p.rect(X0, fl - 60, X1 - X0, 14, 0.92)
    for x in (r.uniform(10, 60), r.uniform(120, 160), r.uniform(350, 390), r.uniform(450, 500)):
        b = fl + 62
        p.line([(x - 16, b), (x - 6, fl - 6)], w=5)
        p.line([(x + 16, b), (x + 6, fl - 6)], w=5)
        p.ell(x, fl - 10, 26, 9, 0.85)
    for x in (90, 256, 422):
        x += r.uniform(-24, 24)
        y = max(20, fl - 160)
        p.line([(x, Y0), (x, y - 20)])
        p.poly([(x - 36, y + 12), (x - 10, y - 22), (x + 10, y - 22), (x + 36, y + 12)], 0.10)
        p.ell(x, y + 13, 18, 7, 1.0)
        if s.night:
            s.lights.append(("glow", x, y + 15, 12))


def church(s):
    p, r, fl = s.pen, s.r, s.fl
    room(s, 0.80, 0.88)
    cx = 256 + r.uniform(-24, 24)
    c = p.c

    def arch(x, half, top, bottom, g, line=1.0):
        c.move_to(x - half, bottom)
        c.line_to(x - half, top + half)
        c.curve_to(x - half, top + half * 0.2, x - half * 0.3, top - half * 0.1, x, top - half * 0.5)
        c.curve_to(x + half * 0.3, top - half * 0.1, x + half, top + half * 0.2, x + half, top + half)
        c.line_to(x + half, bottom)
        c.close_path()
        p.finish(g, line)
    top = max(22, fl - 175)
    arch(cx, 74, top + 8, fl, 0.62)
    arch(cx, 44, top + 26, fl - 44, 0.30 if s.night else 1.0)
    p.line([(cx, top + 8), (cx, fl - 44)], w=4)
    for y in (top + 60, top + 88):
        p.line([(cx - 44, y), (cx + 44, y)], w=4)
    p.ell(cx, top + 44, 14, 14, 0.98)
    p.rect(cx - 42, fl - 30, 84, 34, 0.98)
    p.line([(cx, fl - 70), (cx, fl - 32)], w=6)
    p.line([(cx - 13, fl - 58), (cx + 13, fl - 58)], w=6)
    for side in (-1, 1):
        for k, d in enumerate((128, 212, 330)):
            x = cx + side * d
            half = 30 + 8 * k
            arch(x - side * (half + 8 + 4 * k) * 0, half, top - 2, fl, 0.46, 1.0)
            arch(x, half * 0.45, top + 34, fl - 60, 0.34 if s.night else 0.98, 0.8)
        for k, d in enumerate((88, 168, 268)):
            x = cx + side * d
            w = 9 + 4 * k
            p.rect(x - w, Y0, 2 * w, fl + 8 + 10 * k - Y0, 0.97)
            p.line([(x + side * w * 0.3, top + 30), (x + side * w * 0.3, fl)], 0.62, 3)
            p.rect(x - w - 6, top + 16, 2 * w + 12, 12, 0.90)
            p.rect(x - w - 7, fl + 2 + 10 * k, 2 * w + 14, 14, 0.90)
    p.poly([(cx - 34, fl), (cx + 34, fl), (cx + 120, Y1), (cx - 120, Y1)], 0.56)
    for k in range(3):
        y = fl + 22 + k * 30
        o = 46 + 26 * k
        for side in (-1, 1):
            xa, xb = cx + side * (o + 18), cx + side * 420
            p.rect(min(xa, xb), y - 14, abs(xb - xa), 22, 0.32)
    if s.night:
        for side in (-1, 1):
            s.lights.append(("glow", cx + side * 30, fl - 40, 9))
            s.lights.append(("glow", cx + side * 168, top + 70, 11))


def car(s):
    """Inside a car, seen through the windscreen: pillars, rear window, head rests, wheel."""
    p, r = s.pen, s.r
    p.rect(X0, Y0, X1 - X0, Y1 - Y0, 0.50, 0)
    top, low = 46 + r.uniform(-8, 8), 150 + r.uniform(-8, 8)
    c = p.c
    # side windows and rear window with the road behind
    glass = 0.30 if s.night else 0.98
    p.poly([(18, top), (104, top - 4), (84, low + 22), (-30, low + 40)], glass, 1.2)
    p.poly([(494, top), (408, top - 4), (428, low + 22), (542, low + 40)], glass, 1.2)
    p.poly([(146, top - 4), (366, top - 4), (386, low), (126, low)], glass, 1.2)
    p.poly([(126, low), (386, low), (300, low - 44), (212, low - 44)], 0.62, 0.8)
    p.line([(256, low - 40), (256, low - 4)], 0.98, 6)
    for x in (150, 356):
        p.ell(x, low - 40, 20, 16, 0.70, 0.7)
    for x in (142, 370):
        p.rect(x - 36, low - 40, 72, 58, 0.24)
        c.move_to(x - 78, Y1)
        c.line_to(x - 70, low + 46)
        c.curve_to(x - 60, low + 6, x + 60, low + 6, x + 70, low + 46)
        c.line_to(x + 78, Y1)
        c.close_path()
        p.finish(0.36)
    p.rect(X0, Y0, X1 - X0, top - 26 - Y0, 0.62)
    p.rect(226, top - 44, 60, 20, 0.20)
    if s.night:
        s.lights.append(("glow", 200 + r.uniform(-10, 10), low - 50, 8))
        s.lights.append(("glow", 322, low - 44, 8))

    def front():
        for side in (-1, 1):
            x = 256 + side * 256
            p.poly([(x - side * 6, -10), (x + side * 40, -10), (x + side * 40, 300), (x + side * 30, 300),
                    (x - side * 50, -10)], 0.12, 0)
        p.rect(-20, -20, 560, 32, 0.12, 0)
        c.move_to(-20, 300)
        c.line_to(-20, 266)
        c.curve_to(120, 244, 392, 244, 532, 266)
        c.line_to(532, 300)
        c.close_path()
        p.finish(0.16)
        wx = s.wheel
        for w, g in ((16, 0.98), (11, 0.08)):
            c.save()
            c.translate(wx, 292)
            c.scale(70, 54)
            c.arc(0, 0, 1, math.pi, 2 * math.pi)
            c.restore()
            p.grey(g)
            c.set_line_width(w)
            c.stroke()
    s.front.append(front)
