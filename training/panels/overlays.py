# Inquadra - what lies over the picture: rain, snow, mist, movement arrows, windscreen, point-of-view frames.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

from .pen import TAU, add_poly, capsule, wash


def mist(c, spec, r, w, h):
    """Fog lies in flat bands between the set and the figures."""
    if spec.weather != "fog":
        return
    g = .58 if spec.time == "night" else .97
    c.rectangle(-5, -5, w + 10, h + 10)
    wash(c, g, .32 if spec.time != "night" else .16)
    c.set_line_width(h * .085)
    for k in range(3):
        y = h * (.46 + .17 * k) + r.uniform(-8, 8)
        x = r.uniform(-.15, .2) * w
        c.move_to(x - .1 * w + .3 * w * (k % 2), y)
        c.line_to(x + .72 * w + .3 * w * (k % 2), y)
        wash(c, g, .62 if spec.time != "night" else .38, True)


def weather(c, spec, r, w, h):
    if spec.weather == "rain":
        # few long strokes, as an artist rules them
        g = .86 if spec.time == "night" else .34 if spec.time == "day" else .95
        slope = r.choice((-1, 1)) * r.uniform(.22, .34)
        c.set_source_rgba(0, 0, 0, g)
        c.set_line_width(3.0)
        for row in range(int(h / 118) + 2):
            x = r.uniform(0, 64) - 50
            while x < w + 40:
                y = row * 118 - 70 + r.uniform(-30, 30)
                l = r.uniform(62, 96)
                c.move_to(x, y)
                c.line_to(x - slope * l, y + l)
                x += r.uniform(58, 84)
        c.stroke()
    elif spec.weather == "snow":
        n = int(w * h / 4600)
        for k in range(n):
            # one in each cell of a loose grid: even, never in clumps
            x, y, q = w * ((k * .618 + r.uniform(-.05, .05)) % 1), h * (k + r.random()) / n, r.choice((3.2, 4.2, 5.2))
            c.new_sub_path()
            c.arc(x, y, q, 0, TAU)
        c.set_source_rgba(0, 0, 0, 1)
        c.fill()
    elif spec.weather == "fog":
        g = .62 if spec.time == "night" else 1.0
        c.set_line_width(h * .085)
        for y in (.84, .97):
            x = r.uniform(-.1, .2) * w
            c.move_to(x - .2 * w, h * y)
            c.line_to(x + .75 * w, h * y)
            wash(c, g, .60 if spec.time != "night" else .34, True)


def fat_arrow(pen, pts, width):
    """A broad white arrow with a black edge along points."""
    c = pen.c
    (x0, y0), (x1, y1) = pts[-2], pts[-1]
    a = math.atan2(y1 - y0, x1 - x0)
    n = len(pts)
    left, right = [], []
    for k in range(n - 1):
        p, q = pts[k], pts[k + 1]
        t = math.atan2(q[1] - p[1], q[0] - p[0])
        for side, lst in ((1, left), (-1, right)):
            lst.append((p[0] - side * width / 2 * math.sin(t), p[1] + side * width / 2 * math.cos(t)))
    hx, hy = x1 - 1.35 * width * math.cos(a), y1 - 1.35 * width * math.sin(a)
    for side, lst in ((1, left), (-1, right)):
        lst.append((hx - side * width / 2 * math.sin(a), hy + side * width / 2 * math.cos(a)))
        lst.append((hx - side * width * 1.15 * math.sin(a), hy + side * width * 1.15 * math.cos(a)))
    add_poly(c, left + [(x1, y1)] + right[::-1])
    c.set_source_rgba(0, 0, 0, 1)
    c.set_line_width(9)
    c.stroke_preserve()
    c.set_source_rgba(0, 0, 0, .05)
    c.set_line_width(5.6)
    c.stroke_preserve()
    c.set_source_rgba(0, 0, 0, 1)
    c.fill()


