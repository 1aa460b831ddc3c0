# Inquadra - settings indoors: places where people meet, travel, work or hide.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

from .pen import TAU, add_poly


def bottles(s, x0, x1, y, z, step=.34):
    r = s.r
    x = x0
    while x < x1:
        h = r.uniform(.30, .42)
        g = r.choice((.2, .5, .95))

        def one(pen, sx, sy, q, h=h, g=g):
            w = .085 * q
            pen.poly([(sx - w, sy), (sx + w, sy), (sx + w, sy - .6 * h * q), (sx + .4 * w, sy - .72 * h * q), (sx + .4 * w, sy - h * q), (sx - .4 * w, sy - h * q), (sx - .4 * w, sy - .72 * h * q),
                      (sx - w, sy - .6 * h * q)], g, .75 if w > 4 else 0)
        s.sprite((x, y, z), one, .5)
        x += step


def bar(s):
    s.room(7.6, 2.9, floor=.66, wall=.74, tiles=1.2, along="z")
    s.on_wall(-3.0, .9, 3.0, 2.6, .45)
    s.on_wall(-1.1, 1.3, 1.1, 2.5, .85)
    for v in (1.3, 1.85):
        s.group(-2.05, 2.75, [(0, v - .05, 0, 1.7, .05, .25, .3)], v)
        s.group(2.05, 2.75, [(0, v - .05, 0, 1.7, .05, .25, .3)], v)
        bottles(s, -2.75, -1.3, v, 2.72)
        bottles(s, 1.35, 2.8, v, 2.72)
    s.group(0, 1.75, [(0, 0, 0, 5.6, 1.05, .5, .42), (0, 1.05, 0, 5.8, .08, .7, .8)], .5)
    bottles(s, -1.9, -1.2, 1.13, 1.7, .3)
    for x in (-2.0, -.8, .9, 2.1):
        s.post((x, 0, 1.15), (x, .72, 1.15), .04, .04, .15)
        s.group(x, 1.15, [(0, .72, 0, .38, .08, .38, .3)], .75)
    for x in (-1.8, 0, 1.8):
        s.lamp(x, 2.25, 1.6, .2, 2.9)
    for x in (-3.1, 3.1):
        s.table(x, -.3, .8, .8, .72, .5)


def restaurant(s):
    s.room(8.0, 3.4, floor=.8, wall=.9, tiles=1.6)
    for k in range(3):
        s.window(-3.4 + 2.4 * k, .8, -1.6 + 2.4 * k, 2.4)
    for x, z in ((-2.1, 1.9), (2.0, 1.8), (0.1, 2.6), (-3.0, -.2), (3.1, -.3)):
        def cloth(x=x, z=z):
            top = [(x + .55 * math.cos(t), .74, z + .55 * math.sin(t)) for t in (TAU * k / 12 for k in range(12))]
            e = s.cam.eye
            a = math.atan2(e[2] - z, e[0] - x)
            side = [(x + .55 * math.cos(a + t), .74, z + .55 * math.sin(a + t)) for t in (-1.5, -.75, 0, .75, 1.5)]
            low = [(px + (px - x) * .25, .2, pz + (pz - z) * .25) for px, _, pz in reversed(side)]
            s.paint(side + low, .86)
            s.paint(top, 1.0)
        s.add((x, .5, z), cloth)
        s.group(x, z, [(-.1, .74, 0, .05, .3, .05, .5), (.2, .74, .1, .24, .02, .24, .8)], .8, .4)
        s.chair(x - .85, z, 0, .4)
        s.chair(x + .85, z, 0, .4)
    for x in (-2.1, 0, 2.1):
        s.lamp(x, 2.3, 1.8, .24, 2.9)


