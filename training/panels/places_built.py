# Inquadra - settings outdoors: what people built in the country, from roads to ruins.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

from .pen import TAU
from .places_wild import ridge, scatter


def road(s):
    s.sky()
    s.ground(.88)
    r = s.r
    s.patch([(-3.4, -40), (3.4, -40), (3.4, 380), (-3.4, 380)], .58)
    for z in range(-12, 60, 5):
        s.patch([(-.11, z), (.11, z), (.11, z + 2.6), (-.11, z + 2.6)], 1.0, 0)
    for sx in (-1, 1):
        s.patch([(sx * 3.05, -40), (sx * 3.15, -40), (sx * 3.15, 300), (sx * 3.05, 300)], 1.0, 0)
    ridge(s, 150, [r.uniform(4, 16) for _ in range(10)], .78, False, 190)
    side = r.choice((-1, 1))
    for z in (-2, 6, 14, 24, 38):
        x = side * 5.2
        s.post((x, 0, z), (x, 6.4, z), .10, .08, .3)
        s.post((x - 1.0, 5.8, z), (x + 1.0, 5.8, z), .06, .06, .3)

    def wires():
        for dx in (-.9, .9):
            pts = []
            for a, b in ((-2, 6), (6, 14), (14, 24), (24, 38)):
                pts += [(side * 5.2 + dx, 5.8 - .9 * math.sin(math.pi * t / 4), a + (b - a) * t / 4) for t in range(4)]
            s.stroke(pts, .75, .35)
    s.add((side * 5.2, 6, 14), wires)
    s.post((-side * 4.2, 0, 3.2), (-side * 4.2, 2.2, 3.2), .04, .04, .3)

    def sign(pen, sx, sy, q):
        pen.poly([(sx - .4 * q, sy), (sx, sy - .4 * q), (sx + .4 * q, sy), (sx, sy + .4 * q)], 1.0, .95)
        pen.line([(sx, sy - .2 * q), (sx, sy + .12 * q)], 1.2)
    s.sprite((-side * 4.2, 2.4, 3.2), sign)
    scatter(s, 5, lambda x, z: s.bush(x, z, .8, .7), 3, 16, 12, 4.2)


def farm(s):
    s.sky()
    s.ground(.90)
    r = s.r
    for k in range(-4, 5):
        s.patch([(k * 3.6 - .8, 5), (k * 3.6 + .8, 5), (k * 12.0 + 2.0, 60), (k * 12.0 - 2.0, 60)], .72, 0)
    side = r.choice((-1, 1))
    x = side * 5.2

    def barn():
        e = s.cam.eye
        s.box_faces(x - 3, x + 3, 0, 3.4, 9, 16, .42)
        s.paint([(x - 3, 3.4, 9), (x - 2.2, 5.0, 9), (x, 6.0, 9), (x + 2.2, 5.0, 9), (x + 3, 3.4, 9)], .42)
        for d in (-1, 1):
            if (e[0] - x) * d > -3:
                s.paint([(x + d * 3.2, 3.3, 8.8), (x + d * 2.3, 5.1, 8.8), (x + d * 2.3, 5.1, 16), (x + d * 3.2, 3.3, 16)], .7)
            s.paint([(x + d * 2.3, 5.1, 8.8), (x, 6.2, 8.8), (x, 6.2, 16), (x + d * 2.3, 5.1, 16)], .78)
        s.paint([(x - 1.2, 0, 8.9), (x - 1.2, 2.6, 8.9), (x + 1.2, 2.6, 8.9), (x + 1.2, 0, 8.9)], .95)
        s.stroke([(x - 1.2, 0, 8.8), (x + 1.2, 2.6, 8.8)], 1.2)
        s.stroke([(x + 1.2, 0, 8.8), (x - 1.2, 2.6, 8.8)], 1.2)
        s.paint([(x - .5, 3.7, 8.9), (x - .5, 4.7, 8.9), (x + .5, 4.7, 8.9), (x + .5, 3.7, 8.9)], .95)
    s.add((x, 2, 9), barn)
    wx = -side * 5.6

    def mill(pen, sx, sy, q):
        for a in (-.8, .8):
            pen.line([(sx + a * q, sy), (sx + a * .25 * q, sy - 5.4 * q)], 1.1)
        pen.line([(sx - .6 * q, sy - 2 * q), (sx + .4 * q, sy - 3.6 * q)], .8)
        pen.line([(sx + .6 * q, sy - 2 * q), (sx - .4 * q, sy - 3.6 * q)], .8)
        for k in range(6):
            t = TAU * k / 6 + .3
            pen.poly([(sx, sy - 5.6 * q), (sx + 1.5 * q * math.cos(t - .2), sy - 5.6 * q + 1.5 * q * math.sin(t - .2)), (sx + 1.5 * q * math.cos(t + .2), sy - 5.6 * q + 1.5 * q * math.sin(t + .2))], .85, .8)
    s.sprite((wx, 0, 8), mill)
    for k in (-5, -4, -3, -2, -.5, .5, 2, 3, 4, 5):
        s.post((k * 2.5, 0, 3.0), (k * 2.5, 1.2, 3.0), .09, .09, .55)
    for y in (.5, .95):
        s.post((-13, y, 3.0), (-1.3, y, 3.0), .07, .07, .7)
        s.post((1.3, y, 3.0), (13, y, 3.0), .07, .07, .7)

    def hay(pen, sx, sy, q):
        pen.ell(sx, sy - .6 * q, .75 * q, .62 * q, .85, .9)
        pen.ell(sx, sy - .6 * q, .35 * q, .3 * q, None, .7)
    s.sprite((-side * 3.0, 0, 4.6), hay)


