# Inquadra - settings outdoors: woods, water, mountains, open country.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

from .pen import TAU, capsule
from .vehicles import vehicle


def ridge(s, z, heights, g, snow=False, span=220):
    """A far silhouette; with snow, white caps."""
    n = len(heights)
    pts = [(-span + 2 * span * k / (n - 1), h, z) for k, h in enumerate(heights)]

    def fn():
        s.pen.air = .3 if z < 150 else .5
        q = s.cam.polygon([(-span, 0, z)] + pts + [(span, 0, z)])
        if q:
            s.pen.poly(q, g, .95)
        if snow:
            for k in range(1, n - 1):
                if heights[k] > heights[k - 1] and heights[k] > heights[k + 1]:
                    p, a, b = pts[k], pts[k - 1], pts[k + 1]
                    m = lambda u, v, t: tuple(u[i] + t * (v[i] - u[i]) for i in range(3))  # noqa: E731
                    s.pen.air = .1
                    q = s.cam.polygon([p, m(p, a, .38), m(m(p, a, .3), m(p, b, .3), .3), m(m(p, a, .46), m(p, b, .46), .5), m(m(p, a, .3), m(p, b, .3), .72), m(p, b, .36)])
                    if q:
                        s.pen.poly(q, 1.0, .85)
    s.back.append(fn)


def water(s, z0, g=.88, near=6, y=.015):
    r = s.r
    marks = [(r.uniform(-8 - .6 * k, 8 + .6 * k), z0 + 1 + k * k * .28, 2.0 + .4 * k) for k in range(0, 16, 2)]

    def fn():
        s.pen.air = .1
        q = s.cam.polygon([(-300, y, z0), (300, y, z0), (300, y, 395), (-300, y, 395)])
        if q:
            s.pen.poly(q, g, 0)
        for x, z, l in marks:
            s.stroke([(x, y, z), (x + l, y, z)], 1.0, .35)
    s.floor.append(fn)


def scatter(s, n, fn, near=2.0, far=16.0, spread=10.0, keep=1.5):
    """fn(x, z) at n places beside and behind the figures; the view along z stays open."""
    r = s.r
    for k in range(n):
        z = near + (far - near) * (k + r.random()) / n
        w = spread * (.5 + .5 * z / far)
        x = r.uniform(keep, w) * r.choice((-1, 1))
        fn(x, z)


def forest(s):
    s.sky()
    s.ground(.80)
    r = s.r
    ridge(s, 60, [r.uniform(9, 12) if k % 2 else r.uniform(13, 16) for k in range(15)], .72, span=60)
    for k in range(15):
        z = r.uniform(1.8, 15) if k > 5 else r.uniform(1.6, 3.6)
        x = (1.0 + .22 * z) * r.uniform(.9, 4.2) * r.choice((-1, 1))
        if k % 5 == 4:
            x = r.uniform(-2, 2)
            z = r.uniform(7, 14)
        w = r.uniform(.22, .36)
        s.post((x, 0, z), (x + r.uniform(-.3, .3), 9, z), w * 1.25, w * .9, r.choice((.3, .42)))
        if r.random() < .35:
            b = r.choice((-1, 1))
            y = r.uniform(1.8, 3.6)
            s.post((x, y, z), (x + b * r.uniform(.9, 1.5), y + 1.0, z), .10, .05, .3, .05)
    for sx in (-1, 1):
        for z in (-4.2, -2.2, -.4):
            s.post((sx * (2.9 + .4 * z % 1), 0, z), (sx * 3.0, 9, z), .3, .24, .3)

    def canopy(pen, sx, sy, q):
        for a in (-2.4, -1.2, 0, 1.2, 2.4):
            pen.c.new_sub_path()
            pen.c.arc(sx + a * q, sy, 1.15 * q, 0, TAU)
        pen.union(.5, .85)
    for x, y, z in ((-5, 6.2, 6), (5, 6.4, 7), (0, 7.2, 9)):
        s.sprite((x, y, z), canopy, .6)
    for _ in range(4):
        s.bush(r.uniform(1.6, 5) * r.choice((-1, 1)), r.uniform(1.2, 8), r.uniform(1.0, 1.5), .62)