def church(s):
    s.room(9.0, 12.0, front=-6, h=7.0, floor=.84, tiles=2.2, wall=.86, ceiling=None)

    def apse():
        for x in (-2.6, 0, 2.6):
            pts = [(x - .8, 1.6, 11.9), (x - .8, 4.4, 11.9), (x - .4, 5.3, 11.9), (x, 5.7, 11.9), (x + .4, 5.3, 11.9), (x + .8, 4.4, 11.9), (x + .8, 1.6, 11.9)]
            s.paint(pts, .97 if not s.night else .8)
            s.paint([(x - .06, 1.6, 11.85), (x - .06, 5.6, 11.85), (x + .06, 5.6, 11.85), (x + .06, 1.6, 11.85)], .4, .5)
            s.paint([(x - .8, 3.4, 11.85), (x + .8, 3.4, 11.85), (x + .8, 3.55, 11.85), (x - .8, 3.55, 11.85)], .4, .5)
    s.walls.append(apse)
    for z in (-2, 1.2, 4.4, 7.6):
        for sx in (-1, 1):
            x = sx * 3.3
            s.post((x, 0, z), (x, 5.0, z), .34, .30, .8)
            s.group(x, z, [(0, 0, 0, .9, .35, .9, .75), (0, 5.0, 0, .9, .4, .9, .75)], .3)
            t0 = z + 1.6

            def arch(x=x, z=z):
                pts = [(x, 5.4 + 1.2 * math.sin(math.pi * k / 8), z + 3.2 * k / 8) for k in range(9)]
                s.stroke(pts, 1.6, .3)
            s.add((x, 3, t0), arch)
    for z in (1.4, 3.0, 4.6):
        for sx in (-1, 1):
            s.group(sx * 1.9, z, [(0, .4, 0, 1.9, .06, .4, .55), (0, 0, .25, 1.9, .95, .08, .45), (-.92, 0, 0, .08, .95, .5, .4), (.92, 0, 0, .08, .95, .5, .4)], .5)
    s.group(0, 10.4, [(0, 0, 0, 3.2, .35, 2.0, .75), (0, .35, 0, 1.8, 1.0, .8, .97), (0, 1.5, .6, .14, 2.2, .1, .2), (0, 2.9, .6, 1.1, .14, .1, .2)], .5)
    for x in (-1.2, 1.2):
        s.group(x, 9.8, [(0, .35, 0, .1, 1.2, .1, .5)], .9)
        p = (x, 1.75, 9.8)
        if s.night or s.dusk:
            sx, sy, q = s.cam.at(p)
            s.lights.append(("glow", sx, sy, max(4, .18 * q)))


def theatre(s):
    s.room(10.0, 6.0, front=-6, h=5.5, floor=.5, wall=.34, ceiling=None, side=.42)
    s.group(0, 4.4, [(0, 0, 0, 8.4, .8, 2.2, .72)], .4)

    def curtain():
        for sx in (-1, 1):
            for k in range(3):
                x0, x1 = sx * (4.2 - .76 * k), sx * (4.2 - .76 * (k + 1))
                s.paint([(x0, 1.0, 3.3), (x0, 4.0, 3.3), (x1, 4.0, 3.3), (x1, 1.0, 3.3)], .42 if k % 2 else .2)
        for k in range(4):
            x0 = -4.6 + 2.3 * k
            s.paint([(x0, 4.0, 3.2), (x0 + 2.3, 4.0, 3.2), (x0 + 1.8, 3.2, 3.2), (x0 + .5, 3.2, 3.2)], .3)
        s.paint([(-2.5, 1.0, 5.5), (-2.5, 4.4, 5.5), (2.5, 4.4, 5.5), (2.5, 1.0, 5.5)], .92)
    s.add((0, 2, 3.3), curtain, -.8)
    for z in (1.5, .2, -1.4, -2.9):
        for x in (-3.5, -2.4, -1.3, 1.3, 2.4, 3.5):
            s.group(x, z, [(0, .4, 0, .85, .1, .5, .34), (0, .35, .25, .9, .7, .12, .24)], .5)
    s.lights.append(("beam", s.cam.w * .5, -10, 16, 90, s.cam.at((0, 1.0, 3.8))[1]))


