# Inquadra - settings outdoors: town.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

from .pen import TAU, add_poly, capsule
from .scene import BAYS
from .vehicles import car, plane, vehicle


def canyon(s, half, depth, low=7, high=16, near=-8, z0=None):
    """Two rows of houses along z."""
    r = s.r
    for sx in (-1, 1):
        z = near if z0 is None else z0
        while z < depth:
            d = r.uniform(5, 9)
            h = r.uniform(low, high)
            x0, x1 = (half, half + 8) if sx > 0 else (-half - 8, -half)
            s.building(x0, x1, z, z + d, h, r.choice((.62, .74, .84)))
            z += d


def street(s):
    s.sky()
    s.ground(.84)
    s.patch([(-3.2, -30), (3.2, -30), (3.2, 90), (-3.2, 90)], .64)
    for z in range(-9, 40, 4):
        s.patch([(-.09, z), (.09, z), (.09, z + 2), (-.09, z + 2)], 1.0, 0)
    if s.r.random() < .5:
        for k in range(7):
            s.patch([(-2.9 + .85 * k, 3.0), (-2.45 + .85 * k, 3.0), (-2.45 + .85 * k, 5.6), (-2.9 + .85 * k, 5.6)], 1.0, 0)
    canyon(s, 5.4, 60)
    s.building(-9, 9, 62, 70, 14, .86)
    side = s.r.choice((-1, 1))
    car(s, side * 2.3, 5.5, 1.57 * s.r.choice((-1, 1)))
    car(s, -side * 2.3, 11, 1.57)
    for z in (1.5, 9, 17):
        s.lamp_post(4.2, z)
        s.lamp_post(-4.2, z + 3)


def alley(s):
    s.sky()
    s.ground(.72, 1.8, 3, "x")
    canyon(s, 2.2, 22, 9, 13, -6)
    s.building(-5, 5, 24, 30, 10, .8)
    for k in range(3):
        y = 2.6 + 2.2 * k
        for sx in (-1, 1):
            if s.r.random() < .7:
                s.group(sx * 1.95, 4 + 2 * k, [(0, y, 0, .6, .08, 2.2, .2), (-sx * .28, y, 0, .05, .8, 2.2, .35)], y)
    s.group(-1.65, 2.6, [(0, 0, 0, 1.0, 1.1, 1.5, .36), (0, 1.1, 0, 1.1, .1, 1.6, .22)], .5)
    for x, z in ((1.6, 1.9), (1.7, 2.6), (-1.8, 5)):
        s.post((x, 0, z), (x, .85, z), .27, .30, .5)
    s.post((-2.2, 3.6, 3), (2.2, 3.4, 3), .012, .012, .2)

    def line():
        for k in range(4):
            x = -1.6 + .9 * k
            s.paint([(x, 3.5, 3), (x + .62, 3.48, 3), (x + .56, 2.7, 3), (x + .06, 2.7, 3)], (1.0, .5)[k % 2])
    s.add((0, 3.4, 3), line)
    s.lamp_post(1.9, 7, 3.2)


def skyline(s, z0, n=16, spread=60, low=10, high=40, base=0.0, g=(.68, .80)):
    r = s.r
    for k in range(n):
        x = -spread + 2 * spread * (k + r.uniform(0, .6)) / n
        w = r.uniform(5, 9)
        h = r.uniform(low, high)
        d = z0 + r.uniform(0, 20)

        def fn(x=x, w=w, h=h, d=d, t=r.choice(g), seed=r.random()):
            s.paint([(x, base, d), (x, h, d), (x + w, h, d), (x + w, base, d)], t, .9)
            px = s.cam.at((x, h, d))[2]
            if px * w < BAYS:
                return
            # few windows, large enough to be kept, in one shape
            bay, floor = max(1.8, .8 * BAYS / px), max(2.6, .8 * BAYS / px)
            for i in range(int((w - .6) / bay)):
                for j in range(min(4, int((h - max(base, -5)) / floor))):
                    u, v = x + .7 + bay * i, h - .85 * floor - floor * j
                    if (i * 7 + j * 13 + int(seed * 97)) % 5 < 3:
                        q = s.cam.polygon([(u, v, d - .1), (u, v + .5 * floor, d - .1), (u + .5 * bay, v + .5 * floor, d - .1), (u + .5 * bay, v, d - .1)])
                        if q:
                            add_poly(s.pen.c, q)
            if s.night or s.dusk:
                s.pen.flat(.9 if s.night else 1.0)
            else:
                s.pen.source(.34)
            s.pen.c.fill()
        s.add((x, 0, d), fn, 0)


