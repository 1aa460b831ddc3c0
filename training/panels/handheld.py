# Inquadra - what figures hold: small things in the acting hand, drawn in space.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

from .body import add, sub, unit
from .pen import TAU, add_poly, capsule, hull, wash

# where the holding hand goes for things carried along with any quiet pose: (outwards, up, forwards) of the shoulder
HOLD = {
    "umbrella": dict(rh=(-0.06, -0.14, 0.24), re=(0.8, -1, -0.2)), "suitcase": dict(rh=(0.10, -0.53, 0.02)),
    "bag": dict(rh=(0.09, -0.52, 0.04)), "gun": dict(rh=(0.06, -0.44, 0.18)), "flashlight": dict(rh=(0.04, -0.20, 0.42)),
    "sword": dict(rh=(0.14, -0.26, 0.34)), "cane": dict(rh=(0.10, -0.44, 0.24)), "flowers": dict(rh=(-0.08, -0.22, 0.32), re=(0.7, -1, -0.2)),
    "letter": dict(rh=(0.14, -0.20, 0.34), re=(0.7, -1, -0.2)), "cup": dict(rh=(0.10, -0.24, 0.34), re=(0.7, -1, -0.2)),
    "phone": dict(rh=(-0.04, -0.20, 0.34), re=(0.7, -1, -0.2)), "book": dict(rh=(0.02, -0.40, 0.14)),
}