def warehouse(s):
    s.room(12.0, 8.0, front=-6, h=5.2, floor=.78, wall=.86, ceiling=.7)
    for sx in (-1, 1):
        for z in (1.2, 3.6, 6.0):
            x = sx * 3.6
            parts = []
            for j in range(3):
                parts += [(0, .1 + 1.4 * j, 0, 2.6, .1, 1.2, .3)]
                for k in range(2):
                    h = s.r.uniform(.7, 1.1)
                    parts += [(-.62 + 1.24 * k, .2 + 1.4 * j, 0, 1.05, h, .9, s.r.choice((.5, .7, .9)))]
            parts += [(-1.3, 0, -.6, .1, 4.4, .1, .2), (1.3, 0, -.6, .1, 4.4, .1, .2)]
            s.group(x, z, parts, 1.5)
    for x, z, w in ((-2.6, -.6, .9), (-2.2, .3, .7), (2.8, -.4, 1.0), (2.7, .5, .8)):
        s.box(x, z, w, w * .9, w, .66)
    s.on_wall(-1.6, 0, 1.6, 3.2, .95)
    for v in (1.0, 2.0):
        s.on_wall(-1.6, v, 1.6, v + .08, .5, 0, off=.03)
    for z in (0, 3, 6):
        s.lamp(0, 4.2, z, .35, 5.2)


def museum(s):
    s.room(9.0, 4.2, front=-5, floor=.9, wall=.96, tiles=2.2, h=4.0)
    r = s.r
    for u, w in ((-3.9, 1.3), (-2.0, 1.6), (.3, 1.9), (2.7, 1.3)):
        v = r.uniform(1.2, 1.4)
        h = r.uniform(1.1, 1.5)
        s.on_wall(u - .12, v - .12, u + w + .12, v + h + .12, .3)
        s.on_wall(u, v, u + w, v + h, .9, .8, off=.03)
        s.on_wall(u, v, u + w, v + h * .4, .6, .6, off=.04)
        s.on_wall(u + w * .3, v + h * .35, u + w * .6, v + h * .75, .45, .6, off=.05)
    for z in (-2.2, .2, 2.4):
        s.on_wall(z, 1.3, z + 1.3, 2.5, .35, 1, "left")
        s.on_wall(z + .1, 1.4, z + 1.2, 2.4, .8, .7, "left", off=.04)
        s.on_wall(z, 1.3, z + 1.3, 2.5, .35, 1, "right")
        s.on_wall(z + .1, 1.4, z + 1.2, 2.4, .75, .7, "right", off=.04)
    for x in (-2.3, 2.2):
        s.group(x, 1.9, [(0, 0, 0, .6, 1.0, .6, .95)], .5)

        def bust(pen, sx, sy, q):
            pen.ell(sx, sy - .52 * q, .17 * q, .22 * q, .8, .85)
            pen.poly([(sx - .32 * q, sy), (sx + .32 * q, sy), (sx + .26 * q, sy - .22 * q), (sx + .09 * q, sy - .30 * q), (sx - .09 * q, sy - .30 * q), (sx - .26 * q, sy - .22 * q)], .8, .85)
        s.sprite((x, 1.0, 1.9), bust, .5)
    s.group(0, 1.9, [(0, .4, 0, 1.6, .1, .5, .4), (-.6, 0, 0, .1, .4, .4, .3), (.6, 0, 0, .1, .4, .4, .3)], .4)
    # pillars with a rope between them
    for x in (-1.5, -.5, .5, 1.5):
        s.post((x, 0, 3.0), (x, .95, 3.0), .05, .05, .2)
    s.add((0, .9, 3.0), lambda: [s.stroke([(x, .9, 3.0), (x + .5, .7, 3.0), (x + 1.0, .9, 3.0)], 1.6, .15) for x in (-1.5, -.5, .5)])