def garden(s):
    s.sky()
    s.ground(.86)
    r = s.r
    s.patch([(-.9, -20), (.9, -20), (.9, 9), (-.9, 9)], .98)
    s.building(-6, 6, 15, 20, 5.5, .92, bay=2, floors=2.7, roof=2.2, lit=.7)
    s.group(0, 15, [(0, 0, -.05, 1.2, 2.3, .1, .3)], 1, .5)
    for sx in (-1, 1):
        for z in (-2.2, 1.6, 5.4):
            s.group(sx * 1.8, z, [(0, 0, 0, .9, .7, 3.2, .58)], .4)

            def bloom(pen, sx_, sy, q):
                for a, b in ((-.5, .12), (.5, .12), (0, .3)):
                    pen.ell(sx_ + a * q, sy - b * q, max(4, .26 * q), max(4, .26 * q), 1.0, .8)
            s.sprite((sx * 1.8, .75, z), bloom, .5)
        s.tree(sx * 5.2, 7, 5)
        s.tree(sx * 4.4, 2.0, 4.2)

    def arch():
        for z in (4.6,):
            pts = [(1.3 * math.cos(t), 1.6 + 1.2 * math.sin(t), z) for t in (math.pi * k / 10 for k in range(11))]
            s.stroke([(1.3, 0, z)] + pts + [(-1.3, 0, z)], 1.7, .25)
            for p in pts[::2]:
                x, y, q = s.cam.at(p)
                s.pen.ell(x, y, max(3.5, .24 * q), max(3.5, .24 * q), .6, .7)
    s.add((0, 1, 4.6), arch)


def cemetery(s):
    s.sky()
    s.ground(.82)
    r = s.r
    rows = [(x * f, z) for z, f in ((2.0, 1.0), (4.6, 1.15), (8.4, 1.5)) for x in (-6.2, -4.2, -2.3, 2.3, 4.2, 6.2)] + [(-.8, 9.5), (1.2, 10.5)]
    for n, (x, z) in enumerate(rows):
        if n % 4 == 3:
            def cross(pen, sx, sy, q):
                pen.poly([(sx + a * q, sy - b * q) for a, b in ((-.09, 0), (.09, 0), (.09, .8), (.38, .8), (.38, .98), (.09, .98), (.09, 1.4), (-.09, 1.4), (-.09, .98), (-.38, .98), (-.38, .8), (-.09, .8))], .72, .95)
            s.sprite((x, 0, z), cross)
        else:
            def stone(pen, sx, sy, q, t=r.uniform(-.08, .08)):
                c = pen.c
                c.move_to(sx - .36 * q, sy)
                c.line_to(sx - (.34 - t) * q, sy - .7 * q)
                c.arc(sx + t * q, sy - .7 * q, .34 * q, math.pi, TAU)
                c.line_to(sx + .36 * q, sy)
                c.close_path()
                pen.finish(.74, .95)
                if q > 40:
                    pen.line([(sx - .16 * q, sy - .6 * q), (sx + .16 * q, sy - .6 * q)], .9)
            s.sprite((x + r.uniform(-.2, .2), 0, z), stone)
    s.tree(r.choice((-3.8, 3.8)), 5, 6.5, "bare")
    s.tree(r.choice((-8, 8)), 9, 7, "bare")
    x = r.uniform(-4, 4)
    s.building(x - 2.2, x + 2.2, 17, 21, 4.4, .66, bay=99, roof=2)
    s.add((x, 6, 17), lambda: (s.stroke([(x, 6.0, 17), (x, 8.4, 17)], 1.4), s.stroke([(x - .7, 7.6, 17), (x + .7, 7.6, 17)], 1.4)), 1)