def rooftop(s):
    s.sky()

    def below():
        pen = s.pen
        pen.air = .3
        s.paint([(-300, -30, -10), (300, -30, -10), (300, -30, 400), (-300, -30, 400)], .6, 0)
    s.floor.append(below)
    skyline(s, 24, 11, 55, -4, 14, -30)
    skyline(s, 60, 8, 90, 6, 26, -30, (.86, .9))

    def roof():
        s.paint([(-7, 0, -7), (7, 0, -7), (7, 0, 3.2), (-7, 0, 3.2)], .86, .9, 3)
    s.add((0, 0, 5.0), roof, -2)
    s.box(0, 3.3, 14, .9, .3, .62, bias=-.6)
    s.box(-6.9, -2, .3, .9, 10, .62)
    s.box(6.9, -2, .3, .9, 10, .62)
    x = s.r.choice((-3.4, 3.3))
    for a in (-.8, .8):
        for b in (-.7, .7):
            s.post((x + a, 0, 1.2 + b), (x + a * .9, 1.9, 1.2 + b * .9), .06, .06, .2)
    s.post((x, 1.9, 1.2), (x, 4.0, 1.2), 1.1, 1.1, .5, .2)
    s.add((x, 4, 1.2), lambda: s.paint([(x - 1.3, 4.0, 1.2), (x, 5.0, 1.2), (x + 1.3, 4.0, 1.2)], .3), .4)
    s.group(-x * .9, 1.6, [(0, 0, 0, 1.3, .9, .9, .7), (0, .9, 0, .8, .3, .5, .4)], .5)
    s.post((-x * .55, 0, 2.4), (-x * .55, 3.4, 2.4), .03, .02, .2)
    for y in (2.6, 3.0, 3.3):
        s.post((-x * .55 - .6, y, 2.4), (-x * .55 + .6, y, 2.4), .015, .015, .2)


def square(s):
    s.sky()
    s.ground(.86, 3.0, 16)
    r = s.r
    for k, x in enumerate((-22, -11, 0, 11)):
        s.building(x, x + 11, 17, 24, r.uniform(8, 13), r.choice((.7, .8, .88)), roof=2)
    for sx in (-1, 1):
        s.building(sx * 15 if sx > 0 else -23, 23 if sx > 0 else -15, -4, 16, 9, .74)
    s.building(-2.4, 2.4, 15.5, 19, 19, .66, bay=1.6)
    s.add((0, 20, 15.5), lambda: s.paint([(-2.7, 19, 15.5), (0, 23.5, 15.5), (2.7, 19, 15.5)], .35), 2)
    x = r.choice((-3.0, 3.0))

    def basin():
        for rad, y0, y1 in ((1.7, 0, .5), (.25, .5, 1.5), (.9, 1.4, 1.6)):
            pts = [(x + rad * math.cos(t), y1, 6 + rad * math.sin(t)) for t in (TAU * k / 14 for k in range(14))]
            a, b = s.cam.at((x - rad, y0, 6)), s.cam.at((x + rad, y0, 6))
            c, d = s.cam.at((x - rad, y1, 6)), s.cam.at((x + rad, y1, 6))
            s.pen.poly([a[:2], c[:2], d[:2], b[:2]], .75, .9)
            s.paint(pts, .95, .9)
        q = [s.cam.at((x, 1.6, 6))[:2], s.cam.at((x - .5, 2.5, 6))[:2], s.cam.at((x - .8, 1.5, 6))[:2]]
        s.pen.curve(q, .9)
        q = [s.cam.at((x, 1.6, 6))[:2], s.cam.at((x + .5, 2.5, 6))[:2], s.cam.at((x + .8, 1.5, 6))[:2]]
        s.pen.curve(q, .9)
    s.add((x, 0, 6), basin)
    s.lamp_post(-x, 4.5)
    s.lamp_post(-x * 2, 9)


