# Inquadra - a clothed person: tapered limbs under one contour per garment, drawn far to near.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

import cairo

from .body import Body, add, cross, dot, sub, unit
from .handheld import HOLD, draw_held, umbrella
from .head import Head
from .pen import TAU, add_poly, capsule, hull


FAR = 75  # pixels a metre: smaller figures are a few closed shapes


class Look:
    """How one person looks: what the Spec says (kind, build, hair, colour, clothes), the rest by chance."""

    def __init__(self, rng, who, light="day"):
        kind, build, hair, colour, clothes = who
        self.kind, self.build, self.clothes = kind, build, clothes
        self.woman = kind in ("woman", "girl", "old woman")
        self.age = "child" if kind in ("boy", "girl") else "old" if kind.startswith("old") else "adult"
        self.k = {"child": rng.uniform(0.60, 0.70), "old": rng.uniform(0.93, 0.98)}.get(
            self.age, rng.uniform(0.98, 1.04) - (0.06 if self.woman else 0.0))
        self.wide = {"slim": 0.86, "average": 1.0, "heavy": 1.34}[build]
        self.skin = rng.choice((1.0, 1.0, 0.94, 1.0, 0.50))
        self.hair, self.beard = ("short", True) if hair == "beard" else (hair, False)
        self.hair_tone = {"dark": rng.choice((0.08, 0.08, 0.2)), "fair": rng.choice((0.72, 0.6)), "grey": 0.88}[colour]
        if abs(self.hair_tone - self.skin) < 0.14:
            self.hair_tone = max(0.3, self.skin - 0.28)
        # clothes stay a quarter of grey and more from the sets, which are light by day and dark at night
        tops = {"suit": (0.12, 0.26), "coat": (0.16, 0.32, 0.46), "uniform": (0.22, 0.40), "apron": (0.95,)}
        self.top = rng.choice(tops.get(clothes, (0.14, 0.28, 0.42, 0.54)))
        legs = [g for g in (0.10, 0.30, 0.50) if abs(g - self.top) > 0.15]
        self.legs = self.top if clothes in ("suit", "uniform", "dress") else rng.choice(legs)
        self.shoe = rng.choice((0.08, 0.08, 0.3))
        if light == "night":
            self.top, self.legs, self.shoe = (0.50 + 0.60 * min(g, 0.75) for g in (self.top, self.legs, self.shoe))
            self.skin = 0.66 if self.skin < 0.6 else self.skin
        elif light == "dusk":
            self.top, self.legs = (g * 0.6 if g < 0.9 else g for g in (self.top, self.legs))
        self.quiff = rng.choice((0, 1, -1, 1, -1))
        self.hat_tone = rng.choice((0.16, 0.42, 0.7))


