# Inquadra - inserts: one thing filling the frame, on a table or in a hand.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

from .pen import TAU, add_poly, capsule, hull, smooth


def hand(pen, x, y, k, side, skin, sleeve):
    """A hand that comes in from a lower corner and closes round (x, y); k is the width of the palm."""
    c = pen.c
    ax, ay = x + side * 5.2 * k, y + 3.4 * k
    wx, wy = x + side * 1.9 * k, y + 1.1 * k
    capsule(c, ax, ay, .95 * k, wx, wy, .62 * k)
    capsule(c, wx, wy, .62 * k, x + side * .8 * k, y + .4 * k, .82 * k)
    pen.union(skin, 1.3, 4)
    capsule(c, ax, ay, 1.25 * k, x + side * 3.1 * k, y + 1.95 * k, .95 * k)
    pen.union(sleeve, 1.3)


def fingers(pen, x, y, k, side, skin):
    c = pen.c
    for j in range(4):
        capsule(c, x + side * .75 * k, y - (.55 - .42 * j) * k, .27 * k, x - side * (.35 - .06 * abs(j - 1)) * k, y - (.62 - .40 * j) * k, .22 * k)
        pen.union(skin, 1.2)


def draw_insert(pen, spec, r, w, h, tilt=0.0):
    """The table and the thing on it, before the set that is drawn already."""
    c = pen.c
    k = min(w, h)
    night = spec.time == "night"
    low, high, keep = {"night": (.10, .52, .4), "dusk": (.35, .76, .7), "day": (.45, .98, 1.0)}[spec.time]
    pen.light(low, high, keep, .2)
    c.save()
    c.translate(w / 2, h / 2)
    c.rotate(tilt)
    c.translate(-w / 2, -h / 2)
    y0 = h * (r.uniform(.50, .56) if spec.angle != "high" else r.uniform(.30, .36))
    pen.poly([(-200, y0), (w + 200, y0), (w + 200, h + 200), (-200, h + 200)], .70, 1.0)
    for j in range(1, 5):
        y = y0 + (h * 1.1 - y0) * (j / 4.6) ** 1.6
        pen.air = .4
        pen.line([(-200, y), (w + 200, y + r.uniform(-4, 4))], .8)
        pen.air = 0
    pen.light(.05 if night else 0.0, .92 if night else 1.0, .6)
    x, y = w * r.choice((.44, .5, .56)), h * .52
    skin, sleeve = r.choice((1.0, 1.0, .8, .62)), r.choice((.2, .4, .9))
    side = r.choice((-1, 1))
    held = spec.thing in ("phone", "letter", "gun", "key", "cup", "photo", "knife", "ring") and r.random() < .75 or spec.thing in ("ring",)
    q = k * .30
    pen.flat(.45 if not night else .2)
    c.save()
    c.translate(x + .1 * q, y + 1.05 * q)
    c.scale(1.5 * q, .26 * q)
    c.arc(0, 0, 1, 0, TAU)
    c.restore()
    if not held:
        c.fill()
    c.new_path()
    if held:
        hand(pen, x + side * .45 * q, y + .35 * q, .52 * q, side, skin, sleeve)
    lw = 1.35
    t = spec.thing
    c.save()
    c.translate(x, y)
    c.rotate(r.uniform(-.22, .22))
    if t == "phone":
        rounded(c, -.52 * q, -1.0 * q, 1.04 * q, 2.0 * q, .14 * q)
        pen.union(.12, lw, 4)
        pen.poly([(-.42 * q, -.84 * q), (.42 * q, -.84 * q), (.42 * q, .78 * q), (-.42 * q, .78 * q)], 1.0, .7)
        for j in range(3):
            pen.line([(-.28 * q, (-.5 + .3 * j) * q), ((.25 - .15 * (j % 2)) * q, (-.5 + .3 * j) * q)], 1.1)
    elif t in ("letter", "photo"):
        add_poly(c, [(-1.1 * q, -.78 * q), (1.1 * q, -.78 * q), (1.1 * q, .78 * q), (-1.1 * q, .78 * q)])
        pen.union(1.0, lw, 4)
        if t == "letter":
            for j in range(6):
                pen.line([(-.85 * q, (-.52 + .21 * j) * q), ((.85 if j < 5 else .1) * q, (-.52 + .21 * j) * q)], 1.0, .3)
        else:
            pen.poly([(-.95 * q, -.63 * q), (.95 * q, -.63 * q), (.95 * q, .63 * q), (-.95 * q, .63 * q)], .6, .9)
            for a, g in ((-.38, .2), (.38, .9)):
                pen.ell(a * q, -.12 * q, .22 * q, .27 * q, 1.0, lw)
                hull(c, [(a * q - .28 * q, .62 * q, .06 * q), (a * q + .28 * q, .62 * q, .06 * q), (a * q, .28 * q, .2 * q)], 16)
                pen.union(g, lw)
                c.new_sub_path()
                c.arc(a * q, -.17 * q, .24 * q, math.pi, TAU)
                c.close_path()
                pen.union(.12, lw)
    elif t == "gun":
        add_poly(c, [(-1.35 * q, -.42 * q), (.85 * q, -.42 * q), (.95 * q, -.1 * q), (1.15 * q, .85 * q), (.62 * q, .92 * q), (.42 * q, .12 * q), (-.2 * q, .06 * q), (-1.35 * q, -.02 * q)])
        pen.union(.22, lw, 4)
        pen.ell(.16 * q, .22 * q, .22 * q, .22 * q, None, 1.3)
        pen.line([(-1.3 * q, -.2 * q), (.7 * q, -.2 * q)], 1.0, .7)
    elif t == "key":
        c.new_sub_path()
        c.arc(.7 * q, 0, .45 * q, 0, TAU)
        add_poly(c, [(-1.2 * q, -.11 * q), (.4 * q, -.11 * q), (.4 * q, .11 * q), (-1.2 * q, .11 * q)])
        add_poly(c, [(-1.15 * q, .05 * q), (-.9 * q, .05 * q), (-.9 * q, .45 * q), (-1.15 * q, .45 * q)])
        add_poly(c, [(-.72 * q, .05 * q), (-.5 * q, .05 * q), (-.5 * q, .36 * q), (-.72 * q, .36 * q)])
        pen.union(.62, lw, 4)
        pen.ell(.74 * q, 0, .19 * q, .19 * q, 1.0, lw)
    elif t == "cup":
        pen.ell(.78 * q, .05 * q, .36 * q, .40 * q, None, 2.6)
        hull(c, [(-.66 * q, -.7 * q, 1), (.66 * q, -.7 * q, 1), (-.5 * q, .7 * q, .14 * q), (.5 * q, .7 * q, .14 * q)], 16)
        pen.union(1.0, lw, 4)
        pen.ell(0, -.7 * q, .68 * q, .19 * q, .25, lw)
        for a in (-.25, .15):
            pen.curve([(a * q, -1.0 * q), ((a + .12) * q, -1.15 * q), ((a - .08) * q, -1.3 * q), ((a + .06) * q, -1.5 * q)], 1.1, .5)
    elif t == "clock":
        c.arc(0, 0, 1.05 * q, 0, TAU)
        pen.union(.35, lw, 4)
        pen.ell(0, 0, .86 * q, .86 * q, 1.0, lw)
        for j in range(12):
            a = TAU * j / 12
            pen.line([(.70 * q * math.cos(a), .70 * q * math.sin(a)), (.80 * q * math.cos(a), .80 * q * math.sin(a))], 1.3)
        a = r.uniform(0, TAU)
        pen.line([(0, 0), (.62 * q * math.cos(a), .62 * q * math.sin(a))], 1.6)
        a = r.uniform(0, TAU)
        pen.line([(0, 0), (.40 * q * math.cos(a), .40 * q * math.sin(a))], 2.2)
    elif t == "book":
        for s in (-1, 1):
            c.move_to(0, -.72 * q)
            c.curve_to(s * .4 * q, -.95 * q, s * .9 * q, -.8 * q, s * 1.25 * q, -.72 * q)
            c.line_to(s * 1.25 * q, .72 * q)
            c.curve_to(s * .9 * q, .62 * q, s * .4 * q, .5 * q, 0, .76 * q)
            c.close_path()
            pen.finish(1.0, lw)
            for j in range(5):
                pen.line([(s * .2 * q, (-.5 + .22 * j) * q), (s * 1.05 * q, (-.52 + .22 * j) * q)], .95, .4)
    elif t == "ring":
        pen.ell(0, .2 * q, .55 * q, .60 * q, None, 4.2)
        pen.ell(0, .2 * q, .55 * q, .60 * q, None, 1.9)
        add_poly(c, [(-.32 * q, -.62 * q), (-.18 * q, -.86 * q), (.18 * q, -.86 * q), (.32 * q, -.62 * q), (0, -.28 * q)])
        pen.union(1.0, lw, 3)
        pen.line([(-.32 * q, -.62 * q), (.32 * q, -.62 * q)], 1.0)
    else:  # knife
        add_poly(c, [(-1.5 * q, .06 * q), (-1.0 * q, -.22 * q), (.3 * q, -.22 * q), (.3 * q, .10 * q)])
        pen.union(.95, lw, 4)
        rounded(c, .3 * q, -.24 * q, 1.05 * q, .36 * q, .1 * q)
        pen.union(.18, lw)
    c.restore()
    if held:
        fingers(pen, x + side * .35 * q, y + .45 * q, .52 * q, side, skin)
    c.restore()
    pen.light(0.0, 1.0)


def rounded(c, x, y, w, h, r):
    c.new_sub_path()
    c.arc(x + w - r, y + r, r, -math.pi / 2, 0)
    c.arc(x + w - r, y + h - r, r, 0, math.pi / 2)
    c.arc(x + r, y + h - r, r, math.pi / 2, math.pi)
    c.arc(x + r, y + r, r, math.pi, math.pi * 1.5)
    c.close_path()