def jungle(s):
    s.sky()
    s.ground(.74)
    r = s.r
    ridge(s, 40, [r.uniform(6, 8) if k % 2 else r.uniform(9, 12) for k in range(11)], .66, span=50)
    scatter(s, 6, lambda x, z: s.tree(x, z, r.uniform(4.5, 7.5), "palm", r.choice((.4, .55))), 1.8, 14, 8)

    def leaf(pen, sx, sy, q):
        for a in (-2.5, -.6, -1.57):
            c = pen.c
            ex, ey = sx + 1.3 * q * math.cos(a), sy + 1.3 * q * math.sin(a)
            nx, ny = -math.sin(a) * .42 * q, math.cos(a) * .42 * q
            c.move_to(sx, sy)
            c.curve_to((sx + ex) / 2 + nx, (sy + ey) / 2 + ny, (sx + ex) / 2 + nx, (sy + ey) / 2 + ny, ex, ey)
            c.curve_to((sx + ex) / 2 - nx, (sy + ey) / 2 - ny, (sx + ex) / 2 - nx, (sy + ey) / 2 - ny, sx, sy)
            pen.finish(.5, .85)
    for k in range(9):
        z = r.uniform(.8, 8)
        s.sprite((r.uniform(1.3, 4.8) * r.choice((-1, 1)), 0, z), leaf)
    for sx in (-1, 1):
        s.sprite((sx * 2.2, 0, -1.5), leaf)
        s.post((sx * 2.6, 0, 2.5), (sx * 2.3, 8, 2.5), .28, .2, .36)
    for k in range(2):
        x = r.uniform(-4, 4)

        def vine(x=x, z=r.uniform(3, 8)):
            s.stroke([(x + .25 * math.sin(t), 8 - .8 * t, z) for t in range(7)], 1.6, .3)
        s.add((x, 4, 5), vine)


def beach(s):
    s.sky()
    s.ground(.95)
    r = s.r

    def sea():
        s.pen.air = .05
        q = s.cam.polygon([(-300, .01, 7), (300, .01, 7), (300, .01, 395), (-300, .01, 395)])
        if q:
            s.pen.poly(q, .72, 0)
        for z, amp, g in ((6.2, .5, 1.0), (11, .6, .95)):
            pts = [(-30 + 2 * k, .02, z + amp * math.sin(k * 1.3 + z)) for k in range(31)]
            s.stroke(pts, 1.0, .2)
            if z < 7:
                q = s.cam.polygon(pts + [(30, .02, z + 1.3), (-30, .02, z + 1.3)])
                if q:
                    s.pen.poly(q, 1.0, .6)
        for k in range(3):
            x, z = r.uniform(-14, 14), r.uniform(12, 40)
            s.stroke([(x, .02, z), (x + 4, .02, z)], 1.2, 1.0)
    s.floor.append(sea)
    side = r.choice((-1, 1))
    s.tree(side * 3.2, 3.4, 5.2, "palm", .5)
    s.tree(side * 4.8, 2.4, 6.2, "palm", .45)
    x = -side * 3.0

    def parasol(pen, sx, sy, q):
        for k in range(4):
            a, b = -1.3 + .65 * k, -1.3 + .65 * (k + 1)
            pen.poly([(sx, sy - 2.5 * q), (sx + a * q, sy - 1.75 * q), (sx + b * q, sy - 1.75 * q)], .3 if k % 2 else 1.0, .85)
        pen.line([(sx, sy - 1.8 * q), (sx + .12 * q, sy)], 1.2)
    s.sprite((x, 0, 3.4), parasol)
    s.group(x + .9, 3.0, [(0, .25, 0, .7, .08, 1.8, .8), (0, .25, .8, .7, .5, .1, .8)], .3)
    s.rock(side * 6, 7.5, 1.6)

    def isle():
        s.pen.air = .5
        s.paint([(-side * 60 - 30, 0, 220), (-side * 60 - 8, 12, 220), (-side * 60 + 12, 7, 220), (-side * 60 + 40, 0, 220)], .7, .9, 70)
    s.back.append(isle)


def mountains(s):
    s.sky()
    s.ground(.92)
    r = s.r
    ridge(s, 170, [r.uniform(20, 34) if k % 2 == 0 else r.uniform(55, 88) for k in range(11)], .62, True, 230)
    ridge(s, 90, [r.uniform(4, 9) if k % 2 == 0 else r.uniform(16, 26) for k in range(11)], .76, False, 120)
    scatter(s, 6, lambda x, z: s.tree(x, z, r.uniform(3.5, 6), "pine", .42), 4, 22, 14, 2.4)
    scatter(s, 4, lambda x, z: s.rock(x, z, r.uniform(.7, 1.4)), 1.6, 7, 6)