def park(s):
    s.sky()
    s.ground(.86)
    s.patch([(-1.4, -20), (1.4, -20), (2.0, 8), (6, 16), (12, 24), (9.5, 26), (3, 18), (-.4, 10)], .97)
    r = s.r
    for x, z in ((-4, 4.5), (-7, 9), (-3.2, 13), (4.6, 6), (8, 12), (-11, 15), (13, 9), (0.5, 20), (-5.5, -1), (6, -1.5), (-15, 22), (16, 20)):
        s.tree(x + r.uniform(-.5, .5), z + r.uniform(-1, 1), r.uniform(5, 7.5), "round", r.choice((.5, .62)))
    x = r.choice((-2.3, 2.4))
    s.group(x, 1.6, [(0, .42, 0, 1.7, .07, .5, .6), (0, .5, .24, 1.7, .5, .07, .6), (-.7, 0, 0, .08, .42, .45, .2), (.7, 0, 0, .08, .42, .45, .2)], .5)
    s.lamp_post(-x * 1.1, 3.2, 3.6)
    for x in (-6, -2.6, 3.6, 6.5):
        s.bush(x, 10, 1.3, .7)
    # swings
    a = -x * 1.55
    for d in (-1.1, 1.1):
        s.post((a + d - .35, 0, 5.2), (a + d, 2.4, 5.2), .07, .07, .2)
        s.post((a + d + .35, 0, 5.2), (a + d, 2.4, 5.2), .07, .07, .2)
    s.post((a - 1.1, 2.4, 5.2), (a + 1.1, 2.4, 5.2), .07, .07, .2)
    s.group(a, 5.2, [(-.45, .55, 0, .5, .07, .25, .3), (.5, .75, -.2, .5, .07, .25, .3)], .6)
    s.add((a, 1.4, 5.15), lambda: [s.stroke([(a + u, 2.4, 5.2), (a + u, v, w)], 1.0, .3) for u, v, w in ((-.65, .6, 5.2), (-.25, .6, 5.2), (.3, .8, 5.0), (.7, .8, 5.0))])