def courtroom(s):
    s.room(9.0, 4.2, front=-5, floor=.74, wall=.66, h=4.0, side=.58)
    for k in range(5):
        s.on_wall(-4.5 + 1.8 * k, 0, -2.75 + 1.8 * k, 2.4, .5, .8)
    s.group(0, 3.2, [(0, 0, 0, 3.6, 1.5, .9, .42), (0, 1.5, 0, 3.9, .1, 1.1, .3), (0, .4, -.47, 1.2, .7, .04, .62), (0, 1.6, .5, .9, 1.3, .15, .2)], .9)
    s.on_wall(-.6, 2.75, .6, 3.75, .9)
    s.group(-2.9, 3.0, [(0, 0, 0, 1.3, 1.05, .9, .46)], .6)
    for x in (-3.6, 3.6):
        s.post((x, 0, 3.8), (x, 3.0, 3.8), .03, .03, .2)
        s.group(x, 3.8, [(.2, 1.9, 0, .55, 1.0, .1, .85)], 2.0)
    for k in range(5):
        s.group(3.1, 2.2 - .7 * k, [(0, 0, 0, .9, .8, .6, .5), (.35, .8, 0, .15, .4, .6, .4)], .5)
    for sx in (-1, 1):
        s.table(sx * 2.1, 1.2, 1.6, .7, .75, .5)
    # scales of justice on both sides of the bench
    for x in (-2.35, 2.35):
        s.flat([(x - .05, 2.5), (x + .05, 2.5), (x + .05, 3.6), (x - .05, 3.6)], 4.1, 1.0)
        s.flat([(x - .7, 3.4), (x + .7, 3.4), (x + .7, 3.5), (x - .7, 3.5)], 4.08, 1.0)
        for a in (-.6, .6):
            s.flat([(x + a - .32, 2.95), (x + a + .32, 2.95), (x + a + .2, 2.75), (x + a - .2, 2.75)], 4.06, 1.0)
            s.flat([(x + a - .3, 2.97), (x + a, 3.42), (x + a + .3, 2.97), (x + a + .24, 2.97), (x + a, 3.32), (x + a - .24, 2.97)], 4.06, 1.0, .6)


def throne_room(s):
    s.room(10.0, 9.0, front=-6, h=6.0, floor=.8, wall=.7, tiles=2.2, ceiling=None)
    s.patch([(-.9, -6), (.9, -6), (.9, 8), (-.9, 8)], .5)
    for z in (-1.5, 1.5, 4.5, 7.5):
        for sx in (-1, 1):
            s.post((sx * 3.2, 0, z), (sx * 3.2, 6.0, z), .4, .4, .82)
            s.group(sx * 3.2, z, [(0, 0, 0, 1.1, .4, 1.1, .7)], .3)
            s.group(sx * 2.72, z, [(0, 2.0, 0, .1, 2.2, .8, .35)], 3, .2)
    s.group(0, 7.6, [(0, 0, 0, 4.0, .3, 2.2, .75), (0, .3, .2, 3.0, .3, 1.6, .8), (0, .6, .3, 1.2, .6, .8, .3), (0, 1.2, .7, 1.2, 1.9, .2, .26), (-.6, 1.2, .3, .15, .35, .8, .3), (.6, 1.2, .3, .15, .35, .8, .3),
                     (0, 3.1, .7, .5, .4, .2, .26)], .5)
    s.on_wall(-3.6, 2, -2.4, 5, .97)
    s.on_wall(2.4, 2, 3.6, 5, .97)
    # banners before the pillars
    for x in (-1.75, 1.75):
        pts = [(x - .42, 3.9), (x + .42, 3.9), (x + .42, 1.9), (x, 1.35), (x - .42, 1.9)]
        s.add((x, 2, 4.2), lambda pts=pts: s.paint([(a, b, 4.2) for a, b in pts], .22))
        s.add((x, 2, 4.18), lambda x=x: s.paint([(x, 3.4, 4.15), (x + .26, 2.9, 4.15), (x, 2.4, 4.15), (x - .26, 2.9, 4.15)], .95, .8), .1)