def snowfield(s):
    s.sky(.84 if not s.night and not s.dusk else None)
    s.ground(1.0)
    r = s.r
    ridge(s, 120, [r.uniform(3, 8) for _ in range(12)], .9, False, 160)
    scatter(s, 7, lambda x, z: snowy_pine(s, x, z, r.uniform(3.5, 5.5)), 2.2, 20, 12, 1.9)
    for k in range(3):
        x, z = r.uniform(-8, 8), r.uniform(1.5, 14)

        def drift(x=x, z=z):
            s.stroke([(x + .5 * j, .02 + .25 * math.sin(j * .5), z) for j in range(7)], .9, .5)
        s.floor.append(drift)
    x = r.choice((-4.5, 4.5))
    s.building(x - 1.9, x + 1.9, 9, 12, 2.2, .5, bay=1.9, floors=2.2, roof=1.6, lit=1)
    s.add((x, 3, 9), lambda: s.paint([(x - 2.3, 2.2, 8.7), (x + 2.3, 2.2, 8.7), (x + 2.1, 3.9, 10.4), (x - 2.1, 3.9, 10.4)], 1.0), 1.2)


def snowy_pine(s, x, z, h):
    def cone(pen, sx, sy, q):
        for k in range(3):
            y0 = sy - h * q * (.12 + .24 * k)
            w = h * q * (.24 - .055 * k)
            pen.poly([(sx - w, y0), (sx, y0 - h * q * .40), (sx + w, y0)], .5, .9)
            pen.poly([(sx - w * .55, y0 - h * q * .17), (sx, y0 - h * q * .40), (sx + w * .55, y0 - h * q * .17), (sx + .2 * w, y0 - h * q * .12), (sx - .15 * w, y0 - h * q * .19)], 1.0, .7)
    s.sprite((x, 0, z), cone)


def desert(s):
    s.sky()
    s.ground(.94)
    r = s.r
    mx = r.uniform(-60, 60)

    def mesa():
        s.pen.air = .3
        for x, w, h in ((mx, 34, 30), (mx - 90, 24, 20), (mx + 80, 18, 24)):
            q = s.cam.polygon([(x - w, 0, 170), (x - w * .7, h * .45, 170), (x - w * .62, h, 170), (x + w * .62, h, 170), (x + w * .7, h * .45, 170), (x + w, 0, 170)])
            if q:
                s.pen.poly(q, .66, .95)
    s.back.append(mesa)
    for z, a, ph in ((26, 2.2, .3), (14, 1.1, 2.2), (8.5, .5, 4.0)):
        def dune(z=z, a=a, ph=ph):
            pts = [(-40 + 4 * k, max(.02, a * (1 + math.sin(k * .62 + ph)) * .8), z) for k in range(21)]
            s.paint([(-40, 0, z)] + pts + [(40, 0, z)], .9 if z > 20 else .97, .9)
        s.floor.append(dune)

    def cactus(x, z, h=2.4):
        def fn(pen, sx, sy, q):
            c = pen.c
            k = h * q / 2.4
            capsule(c, sx, sy - .2 * k, .22 * k, sx, sy - 2.2 * k, .20 * k)
            for d, y, t in ((-1, 1.0, .8), (1, .8, 1.0)):
                capsule(c, sx, sy - y * k, .14 * k, sx + d * .62 * k, sy - y * k, .14 * k)
                capsule(c, sx + d * .62 * k, sy - y * k, .14 * k, sx + d * .62 * k, sy - (y + t) * k, .13 * k)
            pen.union(.46, .9)
            pen.line([(sx, sy - .4 * k), (sx, sy - 2.0 * k)], .6)
        s.sprite((x, 0, z), fn)
    scatter(s, 6, lambda x, z: cactus(x, z, r.uniform(2, 3.2)), 2, 14, 8, 1.7)
    scatter(s, 4, lambda x, z: s.rock(x, z, r.uniform(.4, .9), .72), 1.5, 8, 6)