def harbour(s):
    s.sky()
    s.ground(.74)
    s.floor.append(lambda: s.paint([(-200, .02, 4.6), (200, .02, 4.6), (200, .02, 390), (-200, .02, 390)], .88, 0, 10))
    r = s.r

    def ripples():
        s.pen.air = .3
        for k in range(6):
            z = 6 + k * k * 1.1
            x = r.uniform(-9 - k, 9 + k)
            s.stroke([(x, .03, z), (x + 2.6 + .6 * k, .03, z)], 1.0, .3)
    s.floor.append(ripples)
    s.patch([(-30, 3.9), (30, 3.9), (30, 4.6), (-30, 4.6)], .6)
    for x in (-4.2, -1.7, 1.8, 4.4):
        s.post((x, 0, 3.7), (x, .7, 3.7), .17, .22, .25)
    side = r.choice((-1, 1))
    x = side * 6.0

    def ship():
        s.paint([(x - 6, .1, 9), (x - 7.5, 3.2, 9), (x + 6.5, 3.2, 9), (x + 5.5, .1, 9)], .35, 1.0)
        s.paint([(x - 6.9, 2.3, 8.95), (x - 7.2, 2.7, 8.95), (x + 6.3, 2.7, 8.95), (x + 6.2, 2.3, 8.95)], .95, .6)
        s.paint([(x - 1, 3.2, 9), (x - 1, 5.6, 9), (x + 4.5, 5.6, 9), (x + 5, 3.2, 9)], .95)
        for k in range(4):
            q = [(x - .4 + 1.2 * k, 4.3, 8.9), (x - .4 + 1.2 * k, 5.0, 8.9), (x + .3 + 1.2 * k, 5.0, 8.9), (x + .3 + 1.2 * k, 4.3, 8.9)]
            s.paint(q, .25, .8)
        s.paint([(x + 1, 5.6, 9), (x + 1, 7.6, 9), (x + 2.4, 7.6, 9), (x + 2.4, 5.6, 9)], .25)
        s.stroke([(x - 4, 3.2, 9), (x - 4, 9.5, 9), (x - 7.4, 3.2, 9)], 1.1)
    s.add((x, 1, 9), ship)
    cx = -side * 6.5

    def crane():
        s.stroke([(cx, 0, 13), (cx, 12, 13)], 2.2, .2)
        s.stroke([(cx + 1.4, 0, 13), (cx + 1.4, 12, 13)], 2.2, .2)
        s.stroke([(cx - 3, 12, 13), (cx + side * 11, 13.4, 13)], 2.2, .2)
        s.stroke([(cx + side * 9, 13.2, 13), (cx + side * 9, 7.5, 13)], 1.0, .2)
        s.paint([(cx + side * 8, 6.3, 13), (cx + side * 8, 7.5, 13), (cx + side * 10, 7.5, 13), (cx + side * 10, 6.3, 13)], .6)
    s.add((cx, 5, 13), crane)
    for bx, bz, g in ((-side * 3.6, 1.8, .55), (-side * 4.6, 2.3, .7), (side * 5, 1.2, .6)):
        s.box(bx, bz, 1.1, 1.0, 1.0, g)
    skyline(s, 80, 8, 90, 3, 9, 0, (.85, .9))
    # sails on both sides: triangles that say water from far
    for x, z, h in ((-3.4, 7.5, 4.2), (3.6, 8.5, 4.8), (-9.5, 16, 6.5), (9.5, 17, 6)):
        def boat(x=x, z=z, h=h):
            s.paint([(x - .42 * h, .55, z), (x + .42 * h, .55, z), (x + .30 * h, .02, z), (x - .28 * h, .02, z)], .3)
            s.paint([(x - .03 * h, .7, z), (x - .03 * h, .5 + h, z), (x - .38 * h, .8, z)], 1.0)
            s.paint([(x + .03 * h, .7, z), (x + .03 * h, .3 + .9 * h, z), (x + .34 * h, .75, z)], .85)
        s.add((x, .5, z), boat)