def draw_held(fig, i, before):
    """The thing in hand i; before: the part that the hand covers."""
    b, pen, c, k = fig.body, fig.pen, fig.pen.c, fig.person.k
    what, w, lw = fig.what, fig.body.wrist[i], fig.lw
    d = unit(sub(w, b.elbow[i]))
    palm = add(w, d, 0.06 * k)
    up, fwd = (0.0, 1.0, 0.0), b.chest_fwd
    at, disc = fig.cam.at, fig.disc
    if fig.solid is not None and what in ("cigarette", "letter"):
        pass
    tone = fig.tone
    if what in ("umbrella", "none") or before != (what in BEFORE):
        return
    if what == "gun":
        muzzle = add(add(palm, d, 0.26), up, 0.05)
        fig.limb(add(palm, up, 0.05), 0.026, muzzle, 0.024)
        fig.limb(palm, 0.026, add(palm, up, 0.05), 0.028)
        pen.union(tone(0.05), lw * 0.8)
    elif what == "phone":
        head = unit(sub(b.head, w))
        fig.limb(add(palm, up, -0.07), 0.026, add(add(palm, up, 0.11), head, 0.02), 0.026)
        pen.union(tone(0.08), lw * 0.7)
    elif what == "cup":
        hull(c, [disc(add(palm, up, 0.05), 0.042), disc(add(palm, up, -0.045), 0.034)], 16)
        pen.union(tone(0.36), lw)
    elif what == "cigarette":
        tip = add(add(palm, d, 0.03), fwd, 0.11)
        a, e = at(palm), at(tip)
        pen.line([a[:2], e[:2]], 2.2 * lw)
        pen.line([a[:2], e[:2]], 1.0 * lw, 1.0)
        # the smoke is what is seen from far: rings that grow as they rise
        for u, r in ((0.10, 0.045), (0.24, 0.075), (0.44, 0.115)):
            x, y, q = disc(add(add(tip, up, u), fwd, 0.18 * u), r)
            pen.ell(x, y, q, 0.8 * q, tone(0.9), 0.8 * lw)
    elif what == "bottle":
        # tipped up at the mouth, towards the hand and out
        mouth = add(add(b.head, b.head_fwd, 0.50 * b.hh), b.head_up, -0.28 * b.hh)
        way = unit(add(add(unit(sub(palm, mouth)), up, 0.45), fwd, 0.5))
        fig.limb(mouth, 0.016, add(mouth, way, 0.10), 0.020)
        fig.limb(add(mouth, way, 0.13), 0.036, add(mouth, way, 0.25), 0.038)
        pen.union(tone(0.22), lw)
    elif what == "blow":
        x, y, r = disc(add(palm, d, 0.13), 0.19)
        add_poly(c, [(x + r * k * math.cos(t), y + r * k * math.sin(t)) for t, k in ((TAU * j / 16 + 0.2, (1.0, 0.46)[j % 2]) for j in range(16))])
        pen.union(tone(1.0), lw)
    elif what == "parcel":
        mid = tuple((b.wrist[0][j] + b.wrist[1][j]) / 2 for j in range(3))
        mid = add(add(mid, fwd, 0.17), up, 0.06)
        f = unit((b.ground_fwd[0], 0, b.ground_fwd[2]))
        solid(fig, mid, b.chest_right, f, (0.15, 0.12, 0.15), 0.86)
        # ribbon and bow tell the present from the crate
        for a, e in ((add(mid, up, -0.12), add(mid, up, 0.12)),):
            pts = [at(add(add(a, f, s * 0.0), b.chest_right, 0.0))[:2] for s in (1,)] + [at(e)[:2]]
            pen.line(pts, 2.0 * lw)
        for s in (-1, 1):
            x, y, r = disc(add(add(mid, up, 0.16), b.chest_right, s * 0.055), 0.05)
            pen.ell(x, y, r, 0.8 * r, tone(0.2), 0.8 * lw)
    elif what in ("book", "letter", "map") and what == "book":
        if b.pose["rh"][2] < 0.2:
            quad(fig, add(palm, up, -0.08), b.chest_fwd, 0.10, up, 0.13, 0.3)
            return
        other = b.wrist[1 - i]
        mid = tuple((palm[j] + other[j]) / 2 for j in range(3))
        mid = add(add(mid, fwd, 0.04), up, 0.05)
        tilt = unit(add(up, fwd, 0.55))
        r = unit(sub(b.wrist[1], b.wrist[0]))
        for s in (-1, 1):
            inner, outer = mid, add(add(mid, r, s * 0.21), tilt, 0.03)
            pts = [at(p)[:2] for p in (add(inner, tilt, -0.16), add(outer, tilt, -0.13), add(outer, tilt, 0.17), add(inner, tilt, 0.14))]
            add_poly(c, pts)
        pen.union(tone(0.97), lw)
        pen.line([at(add(mid, tilt, -0.16))[:2], at(add(mid, tilt, 0.14))[:2]], 0.9 * lw)
    elif what == "letter":
        quad(fig, add(palm, up, 0.07), b.chest_right, 0.10, unit(add(up, fwd, 0.3)), 0.13, 1.0)
    elif what == "box":
        mid = tuple((b.wrist[0][j] + b.wrist[1][j]) / 2 for j in range(3))
        solid(fig, add(add(mid, fwd, 0.14), up, 0.08), b.chest_right, unit((b.ground_fwd[0], 0, b.ground_fwd[2])), (0.24, 0.17, 0.19), 0.72)
    elif what == "suitcase":
        solid(fig, add(palm, up, -0.25), b.ground_fwd, b.chest_right, (0.28, 0.19, 0.09), 0.38)
    elif what == "bag":
        hull(c, [disc(add(add(palm, up, -0.34), b.ground_fwd, s * 0.11), 0.07) for s in (-1, 1)] + [disc(add(add(palm, up, -0.14), b.ground_fwd, s * 0.07), 0.05) for s in (-1, 1)], 16)
        pen.union(tone(0.55), lw)
    elif what == "rope":
        far = add(add(palm, b.ground_fwd, 2.2), up, -0.3)
        q = fig.cam.segment(palm, far)
        if q:
            pen.line([q[:2], q[2:]], 2.6 * lw)
    elif what == "ball":
        x, y, r = disc(add(palm, d, 0.12), 0.14)
        pen.ell(x, y, r, r, tone(1.0), lw)
    elif what == "camera":
        eye = add(b.head, b.head_fwd, 0.62 * b.hh)
        hull(c, [disc(add(add(eye, b.head_right, s * 0.085), b.head_up, t * 0.05), 0.020) for s in (-1, 1) for t in (-1, 1)], 10)
        pen.union(tone(0.12), lw * 0.8)
        fig.limb(add(eye, b.head_fwd, 0.03), 0.055, add(eye, b.head_fwd, 0.10), 0.055)
        pen.union(tone(0.3), lw)
        x, y, r = disc(add(eye, b.head_fwd, 0.11), 0.036)
        pen.ell(x, y, r, r, tone(0.95), 0.8 * lw)
    elif what == "guitar":
        base = add(add(b.waist, b.chest_fwd, 0.17), b.chest_right, 0.12 if i == 1 else -0.12)
        other = b.wrist[1 - i]
        neck = unit(sub(add(other, b.chest_fwd, 0.03), base))
        fig.limb(base, 0.16, add(base, neck, 0.04), 0.15)
        fig.limb(add(base, neck, 0.18), 0.12, add(base, neck, 0.2), 0.11)
        pen.union(tone(0.66), lw)
        fig.limb(add(base, neck, 0.25), 0.022, add(base, neck, 0.72), 0.020)
        pen.union(tone(0.3), lw * 0.8)
        x, y, r = disc(add(base, neck, 0.13), 0.055)
        pen.ell(x, y, r, r, tone(0.1), 0)
    elif what == "flashlight":
        tip = add(palm, d, 0.14)
        fig.limb(palm, 0.022, tip, 0.034)
        pen.union(tone(0.2), lw * 0.8)
        far = add(tip, d, 1.5)
        pts = fig.cam.polygon([add(tip, up, 0.03), add(far, up, 0.42), add(far, up, -0.42), add(tip, up, -0.03)])
        if pts:
            add_poly(c, pts)
            wash(c, 1.0, 0.55)
    elif what == "sword":
        dir_ = unit(add(add(d, up, 0.9), fwd, 0.3))
        fig.limb(add(palm, dir_, -0.1), 0.016, add(palm, dir_, 0.85), 0.008)
        pen.union(tone(0.95), lw * 0.8)
        r = b.chest_right
        fig.limb(add(add(palm, dir_, 0.06), r, -0.08), 0.012, add(add(palm, dir_, 0.06), r, 0.08), 0.012)
        pen.union(tone(0.1), lw * 0.6)
    elif what == "cane":
        foot = (palm[0] + 0.1 * b.ground_fwd[0], fig.where[1], palm[2] + 0.1 * b.ground_fwd[2])
        fig.limb(add(palm, up, 0.02), 0.016, foot, 0.013)
        pen.union(tone(0.15), lw * 0.6)
    elif what == "flowers":
        for a, u in ((-0.06, 0.16), (0.06, 0.17), (0.0, 0.22), (-0.02, 0.13)):
            q = add(add(palm, b.chest_right, a), up, u)
            pen.line([at(palm)[:2], at(q)[:2]], 0.8 * lw)
            x, y, r = disc(q, 0.042)
            pen.ell(x, y, r, r, tone(0.95), 0.9 * lw)