def arrow(pen, spec, r, w, h):
    """The camera's move, as storyboards note it."""
    move = spec.move
    if move in ("none", "static", "handheld", "rack focus"):
        return
    pen.air = 0
    k = min(w, h) * .055
    what, _, way = move.partition(" ")
    if what == "pan":
        d = 1 if way == "right" else -1
        fat_arrow(pen, [(w / 2 + d * w * (t - .5) * .44, h * .91 - h * .05 * math.sin(math.pi * t)) for t in (0, .25, .5, .75, 1)], k)
    elif what == "truck":
        d = 1 if way == "right" else -1
        fat_arrow(pen, [(w / 2 - d * .30 * w, h * .93), (w / 2, h * .93), (w / 2 + d * .30 * w, h * .93)], k)
    elif what in ("tilt", "crane"):
        d = -1 if way == "up" else 1
        x = w * .93
        bend = .03 * w if what == "tilt" else 0
        fat_arrow(pen, [(x - bend * math.sin(math.pi * t), h / 2 + d * h * (t - .5) * (.5 if what == "tilt" else .7)) for t in (0, .25, .5, .75, 1)], k)
    elif what == "dolly":
        for sx in (-1, 1):
            a, b = (w / 2 + sx * .47 * w, h * .95), (w / 2 + sx * .30 * w, h * .74)
            fat_arrow(pen, [a, b] if way == "in" else [b, a], k)
    elif what == "zoom":
        c = pen.c
        m = .20
        for grow, g in ((8, 1.0), (4, .05)):
            c.rectangle(w * m, h * m, w * (1 - 2 * m), h * (1 - 2 * m))
            c.set_source_rgba(0, 0, 0, g)
            c.set_line_width(grow)
            c.stroke()
            for sx in (0, 1):
                for sy in (0, 1):
                    a = (w * (.02 + .96 * sx), h * (.02 + .96 * sy))
                    b = (w * (m + (1 - 2 * m) * sx), h * (m + (1 - 2 * m) * sy))
                    c.move_to(*a)
                    c.line_to(*b)
            c.stroke()
        for sx in (0, 1):
            for sy in (0, 1):
                a = (w * (.04 + .92 * sx), h * (.04 + .92 * sy))
                b = (w * (m + (1 - 2 * m) * sx), h * (m + (1 - 2 * m) * sy))
                p, q = (a, b) if way == "in" else (b, a)
                t = math.atan2(q[1] - p[1], q[0] - p[0])
                c.move_to(*q)
                for s in (-1, 1):
                    c.line_to(q[0] - 15 * math.cos(t + s * .45), q[1] - 15 * math.sin(t + s * .45))
                c.close_path()
                c.set_source_rgba(0, 0, 0, .05)
                c.fill()


def dashboard(pen, cam, spec, figures, w, h):
    """The lower edge of the windscreen and the wheel before the driver."""
    c = pen.c
    pen.air = 0
    x, _, s = cam.at((0, .72, -.62))
    _, y, _ = cam.at((0, .70, -.70))
    if y < h * 1.08:
        y = max(y, h * .80)
        c.move_to(-10, h + 10)
        c.line_to(-10, y + .10 * h)
        c.curve_to(w * .3, y - .02 * h, w * .7, y - .02 * h, w + 10, y + .10 * h)
        c.line_to(w + 10, h + 10)
        c.close_path()
        pen.finish(.22, 1.1)
    if figures:
        fx = figures[0].head[0]
        _, wy, ws = cam.at((0, .98, -.42))
        r = .19 * ws
        wy = max(wy, h * .93)
        if wy - r < h and wy - .92 * r > figures[0].head[1] + .55 * figures[0].head[2]:
            pen.ell(fx, wy, r, r * .92, None, 2.6)


def point_of_view(pen, spec, r, w, h):
    """Whose eyes these are: the viewer's own hands, or binoculars."""
    c = pen.c
    pen.air = 0
    if r.random() < .35:
        rr = h * .52
        c.rectangle(-5, -5, w + 10, h + 10)
        a = math.acos(.62)
        c.new_sub_path()
        c.arc_negative(w / 2 - rr * .62, h / 2, rr, TAU - a, a)
        c.arc_negative(w / 2 + rr * .62, h / 2, rr, math.pi - a, a - math.pi)
        c.close_path()
        c.set_source_rgba(0, 0, 0, .05)
        c.fill()
        return
    top, skin = r.choice((.2, .5, .9)), r.choice((1.0, 1.0, .8, .62))
    for sx in (-1, 1):
        wrist = (w / 2 + sx * w * .27, h * .88)
        far = (w / 2 + sx * w * .47, h * 1.16)
        k = h * .062
        palm = (wrist[0] - sx * k * .9, wrist[1] - k * 1.5)
        capsule(c, *wrist, k * .95, *palm, k * 1.15)
        for j, a in enumerate((-.5, -.17, .16, .5)):
            t = -math.pi / 2 + a - sx * .25
            capsule(c, palm[0] + k * .7 * a * 2, palm[1] - .3 * k, k * .42, palm[0] + a * k * 1.4 + 2.1 * k * math.cos(t), palm[1] + 2.2 * k * math.sin(t), k * .32)
        capsule(c, wrist[0] - sx * k * .6, wrist[1] - k * .8, k * .5, wrist[0] - sx * 2.4 * k, wrist[1] - k * 1.5, k * .36)
        pen.union(skin, 1.1, 3)
        capsule(c, *far, k * 2.1, wrist[0] + sx * k * .35, wrist[1] + k * .45, k * 1.35)
        pen.union(top, 1.1)