def ship(s):
    s.sky()
    s.reach = 40

    def sea():
        s.pen.air = .2
        s.paint([(-300, -4, -40), (300, -4, -40), (300, -4, 390), (-300, -4, 390)], .76, .9, 20)
        for k in range(7):
            x, z = s.r.uniform(-40, 40), s.r.uniform(12, 60)
            s.stroke([(x, -4, z), (x + 3, -3.5, z), (x + 6, -4, z)], 1.0, .35)
    s.floor.append(sea)
    s.floor.append(lambda: s.paint([(-3.2, 0, -8), (3.2, 0, -8), (3.0, .2, 6), (.1, .9, 12), (-.1, .9, 12), (-3.0, .2, 6)], .84, .9, 3))

    def planks():
        s.pen.air = .4
        for k in (-2, -1, 0, 1, 2):
            s.stroke([(k * 1.1, .01, -8), (k * 1.0, .15, 6)], .9, .45)
    s.floor.append(planks)
    for sx in (-1, 1):
        s.add((sx * 3.1, .5, 3), lambda sx=sx: (s.stroke([(sx * 3.2, 1.0, -8), (sx * 3.1, 1.15, 6), (sx * .1, 1.9, 12)], 1.7, .2), s.stroke([(sx * 3.2, .5, -8), (sx * 3.1, .65, 6), (sx * .1, 1.4, 12)], 1.0, .3)))
        for z in (-3, 0, 3, 6):
            s.post((sx * 3.15, 0, z), (sx * 3.15, 1.05, z), .05, .05, .2)
    s.post((0, 0, 5.0), (0, 12, 5.0), .22, .16, .45)
    s.post((-3.6, 7.5, 5.0), (3.6, 7.5, 5.0), .12, .12, .3)

    def sail():
        pts = [(-3.3, 7.3, 4.9), (3.3, 7.3, 4.9), (2.9, 3.0, 4.5), (0, 2.6, 4.2), (-2.9, 3.0, 4.5)]
        s.paint(pts, 1.0)
        s.stroke([(-1.1, 7.2, 4.8), (-1.0, 2.8, 4.3)], .7, .5)
        s.stroke([(1.1, 7.2, 4.8), (1.0, 2.8, 4.3)], .7, .5)
    s.add((0, 5, 4.9), sail)
    for sx in (-1, 1):
        s.add((sx * 2, 5, 5), lambda sx=sx: (s.stroke([(0, 11, 5), (sx * 3.1, 1.0, 2.5)], .8, .3), s.stroke([(0, 11, 5), (sx * 3.1, 1.0, 6)], .8, .3)))
    s.post((-1.9, 0, 1.8), (-1.9, .8, 1.8), .32, .32, .5)
    s.box(1.9, 1.8, .9, .8, .9, .6)


def ruins(s):
    s.sky()
    s.ground(.88, 3.0, 8)
    r = s.r
    for sx in (-1, 1):
        for z in (1.6, 4.6, 7.6, 10.6):
            h = r.choice((4.2, 4.2, 2.4, 1.3))
            x = sx * 3.0
            s.group(x, z, [(0, 0, 0, 1.0, .3, 1.0, .8)], .2)
            s.post((x, .3, z), (x, h, z), .34, .30, .86)
            if h > 4:
                s.group(x, z, [(0, h, 0, 1.0, .3, 1.0, .8)], h)
    s.group(0, 13, [(-3.0, 0, 0, .9, 4.6, .9, .8), (3.0, 0, 0, .9, 4.6, .9, .8), (-.4, 4.6, 0, 6.0, .8, 1.0, .72)], 2)
    s.add((0, 5, 13), lambda: s.paint([(-3.6, 5.4, 12.5), (-.3, 7.2, 12.5), (.9, 6.5, 12.5), (1.6, 6.6, 12.5), (2.6, 5.4, 12.5)], .8), 1)
    for x, z in ((-1.8, 2.6), (2.1, 2.2), (1.7, 5.6), (-4.4, 1)):
        s.rock(x, z, r.uniform(.5, .8), .74)
    s.post((1.4, .3, 3.4), (3.4, .32, 2.8), .3, .3, .86)
    ridge(s, 120, [r.uniform(5, 14) for _ in range(9)], .84, False, 160)
    s.bush(-3.8, 3.2, .8)
    s.bush(4.2, 6, .9)


