# Inquadra - vehicles and animals in space.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vehicle is a side view given a width: two copies of the profile, the strips between them, wheels as discs. turn is the
direction it points to: 0 along +x, pi/2 towards the camera's far side."""
import math

from .pen import TAU, add_poly, capsule, hull

# profile points (along, height) round the body from the lower rear; cabin glass; wheels (along, radius); width
SHAPES = {
    "car": ([(-2.1, .3), (-2.15, .75), (-1.9, .9), (-1.35, .95), (-.8, 1.42), (.55, 1.42), (1.1, .95), (2.0, .82), (2.15, .55), (2.1, .3)],
            [[(-1.1, .95), (-.72, 1.32), (-.15, 1.32), (-.15, .95)], [(0, .95), (0, 1.32), (.5, 1.32), (.88, .95)]], [(-1.35, .34), (1.35, .34)], 1.7),
    "van": ([(-2.3, .3), (-2.3, 2.0), (1.3, 2.0), (1.9, 1.15), (2.3, 1.0), (2.35, .3)], [[(.7, 1.2), (.7, 1.8), (1.2, 1.8), (1.65, 1.2)]], [(-1.5, .38), (1.5, .38)], 1.9),
    "truck": ([(-4.2, .6), (-4.2, 3.2), (1.2, 3.2), (1.2, .9), (1.5, .9), (1.5, 2.5), (2.6, 2.5), (3.0, 1.5), (3.3, 1.4), (3.3, .45), (1.3, .6)],
              [[(1.9, 1.6), (1.9, 2.3), (2.5, 2.3), (2.8, 1.6)]], [(-3.2, .5), (-2.1, .5), (2.3, .5)], 2.3),
    "bus": ([(-4.5, .4), (-4.5, 2.9), (4.4, 2.9), (4.6, 1.5), (4.6, .4)], [[(-4.1 + 1.35 * k, 1.5), (-4.1 + 1.35 * k, 2.5), (-3.0 + 1.35 * k, 2.5), (-3.0 + 1.35 * k, 1.5)] for k in range(6)],
            [(-2.8, .5), (2.9, .5)], 2.4),
    "boat": ([(-2.6, -.1), (-2.8, .8), (1.9, .8), (3.2, 1.1), (2.2, -.1)], [], [], 1.7),
}


def local(x, z, turn):
    c, s = math.cos(turn), math.sin(turn)
    return lambda a, h, w: (x + a * c - w * s, h, z + a * s + w * c)