def bridge(s):
    s.sky()

    def water():
        s.paint([(-300, -14, -20), (300, -14, -20), (300, -14, 380), (-300, -14, 380)], .84, 0, 20)
    s.floor.append(water)
    skyline(s, 110, 10, 120, 2, 18, -14, (.84, .9))
    s.floor.append(lambda: s.paint([(-4.2, 0, -30), (4.2, 0, -30), (4.2, 0, 100), (-4.2, 0, 100)], .72, .9, 3))
    for z in range(-8, 60, 5):
        s.patch([(-.09, z), (.09, z), (.09, z + 2.4), (-.09, z + 2.4)], 1.0, 0)
    for z in (14, 44):
        for sx in (-1, 1):
            s.building(sx * 4.4 - .6, sx * 4.4 + .6, z - .6, z + .6, 17, .52, win=.52, bay=99)
        s.box(0, z, 8.6, 1.2, 1.0, .5, 12.5)
        s.box(0, z, 8.6, 1.2, 1.0, .5, 15.8)
    for sx in (-1, 1):
        def cable(sx=sx):
            pts = [(sx * 4.4, 1.6 + 15.2 * ((z - 14) / 22.0) ** 2 if z < 14 else 17 - 14.5 * math.sin(math.pi * (z - 14) / 30.0), z) for z in range(-8, 45, 2)]
            s.stroke(pts, 1.5, .2)
            for p in pts[1::4]:
                s.stroke([p, (p[0], 0, p[2])], 1.0, .3)
        s.add((sx * 4.4, 8, 16), cable)
        s.add((sx * 4.2, .5, 4), lambda sx=sx: (s.stroke([(sx * 4.2, 1.05, -10), (sx * 4.2, 1.05, 90)], 1.6, .2), s.stroke([(sx * 4.2, .55, -10), (sx * 4.2, .55, 90)], 1.0, .3)))
        for z in (-5, -1, 3, 7):
            s.post((sx * 4.2, 0, z), (sx * 4.2, 1.05, z), .05, .05, .2)


def market(s):
    s.sky()
    s.ground(.84)
    r = s.r

    def stall(x, z, w):
        """A counter with heaps of fruit under a striped awning, seen from the front."""
        for dx in (-.46 * w, .46 * w):
            s.post((x + dx, 0, z - .5), (x + dx, 2.25, z - .5), .05, .05, .2)
        s.group(x, z, [(0, 0, 0, w, .85, .9, .6)], .6)

        def heaps():
            for k in range(3):
                a = x + w * (k - 1) * .31
                px, py, q = s.cam.at((a, .85, z - .3))
                if s.cam.depth((a, .85, z - .3)) > .6:
                    for j in (-1, 1, 0):
                        s.pen.c.new_sub_path()
                        s.pen.c.arc(px + j * .22 * q, py - (.16 if j else .36) * q, .22 * q, 0, TAU)
                    s.pen.union((.25, .95, .5)[k], .8)
        s.add((x, .9, z), heaps, .5)

        def awning():
            for k in range(5):
                a, b = x - w * .58 + w * 1.16 * k / 5, x - w * .58 + w * 1.16 * (k + 1) / 5
                g = (.2, 1.0)[k % 2]
                s.paint([(a, 3.0, z + .7), (b, 3.0, z + .7), (b, 2.3, z - .9), (a, 2.3, z - .9)], g, .8)
                s.paint([(a, 2.3, z - .9), (b, 2.3, z - .9), (b, 2.0, z - .9), ((a + b) / 2, 1.86, z - .9), (a, 2.0, z - .9)], g, .8)
        s.add((x, 1.2, z), awning, .9)
    for sx in (-1, 1):
        stall(sx * 2.7, 2.6, 3.0)
        stall(sx * 6.2, 2.9, 3.0)
        s.group(sx * 3.9, -1.0, [(0, 0, 0, .9, .5, .9, .55), (0, .5, 0, .8, .25, .8, .95)], .4)
    stall(r.uniform(-.6, .6), 7.5, 3.4)
    for x in (-13, -4.5, 4):
        s.building(x, x + 8.5, 14, 20, r.uniform(6.5, 9), r.choice((.84, .92)), roof=1.6)


def parking(s):
    s.sky()
    s.ground(.70)
    for k in range(-6, 7):
        s.patch([(k * 2.9 - .06, 2.6), (k * 2.9 + .06, 2.6), (k * 2.9 + .06, 7.4), (k * 2.9 - .06, 7.4)], 1.0, 0)
        s.patch([(k * 2.9 - .06, -9), (k * 2.9 + .06, -9), (k * 2.9 + .06, -4), (k * 2.9 - .06, -4)], 1.0, 0)
    for k in range(-5, 5):
        if s.r.random() < .75 or k in (-1, 0):
            car(s, k * 2.9 + 1.45, 5.0, 1.57 * s.r.choice((1, -1)))
    s.building(-22, 22, 20, 30, 8, .84, bay=4, floors=4)
    for x in (-6, 6):
        s.lamp_post(x, 9.5, 6)
    s.patch([(-.4, 8.6), (.4, 8.6), (.4, 9.8), (1.0, 9.8), (0, 11), (-1.0, 9.8), (-.4, 9.8)], 1.0, 0)