class Figure:
    """Placed, posed and dressed; draw() puts it on the frame."""

    def __init__(self, rng, cam, who, action, where, facing, mood="neutral", wear="none", prop="none", gaze=(0.0, 0.0),
                 look=(0.0, 0.0), light="day", mirror=False, floor=None, big_head=1.0, shut=False, solid=None, crowded=False):
        self.person = Look(rng, who, light)
        p = self.person
        self.action, self.prop, self.mood, self.solid = action, prop, mood, solid
        held = prop if prop in HOLD else "none"
        stoop = 0.16 if p.age == "old" else 0.0
        big = {"child": 1.0, "adult": 1.0, "old": 1.0}[p.age] * big_head
        self.body = Body(rng, action, where, facing, p.k, p.wide, p.woman, stoop, big, look, 1.0, mirror,
                         HOLD[held] if held != "none" else None)
        self.what = self.body.pose["what"] if held == "none" else held
        self.hand_shape = self.body.pose["hand"] if held == "none" else "fist"
        self.facing, self.where = facing, where
        self.head = None
        self.turned, self.wear, self.shut, self.crowded = gaze, wear, shut, crowded
        self.aim(cam)

    def aim(self, cam):
        """Sees the figure through a camera."""
        self.cam, self.at, b, gaze = cam, cam.at, self.body, self.turned
        view = unit(sub(b.chest, cam.eye))
        self.front = -dot(b.chest_fwd, view)
        self.scale = cam.at(b.chest)[2]
        self.few = self.scale < (2 * FAR if self.crowded else FAR)
        # the eyeline is given in the frame's directions; the head wants its own
        flip = 1.0 if dot(b.head_right, cam.right) > 0 else -1.0
        self.gaze = (gaze[0] * flip, gaze[1])

    def box(self):
        """Left, top, right, bottom on the frame, roughly."""
        pts = [self.cam.at(q) for q in (*self.body.wrist, *self.body.ankle, self.body.head, *self.body.shoulder)]
        return min(p[0] for p in pts), min(p[1] for p in pts), max(p[0] for p in pts), max(p[1] for p in pts)

    def disc(self, q, r):
        x, y, s = self.at(q)
        r *= s * self.person.k
        return (x, y, r if r > 0.6 else 0.6)

    def limb(self, a, ra, b, rb):
        capsule(self.pen.c, *self.disc(a, ra), *self.disc(b, rb))

    def tone(self, g):
        return g if self.solid is None else self.solid

    def draw(self, pen, lw=1.0, halo=3.0):
        self.pen, self.lw = pen, lw
        b, cam, p = self.body, self.cam, self.person
        head = Head(pen, cam, b, p, self.mood, self.gaze, lw, self.wear, self.action in ("argue",), self.shut or self.action == "sleep")
        if self.solid is not None:
            p.skin = p.top = p.legs = p.hair_tone = p.hat_tone = p.shoe = self.solid
        self.head = (head.x, head.y, head.S)
        if halo:
            self.halo(head, halo)
        if self.what == "umbrella":
            umbrella(self)
        depth = cam.depth
        chest = depth(b.chest)
        parts = []
        tipped = abs(b.pose["tip"]) > 0.6 or b.pose["lean"] > 1.0
        for i in (0, 1):
            d = depth(b.knee[i])
            early = 20 if d > depth(b.pelvis) - 0.28 else 0
            if not self.below(i):
                parts.append((d if tipped else 10 + early + d * 0.01, lambda i=i: self.leg(i)))
            d = 0.5 * (depth(b.elbow[i]) + depth(b.wrist[i]))
            after_head = depth(b.wrist[i]) < depth(b.head) + 0.06
            order = 25 if d > chest + 0.03 else (1 if after_head else 5)
            parts.append((d - 0.03 if tipped else order + d * 0.01, lambda i=i, f=order > 20: self.arm(i, f)))
        parts.append((chest if tipped else 16, self.torso))
        hd = depth(b.head)
        parts.append((hd if tipped else 4 if hd < chest + 0.22 else 18, lambda: head.draw(self.scale > 150 and self.solid is None)))
        parts.sort(key=lambda t: -t[0])
        head.behind()
        for _, part in parts:
            part()

    def below(self, i):
        """True where a whole leg lies under the frame."""
        b, cam = self.body, self.cam
        edge = cam.h + 8 + 0.12 * self.scale
        return cam.at(b.knee[i])[1] > edge and cam.at(b.hip[i])[1] > edge and cam.at(b.toe[i])[1] > edge

    def halo(self, head, halo):
        c, b, pen = self.pen.c, self.body, self.pen
        pen.flat(pen.halo_tone)
        c.set_line_join(cairo.LINE_JOIN_ROUND)
        grow = 2 * (halo + pen.lw * self.lw)
        at = self.cam.at
        k = self.person.k * self.person.wide

        def stroke(r, *lines):
            near = 1e9
            for pts in lines:
                move = c.move_to
                for p in pts:
                    x, y, s = at(p)
                    move(x, y)
                    move = c.line_to
                    near = min(near, s)
            c.set_line_width(2 * r * k * near + grow)
            c.stroke()
        sh = b.shoulder
        for i in (0, 1):
            stroke(0.050, (sh[i], b.elbow[i], b.wrist[i]))
            if not self.below(i):
                stroke(0.042, (b.knee[i], b.ankle[i], b.toe[i]))
                stroke(0.07, (b.hip[i], b.knee[i]))
        stroke(0.10, (add(b.chest, b.chest_up, -0.05), b.waist, b.pelvis))
        stroke(0.05, (sh[0], sh[1]))
        head.glow(grow)
        c.set_line_join(cairo.LINE_JOIN_BEVEL)

    # -- parts ------------------------------------------------------------------------------------
    def leg(self, i):
        b, p, pen = self.body, self.person, self.pen
        w = 0.6 + 0.4 * p.wide
        bare = p.clothes in ("dress", "skirt")
        if self.few:
            self.limb(b.hip[i], 0.092 * w, b.knee[i], 0.07)
            self.limb(b.knee[i], 0.07, b.ankle[i], 0.058)
            self.limb(b.heel[i], 0.05, b.toe[i], 0.04)
            pen.union(p.skin if bare else p.legs, self.lw)
            return
        self.limb(b.heel[i], 0.045, b.toe[i], 0.036)
        self.limb(b.heel[i], 0.045, b.ankle[i], 0.045)
        pen.union(p.shoe, self.lw)
        far = self.cam.depth(b.knee[i]) > self.cam.depth(b.knee[1 - i]) + 0.06
        tone = p.skin if bare else p.legs
        if far:
            tone = max(0.0, tone - 0.13)
        if bare:
            self.limb(b.hip[i], 0.078 * w, b.knee[i], 0.054)
            self.limb(b.knee[i], 0.054, b.ankle[i], 0.036)
            mid = add(b.knee[i], sub(b.ankle[i], b.knee[i]), 0.3)
            self.limb(b.knee[i], 0.05, mid, 0.056)
            pen.smooth = True
        else:
            self.limb(b.hip[i], 0.092 * w, b.knee[i], 0.068)
            self.limb(b.knee[i], 0.068, b.ankle[i], 0.056)
        pen.union(tone, self.lw)
        pen.smooth = False

    def arm(self, i, far):
        b, p, pen = self.body, self.person, self.pen
        w = 0.7 + 0.3 * p.wide
        short = p.clothes in ("tee", "dress", "apron")
        sleeve = p.top if p.clothes != "apron" else max(0.0, p.legs)
        if self.few:
            acting = i == b.hand_side and self.what not in ("none", "umbrella")
            if acting:
                draw_held(self, i, True)
            d = unit(sub(b.wrist[i], b.elbow[i]))
            self.limb(b.wrist[i], 0.05, add(b.wrist[i], d, 0.09 * p.k), 0.055)
            pen.union(p.skin, self.lw)
            self.limb(b.shoulder[i], 0.066 * w, b.elbow[i], 0.056)
            self.limb(b.elbow[i], 0.056, b.wrist[i], 0.05)
            pen.union(sleeve, self.lw)
            if acting:
                draw_held(self, i, False)
            return
        if far:
            sleeve = max(0.0, sleeve - 0.13)
        acting = i == b.hand_side
        if acting and self.what not in ("none", "umbrella"):
            draw_held(self, i, True)
        pen.smooth = True
        self.hand(i)
        if short:
            self.limb(b.shoulder[i], 0.05 * w, b.elbow[i], 0.040)
            self.limb(b.elbow[i], 0.042, b.wrist[i], 0.029)
            pen.union(p.skin, self.lw)
            pen.smooth = False
            mid = add(b.shoulder[i], sub(b.elbow[i], b.shoulder[i]), 0.55)
            self.limb(b.shoulder[i], 0.062 * w, mid, 0.060 * w)
            pen.union(sleeve, self.lw)
        else:
            pen.smooth = False
            self.limb(b.shoulder[i], 0.062 * w, b.elbow[i], 0.050 * w)
            self.limb(b.elbow[i], 0.050 * w, b.wrist[i], 0.040)
            pen.union(sleeve, self.lw)
        if not far and self.front > -2:
            # no line where sleeve and body are one cloth
            q = add(add(b.shoulder[i], sub(b.chest, b.shoulder[i]), 0.22), b.chest_up, 0.015)
            x, y, s = self.cam.at(q)
            pen.source(sleeve)
            pen.c.arc(x, y, 0.046 * s * p.k * w, 0, TAU)
            pen.c.fill()
        if acting and self.what not in ("none", "umbrella"):
            draw_held(self, i, False)

    def hand(self, i):
        b, p, pen, c = self.body, self.person, self.pen, self.pen.c
        d = unit(sub(b.wrist[i], b.elbow[i]))
        s = self.cam.at(b.wrist[i])[2] * p.k
        w = b.wrist[i]
        shape = self.hand_shape if i == b.hand_side or self.hand_shape == "fist" and b.pose["lh"] != (0.10, -0.50, 0.05) else "open"
        inward = unit(add(tuple(-x if i == 1 else x for x in b.chest_right), b.chest_fwd, 0.8))
        k = p.k
        if s < 60:
            self.limb(w, 0.036, add(w, d, 0.07 * k), 0.044)
            pen.union(p.skin, self.lw)
            return
        if shape == "open" and s > 105:
            self.open_hand(w, d, inward, k)
        elif shape == "open":
            self.limb(w, 0.032, add(w, d, 0.075 * k), 0.042)
            tip = add(add(w, d, 0.155 * k), inward, 0.01 * k)
            self.limb(add(w, d, 0.08 * k), 0.040, tip, 0.020)
            self.limb(add(w, d, 0.03 * k), 0.022, add(add(w, d, 0.09 * k), inward, 0.050 * k), 0.014)
            pen.union(p.skin, self.lw)
        else:
            if shape == "point":
                self.limb(add(w, d, 0.06 * k), 0.022, add(w, d, 0.185 * k), 0.014)
            self.limb(w, 0.032, add(w, d, 0.055 * k), 0.048)
            self.limb(add(w, d, 0.02 * k), 0.022, add(add(w, d, 0.07 * k), inward, 0.035 * k), 0.018)
            pen.union(p.skin, self.lw)
            if s > 230:
                # three lines between the fingers, across the front of the fist
                side = unit(cross(d, inward))
                for t in (-0.024, 0.0, 0.024):
                    q = add(add(w, d, 0.066 * k), side, t * k)
                    p0, p1 = self.cam.at(q), self.cam.at(add(q, d, 0.030 * k))
                    pen.line([p0[:2], p1[:2]], 0.65 * self.lw)

    def open_hand(self, w, d, inward, k):
        """Palm, thumb and four spread fingers under one contour; the palm faces inwards, so the fingers lie side by side."""
        side = unit(cross(d, inward))
        if side[1] < -0.2 or abs(side[1]) <= 0.2 and side[0] < 0:
            side = tuple(-x for x in side)  # the thumb is above, or on the same side of either hand
        c = self.pen.c
        palm = add(w, d, 0.070 * k)
        hull(c, [self.disc(w, 0.030), self.disc(add(palm, side, 0.022 * k), 0.026), self.disc(add(palm, side, -0.022 * k), 0.024)], 16)
        for at, long, spread in ((0.033, 0.066, 0.020), (0.011, 0.078, 0.006), (-0.011, 0.072, -0.008), (-0.032, 0.054, -0.022)):
            root = add(add(w, d, 0.078 * k), side, at * k)
            self.limb(root, 0.0125, add(add(root, d, long * k), side, spread * k), 0.0095)
        self.limb(add(add(w, d, 0.030 * k), side, 0.018 * k), 0.016, add(add(w, d, 0.078 * k), side, 0.072 * k), 0.011)
        self.pen.union(self.person.skin, self.lw)

    def torso(self):
        b, p, pen, c = self.body, self.person, self.pen, self.pen.c
        n = 24 if self.scale > 300 else 16 if self.scale > 90 else 10
        w = p.wide
        k = p.k
        neck_r = 0.052 if not p.woman else 0.044
        if not self.few:
            top = add(b.head, b.head_up, -0.22 * b.hh)
            top = add(top, b.head_fwd, -0.06 * b.hh)
            self.limb(add(b.neck, b.chest_up, -0.03 * k), neck_r * 1.1, top, neck_r)
            pen.smooth = True
            pen.union(p.skin if self.front > 0 or self.solid is not None else max(0, p.skin - 0.1), self.lw)
            pen.smooth = False
        sh = [self.disc(q, 0.056 * (0.75 + 0.25 * w)) for q in b.shoulder]
        collar = self.disc(add(b.neck, b.chest_up, -0.055 * k), 0.062)
        chest = self.disc(b.on_chest(0, 0.03, 0.025), 0.118 * (0.5 + 0.5 * w))
        wr = 0.085 * w * (0.92 if p.woman else 1.0)
        ww = 0.055 * w * (0.8 if p.woman else 1.0)
        waist = [self.disc(add(b.waist, b.chest_right, s * ww * k), wr) for s in (-1, 1)]
        hips = [self.disc(q, 0.090 * (0.6 + 0.4 * w)) for q in b.hip]
        tone = p.top
        if p.clothes not in ("dress", "coat") and (not self.few or p.clothes == "skirt"):
            hull(c, waist + hips, n)
            if p.clothes == "skirt":
                self.hem(0.80, 0.105, hips, n)
            pen.union(p.legs, self.lw)
        if p.clothes in ("dress", "coat"):
            # the skirts of coat or dress follow the thighs
            self.hem(0.92 if p.clothes == "coat" else 0.95, 0.115 if p.clothes == "coat" else 0.14, hips, n)
            hull(c, waist + hips, n)
        hull(c, sh + [collar, chest] + waist + (hips if self.few else []), n)
        if not self.few and p.clothes in ("jacket", "hoodie", "suit", "uniform", "shirt", "apron"):
            low = [self.disc(add(q, b.chest_up, 0.01), 0.093 * (0.6 + 0.4 * w)) for q in b.hip]
            hull(c, waist + low, n)
        if w > 1.2:
            x, y, r = self.disc(add(add(b.waist, b.chest_fwd, 0.06), b.chest_up, -0.04), 0.135)
            c.new_sub_path()
            c.arc(x, y, r, 0, TAU)
        if p.woman and p.age != "child" and self.scale > 60:
            for s in (-1, 1):
                x, y, r = self.disc(b.on_chest(s * 0.075, 0.0, 0.085), 0.062)
                c.new_sub_path()
                c.arc(x, y, r, 0, TAU)
        pen.union(tone, self.lw)
        if self.scale > 70 and self.solid is None:
            if self.front > 0.25:
                self.front_details()
            elif self.front < -0.4:
                self.back_details()

    def hem(self, at, size, hips, n):
        b = self.body
        low = [self.disc(add(b.hip[i], sub(b.knee[i], b.hip[i]), at), size) for i in (0, 1)]
        hull(self.pen.c, hips + low, n)

    def front_details(self):
        b, p, pen = self.body, self.person, self.pen
        lw = self.lw
        q = lambda r, u, f=0.12: self.cam.at(b.on_chest(r, u, f))[:2]  # noqa: E731
        ink = None if p.top > 0.28 else 0.62
        kind = p.clothes
        if kind in ("suit", "jacket", "uniform", "coat"):
            if kind in ("suit", "jacket", "coat"):
                pen.poly([q(-0.058, 0.200, 0.035), q(0.058, 0.200, 0.035), q(0.0, -0.07, 0.135)], 1.0 if kind != "coat" else 0.75, lw)
            if kind == "suit":
                pen.poly([q(-0.018, 0.175, 0.06), q(0.018, 0.175, 0.06), q(0.022, 0.0, 0.135), q(0.0, -0.045, 0.138), q(-0.022, 0.0, 0.135)], 0.1, 0)
            for s in (-1, 1):
                pen.line([q(s * 0.058, 0.200, 0.035), q(s * 0.12, 0.06, 0.11), q(s * 0.075, 0.035, 0.125), q(0, -0.08, 0.135)], 0.9 * lw, ink)
            pen.line([q(0, -0.08, 0.135), q(0.005, -0.40, 0.13)], 0.9 * lw, ink)
            if kind == "uniform":
                for s in (-1, 1):
                    pen.poly([q(s * 0.06, 0.06), q(s * 0.14, 0.06, 0.10), q(s * 0.14, -0.03, 0.10), q(s * 0.06, -0.03)], None, 0.8 * lw, ink)
                pen.line([q(-0.13, -0.24, 0.08), q(0.13, -0.24, 0.08)], 2.2 * lw, 0.05)
            if kind == "coat":
                pen.line([q(-0.13, -0.22, 0.09), q(0.13, -0.22, 0.09)], 1.6 * lw, ink)
        elif kind in ("shirt", "apron"):
            for s in (-1, 1):
                pen.line([q(s * 0.062, 0.17, 0.04), q(s * 0.055, 0.10, 0.10), q(0, 0.13, 0.09)], 0.9 * lw, ink)
            pen.line([q(0, 0.12, 0.10), q(0.004, -0.34, 0.12)], 0.8 * lw, ink)
            if kind == "apron":
                pen.poly([q(-0.11, 0.02), q(0.11, 0.02), q(0.15, -0.42, 0.11), q(-0.15, -0.42, 0.11)], 1.0, lw)
        elif kind == "hoodie":
            pen.curve([q(-0.10, 0.18, 0.0), q(-0.06, 0.09, 0.10), q(0.06, 0.09, 0.10), q(0.10, 0.18, 0.0)], lw, ink)
            pen.line([q(-0.10, -0.16), q(-0.07, -0.26), q(0.07, -0.26), q(0.10, -0.16)], 0.7 * lw, ink)
        else:
            pen.curve([q(-0.07, 0.175, 0.03), q(-0.04, 0.12, 0.10), q(0.04, 0.12, 0.10), q(0.07, 0.175, 0.03)], 0.9 * lw, ink)

    def back_details(self):
        b, pen, p = self.body, self.pen, self.person
        q = lambda r, u, f=-0.10: self.cam.at(b.on_chest(r, u, f))[:2]  # noqa: E731
        ink = None if p.top > 0.28 else 0.62
        pen.curve([q(-0.075, 0.15, -0.03), q(0, 0.125, -0.08), q(0.075, 0.15, -0.03)], 0.9 * self.lw, ink)
        if self.scale > 100:
            pen.line([q(0, 0.08), q(0.004, -0.16)], 0.7 * self.lw, ink)