def vehicle(s, kind, x, z, turn, g=0.55, bias=0.0):
    body, glass, wheels, width = SHAPES[kind]
    at = local(x, z, turn)
    hw = width / 2

    def fn():
        cam, pen = s.cam, s.pen
        if cam.depth((x, .5, z)) < 1.0:
            return
        pen.air = 0.7 * s.air(cam.distance((x, 0, z)))
        near = -1 if cam.distance(at(0, 1, -hw)) < cam.distance(at(0, 1, hw)) else 1
        q = cam.polygon([(p[0] + .15, .01, p[2] + .1) for p in (at(body[0][0], 0, -hw), at(body[-1][0], 0, -hw), at(body[-1][0], 0, hw), at(body[0][0], 0, hw))])
        if q and kind != "boat":
            pen.poly(q, .5, 0)

        def wheel(side):
            for a, r in wheels:
                pts = cam.polygon([at(a + r * math.cos(t), r + r * math.sin(t), side * hw * .98) for t in (TAU * k / 14 for k in range(14))])
                if pts:
                    pen.poly(pts, .1, .9)
                    pts = cam.polygon([at(a + .45 * r * math.cos(t), r + .45 * r * math.sin(t), side * hw) for t in (TAU * k / 10 for k in range(10))])
                    if pts:
                        pen.poly(pts, .8, .6)
        wheel(-near)
        # strips from the far to the near side, sorted by distance, then the near side
        n = len(body)
        strips = []
        for k in range(n):
            a, b = body[k], body[(k + 1) % n]
            strips.append((cam.distance(at((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, 0)), a, b))
        far = cam.polygon([at(a, h, -near * hw) for a, h in body])
        if far:
            pen.poly(far, max(0, g - .1), .9)
        for _, a, b in sorted(strips, reverse=True):
            q = cam.polygon([at(a[0], a[1], hw), at(b[0], b[1], hw), at(b[0], b[1], -hw), at(a[0], a[1], -hw)])
            if q:
                slope = abs(b[0] - a[0]) / (abs(b[1] - a[1]) + .01)
                window = kind in ("car", "van", "truck", "bus") and a[1] > .85 and b[1] > .85 and .5 < slope < 3 or kind == "bus" and a == (4.4, 2.9)
                pen.poly(q, .25 if window else min(1, g + .16) if slope > 3 else g, .85)
        q = cam.polygon([at(a, h, near * hw) for a, h in body])
        if q:
            pen.poly(q, g, .95)
        for pts in glass:
            q = cam.polygon([at(a, h, near * (hw + .01)) for a, h in pts])
            if q:
                pen.poly(q, .22 if not s.night else .9, .8)
        if kind == "car":
            q = cam.polygon([at(-.07, .95, near * (hw + .01)), at(-.07, .36, near * (hw + .01)), at(-.06, .36, near * (hw + .01))])
            seg = cam.segment(at(-.07, .95, near * hw), at(-.07, .38, near * hw))
            if seg:
                pen.line([seg[:2], seg[2:]], .7)
        wheel(near)
        if wheels:
            front = body[-2][0]
            for w in (-.6, .6):
                p = at(front, .68, w * hw)
                d = cam.direction((math.cos(turn), 0, math.sin(turn)))[2]
                if d < .2:
                    px, py, k = cam.at(p)
                    pen.ell(px, py, max(2.5, .12 * k), max(2.5, .10 * k), 1.0, .7)
                    if s.night:
                        s.lights.append(("glow", px, py, max(5, .16 * k)))
    s.add((x, .6, z), fn, bias)


def car(s, x, z, turn, g=None):
    vehicle(s, "car", x, z, turn, s.r.choice((.25, .5, .8)) if g is None else g)


def two_wheels(s, x, z, turn, motor=False, bias=0.0):
    at = local(x, z, turn)

    def fn():
        cam, pen = s.cam, s.pen
        if cam.depth((x, .5, z)) < .8:
            return
        pen.air = 0
        k = cam.at(at(0, .5, 0))[2]
        p = lambda a, h: cam.at(at(a, h, 0))[:2]  # noqa: E731
        r = .34
        for a in (-.52, .52) if not motor else (-.7, .7):
            pts = [p(a + r * math.cos(t), r + r * math.sin(t)) for t in (TAU * j / 16 for j in range(16))]
            pen.poly(pts, .15 if motor else None, 1.5 if motor else 1.2)
            if motor:
                pen.poly([p(a + .16 * math.cos(t), r + .16 * math.sin(t)) for t in (TAU * j / 10 for j in range(10))], .8, .6)
        if motor:
            hull(pen.c, [(*p(-.55, .62), .10 * k), (*p(.0, .55), .16 * k), (*p(.1, .78), .10 * k), (*p(-.5, .78), .05 * k)], 10)
            pen.union(.3, .9)
            hull(pen.c, [(*p(-.2, .35), .12 * k), (*p(.25, .35), .12 * k)], 10)
            pen.union(.6, .9)
            pen.line([p(.7, .34), p(.42, 1.0), p(.25, 1.05)], 1.6)
        else:
            for line in ([(-.52, .34), (-.12, .34), (.38, .82), (-.2, .82), (-.52, .34)], [(-.12, .34), (-.25, .92)], [(.52, .34), (.36, .95), (.26, .98)], [(-.34, .92), (-.14, .92)]):
                pen.line([p(*q) for q in line], 1.2)
    s.add((x, .5, z), fn, bias)


def helicopter(s, x, y, z):
    def fn(pen, sx, sy, q):
        u = max(q, 9.0)
        hull(pen.c, [(sx, sy, 1.0 * u), (sx + 1.1 * u, sy + .1 * u, .7 * u)], 16)
        capsule(pen.c, sx - .8 * u, sy - .2 * u, .28 * u, sx - 3.2 * u, sy - .55 * u, .12 * u)
        add_poly(pen.c, [(sx - 3.4 * u, sy - .5 * u), (sx - 3.1 * u, sy - .5 * u), (sx - 3.3 * u, sy - 1.3 * u), (sx - 3.7 * u, sy - 1.3 * u)])
        pen.union(.35, .9)
        pen.ell(sx + 1.2 * u, sy - .05 * u, .45 * u, .4 * u, .95, .7)
        pen.line([(sx, sy - 1.0 * u), (sx, sy - 1.35 * u)], 1.2)
        pen.line([(sx - 2.9 * u, sy - 1.45 * u), (sx + 2.9 * u, sy - 1.3 * u)], 1.3)
        pen.line([(sx - .8 * u, sy + 1.35 * u), (sx + 1.2 * u, sy + 1.35 * u)], 1.1)
    s.sprite((x, y, z), fn)


def plane(s, x, y, z, k=1.0):
    def fn(pen, sx, sy, q):
        u = max(q, 5.0) * k
        capsule(pen.c, sx - 5 * u, sy, .45 * u, sx + 5 * u, sy - .1 * u, .8 * u)
        add_poly(pen.c, [(sx - 5.2 * u, sy - .2 * u), (sx - 4.0 * u, sy - .4 * u), (sx - 5.0 * u, sy - 2.2 * u), (sx - 5.9 * u, sy - 2.2 * u)])
        pen.union(.95, .9)
        pen.poly([(sx - .8 * u, sy + .1 * u), (sx + 1.2 * u, sy + .1 * u), (sx - 1.6 * u, sy + 1.7 * u), (sx - 2.6 * u, sy + 1.7 * u)], .6, .8)
        for j in range(7):
            pen.ell(sx - 2.6 * u + j * .9 * u, sy - .25 * u, .15 * u, .17 * u, .25, 0)
        pen.poly([(sx + 4.6 * u, sy - .55 * u), (sx + 5.3 * u, sy - .5 * u), (sx + 5.5 * u, sy - .25 * u), (sx + 4.6 * u, sy - .25 * u)], .25, 0)
    s.sprite((x, y, z), fn)


# animals: capsules (along, height, radius) pairs; legs last; scale is in the numbers
ANIMALS = {
    "dog": ([((-.30, .50, .13), (.26, .52, .15)), ((.24, .56, .11), (.42, .78, .10)), ((.42, .78, .10), (.60, .73, .055)), ((-.38, .56, .05), (-.62, .82, .025))],
            [((-.30, .45, .08), (-.34, .04, .04)), ((.24, .45, .08), (.27, .04, .04))], .1, (.40, .88)),
    "cat": ([((-.18, .24, .09), (.14, .24, .09)), ((.14, .26, .07), (.24, .36, .09)), ((-.24, .28, .03), (-.42, .52, .022))],
            [((-.18, .20, .05), (-.20, .02, .025)), ((.14, .20, .05), (.16, .02, .025))], .05, (.20, .47)),
    "horse": ([((-.75, 1.22, .34), (.65, 1.20, .32)), ((.70, 1.30, .26), (1.20, 1.95, .16)), ((1.18, 1.98, .17), (1.60, 1.70, .10)), ((-1.0, 1.35, .10), (-1.25, .75, .05))],
              [((-.80, 1.05, .18), (-.90, .06, .07)), ((.66, 1.05, .15), (.70, .06, .07))], .18, (1.16, 2.2)),
    "cow": ([((-.80, 1.0, .38), (.70, 1.0, .36)), ((.75, 1.1, .24), (1.15, 1.25, .20)), ((1.12, 1.28, .20), (1.45, 1.10, .13)), ((-1.15, 1.2, .04), (-1.25, .55, .04))],
            [((-.80, .8, .14), (-.82, .05, .08)), ((.66, .8, .13), (.68, .05, .08))], .2, (1.08, 1.55)),
}


def animal(s, kind, x, z, turn, g=None, bias=0.0):
    trunk, legs, half, ear = ANIMALS[kind]
    g = s.r.choice((.12, .3, .6, .85)) if g is None else g
    at = local(x, z, turn)
    swing = s.r.choice((0.0, .6, -.6)) if kind != "cow" else 0.0

    def fn():
        cam, pen = s.cam, s.pen
        c = pen.c
        if cam.depth((x, .5, z)) < .8:
            return
        pen.air = 0

        def disc(a, h, r, w=0.0):
            px, py, k = cam.at(at(a, h, w))
            return (px, py, max(.8, r * k))
        # paper round it first, so that it stands free of the set
        for grow, what in ((3.0, 1), (0, 0)):
            def leg(w, k):
                for n, ((a, h, r), (a2, h2, r2)) in enumerate(legs):
                    d = (swing * (1 if (n + k) % 2 else -1)) * .22 * h
                    mid = ((a + a2) / 2 + d * .5 - .04 * h, (h + h2) / 2)
                    capsule(c, *disc(a, h, r, w), *disc(*mid, (r + r2) * .5, w))
                    capsule(c, *disc(*mid, (r + r2) * .5, w), *disc(a2 + d, h2, r2, w))
            near = -1 if cam.distance(at(0, .5, -half)) < cam.distance(at(0, .5, half)) else 1
            if what:
                leg(-near * half, 0)
                leg(near * half, 1)
                for p, q in trunk:
                    capsule(c, *disc(*p), *disc(*q))
                pen.flat(pen.halo_tone)
                c.set_line_width(2 * grow + 2 * pen.lw)
                c.stroke_preserve()
                c.fill()
                continue
            leg(-near * half, 0)
            pen.union(max(0, g - .12), .9)
            for p, q in trunk:
                capsule(c, *disc(*p), *disc(*q))
            leg(near * half, 1)
            k = 1 if trunk[1][0][0] > 0 else 1
            for e in (-.06, .06):
                ea, eh = ear
                p = cam.at(at(ea - .04, eh - .14 * (eh / .9), e * k))
                q = cam.at(at(ea + .02, eh, e * 1.5))
                t = cam.at(at(ea + .08, eh - .14 * (eh / .9), e))
                add_poly(c, [p[:2], q[:2], t[:2]])
            pen.union(g, .9)
            ex, ey, k = cam.at(at(trunk[1][1][0] + .05 * trunk[1][1][1], trunk[1][1][1] + .02, near * trunk[1][1][2] * .8))
            if k * trunk[1][1][2] > 5:
                pen.ell(ex, ey, max(1.6, .02 * k), max(1.6, .02 * k), .95 if g < .3 else .05, 0)
            if kind == "horse":
                a, b = trunk[1]
                pts = [(*disc(a[0] - .08, a[1] + .32, .04)[:2], .05 * k), (*disc(b[0] - .1, b[1] + .2, .04)[:2], .06 * k)]
                capsule(c, *pts[0], *pts[1])
                pen.union(max(0, g - .3) if g > .3 else .05, .8)
            if kind == "cow":
                for a, h, r in ((-.4, 1.1, .2), (.35, 1.0, .18)):
                    px, py, rr = disc(a, h, r, near * .3)
                    pen.ell(px, py, rr, rr * .8, .15 if g > .4 else .95, 0)
    s.add((x, .4, z), fn, bias)


def birds(s, n=5):
    w, h = s.cam.w, s.cam.h
    x0, y0 = s.r.uniform(.2, .7) * w, s.r.uniform(.08, .24) * h
    pts = [(x0 + s.r.uniform(-70, 70), y0 + s.r.uniform(-25, 30), s.r.uniform(9, 15)) for _ in range(n)]

    def fn():
        pen = s.pen
        pen.air = 0
        for x, y, k in pts:
            pen.curve([(x - 1.2 * k, y - .3 * k), (x - .5 * k, y - .6 * k), (x, y + .1 * k)], .95)
            pen.curve([(x, y + .1 * k), (x + .5 * k, y - .6 * k), (x + 1.2 * k, y - .3 * k)], .95)
    s.back.append(fn)