def airport(s):
    s.sky()
    s.ground(.82)
    s.patch([(-4, 6), (4, 6), (14, 120), (-14, 120)], .66)
    for z in (8, 14, 22, 34):
        s.patch([(-.3, z), (.3, z), (.3, z + 3), (-.3, z + 3)], 1.0, 0)
    x = s.r.choice((-5.0, 5.0))
    plane(s, x, 2.4, 24, 1.0)
    s.add((x, 0, 24), lambda: [s.stroke([(x + a, 0, 24), (x + a, 1.7, 24)], 1.6) for a in (-1.6, 3.4)])
    s.building(-x * 1.2 - 1.8, -x * 1.2 + 1.8, 30, 34, 13, .7, bay=99)
    s.group(-x * 1.2, 32, [(0, 13, 0, 6, 2.6, 6, .3), (0, 15.6, 0, 6.6, .6, 6.6, .8)], 14)
    s.building(-40, -18 if x > 0 else -40.1, 40, 50, 7, .85, bay=3)
    plane(s, -x * 1.6, 16, 60, .7)


def construction(s):
    s.sky()
    s.ground(.82)
    r = s.r
    x = r.choice((-5.5, 5.0))

    def frame():
        for j in range(4):
            y = 3 * (j + 1)
            s.paint([(x - 5, y, 8), (x + 5, y, 8), (x + 5, y - .35, 8), (x - 5, y - .35, 8)], .5)
            for k in range(5):
                a = x - 5 + 2.5 * k
                s.paint([(a - .2, y - 3, 8), (a - .2, y - .35, 8), (a + .2, y - .35, 8), (a + .2, y - 3, 8)], .5)
    s.add((x, 2, 8), frame)
    cx = -x * .9

    def crane():
        s.stroke([(cx - .5, 0, 14), (cx - .5, 16, 14)], 1.5, .2)
        s.stroke([(cx + .5, 0, 14), (cx + .5, 16, 14)], 1.5, .2)
        s.stroke([(cx - 5, 16, 14), (cx + (12 if cx < 0 else -12), 16, 14)], 2.2, .2)
        s.stroke([(cx - 4, 16, 14), (cx, 18.5, 14), (cx + (10 if cx < 0 else -10), 16, 14)], .9, .2)
        hx = cx + (8 if cx < 0 else -8)
        s.stroke([(hx, 16, 14), (hx, 10, 14)], .9, .2)
        s.paint([(hx - 1.2, 9.6, 14), (hx - 1.2, 10, 14), (hx + 1.2, 10, 14), (hx + 1.2, 9.6, 14)], .4)
    s.add((cx, 3, 14), crane)
    for bx, bz in ((-2.6, 2.2), (2.7, 1.8)):
        s.group(bx, bz, [(0, 0, 0, 1.6, .35, .8, .6), (0, .35, 0, 1.4, .3, .7, .7)], .4)
    for k in range(-2, 3):
        s.group(k * 3.4, 5.0, [(0, .5, 0, 3.0, .5, .08, 1.0 if k % 2 else .3), (-1.2, 0, 0, .1, 1.0, .3, .3), (1.2, 0, 0, .1, 1.0, .3, .3)], .5)
    s.post((3.6, 0, .8), (3.6, .7, .8), .26, .03, .5)