def gym(s):
    s.room(9.0, 4.2, front=-5, floor=.86, wall=.9, h=4.0)
    s.on_wall(-4.5, 0, 4.5, 1.5, .72)

    def hoop():
        s.paint([(-.9, 2.6, 4.1), (-.9, 3.7, 4.1), (.9, 3.7, 4.1), (.9, 2.6, 4.1)], 1.0)
        s.paint([(-.35, 2.75, 4.05), (-.35, 3.2, 4.05), (.35, 3.2, 4.05), (.35, 2.75, 4.05)], .9)
        ring = [(.3 * math.cos(t), 2.72, 3.7 + .3 * math.sin(t)) for t in (TAU * k / 12 for k in range(13))]
        s.stroke(ring, 1.5, .1)
        s.paint([(-.28, 2.7, 3.7), (.28, 2.7, 3.7), (.17, 2.2, 3.7), (-.17, 2.2, 3.7)], 1.0, .9)
    s.walls.append(hoop)
    s.patch([(-2, 1.2), (2, 1.2), (2, 4.2), (-2, 4.2)], .74)
    for x in (-2.6, 2.5):
        s.post((x, 1.0, 1.9), (x, 3.9, 1.9), .02, .02, .2)
        s.post((x, .8, 1.9), (x, 2.0, 1.9), .22, .22, .3)
    for x in (-3.6, 3.5):
        s.group(x, 2.6, [(0, .4, 0, 1.4, .12, .4, .4), (-.5, 0, 0, .1, .4, .3, .3), (.5, 0, 0, .1, .4, .3, .3)], .4)
    for k in range(4):
        s.on_wall(-2.0, .5 + .6 * k, 1.8, .62 + .6 * k, .4, 0, "left")
        s.on_wall(-2.0, .5 + .6 * k, 1.8, .62 + .6 * k, .4, 0, "right")


def cave(s):
    r = s.r
    s.inside = True
    s.reach = 16

    def back():
        pen, cam = s.pen, s.cam
        pen.air = 0
        pen.flat(pen.tone(.52))
        pen.c.rectangle(-9, -9, cam.w + 18, cam.h + 18)
        pen.c.fill()
        jag = [(4.0 * math.cos(t) * j, 1.2 + 2.6 * math.sin(t) * j, 9) for t, j in ((math.pi * k / 8, r.uniform(.75, 1.1)) for k in range(9))]
        q = cam.polygon([(jag[0][0], 0, 9)] + jag + [(jag[-1][0], 0, 9)])
        if q:
            pen.flat((.97 if not s.night else .6))
            add_poly(pen.c, q)
            pen.c.fill_preserve()
            pen.line_source(.15)
            pen.c.set_line_width(3)
            pen.c.stroke()
    s.back.append(back)
    s.floor.append(lambda: s.paint([(-9, 0, -8), (9, 0, -8), (9, 0, 9), (-9, 0, 9)], .66, 0, 4))
    for k in range(9):
        x = r.uniform(-4.5, 4.5)
        z = r.uniform(1.4, 6)
        h = r.uniform(.5, 1.3)
        w = r.uniform(.3, .5)
        s.add((x, 3, z), lambda x=x, z=z, h=h, w=w: spike(s, x, z, 4.2, -h * 1.5, w, .36))
        if abs(x) > 1.1:
            s.add((x, .3, z), lambda x=x, z=z, h=h, w=w: spike(s, x, z, 0, h, w, .44))
    for x in (-3.4, -4.2, 3.5, 4.4):
        s.rock(x, r.uniform(-1, 2), 1.8, .42)


def spike(s, x, z, y, h, w, g):
    e = s.cam.eye
    a = math.atan2(x - e[0], z - e[2])
    dx, dz = w * math.cos(a), -w * math.sin(a)
    s.paint([(x - dx, y, z - dz), (x, y + h, z), (x + dx, y, z + dz)], g)


def train(s):
    s.room(2.9, 7.0, front=-4.0, h=2.4, floor=.7, wall=.8, side=.88)
    for z in (-2.6, -.8, 1.0, 2.8, 4.6):
        for w in ("left", "right"):
            s.window(z, 1.05, z + 1.3, 1.95, w, 1)
    for z in (-1.2, .8, 2.0, 3.2, 4.4):
        for sx in (-1, 1):
            s.group(sx * .98, z, [(0, .4, 0, .8, .14, .5, .5), (0, .4, .26, .8, .85, .12, .42)], .5)
    s.on_wall(-.4, 0, .4, 2.0, .6)
    s.on_wall(-.25, 1.1, .25, 1.8, .95, .8, off=.04)
    for sx in (-1, 1):
        s.post((sx * .7, 2.1, -3), (sx * .7, 2.1, 6.8), .03, .03, .3)
        for z in (-.3, 1.4, 3.1):
            s.group(sx * .7, z, [(0, 1.7, 0, .2, .25, .04, .3)], 1.9)