def shadow(pen, cam, where, size=0.42, tone=0.45):
    """A cast shadow on the ground, towards the right and back."""
    pts = [(where[0] + 0.22 + size * 1.15 * math.cos(t), where[1] + 0.005, where[2] + 0.06 + size * 0.55 * math.sin(t))
           for t in (k * TAU / 14 for k in range(14))]
    q = cam.polygon(pts)
    if q:
        pen.poly(q, tone, 0)


def chair(pen, cam, where, facing, k=1.0, half=None):
    """A plain chair under a sitting figure; half "back" or "seat" draws that part alone."""
    f = (math.sin(facing), 0.0, -math.cos(facing))
    r = (-math.cos(facing), 0.0, -math.sin(facing))

    def q(a, u, d):
        return cam.at((where[0] + k * (a * r[0] + d * f[0]), where[1] + k * u, where[2] + k * (a * r[2] + d * f[2])))

    def leg(a, d, top):
        x, y, s = q(a, top, d)
        x1, y1, s1 = q(a, 0.0, d)
        capsule(pen.c, x, y, 0.020 * s, x1, y1, 0.020 * s1)
    if half in (None, "seat"):
        for a, d in ((-0.2, -0.2), (0.2, -0.2), (-0.2, 0.2), (0.2, 0.2)):
            leg(a, d, 0.42)
        hull(pen.c, [(*q(a, u, d)[:2], 1.0) for a in (-0.22, 0.22) for d in (-0.22, 0.22) for u in (0.40, 0.44)], 10)
        pen.union(0.5, 0.9)
    if half in (None, "back"):
        for a in (-0.22, 0.22):
            x, y, s = q(a, 0.42, -0.24)
            x1, y1, s1 = q(a, 1.08, -0.29)
            capsule(pen.c, x, y, 0.022 * s, x1, y1, 0.022 * s1)
        hull(pen.c, [(*q(a, u, -0.27)[:2], 1.0) for a in (-0.25, 0.25) for u in (0.62, 1.10)], 10)
        pen.union(0.5, 0.9)