def gas_station(s):
    s.sky()
    s.ground(.78)
    s.patch([(-40, -6), (40, -6), (40, -2.6), (-40, -2.6)], .62)
    s.building(-7, 7, 10, 15, 3.4, .9, bay=2.4, floors=3.4, win=.5, lit=1)
    for x in (-2.8, 2.8):
        s.group(x, 3.4, [(0, 0, 0, 1.8, .18, 1.0, .9), (0, .18, 0, .7, 1.6, .5, .38), (0, 1.1, -.26, .5, .4, .02, 1.0), (0, 1.78, 0, .8, .3, .55, .9)], .8)
        s.post((x, .1, 4.4), (x, 4.6, 4.4), .16, .16, .85)
    s.group(0, 4.4, [(0, 4.6, 0, 11, .8, 5.0, .95), (0, 4.75, -2.51, 11, .3, .02, .35)], 4.6, -1)
    if s.night:
        for x in (-2.8, 2.8):
            sx, sy, q = s.cam.at((x, 4.5, 3.6))
            if s.cam.depth((x, 4.5, 3.6)) > 1:
                s.lights.append(("beam", sx, sy, .5 * q, 1.9 * q, s.cam.at((x, 0, 3.6))[1]))
    s.post((-7.4, 0, 5), (-7.4, 6, 5), .14, .14, .4)
    s.group(-7.4, 5, [(0, 5.0, 0, 2.0, 2.2, .3, .3), (0, 5.5, -.17, 1.3, 1.1, .02, 1.0)], 5)
    car(s, s.r.choice((-4.8, 4.8)), 3.6, 1.57, None)


def platform(s):
    s.sky()
    s.ground(.7)
    s.floor.append(lambda: s.paint([(-3.6, 0, -30), (3.2, 0, -30), (3.2, 0, 80), (-3.6, 0, 80)], .9, .9, 3))
    s.patch([(2.5, -30), (2.8, -30), (2.8, 80), (2.5, 80)], .6, .6)

    def tracks():
        for z in range(-5, 26, 2):
            s.paint([(3.7, -.55, z), (6.3, -.55, z), (6.3, -.55, z + .6), (3.7, -.55, z + .6)], .42, 0)
        for x in (4.2, 5.7):
            s.stroke([(x, -.4, -8), (x, -.4, 80)], 1.5, .2)
    s.floor.append(lambda: s.paint([(3.2, 0, -30), (3.2, -.9, -30), (3.2, -.9, 80), (3.2, 0, 80)], .5, .9, 3))
    s.floor.append(tracks)

    def side(name, at, w, h):
        if name == "left":
            n = int(w / 2.4)
            for k in range(n):
                u = (k + .5) * w / n
                pts = [at(u - .8, 1.4), at(u - .8, 2.4), at(u + .8, 2.4), at(u + .8, 1.4)]
                s.paint(pts, .25, .9)
                if s.night or s.dusk:
                    q = s.cam.polygon(pts)
                    if q:
                        s.lit(q)
        elif name == "front":
            s.paint([at(.4, 1.6), at(.4, 2.5), at(w - .4, 2.5), at(w - .4, 1.6)], .25, .9)
            for u in (.5, w - .5):
                x, y, q = s.cam.at(at(u, .9))
                s.pen.ell(x, y, max(3, .17 * q), max(3, .17 * q), 1.0, .8)
    s.box(5.0, 18, 2.6, 3.3, 24, .72, -.4, faces=side, bias=8)
    for z in (-3, 2.2, 7.4, 12.6, 18):
        s.post((-2.6, 0, z), (-2.6, 3.4, z), .10, .10, .4)
        s.post((-2.6, 3.4, z), (-.6, 3.7, z), .06, .06, .4)
    s.add((-2, 3.6, 12), lambda: s.paint([(-4.4, 3.5, -5), (-.4, 3.75, -5), (-.4, 3.75, 30), (-4.4, 3.5, 30)], .46), -4)
    s.group(-2.9, 1.8, [(0, .42, 0, .5, .07, 1.8, .5), (-.22, .5, 0, .07, .5, 1.8, .5), (0, 0, -.7, .4, .42, .1, .2), (0, 0, .7, .4, .42, .1, .2)], .4)
    s.group(-2.3, 5, [(0, 2.4, 0, 1.6, .6, .1, .25), (0, 2.55, -.06, 1.3, .3, .02, 1.0)], 2.5)

    def clock():
        x, y, q = s.cam.at((-1.6, 3.1, 3.0))
        r = max(6, .34 * q)
        s.pen.ell(x, y, r, r, 1.0, 1.0)
        s.pen.line([(x, y - .7 * r), (x, y), (x + .5 * r, y)], .9)
    s.add((-1.6, 3.0, 3.0), clock)