def castle(s):
    s.sky()
    s.ground(.86)
    r = s.r
    s.patch([(-1.2, -20), (1.2, -20), (1.6, 18), (-1.6, 18)], .97)

    def wall(x0, x1, z, h):
        def fn():
            s.paint([(x0, 0, z), (x0, h, z), (x1, h, z), (x1, 0, z)], .66)
            n = int((x1 - x0) / 2.0)
            for k in range(n):
                a = x0 + (x1 - x0) * (k + .15) / n
                s.paint([(a, h, z), (a, h + 1.1, z), (a + 1.1, h + 1.1, z), (a + 1.1, h, z)], .66)
        s.add(((x0 + x1) / 2, 1, z), fn)
    wall(-14, 14, 19, 6)
    for x, rad, h in ((-9, 1.9, 10), (9, 1.9, 10), (-3.1, 1.4, 8.5), (3.1, 1.4, 8.5)):
        s.post((x, 0, 18.4), (x, h, 18.4), rad, rad, .76, 1)

        def roof(pen, sx, sy, q, rad=rad):
            pen.poly([(sx - rad * 1.2 * q, sy), (sx, sy - 3.4 * q), (sx + rad * 1.2 * q, sy)], .36, 1.0)
            pen.line([(sx, sy - 3.4 * q), (sx, sy - 4.6 * q)], 1.0)
            pen.poly([(sx, sy - 4.6 * q), (sx + 1.1 * q, sy - 4.3 * q), (sx, sy - 4.0 * q)], .9, .8)
        s.sprite((x, h, 18.4), roof, 1.6, (x, 0, 18.4))
        s.add((x, 4, 17), lambda x=x, h=h: s.paint([(x - .25, h - 3, 16.4), (x - .25, h - 1.8, 16.4), (x + .25, h - 1.8, 16.4), (x + .25, h - 3, 16.4)], .15, .8), 3)

    def gate():
        pts = [(-1.5, 0, 18.8)] + [(1.5 * math.cos(t), 2.6 + 1.5 * math.sin(t), 18.8) for t in (math.pi - math.pi * k / 8 for k in range(9))] + [(1.5, 0, 18.8)]
        s.paint(pts, .18)
    s.add((0, 1, 18.8), gate, 1.2)
    s.building(-3.5, 3.5, 26, 30, 13, .74, bay=2.2)
    scatter(s, 5, lambda x, z: s.tree(x, z, r.uniform(3.5, 5), "round", .55), 3, 14, 11, 3)
    scatter(s, 3, lambda x, z: s.rock(x, z, .8), 1.6, 6, 5)


def stadium(s):
    s.sky()
    s.ground(.86)
    r = s.r
    s.patch([(-12, 1.2), (12, 1.2), (12, 1.4), (-12, 1.4)], 1.0, 0)
    for k in range(5):
        s.patch([(-16, 2 + 2.6 * k), (16, 2 + 2.6 * k), (16, 3.3 + 2.6 * k), (-16, 3.3 + 2.6 * k)], .78, 0)

    def goal():
        z = 12
        s.paint([(-3.2, 0, z + .5), (-3.2, 2.5, z + .3), (3.2, 2.5, z + .3), (3.2, 0, z + .5)], .97, 0)
        s.stroke([(-3.2, 0, z), (-3.2, 2.5, z), (3.2, 2.5, z), (3.2, 0, z)], 2.0, .1)
    s.add((0, .5, 12), goal)

    def stands():
        s.paint([(-40, 9.6, 24), (-40, 11, 21), (40, 11, 21), (40, 9.6, 24)], .4)
        # people are rows of heads: one flat shape a tone and row
        for j in reversed(range(3)):
            y, z = .6 + 2.5 * j, 17 + 2.4 * j
            s.paint([(-40, y, z), (-40, y + 1.9, z), (40, y + 1.9, z), (40, y, z)], .6 if j % 2 else .74, .9)
            for tone in (0, 1):
                seen = None
                for k in range(-14 + tone, 15, 2):
                    px, py, q = s.cam.at((k * 2.0 + (j % 2), y + 2.3, z + .3))
                    if -20 < px < s.cam.w + 20 and s.cam.depth((k * 2.0, y, z)) > 1:
                        seen = max(4.5, .52 * q)
                        s.pen.c.new_sub_path()
                        s.pen.c.arc(px, py, seen, 0, TAU)
                        s.pen.c.rectangle(px - 1.3 * seen, py + .7 * seen, 2.6 * seen, 1.2 * seen)
                if seen:
                    s.pen.air = .3
                    s.pen.source((.2, .95)[tone])
                    s.pen.c.fill()
    s.floor.append(stands)
    for x in (-14, 14):
        s.post((x, 0, 20), (x, 15, 20), .2, .2, .3)
        s.group(x, 20, [(0, 14, 0, 3.4, 2.2, .4, .85)], 14)
        if s.night or s.dusk:
            sx, sy, q = s.cam.at((x, 15, 19.7))
            if s.cam.depth((x, 15, 20)) > 1:
                s.lights.append(("glow", sx, sy, max(6, 1.0 * q)))