def lake(s):
    s.sky()
    s.ground(.86)
    r = s.r
    ridge(s, 160, [r.uniform(12, 40) for _ in range(12)], .68, True, 200)
    ridge(s, 110, [r.uniform(5, 9) for _ in range(14)], .56, False, 150)
    water(s, 4.2, .95)
    x = r.choice((-2.4, 2.4))

    def pier():
        s.paint([(x - .8, .35, 2.4), (x + .8, .35, 2.4), (x + .8, .35, 11), (x - .8, .35, 11)], .72)
        for k in range(5):
            s.stroke([(x - .8, .36, 3.0 + 1.5 * k), (x + .8, .36, 3.0 + 1.5 * k)], .9, .4)
        s.paint([(x - .8, .35, 2.4), (x + .8, .35, 2.4), (x + .8, .2, 2.4), (x - .8, .2, 2.4)], .5)
    s.add((x, .3, 4), pier)
    for z in (4.5, 7, 10):
        for d in (-.8, .8):
            s.post((x + d, 0, z), (x + d, .9, z), .07, .07, .3)
    vehicle(s, "boat", -x * 1.8, 8, .2, .5)
    scatter(s, 5, lambda a, z: s.tree(a, z, r.uniform(4, 6), "pine", .45), 1.0, 3.8, 9, 3.0)

    def reeds(pen, sx, sy, q):
        for k in range(3):
            pen.curve([(sx + .2 * k * q, sy), (sx + .22 * k * q, sy - .6 * q), (sx + (.22 * k + .25 * (k - 1)) * q, sy - (1.1 + .2 * (k % 2)) * q)], 1.6, .2)
    s.sprite((-x * .8, 0, 3.6), reeds)
    s.sprite((x * 1.6, 0, 3.3), reeds)


def field(s):
    s.sky()
    s.ground(.92)
    r = s.r
    ridge(s, 140, [r.uniform(6, 18) for _ in range(9)], .84, False, 190)
    ridge(s, 80, [r.uniform(1, 4) for _ in range(14)], .74, False, 120)
    s.tree(r.choice((-1, 1)) * r.uniform(3.6, 5), 8, 7.5, "round", .5)
    def grass(pen, sx, sy, q):
        # a tuft is one shape of three blades
        k = max(q * .5, 11)
        pen.poly([(sx - .45 * k, sy), (sx - .6 * k, sy - .8 * k), (sx - .15 * k, sy - .3 * k), (sx, sy - k), (sx + .18 * k, sy - .3 * k), (sx + .65 * k, sy - .75 * k), (sx + .45 * k, sy)], .45, .8 if k > 14 else 0)
    for k in range(13):
        s.sprite((r.uniform(-9, 9), 0, -4.0 + 1.4 * k + r.uniform(-.5, .5)), grass)
    # sunflowers on both sides, a head higher than the grass
    def sunflower(pen, sx, sy, q, h=1.0):
        k = max(.30 * q, 7)
        top = sy - h * q
        pen.line([(sx, sy), (sx, top)], 1.2)
        pen.poly([(sx + (1.0, .72)[j % 2] * k * math.cos(TAU * j / 12), top + (1.0, .72)[j % 2] * k * math.sin(TAU * j / 12)) for j in range(12)], 1.0, .9)
        pen.ell(sx, top, .5 * k, .5 * k, .25, .8)
    for d in (-1, 1):
        for x, z, h in ((1.4, 1.4, 1.25), (2.3, 2.6, 1.5), (3.6, 3.6, 1.45), (2.9, 5.4, 1.7), (1.8, -1.2, 1.2)):
            s.sprite((d * (x + r.uniform(-.2, .2)), 0, z), lambda pen, a, b, q, h=h: sunflower(pen, a, b, q, h))