def rounded_window(s, z, wall):
    """A cabin window: upright, with round ends."""
    x = -1.68 if wall == "left" else 1.68
    if (s.cam.eye[0] < x) if wall == "left" else (s.cam.eye[0] > x):
        return
    pts = [(x, 1.28 + .32 * math.sin(t), z + .22 + .20 * math.cos(t)) for t in (TAU * k / 12 for k in range(12))]
    s.walls.append(lambda: s.paint(pts, 1.0 if not (s.night or s.dusk) else .3 if s.night else .7, 1.1))


def plane_cabin(s):
    s.room(3.4, 8.0, front=-4.0, h=2.2, floor=.6, wall=.82, side=.95)
    for z in [-3 + 1.2 * k for k in range(8)]:
        for w in ("left", "right"):
            rounded_window(s, z, w)
    for sx in (-1, 1):
        s.group(sx * 1.35, 2, [(0, 1.75, 0, .7, .4, 11, .9)], 1.9, -3)
        for z in (-1.1, .9, 2.1, 3.3, 4.5):
            s.group(sx * 1.05, z, [(-.27, .42, 0, .5, .14, .5, .46), (.27, .42, 0, .5, .14, .5, .46), (-.27, .45, .26, .48, .8, .14, .4), (.27, .45, .26, .48, .8, .14, .4), (0, 1.1, .18, .9, .2, .02, .95)], .5)
    s.on_wall(-.4, 0, .4, 1.9, .7)


def spaceship(s):
    s.room(6.0, 3.2, front=-4.5, h=2.8, floor=.6, wall=.55, tiles=1.6, side=.5, ceiling=.6)

    def port():
        pts = [(1.9 * math.cos(t), 1.65 + .95 * math.sin(t), 3.15) for t in (TAU * k / 16 for k in range(16))]
        s.paint(pts, .85, 1.6)
        q = s.cam.polygon([(1.75 * math.cos(t), 1.65 + .82 * math.sin(t), 3.12) for t in (TAU * k / 16 for k in range(16))])
        if q:
            pen = s.pen
            pen.flat(.06)
            add_poly(pen.c, q)
            pen.c.fill()
            pen.c.save()
            add_poly(pen.c, q)
            pen.c.clip()
            for _ in range(7):
                x, y = s.r.uniform(min(p[0] for p in q), max(p[0] for p in q)), s.r.uniform(min(p[1] for p in q), max(p[1] for p in q))
                pen.c.arc(x, y, 2.6, 0, TAU)
                pen.flat(1)
                pen.c.fill()
            x, y, k = s.cam.at((.8, 1.3, 3.1))
            pen.c.arc(x, y, .55 * k, 0, TAU)
            pen.flat(.8)
            pen.c.fill()
            pen.c.restore()
    s.walls.append(port)
    for x in (-1.6, 0, 1.6):
        s.group(x, 2.5, [(0, 0, 0, 1.5, .8, .6, .42), (0, .8, -.05, 1.5, .08, .7, .75), (-.35, .88, 0, .4, .2, .2, .9), (.35, .88, 0, .4, .2, .2, .25)], .5)
    for z in (-2.4, -.6, 1.2):
        for w in ("left", "right"):
            s.on_wall(z, .3, z + 1.3, 2.4, .42, 1, w)
            s.on_wall(z + .2, 1.3, z + 1.1, 2.1, .9, .8, w, off=.04)