BEFORE = {"blow", "box", "parcel", "suitcase", "bag", "rope", "sword", "cane", "book", "flowers", "guitar", "letter"}


def quad(fig, mid, r, hr, u, hu, tone):
    pts = [fig.cam.at(add(add(mid, r, a * hr), u, e * hu))[:2] for a, e in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    add_poly(fig.pen.c, pts)
    fig.pen.union(fig.tone(tone), fig.lw)


def solid(fig, mid, r, f, half, tone):
    """A box with half sizes (right, up, forwards): the three faces turned to the camera."""
    eye = fig.cam.eye
    up = (0.0, 1.0, 0.0)
    axes = ((r, half[0]), (up, half[1]), (f, half[2]))
    to = sub(eye, mid)
    for n in range(3):
        (a, ha), (b, hb), (cc, hc) = axes[n], axes[(n + 1) % 3], axes[(n + 2) % 3]
        s = 1 if sum(to[i] * a[i] for i in range(3)) > 0 else -1
        face = add(mid, a, s * ha)
        pts = [fig.cam.at(add(add(face, b, x * hb), cc, y * hc))[:2] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        fig.pen.poly(pts, fig.tone(min(1.0, tone + (0.14 if n == 1 else 0.0 if n == 0 else -0.14))), fig.lw)


def umbrella(fig):
    """Shaft and canopy behind the figure."""
    b, pen, c = fig.body, fig.pen, fig.pen.c
    up = (0.0, 1.0, 0.0)
    i = b.hand_side
    palm = b.wrist[i]
    top = add(add(palm, up, 0.78), b.chest_right, -0.10 if i else 0.10)
    ring = [fig.cam.at(add(top, (math.cos(t), 0.0, math.sin(t)), 0.56))[:2] for t in (k * TAU / 12 for k in range(12))]
    x, y, s = fig.cam.at(add(top, up, 0.22))
    dome = [(*p, 1.0) for p in ring] + [(x, y, 0.06 * s)] + [(*fig.cam.at(add(add(top, up, 0.15), (math.cos(t), 0.0, math.sin(t)), 0.36))[:2], 1.0) for t in (k * TAU / 6 for k in range(6))]
    hull(c, dome, 10)
    pen.union(fig.tone(0.25), fig.lw, 3.0)
    for p in ring[::3]:
        pen.line([(x, y), p], 0.7 * fig.lw, 0.6)
    a = fig.cam.at(add(palm, up, -0.08))
    e = fig.cam.at(top)
    pen.line([a[:2], e[:2]], 1.5 * fig.lw)


def acted_on(fig, pen, lw):
    """What an action needs beside the figure, drawn before it: a door ajar, a crate, a ladder, a pillar, a bed on the ground."""
    fig.pen, fig.lw = pen, lw
    b, k, act = fig.body, fig.person.k, fig.action
    f, up = b.ground_fwd, (0.0, 1.0, 0.0)
    r = (-f[2], 0.0, f[0])
    ground = (fig.where[0], 0.0, fig.where[2])
    if act == "push":
        solid(fig, add(add(ground, f, 1.16 * k), up, 0.62 * k), r, f, (0.45, 0.62 * k, 0.45), 0.62)
    elif act == "lean":
        solid(fig, add(add(ground, f, -0.46 * k), up, 1.25), r, f, (0.26, 1.25, 0.18), 0.72)
    elif act == "open":
        # frame across the way, leaf swung towards the figure; the side away from the camera holds the hinge
        side = 1 if fig.cam.distance(add(ground, r)) > fig.cam.distance(add(ground, r, -1.0)) else -1
        hinge = add(add(ground, f, 0.98 * k), r, 0.42 * side)
        leaf = unit(add(tuple(-x for x in f), r, 0.25 * side))
        jamb = add(hinge, r, -0.95 * side)
        corner = lambda p, h: fig.cam.at(add(p, up, h))[:2]  # noqa: E731
        pen.poly([corner(hinge, 0.0), corner(hinge, 2.1), corner(jamb, 2.1), corner(jamb, 0.0)], fig.tone(0.3), 1.6 * fig.lw)
        end = add(hinge, leaf, 0.85)
        pen.poly([corner(hinge, 0.0), corner(hinge, 2.1), corner(end, 2.1), corner(end, 0.0)], fig.tone(0.9), 1.3 * fig.lw)
        x, y, s = fig.cam.at(add(add(hinge, leaf, 0.74), up, 0.98))
        pen.ell(x, y, max(2.2, 0.04 * s), max(2.2, 0.04 * s), fig.tone(0.1), 0)
    elif act == "climb":
        foot = add(ground, f, 0.46 * k)
        bars = [(-0.3, 0.0, -0.3, 3.4), (0.3, 0.0, 0.3, 3.4)] + [(-0.3, 0.3 + 0.36 * n, 0.3, 0.3 + 0.36 * n) for n in range(9)]
        for width, g in ((2.6, 1.0), (1.4, None)):
            for a0, h0, a1, h1 in bars:
                q = fig.cam.segment(add(add(foot, r, a0), up, h0), add(add(foot, r, a1), up, h1))
                if q:
                    pen.line([q[:2], q[2:]], width * lw, g)
    elif act == "sleep":
        along, over, middle = bed(fig)
        solid(fig, middle, over, along, (0.46, 0.06, 1.08 * k), 0.86)
        solid(fig, add(add(middle, along, 0.88 * k), up, 0.11), over, along, (0.40, 0.07, 0.20), 0.97)


def bed(fig):
    """Along the sleeper towards the head, across, and the middle of what is slept on."""
    b = fig.body
    along = unit((b.head[0] - b.pelvis[0], 0.0, b.head[2] - b.pelvis[2]))
    return along, (-along[2], 0.0, along[0]), (b.pelvis[0], 0.10, b.pelvis[2])


def over(fig, pen, lw):
    """What an action needs drawn over the figure: a sleeper's blanket, the marks of a shout."""
    fig.pen, fig.lw = pen, lw
    b, k, up = fig.body, fig.person.k, (0.0, 1.0, 0.0)
    if fig.action == "sleep":
        along, across, middle = bed(fig)
        discs = []
        for a, h, r in ((-1.02, 0.10, 0.07), (-0.60, 0.17, 0.09), (0.0, 0.16, 0.10), (0.26, 0.10, 0.06)):
            for s in (-0.40, 0.0, 0.40):
                q = add(add(add(middle, along, a * k), across, s), up, h if s == 0.0 else 0.03)
                discs.append(fig.disc(q, r))
        hull(pen.c, discs, 16)
        pen.union(fig.tone(0.66), lw)
        fold = [fig.cam.at(add(add(add(middle, along, 0.22 * k), across, s), up, h))[:2] for s, h in ((-0.42, 0.06), (0.0, 0.20), (0.42, 0.06))]
        pen.curve(fold, 2.0 * lw, fig.tone(0.98) if fig.solid is None else None)
    elif fig.action == "argue" and fig.head[2] > 12:
        x, y, s = fig.head
        f = fig.cam.direction(b.head_fwd)
        if f[2] > 0.5:
            return  # the back of a head shouts unseen
        way = math.atan2(-0.25, f[0] if abs(f[0]) > 0.25 else 0.6 * (1 if f[0] >= 0 else -1))
        for a in (-0.5, 0.0, 0.5):
            ca, sa = math.cos(way + a), math.sin(way + a)
            pen.line([(x + 0.78 * s * ca, y + 0.12 * s + 0.78 * s * sa), (x + 1.22 * s * ca, y + 0.12 * s + 1.22 * s * sa)], 1.3 * lw)