def cliff(s):
    s.sky()
    r = s.r

    def sea():
        s.pen.air = .2
        s.paint([(-300, -22, -10), (300, -22, -10), (300, -22, 390), (-300, -22, 390)], .80, .9, 30)
        for k in range(6):
            x, z = r.uniform(-60, 60), r.uniform(24, 100)
            s.stroke([(x, -22, z), (x + 9, -22, z)], 1.0, .4)
    s.floor.append(sea)
    side = r.choice((-1, 1))

    def far():
        # a headland with a steep face, and a lighthouse on it
        face = [(3.0, -22), (3.4, -9), (4.6, -3), (4.2, 1.0), (5.4, 4.2), (9, 5.4), (16, 6.2), (60, 8), (60, -22)]
        s.paint([(side * x, y, 26) for x, y in face], .58, 1.1)
        for x, y in ((6.0, 1), (11, 2), (17, 2)):
            s.stroke([(side * x, y, 25.8), (side * (x - .6), y - 4, 25.8), (side * (x + .2), y - 8, 25.8)], 1.0, .3)
        s.paint([(side * 8.0, 5.0, 25.7), (side * 8.3, 10.0, 25.7), (side * 9.5, 10.0, 25.7), (side * 9.8, 5.0, 25.7)], 1.0)
        for y in (6.2, 8.2):
            s.paint([(side * 8.05, y, 25.6), (side * 8.15, y + 1.0, 25.6), (side * 9.65, y + 1.0, 25.6), (side * 9.75, y, 25.6)], .3, .7)
        s.paint([(side * 8.2, 10.0, 25.6), (side * 8.9, 11.6, 25.6), (side * 9.6, 10.0, 25.6)], .2)
    s.add((side * 20, 0, 30), far)

    def top():
        e = [(-9, -9), (9, -9), (9, 1.9), (6, 2.6), (3, 2.0), (0.5, 2.8), (-2.5, 2.1), (-6, 2.7), (-9, 2.0)]
        edge = e[2:]
        for a, b in zip(edge, edge[1:]):
            s.paint([(a[0], 0, a[1]), (b[0], 0, b[1]), (b[0] * .97, -9, b[1] - .8), (a[0] * .97, -9, a[1] - .8)], .5)
        s.paint([(x, 0, z) for x, z in e], .88, 1.1, 3)
    s.add((0, 0, 3.2), top, -1)
    s.rock(-3.4, 1.4, .9)
    s.rock(3.8, 1.0, 1.2)
    s.tree(-side * 4.6, 1.2, 4.2, "bare")

    def reef(pen, sx, sy, q):
        pen.poly([(sx - 4 * q, sy), (sx - 2 * q, sy - 5 * q), (sx, sy - 7 * q), (sx + 2 * q, sy - 3 * q), (sx + 4 * q, sy)], .5, .9)
    s.sprite((-side * 12, -22, 60), reef)


def river(s):
    s.sky()
    s.ground(.86)
    r = s.r
    ridge(s, 120, [r.uniform(7, 18) for _ in range(13)], .74, False, 170)
    side = r.choice((-1, 1))

    def flow():
        s.pen.air = .05
        left = [(1.2, 1.6), (2.0, 5), (-.5, 10), (1.5, 18), (0, 34), (3, 60)]
        q = [(a, .01, z) for a, z in left] + [(a + 4.2 + .06 * z, .01, z) for a, z in reversed(left)]
        d = side
        s.paint([(d * x, y, z) for x, y, z in q] if d > 0 else [(-x, y, z) for x, y, z in q], .97, 1.0)
        for k in range(4):
            z = 2.4 + 3 * k
            s.stroke([(d * 2.6, .02, z), (d * 4.4, .02, z + .4)], 1.0, .4)
        for z in (4.4,):
            for k in range(4):
                px, py, u = s.cam.at((d * (1.6 + 1.1 * k), .05, z))
                if s.cam.depth((d * (1.6 + 1.1 * k), .05, z)) > .6:
                    s.pen.air = .2
                    s.pen.ell(px, py, max(3, .33 * u), max(2, .16 * u), .6, .8)
    s.floor.append(flow)
    scatter(s, 6, lambda x, z: s.tree(x, z, r.uniform(4, 7), "pine" if r.random() < .5 else "round", .5), 4.5, 22, 13, 2.6)
    scatter(s, 5, lambda x, z: s.rock(x, z, r.uniform(.4, .8)), 1.4, 8, 5)
    s.bush(-2.6, 2.2, .7)
    # a footbridge of stone
    def arch():
        def half(t, a, b):
            return (d0 * (3.4 + a * math.cos(t)), b * math.sin(t), 9.0)
        d0 = side
        ts = [math.pi * k / 10 for k in range(11)]
        s.paint([half(t, 3.6, 2.1) for t in ts] + [half(t, 2.3, 1.35) for t in reversed(ts)], .62)
        s.paint([half(t, 3.6, 2.1) for t in ts] + [(x, y + .55, z) for x, y, z in (half(t, 3.6, 2.1) for t in reversed(ts))], .85)
    s.add((side * 3.4, .5, 9.0), arch)
