# Inquadra - heads from any side: skull, face with eyeline and expression, hair, hats.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A head is a few spheres and points in its own axes (right, up, forwards; units of its height, about the middle of the
skull), turned in space and projected. Profile, back of the head, high and low angles all come from the same drawing."""
import math

from .body import cross, dot, sub, unit
from .pen import TAU, add_poly, capsule, hull, smooth

# expression: brows (inner, outer, both up), how far the eyes are open, mouth
MOODS = {
    "neutral": (0.0, 0.0, 0.0, 0.9, "flat"),
    "smiling": (0.015, -0.005, 0.02, 0.75, "smile"),
    "laughing": (0.02, 0.0, 0.05, 0.0, "laugh"),
    "angry": (-0.075, 0.055, -0.01, 0.70, "snarl"),
    "sad": (0.085, -0.045, 0.0, 0.60, "frown"),
    "surprised": (0.02, 0.02, 0.10, 1.45, "round"),
    "afraid": (0.10, -0.03, 0.06, 1.40, "gape"),
    "suspicious": (-0.05, 0.03, 0.0, 0.42, "slant"),
}
HAIRLINE = {
    "short": [(0, .34, .27), (.20, .30, .25), (.33, .16, .17), (.39, -.04, .02), (.36, -.16, -.14), (.22, -.26, -.28), (0, -.28, -.34)],
    "long": [(.03, .37, .24), (.22, .24, .28), (.35, .02, .20), (.40, -.20, .08), (.38, -.30, -.10), (.24, -.34, -.26), (0, -.36, -.34)],
    "bob": [(0, .21, .35), (.20, .19, .32), (.33, .06, .22), (.42, -.22, .10), (.40, -.30, -.10), (.24, -.34, -.26), (0, -.36, -.34)],
    "bald": [(0, .02, -.42), (.30, .06, -.26), (.37, .06, -.06), (.40, -.04, 0), (.37, -.16, -.12), (.22, -.26, -.28), (0, -.28, -.34)],
}
HAIRLINE["bun"] = HAIRLINE["ponytail"] = HAIRLINE["short"]
HAIRLINE["curly"], HAIRLINE["beard"] = HAIRLINE["short"], HAIRLINE["short"]


class Head:
    def __init__(self, pen, cam, body, person, mood, gaze, lw, wear="none", open_mouth=False, shut=False):
        self.pen, self.person, self.mood, self.gaze, self.wear = pen, person, mood, gaze, wear
        self.open_mouth, self.shut = open_mouth, shut
        x, y, s = cam.at(body.head)
        self.x, self.y, self.S = x, y, body.hh * s
        view = unit(sub(body.head, cam.eye))
        k = dot(cam.up, view)
        vu = unit(tuple(cam.up[i] - k * view[i] for i in range(3)))
        vr = cross(vu, view)
        if dot(vr, cam.right) < 0:
            vr = (-vr[0], -vr[1], -vr[2])
        self.R, self.U, self.F = (((dot(a, vr), dot(a, vu), -dot(a, view))) for a in
                                  (body.head_right, body.head_up, body.head_fwd))
        self.lw = lw
        self.fine = 40 if self.S > 260 else 24 if self.S > 50 else 16 if self.S > 24 else 10
        self.side = 1.0 if self.F[0] >= 0 else -1.0  # which way on the frame it looks

    def p(self, r, u, f):
        R, U, F = self.R, self.U, self.F
        return (self.x + self.S * (r * R[0] + u * U[0] + f * F[0]), self.y - self.S * (r * R[1] + u * U[1] + f * F[1]))

    def near(self, r, u, f):
        """How far towards the viewer a point lies."""
        return r * self.R[2] + u * self.U[2] + f * self.F[2]

    def disc(self, r, u, f, size):
        x, y = self.p(r, u, f)
        return (x, y, size * self.S)

    def skull(self):
        c = self.pen.c
        child = self.person.age == "child"
        woman = self.person.woman
        jaw = 0.15 if woman or child else 0.185
        chin = (-0.385 if child else -0.405)
        if self.F[2] < -.3:
            hull(c, [self.disc(0, .10, -.06, .375), self.disc(0, -.10, .0, .30)], self.fine)
            return
        hull(c, [self.disc(0, .10, -.06, .375), self.disc(0, .03, .09, .29), self.disc(jaw, -.23, .10, .11),
                 self.disc(-jaw, -.23, .10, .11), self.disc(0, chin, .22, .075 if woman else .095)], self.fine)
        if self.S > 20:
            tip = .455 if child else .49
            add_poly(c, [self.p(0, .03, .36), self.p(0, -.13, tip), self.p(0, -.165, tip - .02), self.p(0, -.20, .36)])
            if self.S > 60:
                x, y = self.p(0, -.275, .335)
                c.new_sub_path()
                c.arc(x, y, .055 * self.S, 0, TAU)
                x, y = self.p(0, .11, .30)
                c.new_sub_path()
                c.arc(x, y, .075 * self.S, 0, TAU)

    def back_hair_shape(self):
        c, style = self.pen.c, self.person.hair
        if style == "long":
            hull(c, [self.disc(0, .10, -.06, .43), self.disc(.27, -.55, -.12, .16), self.disc(-.27, -.55, -.12, .16),
                     self.disc(0, -.60, -.20, .18)], self.fine)
            if self.S > 40:
                # ends in locks, not in a hem
                for r, f, u in ((.34, -.10, -.84), (.12, -.20, -.90), (-.14, -.20, -.86), (-.33, -.10, -.92)):
                    capsule(c, *self.disc(r * .8, -.52, f, .13), *self.disc(r, u, f, .025))
        elif style == "bob":
            hull(c, [self.disc(0, .10, -.06, .44), self.disc(.30, -.22, -.06, .16), self.disc(-.30, -.22, -.06, .16),
                     self.disc(0, -.24, -.20, .16)], self.fine)
        elif style == "ponytail":
            capsule(c, *self.disc(0, .22, -.40, .12), *self.disc(0, -.18, -.62, .13))
            capsule(c, *self.disc(0, -.18, -.62, .13), *self.disc(0, -.55, -.55, .05))
        elif style == "bun":
            x, y, r = self.disc(0, .34, -.40, .17)
            c.new_sub_path()
            c.arc(x, y, r, 0, TAU)

    def cap_shape(self):
        """The hair on the skull as seen: its visible edge, closed along the outline of the hair's sphere."""
        c, style = self.pen.c, self.person.hair
        if style in ("long", "bob") and self.F[2] < -0.25:
            self.back_hair_shape()
            return
        if style == "bald" and self.F[2] > .1:
            for side in (-1, 1):
                if self.near(side, 0, 0) > -.5:
                    capsule(c, *self.disc(side * .37, .10, -.03, .05), *self.disc(side * .385, -.10, -.05, .045))
            return
        line = HAIRLINE[style]
        loop = line + [(-r, u, f) for r, u, f in line[-2:0:-1]]
        if style == "long":
            loop = [(r - .05, u, f) if f > .2 else (r, u, f) for r, u, f in loop]
        hc, rad = (0, .11, -.06), .428
        cx, cy = self.p(*hc)
        rr = rad * self.S
        seen = [self.near(r - hc[0], u - hc[1], f - hc[2]) > 0.01 for r, u, f in loop]
        n = len(loop)
        # the middle of the hair: the crown's back, of a bald head the nape
        pole = (0, -.30, -.95) if style == "bald" else (0, .82, -.57)
        px, py = self.p(*(a + .7 * b for a, b in zip(hc, pole)))
        if not any(seen) or self.near(*pole) > 0.93:
            if self.near(*pole) <= 0:
                return
            c.new_sub_path()
            c.arc(cx, cy, rr, 0, TAU)
            if style == "curly":
                self.bumps(cx, cy, rr, 0, TAU)
            return
        if all(seen):
            pts = [self.p(*q) for q in loop]
            add_poly(c, pts)
            return
        start = next(k for k in range(n) if seen[k] and not seen[k - 1])
        run = []
        k = start
        while seen[k % n] and len(run) < n:
            run.append(self.p(*loop[k % n]))
            k += 1
        a0 = math.atan2(run[0][1] - cy, run[0][0] - cx)
        a1 = math.atan2(run[-1][1] - cy, run[-1][0] - cx)
        ap = math.atan2(py - cy, px - cx)
        # from the run's end round the outline, past the crown, to its start
        forward = (a0 - a1) % TAU
        positive = (ap - a1) % TAU <= forward
        if not positive:
            forward -= TAU
        # both ends lie on the outline, so that the shape never folds over itself
        run[0] = (cx + rr * math.cos(a0), cy + rr * math.sin(a0))
        run[-1] = (cx + rr * math.cos(a1), cy + rr * math.sin(a1))
        steps = max(6, int(abs(forward) / (0.26 if self.S < 120 else 0.12)))
        arc = [(cx + rr * math.cos(a1 + forward * t / steps), cy + rr * math.sin(a1 + forward * t / steps))
               for t in range(steps + 1)]
        add_poly(c, self.soften(run) + arc)
        if self.F[2] > -.2 and self.wear in ("none", "glasses"):
            self.fringe(style)
        if style == "curly":
            self.bumps(cx, cy, rr, a1, forward)

    def fringe(self, style):
        """What keeps hair from being a cap: a tuft that stands up on one side and locks that fall over the forehead."""
        q = self.person.quiff
        if style in ("short", "beard") and q:
            hull(self.pen.c, [self.disc(q * .26, .38, .14, .10), self.disc(q * .10, .50, .16, .11), self.disc(-q * .18, .48, .04, .13), self.disc(-q * .05, .50, -.12, .12)], self.fine)
            locks = ((q * .27, .13), (q * .10, .15), (-q * .08, .11))
        elif style in ("short", "beard"):
            hull(self.pen.c, [self.disc(-.20, .42, .06, .13), self.disc(.20, .42, .06, .13), self.disc(0, .50, -.06, .12)], self.fine)
            locks = ((.22, .10), (0, .13), (-.22, .10))
        elif style in ("bun", "ponytail"):
            hull(self.pen.c, [self.disc(-.16, .44, .0, .11), self.disc(.16, .44, .0, .11), self.disc(0, .48, -.14, .12)], self.fine)
            return
        else:
            return
        if self.S > 24:
            for r, drop in locks:
                if self.near(r, .3, .3) > .1:
                    add_poly(self.pen.c, [self.p(r - .10, .37, .27), self.p(r - .02 - .05 * (q or 1), .33 - drop, .34), self.p(r + .10, .37, .27)])

    def soften(self, run):
        """Two rounds of Chaikin's corner cutting."""
        for _ in range(2 if self.S > 40 else 1):
            out = [run[0]]
            for a, b in zip(run, run[1:]):
                out.append((a[0] * .75 + b[0] * .25, a[1] * .75 + b[1] * .25))
                out.append((a[0] * .25 + b[0] * .75, a[1] * .25 + b[1] * .75))
            run = out + [run[-1]]
        return run

    def bumps(self, cx, cy, rr, a, sweep):
        c = self.pen.c
        n = max(4, int(abs(sweep) / 0.55))
        for k in range(n + 1):
            t = a + sweep * k / n
            c.new_sub_path()
            c.arc(cx + rr * .97 * math.cos(t), cy + rr * .97 * math.sin(t), rr * .24, 0, TAU)

    def glow(self, grow):
        """The halo, in the colour that is set: the outline of near heads, of far ones broad lines through skull, hair and hat."""
        c, S = self.pen.c, self.S
        hair = self.person.hair
        if S > 60:
            self.skull()
            self.back_hair_shape()
            if hair != "bald":
                self.cap_shape()
            if self.wear in ("hat", "cap", "helmet"):
                self.hat_shapes(c)
            c.set_line_width(grow)
            c.stroke_preserve()
            c.fill()
            return
        low = -.62 if hair == "long" and self.wear != "helmet" else -.2
        c.move_to(*self.p(0, .12, -.04))
        c.line_to(*self.p(0, low, 0.0))
        c.set_line_width((1.06 if hair == "curly" and self.wear == "none" else .92) * S + grow)
        c.stroke()
        if self.wear in ("hat", "cap", "helmet"):
            top = .5 if self.wear == "hat" else .36
            c.move_to(*self.p(-.42, .26, 0))
            c.line_to(*self.p(0, top, 0))
            c.line_to(*self.p(.42, .26, 0))
            c.line_to(*self.p(0, .24, .5))
            c.close_path()
            c.set_line_width(.3 * S + grow)
            c.stroke()
        elif hair in ("ponytail", "bun"):
            c.move_to(*self.p(0, .3, -.4))
            c.line_to(*(self.p(0, -.5, -.56) if hair == "ponytail" else self.p(0, .34, -.42)))
            c.set_line_width(.3 * S + grow)
            c.stroke()

    def behind(self):
        """What hangs behind the head: drawn before neck and skull, unless we look at the back of it."""
        if self.person.hair in ("long", "bob", "ponytail", "bun") and self.F[2] > -0.25 and self.wear != "helmet":
            self.back_hair_shape()
            self.pen.smooth = True
            self.pen.union(self.person.hair_tone, self.lw)
            self.pen.smooth = False

    def draw(self, shade):
        self.pen.smooth = True
        self.draw_all(shade)
        self.pen.smooth = False

    def draw_all(self, shade):
        pen, c, S = self.pen, self.pen.c, self.S
        skin = self.person.skin
        ears = [s for s in (-1, 1) if S > 26 and self.near(s * .8, 0, .0) > -.35 and self.person.hair not in ("long", "bob")]
        for s in ears:
            self.ear(s)
        self.skull()
        pen.union(skin, self.lw, shade=(max(0.0, skin - .17), -.10 * S * self.side, -.03 * S) if shade else None)
        if self.F[2] > -0.35:
            if self.person.beard:
                self.beard()
            if S > 15:
                self.face()
        if self.wear == "glasses" and S > 18 and self.F[2] > -.1:
            self.glasses()
        style = self.person.hair
        if style != "bald" or self.person.age == "old":
            if self.wear not in ("helmet",):
                self.cap_shape()
                if pen.c.has_current_point():
                    pen.union(self.person.hair_tone, self.lw)
                if S > 90 and style in ("long", "bob", "bun", "ponytail") and self.F[2] > -.3:
                    self.strands()
        for s in ears:
            # from the side the ear lies on the hair: without it short hair is a cap
            if self.near(s, 0, 0) > .4 and self.wear != "helmet" and style != "bald":
                self.ear(s)
        if style in ("long", "bob") and self.F[2] > -.25:
            self.locks()
        if self.F[2] <= -.25 and style in ("ponytail", "bun") and self.wear != "helmet":
            self.back_hair_shape()
            pen.union(self.person.hair_tone, self.lw)
        if self.wear in ("hat", "cap", "helmet"):
            self.hat()

    def ear(self, s):
        x, y = self.p(s * .385, -.03, -.02)
        self.pen.ell(x, y, (.05 + .06 * abs(self.F[0])) * self.S, .10 * self.S, self.person.skin, self.lw)

    def strands(self):
        pen = self.pen
        g = 0.55 if self.person.hair_tone < .3 else None
        for a in (-.2, .04):
            pts = [self.p(a * .35, .51, -.10), self.p(a * .75, .49, .08), self.p(a * 1.15, .38, .20)]
            if self.near(a, .4, .2) > .1:
                pen.curve(pts, .75 * self.lw, g)

    def locks(self):
        pen, c = self.pen, self.pen.c
        long = self.person.hair == "long"
        end = -.56 if long else -.24
        for s in (-1, 1):
            if self.near(s, 0, .25) < -.45:
                continue
            capsule(c, *self.disc(s * .345, .12, .06, .10), *self.disc(s * .365, -.18, .07, .11))
            capsule(c, *self.disc(s * .365, -.18, .07, .11), *self.disc(s * (.35 if long else .34), end, .10, .035 if long else .07))
        pen.union(self.person.hair_tone, self.lw)
        # the seam between lock and cap disappears
        for s in (-1, 1):
            if self.near(s, 0, .25) >= -.45:
                capsule(c, *self.disc(s * .345, .16, .05, .075), *self.disc(s * .36, .0, .06, .075))
        pen.source(self.person.hair_tone)
        c.fill()

    def beard(self):
        pen = self.pen
        if abs(self.F[0]) > .8:
            hull(pen.c, [self.disc(r, u, f, k) for a, u, f, k in ((.33, -.06, .02, .05), (.24, -.26, .08, .12), (.10, -.235, .31, .075)) for r in (a, -a)]
                 + [self.disc(0, -.45, .23, .105)], self.fine)
        else:
            side = [(.36, .02, .0), (.30, -.26, .08), (.20, -.44, .14), (0, -.53, .22)]
            top = [(-.20, -.17, .29), (0, -.20, .40), (.20, -.17, .29), (.30, -.02, .16)]
            pts = [self.p(*q) for q in side] + [self.p(-r, u, f) for r, u, f in side[-2::-1]]
            pts += [self.p(-.30, -.02, .16)] + [self.p(*q) for q in top]
            add_poly(pen.c, self.soften(pts))
        pen.union(self.person.hair_tone, self.lw)

    def glasses(self):
        pen, S = self.pen, self.S
        lens = 0.0 if S < 40 else None
        for s in (-1, 1):
            if self.near(s * .35, 0, .8) < 0:
                continue
            pts = [self.p(s * (.165 + .115 * math.cos(t)), -.01 + .10 * math.sin(t), .40 - .05 * abs(math.cos(t)))
                   for t in (k * TAU / 12 for k in range(12))]
            pen.poly(pts, lens if lens is not None else (None if S > 40 else 0.1), .9 * self.lw)
            pen.line([self.p(s * .27, .0, .34), self.p(s * .38, .02, .0)], .8 * self.lw)
        pen.line([self.p(-.05, .0, .42), self.p(.05, .0, .42)], .8 * self.lw)

    # -- face -----------------------------------------------------------------------------------
    def face(self):
        pen, S, c = self.pen, self.S, self.pen.c
        front = self.F[2]
        w = max(.62, min(1.7, S * .022 / 3)) * 3 / max(pen.lw, .1) * max(.8, self.lw)
        inner, outer, lift, wide, mouth = MOODS[self.mood]
        if self.person.age == "child":
            wide *= 1.12
        if self.shut:
            wide = 0.0
        dark = self.person.skin < .35
        for s in (-1, 1):
            if self.near(s * .42, .0, .75) < .02:
                continue
            a, b = self.p(s * .068, -.015, .35), self.p(s * .258, -.005, .27)
            m = self.p(s * .16, 0, .36)
            if S < 34:
                if S > 19:
                    pen.ell(*m, max(1.6, .05 * S), max(1.8, .065 * S), .05, 0)
                if S > 26 and (inner or lift):
                    pen.line([self.p(s * .07, .12 + inner + lift, .37), self.p(s * .25, .12 + outer + lift, .28)], .6)
                continue
            up, low = .068 * wide, .046 * wide
            top = [self.p(s * .11, up * .9, .375), self.p(s * .20, up, .335)]
            bot = [self.p(s * .20, -low - .012, .33), self.p(s * .11, -low - .015, .365)]
            if wide == 0.0:
                d = .03 if self.mood == "laughing" else -.035
                pen.curve([a, self.p(s * .16, d * 1.6, .37), b], 1.2 * w)
            else:
                c.move_to(*a)
                c.curve_to(*top[0], *top[1], *b)
                c.curve_to(*bot[0], *bot[1], *a)
                c.close_path()
                pen.flat(1.0)
                if S > 60:
                    c.save()
                    path = c.copy_path()
                    c.fill_preserve()
                    c.clip()
                    gx, gy = self.gaze
                    ix, iy = self.p(s * .16 + .05 * gx, -.004 + .025 * gy, .36)
                    r = .060 * S
                    k = max(.45, min(1.0, front + .25))
                    pen.ell(ix, iy, r * k, r * 1.08, .06, 0)
                    if S > 130:
                        pen.ell(ix - .016 * S, iy - .02 * S, .015 * S, .015 * S, 1.0, 0)
                    c.restore()
                    c.append_path(path)
                    pen.line_source()
                    c.set_line_width(pen.lw * .75 * w)
                    c.stroke()
                else:
                    c.fill()
                    gx, gy = self.gaze
                    ix, iy = self.p(s * .16 + .03 * gx, .02 * gy, .36)
                    pen.ell(ix, iy, max(1.9, .042 * S), max(2.2, .055 * S), .05, 0)
                c.move_to(*a)
                c.curve_to(*top[0], *top[1], *b)
                if self.person.woman and S > 50:
                    c.line_to(*self.p(s * .285, .03, .25))
                pen.line_source()
                c.set_line_width(pen.lw * 1.25 * w)
                c.stroke()
                if S > 170:
                    pen.curve([self.p(s * .10, up + .035, .37), self.p(s * .17, up + .045, .36), self.p(s * .24, up + .015, .29)], .6 * w)
            k = s if self.mood == "suspicious" and s > 0 else 0
            i, o, l2 = (inner, outer, lift) if not k else (.03, .02, .06)
            y0 = .115 + max(0.0, up - .058) * .5
            pts = [self.p(s * .06, y0 + i + l2, .385), self.p(s * .15, y0 + .03 + (i + o) * .5 + l2, .375), self.p(s * .27, y0 - .01 + o + l2, .28)]
            pen.curve(pts, (1.45 if not self.person.woman else 1.05) * w, None if self.person.hair_tone < .6 or dark else .3)
        if S > 22:
            self.nose(w)
            self.mouth(mouth, w)
        if S > 70:
            if self.mood == "sad":
                pen.ell(*self.p(.17 * -self.side, -.13, .36), .024 * S, .05 * S, 1.0, .7 * w)
            if self.person.age == "old":
                for s in (-1, 1):
                    if self.near(s * .3, -.2, .6) > .1:
                        pen.curve([self.p(s * .10, -.16, .40), self.p(s * .17, -.22, .34), self.p(s * .18, -.29, .30)], .7 * w)
                        pen.curve([self.p(s * .09, -.075, .36), self.p(s * .16, -.09, .34), self.p(s * .22, -.06, .29)], .6 * w)
            if self.mood == "angry":
                pen.line([self.p(.03, .07, .40), self.p(.03, .15, .39)], .8 * w)

    def nose(self, w):
        pen, s = self.pen, 1.0 if self.near(1, 0, 0) > self.near(-1, 0, 0) else -1.0
        tip = .455 if self.person.age == "child" else .49
        side = self.F[0] ** 2 + 0.4 * self.U[2] ** 2
        if side > .06:
            pen.curve([self.p(s * .02, .02, .36), self.p(0, -.10, tip - .03), self.p(0, -.15, tip), self.p(0, -.195, tip - .10), self.p(s * .05, -.185, .37)], w)
        else:
            t = -s
            pen.curve([self.p(t * .035, -.04, .40), self.p(t * .075, -.17, .40), self.p(0, -.195, .45), self.p(-t * .05, -.18, .41)], w)

    def mouth(self, kind, w):
        pen, S, c = self.pen, self.S, self.pen.c
        if self.open_mouth and kind in ("flat", "snarl", "frown", "slant"):
            kind = "shout"
        ink = .95 if self.person.beard and self.person.hair_tone < .35 else None
        u = -.285

        def q(r, du, f=.0):
            return self.p(r, u + du, .365 - 1.1 * r * r + f)
        if kind in ("round", "shout", "laugh", "gape") and S > 26:
            if kind == "round":
                pts = [q(.065 * math.cos(t), .085 * math.sin(t) - .01) for t in (k * TAU / 10 for k in range(10))]
            elif kind == "shout":
                pts = [q(.11 * math.cos(t), .075 * math.sin(t) - .015) for t in (k * TAU / 12 for k in range(12))]
            elif kind == "laugh":
                pts = [q(-.16, .045), q(-.05, .03), q(.05, .03), q(.16, .045), q(.12, -.06), q(.04, -.10), q(-.04, -.10), q(-.12, -.06)]
            else:
                pts = [q(-.10, .035), q(0, .05), q(.10, .035), q(.13, -.055), q(0, -.04), q(-.13, -.055)]
            smooth(c, pts, True)
            pen.flat(.10)
            c.fill_preserve()
            pen.line_source()
            c.set_line_width(pen.lw * w)
            c.stroke()
            if S > 60 and kind in ("laugh", "shout", "gape"):
                pen.poly([q(-.09, .03), q(.09, .03), q(.08, .0), q(-.08, .0)], 1.0, 0)
            return
        if kind == "snarl" and S > 60:
            pts = [q(-.12, -.03), q(-.06, .035), q(.06, .035), q(.12, -.03), q(.06, -.035), q(-.06, -.035)]
            smooth(c, pts, True)
            pen.flat(1.0)
            c.fill_preserve()
            pen.line_source()
            c.set_line_width(pen.lw * w)
            c.stroke()
            pen.line([q(-.09, -.004), q(.09, -.004)], .7 * w)
            return
        bend = {"smile": .075, "laugh": .09, "frown": -.055, "snarl": -.045, "flat": .004, "round": -.02, "gape": -.05}.get(kind, 0.0)
        wide = .155 if kind in ("smile", "laugh") else .115
        if kind == "slant":
            pts = [q(-.11, -.02), q(0, .0), q(.12, .03)]
        else:
            pts = [q(-wide, bend * .75), q(-wide * .5, -bend * .55), q(wide * .5, -bend * .55), q(wide, bend * .75)]
        pen.curve(pts, 1.25 * w, ink)
        if S > 70 and kind != "smile":
            pen.line([q(-.04, -.07), q(.04, -.07)], .8 * w, ink)

    # -- hats -----------------------------------------------------------------------------------
    def ring(self, r, u, f0=0.0, n=14, tilt=0.0):
        return [self.p(r * math.cos(t), u + tilt * math.sin(t), f0 - .04 + r * 1.08 * math.sin(t)) for t in (k * TAU / n for k in range(n))]

    def hat_shapes(self, c):
        if self.wear == "hat":
            hull(c, [(*q, .5) for q in self.ring(.40, .26, n=10)] + [(*q, .5) for q in self.ring(.30, .62, n=10)], 10)
            add_poly(c, self.ring(.64, .27, tilt=-.04))
        elif self.wear == "cap":
            hull(c, [self.disc(0, .34, -.05, .28), *[(*q, .5) for q in self.ring(.44, .17, n=14)]], 24)
            add_poly(c, [self.p(.33, .22, .24), self.p(.25, .19, .58), self.p(0, .18, .68), self.p(-.25, .19, .58), self.p(-.33, .22, .24)])
        else:
            hull(c, [self.disc(0, .32, -.05, .33), *[(*q, .5) for q in self.ring(.52, .12, n=16)]], 24)

    def hat(self):
        pen, c = self.pen, self.pen.c
        tone = self.person.hat_tone
        if self.wear == "hat":
            parts = [lambda: add_poly(c, self.soften(self.ring(.64, .27, tilt=-.04))),
                     lambda: hull(c, [(*q, .02 * self.S) for q in self.ring(.38, .27, n=10)] + [(*q, .06 * self.S) for q in self.ring(.26, .58, n=10)], 16)]
            if self.U[2] < -.05:
                parts.reverse()
            for part in parts:
                part()
                pen.union(tone, self.lw)
            if self.S > 30 and self.U[2] > -.3:
                band = [self.p(.41 * math.cos(t), .33, -.04 + .44 * math.sin(t)) for t in (k * TAU / 16 for k in range(16)) if self.near(math.cos(t), 0, math.sin(t)) > .15]
                if len(band) > 2:
                    band.sort()
                    pen.curve(band, 1.6 * self.lw, .95 if tone < .4 else None)
        elif self.wear == "cap":
            visor = lambda: add_poly(c, [self.p(.33, .22, .24), self.p(.25, .19, .58), self.p(0, .18, .68), self.p(-.25, .19, .58), self.p(-.33, .22, .24)])  # noqa: E731
            dome = lambda: hull(c, [self.disc(0, .36, -.05, .25), self.disc(0, .26, -.16, .25), *[(*q, .5) for q in self.ring(.43, .18, n=14)]], 24)  # noqa: E731
            for part in ((visor, dome) if self.F[2] < 0 else (dome, visor)):
                part()
                pen.union(tone, self.lw)
        else:
            self.hat_shapes(c)
            pen.union(tone, self.lw)