def suburb(s):
    s.sky()
    s.ground(.88)
    r = s.r
    s.patch([(-60, -5), (60, -5), (60, -1.9), (-60, -1.9)], .66)
    s.patch([(-60, -1.9), (60, -1.9), (60, -1.0), (-60, -1.0)], .97)
    for x in (-13, -1.5 + r.uniform(-1.5, 1.5), 11):
        s.building(x - 3.6, x + 3.6, 8, 14, 3.6, .93, bay=1.9, floors=3.4, roof=2.4, lit=.8)
        s.group(x, 8, [(0, 0, -.05, 1.0, 2.2, .1, .3)], 1, .6)
        s.box(x + 2.2, 12, .8, 2.0, .8, .5, 4.6, bias=1)
        s.patch([(x - .6, -1), (x + .6, -1), (x + .6, 8), (x - .6, 8)], .98)
    for k in range(-9, 10):
        if abs(k) > 0:
            s.group(k * 1.1, 3.4, [(0, 0, 0, .5, .95, .05, 1.0)], .4)
    s.post((-11, .6, 3.45), (11, .6, 3.45), .08, .08, .6)
    s.tree(-6.2, 6, 5.5)
    s.tree(5.6, 6.4, 6)
    s.post((2.6, 0, 1.4), (2.6, 1.0, 1.4), .05, .05, .3)
    s.group(2.6, 1.4, [(0, 1.0, 0, .28, .28, .5, .5)], 1.1)


def village(s):
    s.sky()
    s.ground(.86)
    r = s.r
    s.patch([(-1.6, -20), (1.6, -20), (1.2, 10), (4.0, 26), (2.4, 26), (-1.0, 11)], .97)
    for x, z, w in ((-6.5, 4, 4.6), (-7.5, 11, 5), (6.8, 5.5, 5), (8, 13, 5), (-2.5, 20, 5), (-14, 16, 6), (14, 20, 6)):
        s.building(x - w / 2, x + w / 2, z, z + 4.5, r.uniform(2.8, 4.2), r.choice((.84, .94, .72)), bay=1.9, floors=2.8, roof=2.2, lit=.7)
        s.group(x, z, [(0, 0, -.05, .9, 1.9, .1, .3)], 1, .5)
    s.building(3.0, 5.0, 26, 28, 11, .8, bay=1.8)
    s.add((4, 12, 26), lambda: s.paint([(2.7, 11, 26), (4, 15, 26), (5.3, 11, 26)], .35), 1)

    def hills():
        s.pen.air = .45
        s.paint([(-160, 0, 120), (-90, 26, 120), (-40, 14, 120), (10, 30, 120), (70, 12, 120), (160, 24, 120), (190, 0, 120)], .8, .9, 60)
    s.back.append(hills)
    x = r.choice((-2.6, 2.6))
    s.group(x, 2.4, [(0, 0, 0, 1.3, .75, 1.3, .7), (-.6, .75, 0, .1, 1.2, .1, .3), (.6, .75, 0, .1, 1.2, .1, .3), (0, 1.95, 0, 1.6, .12, 1.2, .4)], .7)
    s.tree(-3.6, 8.5, 5)
    s.tree(4.2, 11, 6)