def subway(s):
    s.room(9.0, 4.6, front=-5, floor=.84, wall=.9, tiles=1.6, h=3.4)
    s.on_wall(-4.5, 0, 4.5, 1.2, .76, .7)
    s.on_wall(-1.5, 2.0, 1.5, 2.6, .3)
    s.on_wall(-1.2, 2.15, 1.2, 2.45, 1.0, .6, off=.03)
    s.floor.append(lambda: (s.paint([(-9, -.02, 2.3), (9, -.02, 2.3), (9, -.02, 4.6), (-9, -.02, 4.6)], .3, 0, 4), s.paint([(-9, .01, 1.95), (9, .01, 1.95), (9, .01, 2.25), (-9, .01, 2.25)], 1.0, .8)))
    side = s.r.choice((-1, 1))
    x = side * 2.9

    def face(name, at, w, h):
        if name == "front":
            n = max(1, int(w / 1.5))
            for k in range(n):
                u = (k + .5) * w / n
                q = [at(u - .5, 1.25), at(u - .5, 2.05), at(u + .5, 2.05), at(u + .5, 1.25)]
                s.paint(q, .25, .9)
                if s.night or True:
                    sq = s.cam.polygon([at(u - .42, 1.33), at(u - .42, 1.97), at(u + .42, 1.97), at(u + .42, 1.33)])
                    if sq:
                        s.lit(sq)
            s.paint([at(0, .75), at(0, .95), at(w, .95), at(w, .75)], .3, .6)
    s.box(x, 3.3, 5.6, 2.6, 1.6, .72, .1, faces=face)
    for px in (-2.4, 2.4):
        s.group(px, 1.0, [(0, 0, 0, .4, 3.4, .4, .66)], 1.5)
    s.group(-3.4, .2, [(0, .4, 0, 1.2, .1, .4, .4), (-.5, 0, 0, .1, .4, .3, .3), (.5, 0, 0, .1, .4, .3, .3)], .4)
    # the round signs of a line
    for x in (-2.3, 2.3):
        s.round(x, 2.3, 4.5, .5, .25)
        s.round(x, 2.3, 4.48, .32, 1.0, .8)
        s.flat([(x - .7, 2.2), (x + .7, 2.2), (x + .7, 2.4), (x - .7, 2.4)], 4.46, .15, .8)


def car(s):
    """Inside a car, seen through where the windscreen is; the dash is drawn in front of the figures."""
    s.inside = True
    s.reach = 10

    def back():
        pen, cam = s.pen, s.cam
        pen.air = 0
        pen.flat(pen.tone(.40))
        pen.c.rectangle(-9, -9, cam.w + 18, cam.h + 18)
        pen.c.fill()
        g = .95 if not s.night else .5
        s.paint([(-.62, 1.02, 1.9), (-.52, 1.42, 1.75), (.52, 1.42, 1.75), (.62, 1.02, 1.9)], g)
        for sx in (-1, 1):
            s.paint([(sx * .80, .98, -.75), (sx * .72, 1.40, -.35), (sx * .68, 1.42, .75), (sx * .80, .98, .85)], g)
            s.paint([(sx * .80, .98, 1.0), (sx * .69, 1.40, .92), (sx * .66, 1.40, 1.2), (sx * .78, 1.0, 1.6)], g)
        for k in range(4):
            x = -.5 + .33 * k
            s.paint([(x, 1.03, 1.88), (x, 1.16 + .1 * (k % 2), 1.88), (x + .26, 1.16 + .1 * (k % 2), 1.88), (x + .26, 1.03, 1.88)], .68, .6)
    s.back.append(back)
    for x in (-.36, .36):
        s.group(x, .34, [(0, .1, 0, .52, .25, .5, .5), (0, .3, .24, .54, .62, .16, .56), (0, .94, .26, .3, .2, .12, .5)], .6)
    s.group(0, 1.3, [(0, .2, 0, 1.4, .62, .2, .5)], .6)


def elevator(s):
    s.room(2.6, 1.5, front=-2.6, h=2.5, floor=.7, wall=.8, side=.72)
    s.on_wall(-.9, 0, .9, 2.2, .6)
    s.on_wall(-.85, 0, -.01, 2.15, .9, 1, off=.03)
    s.on_wall(.01, 0, .85, 2.15, .9, 1, off=.03)
    s.on_wall(-.35, 2.25, .35, 2.42, .15, .8)
    s.on_wall(1.0, .9, 1.22, 1.6, .5)
    for k in range(4):
        s.on_wall(1.06, .98 + .15 * k, 1.16, 1.06 + .15 * k, 1.0, .5, off=.04)
    for w in ("left", "right"):
        s.on_wall(-2.4, .95, 1.4, 1.03, .25, .8, w)
        s.on_wall(-.8, 1.15, 1.3, 2.2, .88, .8, w)
    s.walls.append(lambda: s.paint([(-.7, 2.49, -.6), (.7, 2.49, -.6), (.7, 2.49, .7), (-.7, 2.49, .7)], 1.0, .9))
