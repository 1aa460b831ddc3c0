# Inquadra - the outdoor settings of the drawer, each with one large unmistakable shape.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each function draws on a 512x288 stage that reaches a little beyond its edges (X0..X1, Y0..Y1).
s has: pen, r (random), hz (horizon), fl (floor line indoors), night, close; s.lights collects what shines."""
import math

X0, X1, Y0, Y1 = -156, 668, -132, 432


def sky(s, g=None):
    day = {"clear": 0.98, "rain": 0.82, "fog": 0.93}[s.weather]
    s.pen.rect(X0, Y0, X1 - X0, Y1 - Y0, (0.52 if s.night else day) if g is None else g, 0)


def sun_or_moon(s, x=None, big=1.0):
    x = x if x is not None else s.r.choice((70, 130, 380, 440)) + s.r.uniform(-20, 20)
    y = max(26, min(s.hz - 60, 60)) + s.r.uniform(-8, 8)
    if s.night:
        s.lights.append(("glow", x, y, 15 * big))
    elif s.weather == "clear":
        s.pen.ell(x, y, 20 * big, 20 * big, 1.0)


def clouds(s, n=2):
    if s.night or s.weather == "fog":
        return
    g = 1.0 if s.weather == "clear" else 0.62
    for _ in range(n):
        x, y, k = s.r.uniform(0, 512), s.r.uniform(12, max(20, s.hz - 70)), s.r.uniform(0.8, 1.3)
        c = s.pen.c
        c.move_to(x - 45 * k, y + 12 * k)
        c.curve_to(x - 60 * k, y - 14 * k, x - 30 * k, y - 18 * k, x - 22 * k, y - 8 * k)
        c.curve_to(x - 16 * k, y - 34 * k, x + 22 * k, y - 30 * k, x + 20 * k, y - 8 * k)
        c.curve_to(x + 40 * k, y - 20 * k, x + 62 * k, y - 2 * k, x + 45 * k, y + 12 * k)
        c.close_path()
        s.pen.finish(g, 0.8)


def ground(s, g, y=None, line=1.0):
    y = s.hz if y is None else y
    s.pen.rect(X0, y, X1 - X0, Y1 - y, g, line)


def forest(s):
    p, r, hz = s.pen, s.r, s.hz
    sky(s)
    sun_or_moon(s)
    x = X0 + r.uniform(0, 30)
    while x < X1:
        w, h = r.uniform(36, 52), r.uniform(75, 120)
        p.poly([(x - w, hz + 6), (x, hz - h), (x + w, hz + 6)], 0.78, 0.7)
        x += r.uniform(48, 70)
    ground(s, 0.74, line=0)
    trunks = []
    x = -90 + r.uniform(0, 50)
    while x < 600:
        trunks.append((hz + r.uniform(8, 62), x))
        x += r.uniform(62, 104)
    for base, x in sorted(trunks):
        w = 10 + (base - hz) * 0.20
        g = r.choice((0.34, 0.44))
        p.poly([(x - w, Y0), (x - w * 0.9, base - 12), (x - w * 1.7, base + 4), (x + w * 1.7, base + 4),
                (x + w * 0.9, base - 12), (x + w, Y0)], g)
        d = r.choice((-1, 1))
        by = r.uniform(45, max(60, hz - 20))
        p.line([(x + d * w, by), (x + d * (w + 22), by - 26)], w=7)
    x = X0
    while x < X1:
        p.ell(x, r.uniform(-12, 6), 46, r.uniform(26, 36), 0.50, 0.8)
        x += 58
    p.rect(X0, Y0, X1 - X0, -Y0 - 8, 0.50, 0)


def street(s):
    p, r, hz = s.pen, s.r, s.hz
    sky(s)
    sun_or_moon(s, 256 + r.uniform(-30, 30))
    vx = 256 + r.uniform(-70, 70)
    ground(s, 0.86, hz)
    p.poly([(vx - 5, hz), (vx + 5, hz), (vx + 300, Y1), (vx - 300, Y1)], 0.58)
    for a, b in ((0.05, 0.14), (0.22, 0.42), (0.58, 1.0)):
        ya, yb = hz + (Y1 - hz) * a, hz + (Y1 - hz) * b
        p.poly([(vx - 16 * a, ya), (vx + 16 * a, ya), (vx + 16 * b, yb), (vx - 16 * b, yb)], 0.97, 0)
    for side in (-1, 1):
        edges = [44, 100 + r.uniform(-10, 10), 190 + r.uniform(-20, 20), 420]
        for k in range(3):
            da, db = edges[k], edges[k + 1]
            up = r.uniform(0.85, 1.3)
            g = (0.62, 0.78, 0.70)[(k + (side > 0)) % 3]

            def at(d, v, up=up):
                return vx + side * d, hz + d * (0.30 - v * (0.30 + up))
            p.poly([at(da, 0), at(da, 1), at(db, 1), at(db, 0)], g)
            n = (1, 2, 3)[k]
            for i in range(n):
                u0, u1 = da + (db - da) * (i + 0.22) / n, da + (db - da) * (i + 0.78) / n
                for v0, v1 in ((0.30, 0.50), (0.64, 0.84)):
                    quad = [at(u0, v0), at(u0, v1), at(u1, v1), at(u1, v0)]
                    if s.night and r.random() < 0.6:
                        s.lights.append(("poly", quad))
                    p.poly(quad, 0.30, 0.6)
    lx = vx + r.choice((-1, 1)) * r.uniform(105, 150)
    d = 1 if lx < vx else -1
    base = hz + 40
    p.line([(lx, base), (lx, hz - 95)], w=6)
    p.curve([(lx, hz - 95), (lx, hz - 118), (lx + d * 20, hz - 118), (lx + d * 34, hz - 112)], w=5)
    p.ell(lx + d * 36, hz - 108, 12, 6, 0.95)
    if s.night:
        s.lights.append(("glow", lx + d * 36, hz - 104, 11))


def rooftop(s):
    p, r, hz = s.pen, s.r, s.hz
    sky(s)
    sun_or_moon(s)
    base = hz + 34
    for layer, (g, low, high) in enumerate(((0.84, 70, 130), (0.64, 35, 95))):
        x = X0 + r.uniform(0, 40)
        while x < X1:
            w, h = r.uniform(44, 72), r.uniform(low, high)
            top = base - h
            gg = g - r.choice((0, 0.08))
            p.rect(x, top, w, h + 10, gg)
            kind = r.random()
            if kind < 0.25:
                p.line([(x + w / 2, top), (x + w / 2, top - 24)], w=4)
            elif kind < 0.5:
                p.rect(x + w * 0.25, top - 12, w * 0.5, 12, gg)
            if layer:
                for wx in range(int(x) + 9, int(x + w) - 12, 17):
                    for wy in range(int(top) + 10, int(base) - 12, 20):
                        if s.night:
                            if r.random() < 0.55:
                                s.lights.append(("rect", wx, wy, 8, 10))
                        elif r.random() < 0.8:
                            p.rect(wx, wy, 8, 10, 0.26, 0)
            x += w + (r.uniform(4, 26) if layer else 0)
    ground(s, 0.88, base)
    p.rect(X0, base, X1 - X0, 26, 0.50)
    p.rect(X0, base - 6, X1 - X0, 10, 0.92)
    tx = r.choice((60, 450)) + r.uniform(-20, 20)
    ty = base - 62
    for k in (-24, 0, 24):
        p.line([(tx + k * 0.8, ty), (tx + k * 1.1, base + 44)], w=5)
    p.line([(tx - 24, ty + 30), (tx + 26, base + 20)], w=3)
    p.rect(tx - 32, ty - 52, 64, 56, 0.42)
    p.line([(tx - 32, ty - 34), (tx + 32, ty - 34)])
    p.line([(tx - 32, ty - 14), (tx + 32, ty - 14)])
    p.poly([(tx - 40, ty - 52), (tx, ty - 84), (tx + 40, ty - 52)], 0.26)


def beach(s):
    p, r, hz = s.pen, s.r, s.hz
    sky(s)
    sun_or_moon(s, big=1.3)
    clouds(s)
    p.rect(X0, hz, X1 - X0, 62, 0.56)
    bx = r.uniform(130, 380)
    p.poly([(bx, hz - 50), (bx, hz - 8), (bx + 30, hz - 8)], 1.0)
    p.poly([(bx - 24, hz - 5), (bx + 34, hz - 5), (bx + 24, hz + 8), (bx - 14, hz + 8)], 0.25)
    for k in range(3):
        y = hz + 14 + k * 15
        x = X0 + r.uniform(0, 60)
        while x < X1:
            p.line([(x, y), (x + 46, y)], 0.98, 4)
            x += r.uniform(80, 130)
    c = p.c
    y = hz + 52
    c.move_to(X0, y)
    for k in range(8):
        x = X0 + k * 100
        c.curve_to(x + 30, y + 16, x + 70, y - 10, x + 100, y)
    c.line_to(X1, Y1)
    c.line_to(X0, Y1)
    c.close_path()
    p.finish(0.92)
    px = r.choice((70, 110)) + r.uniform(-20, 20)
    base, tip = hz + 90, (px + r.uniform(-25, 25), max(40, hz - 100))
    for w, g in ((21, p.ink), (14, 0.50)):
        p.curve([(px - 22, base), (px - 20, base - 60), (tip[0] - 24, tip[1] + 60), tip], g, w)
    for a in (-2.9, -2.2, -1.2, -0.4, 0.25, 2.9):
        dx, dy = math.cos(a), math.sin(a)
        end = (tip[0] + dx * 72, tip[1] + dy * 50 + 28)
        mid = (tip[0] + dx * 45, tip[1] + dy * 48 - 14)
        c.move_to(*tip)
        c.curve_to(tip[0] + dx * 20, tip[1] + dy * 20 - 12, *mid, *end)
        c.curve_to(mid[0] - 6, mid[1] + 20, tip[0] + dx * 20, tip[1] + dy * 12 + 8, *tip)
        p.finish(0.28, 0.8)
    ux, uy = r.uniform(390, 450), hz + 22
    p.line([(ux, uy - 4), (ux + 10, uy + 88)], w=6)
    for k, g in ((0, 0.20), (1, 1.0), (2, 0.20), (3, 1.0)):
        a0 = math.pi + k * math.pi / 4
        c.move_to(ux, uy - 52)
        c.line_to(ux + 62 * math.cos(a0), uy + 10 * math.sin(a0 * 1) * 0)
        c.line_to(ux + 62 * math.cos(a0 + math.pi / 4), uy)
        c.close_path()
        p.finish(g)


def mountains(s):
    p, r, hz = s.pen, s.r, s.hz
    sky(s)
    sun_or_moon(s)
    hz += 20
    peaks = []
    x = -40 + r.uniform(-20, 30)
    while x < 580:
        peaks.append((x, r.uniform(105, 150), r.uniform(95, 130)))
        x += r.uniform(105, 150)
    r.shuffle(peaks)
    for x, h, w in peaks:
        h = min(h, hz + 20)
        tx, ty = x + r.uniform(-12, 12), hz - h
        p.poly([(x - w, hz + 5), (tx, ty), (x + w, hz + 5)], 0.68)
        p.poly([(tx, ty), (x + w, hz + 5), (x + w * 0.15, hz + 5), (tx + 8, ty + h * 0.5)], 0.42, 0)
        k = 0.40
        lx, rx, sy = tx + (x - w - tx) * k, tx + (x + w - tx) * k, ty + (h + 5) * k
        p.poly([(tx, ty), (rx, sy), (tx + (rx - tx) * 0.5, sy - 10), (tx + 4, sy + 10), (tx + (lx - tx) * 0.5, sy - 8),
                (lx, sy)], 1.0)
    ground(s, 0.86)
    for k in range(r.choice((2, 3))):
        x, b = r.choice((r.uniform(-20, 120), r.uniform(390, 530))), hz + r.uniform(16, 60)
        for j in range(3):
            w = 26 - j * 6
            y = b - 14 - j * 22
            p.poly([(x - w, y), (x, y - 36), (x + w, y)], 0.24, 0.6)
        p.line([(x, b), (x, b - 14)], w=6)


def desert(s):
    p, r, hz = s.pen, s.r, s.hz
    sky(s)
    sun_or_moon(s, big=1.6)
    mx = r.uniform(60, 400)
    p.poly([(mx - 86, hz + 4), (mx - 56, hz - 52), (mx + 52, hz - 52), (mx + 84, hz + 4)], 0.72)
    ground(s, 0.93)
    c = p.c
    for k, (y, a) in enumerate(((hz + 16, 20), (hz + 58, 26))):
        x = r.uniform(80, 420)
        c.move_to(X0, y + a)
        c.curve_to(x - 160, y + a, x - 60, y - a, x, y - a)
        c.curve_to(x + 60, y - a * 0.3, x + 160, y + a * 0.8, X1, y + a * 0.4)
        c.line_to(X1, Y1)
        c.line_to(X0, Y1)
        c.close_path()
        p.finish(0.96 - 0.06 * k)
        c.move_to(x, y - a)
        c.curve_to(x + 60, y - a * 0.3, x + 160, y + a * 0.8, X1, y + a * 0.4)
        c.line_to(X1, y + a + 60)
        c.curve_to(x + 120, y + a + 40, x + 10, y + a + 10, x, y - a)
        p.finish(0.74, 0)
    for x in (r.uniform(30, 110), r.uniform(400, 480)):
        b = hz + r.uniform(20, 60)
        h = r.uniform(95, 135)
        arms = [[(x, b), (x, b - h)], [(x, b - h * 0.42), (x - 30, b - h * 0.42), (x - 30, b - h * 0.74)],
                [(x, b - h * 0.32), (x + 28, b - h * 0.32), (x + 28, b - h * 0.60)]]
        for w, g in ((21, p.ink), (15, 0.44)):
            for pts in arms:
                p.line(pts, g, w if pts is arms[0] else w - 4)


def road(s):
    p, r, hz = s.pen, s.r, s.hz
    sky(s)
    sun_or_moon(s)
    clouds(s)
    vx = 256 + r.uniform(-50, 50)
    x = X0
    while x < X1:
        p.ell(x, hz, r.uniform(60, 100), 16, 0.76, 0.8)
        x += 110
    ground(s, 0.90)
    p.poly([(vx - 4, hz), (vx + 4, hz), (vx + 270, Y1), (vx - 270, Y1)], 0.36)
    for a, b in ((0.04, 0.10), (0.16, 0.28), (0.38, 0.62), (0.8, 1.0)):
        ya, yb = hz + (Y1 - hz) * a, hz + (Y1 - hz) * b
        p.poly([(vx - 12 * a, ya), (vx + 12 * a, ya), (vx + 12 * b, yb), (vx - 12 * b, yb)], 0.98, 0)
    side = r.choice((-1, 1))
    tops = []
    for t in (0.10, 0.2, 0.38, 0.75):
        x = vx + side * (14 + 270 * t)
        b, top = hz + 70 * t, hz - 190 * t - 12
        w = 3 + 7 * t
        p.line([(x, b), (x, top)], w=w)
        p.line([(x - 46 * t, top + 14 * t), (x + 46 * t, top + 14 * t)], w=w * 0.8)
        tops.append((x, top + 14 * t))
    for (xa, ya), (xb, yb) in zip(tops, tops[1:]):
        p.curve([(xa, ya), (xa * 0.6 + xb * 0.4, ya + 12), (xa * 0.3 + xb * 0.7, yb + 16), (xb, yb)], w=2.6)
    car_side(s, vx - side * r.uniform(150, 185), hz + r.uniform(50, 62), r.choice((-1, 1)))


def car_side(s, x, y, d):
    """A parked car seen from its side, wheels standing on y."""
    p = s.pen
    g = s.r.choice((0.50, 0.68, 0.97))
    body = [(-92, -14), (-94, -36), (-58, -42), (-36, -68), (24, -68), (50, -42), (86, -36), (94, -14)]
    p.poly([(x + d * a, y + b) for a, b in body], g, 1.2)
    for win in ([(-48, -42), (-31, -61), (-8, -61), (-8, -42)], [(0, -42), (0, -61), (20, -61), (38, -42)]):
        p.poly([(x + d * a, y + b) for a, b in win], 0.24, 0.7)
    for k in (-54, 54):
        p.ell(x + d * k, y - 13, 18, 18, 0.12)
        p.ell(x + d * k, y - 13, 7, 7, 0.9, 0)
    if s.night:
        s.lights.append(("glow", x + d * 90, y - 28, 8))


def farm(s):
    p, r, hz = s.pen, s.r, s.hz
    sky(s)
    sun_or_moon(s, r.uniform(230, 300))
    clouds(s)
    ground(s, 0.90)
    vx = 256 + r.uniform(-60, 60)
    for k in range(-7, 8):
        a, b = k * 2, k * 2 + 1
        p.poly([(vx + a * 14, hz), (vx + b * 14, hz), (vx + b * 105, Y1), (vx + a * 105, Y1)], 0.66, 0.4)
    m = r.choice((-1, 1))
    bx, by, k = 256 + m * r.uniform(130, 165), hz + 26, r.uniform(0.95, 1.1)

    def at(px, py):
        return bx + px * k, by + py * k
    p.poly([at(-64, 0), at(-64, -66), at(-46, -100), at(0, -124), at(46, -100), at(64, -66), at(64, 0)], 0.36)
    p.line([at(-74, -58), at(-50, -104), at(0, -130), at(50, -104), at(74, -58)], 0.97, 9)
    p.line([at(-74, -58), at(-50, -104), at(0, -130), at(50, -104), at(74, -58)], w=3)
    p.poly([at(-24, 0), at(-24, -52), at(24, -52), at(24, 0)], 0.92)
    p.line([at(-24, 0), at(24, -52)])
    p.line([at(24, 0), at(-24, -52)])
    p.rect(bx - 10 * k, by - 96 * k, 20 * k, 20 * k, 0.92)
    if s.night:
        s.lights.append(("rect", bx - 8 * k, by - 94 * k, 16 * k, 16 * k))
    wx, top = 256 - m * r.uniform(140, 175), max(46, hz - 104)
    p.line([(wx - 22, hz + 20), (wx - 4, top), (wx + 4, top), (wx + 22, hz + 20)], w=4)
    p.line([(wx - 14, hz - 20), (wx + 14, hz - 20)])
    a0 = r.uniform(0, 1)
    for j in range(6):
        a = a0 + j * math.pi / 3
        p.poly([(wx, top), (wx + 40 * math.cos(a - 0.2), top + 40 * math.sin(a - 0.2)),
                (wx + 40 * math.cos(a + 0.2), top + 40 * math.sin(a + 0.2))], 0.97, 0.8)
    fy = hz + 34
    for x in range(X0, X1, 62):
        p.rect(x - 4, fy - 26, 8, 40, 0.98, 0.8)
    for y in (fy - 18, fy - 2):
        p.rect(X0, y, X1 - X0, 7, 0.98, 0.7)


def platform(s):
    p, r, hz = s.pen, s.r, s.hz
    sky(s)
    sun_or_moon(s)
    top, low = hz - 78, hz + 44
    p.rect(X0, top, X1 - X0, low - top, 0.68)
    p.rect(X0, top - 8, X1 - X0, 14, 0.40)
    p.rect(X0, hz + 8, X1 - X0, 14, 0.30, 0)
    off = r.uniform(0, 90)
    x, k = X0 + off - 90, 0
    while x < X1:
        if k % 3 == 2:
            p.rect(x, hz - 62, 42, low - hz + 58, 0.52)
            p.rect(x + 10, hz - 54, 22, 40, 0.98)
            box = (x + 11, hz - 53, 20, 38)
            x += 60
        else:
            p.rect(x, hz - 56, 66, 44, 0.98)
            box = (x + 2, hz - 54, 62, 40)
            x += 82
        if s.night:
            s.lights.append(("rect", *box))
        k += 1
    p.rect(X0, low, X1 - X0, 12, 0.16, 0)
    ground(s, 0.88, low + 8)
    p.rect(X0, low + 20, X1 - X0, 10, 1.0, 0.8)
    x = X0
    while x < X1:
        p.rect(x, low + 20, 22, 10, 0.16, 0)
        x += 44
    p.rect(X0, Y0, X1 - X0, max(12, hz - 118) - Y0, 0.46)
    edge = max(12, hz - 118)
    x = X0
    while x < X1:
        p.poly([(x, edge), (x + 36, edge), (x + 18, edge + 16)], 0.95, 0.7)
        x += 36
    for px in (r.uniform(20, 70), r.uniform(440, 490)):
        p.rect(px - 7, edge, 14, low + 34 - edge, 0.24)
        p.line([(px - 34, edge + 2), (px, edge + 36), (px + 34, edge + 2)], w=6)
    cx = 256 + r.uniform(-90, 90)
    p.line([(cx, edge), (cx, edge + 12)], w=5)
    p.ell(cx, edge + 32, 21, 21, 1.0, 1.2)
    p.line([(cx, edge + 18), (cx, edge + 32), (cx + 10, edge + 38)], w=3.5)
    if s.night:
        s.lights.append(("glow", 256 + r.choice((-150, 150)), edge + 22, 9))
