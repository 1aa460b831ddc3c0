# Inquadra - jointed storyboard figures and faces, readable from a speck to an eye filling the frame.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

import cairo

# Joint angles from straight down, positive towards where the figure faces:
# (thigh, shin) far and near, (upper arm, forearm) far and near, lean of the trunk.
POSES = {
    "stand": (((-0.10, -0.06), (0.10, 0.06)), ((-0.22, -0.10), (0.22, 0.12)), 0.0),
    "walk": (((-0.34, -0.62), (0.42, 0.10)), ((0.50, 0.80), (-0.48, -0.20)), 0.06),
    "run": (((-0.45, -1.45), (1.00, -0.10)), ((0.85, 2.10), (-0.95, 0.35)), 0.24),
    "sit": (((1.32, 0.02), (1.42, 0.10)), ((0.35, 1.15), (0.25, 1.25)), 0.0),
    "point": (((-0.12, -0.06), (0.14, 0.06)), ((-0.25, -0.05), (1.52, 1.58)), 0.0),
    "point up": (((-0.12, -0.06), (0.14, 0.06)), ((-0.25, -0.05), (0.45, 2.25)), 0.0),
    "argue": (((-0.16, -0.06), (0.20, 0.06)), ((-0.85, 0.70), (1.00, 2.35)), 0.08),
}


class Figure:
    """One person: h is the full standing height in pixels, x and y where the feet stand."""

    def __init__(self, rng, who, x, y, h, facing, action, mood, prop, night, pitch=0.0):
        self.x, self.y, self.h, self.facing = x, y, h, facing
        self.who, self.action, self.mood, self.prop = who, action, mood, prop
        self.pitch = pitch
        dim = 0.90 if night else 1.0
        self.skin = rng.choice((0.98, 0.98, 0.84)) * dim
        self.hair = rng.choice((0.10, 0.10, 0.34, 0.62))
        self.top = rng.choice((0.20, 0.42, 0.66, 0.92)) * dim
        self.legs = rng.choice([g for g in (0.16, 0.36, 0.60) if abs(g - self.top) > 0.15]) * dim
        if who == "woman":
            self.style = rng.choice(("long", "long", "bob", "bun"))
        else:
            self.style = rng.choice(("short", "short", "side", "bald"))
        self.beard = who == "man" and rng.random() < 0.25
        self.skirt = who == "woman" and rng.random() < 0.6
        self.blink = rng.random() < 0.05
        self.head_ratio = 0.185 if h < 80 else 0.155
        self.head = None

    # -- body ---------------------------------------------------------------------------------
    def joints(self):
        h, d = self.h, self.facing or 1
        legs, arms, lean = POSES[self.action]
        hip_y = self.y - (0.27 if self.action == "sit" else 0.47) * h
        if self.action == "run":
            hip_y -= 0.02 * h
        hip = (self.x, hip_y)
        trunk = 0.335 * h
        neck = (hip[0] + d * math.sin(lean) * trunk, hip[1] - math.cos(lean) * trunk)
        half = (0.100 if self.who == "man" else 0.082) * h

        def chain(ox, oy, a, la, b, lb):
            kx, ky = ox + d * math.sin(a) * la, oy + math.cos(a) * la
            return ((ox, oy), (kx, ky), (kx + d * math.sin(b) * lb, ky + math.cos(b) * lb))

        side = self.action in ("walk", "run", "sit")
        hw = (0.02 if side else 0.045) * h
        leg = [chain(hip[0] + s * d * hw, hip[1], a, 0.235 * h, b, 0.225 * h) for s, (a, b) in zip((-1, 1), legs)]
        aw = half * (0.55 if side else 0.92)
        arm = [chain(neck[0] + s * d * aw, neck[1] + 0.035 * h, a, 0.165 * h, b, 0.155 * h)
               for s, (a, b) in zip((-1, 1), arms)]
        if self.prop == "phone":
            sx, sy = arm[1][0]
            arm[1] = ((sx, sy), (sx + d * 0.05 * h, sy + 0.13 * h), (neck[0] + d * 0.075 * h, neck[1] - 0.065 * h))
        if self.prop == "umbrella":
            sx, sy = arm[1][0]
            arm[1] = ((sx, sy), (sx + d * 0.04 * h, sy + 0.15 * h), (sx + d * 0.06 * h, sy + 0.03 * h))
        if self.prop == "suitcase":
            sx, sy = arm[1][0]
            arm[1] = ((sx, sy), (sx + d * 0.05 * h, sy + 0.16 * h), (sx + d * 0.06 * h, sy + 0.31 * h))
        return hip, neck, half, leg, arm, side

    def limb(self, pen, pts, w, g, lw):
        c = pen.c
        for width, grey in ((w + 2 * lw, pen.ink), (w, g)):
            c.move_to(*pts[0])
            for p in pts[1:]:
                c.line_to(*p)
            pen.grey(grey)
            c.set_line_width(width)
            c.stroke()

    def trunk_path(self, c, hip, neck, half):
        h = self.h
        waist = half * (0.74 if self.who == "man" else 0.62)
        c.move_to(neck[0] - half * 0.45, neck[1] - 0.005 * h)
        c.curve_to(neck[0] - half, neck[1], neck[0] - half * 1.08, neck[1] + 0.02 * h, neck[0] - half * 1.05,
                   neck[1] + 0.08 * h)
        c.line_to(hip[0] - waist, hip[1] - 0.02 * h)
        if self.skirt and self.action != "sit":
            c.line_to(hip[0] - half * 1.05, hip[1] + 0.20 * h)
            c.line_to(hip[0] + half * 1.05, hip[1] + 0.20 * h)
        else:
            c.line_to(hip[0] - waist * 1.05, hip[1] + 0.035 * h)
            c.line_to(hip[0] + waist * 1.05, hip[1] + 0.035 * h)
        c.line_to(hip[0] + waist, hip[1] - 0.02 * h)
        c.line_to(neck[0] + half * 1.05, neck[1] + 0.08 * h)
        c.curve_to(neck[0] + half * 1.08, neck[1] + 0.02 * h, neck[0] + half, neck[1], neck[0] + half * 0.45,
                   neck[1] - 0.005 * h)
        c.close_path()

    def draw(self, pen):
        """Draw the figure with a light halo so that it stands free of any background."""
        c, h = pen.c, self.h
        hip, neck, half, leg, arm, side = self.joints()
        lw = pen.lw
        hh = self.head_ratio * h
        d = self.facing or 1
        head = (neck[0] + d * (0.012 if side else 0.0) * h, neck[1] - hh * 0.62)
        self.head = (head[0], head[1], hh)
        aw, tw = 0.048 * h, 0.066 * h
        halo = max(3.0, min(7.0, 0.03 * h))
        if self.prop == "umbrella":
            self.umbrella(pen, arm[1][2], head, hh, halo)
        pen.grey(0.98)
        for pts, w in [(a, aw) for a in arm] + [(q, tw) for q in leg]:
            c.move_to(*pts[0])
            c.line_to(*pts[1])
            c.line_to(*pts[2])
            c.set_line_width(w + 2 * lw + 2 * halo)
            c.stroke()
        self.trunk_path(c, hip, neck, half)
        c.set_line_width(lw + 2 * halo)
        c.stroke()
        self.head_halo(pen, head, hh, halo)
        if self.action == "sit":
            self.chair(pen, hip, d)
        if self.style == "long":
            self.back_hair(pen, head, hh)
        leg_grey = self.skin if self.skirt else self.legs
        self.limb(pen, arm[0], aw, self.top * 0.8, lw)
        for k in (0, 1):
            self.limb(pen, leg[k], tw, leg_grey * (0.8 if k == 0 else 1.0), lw)
            fx, fy = leg[k][2]
            self.limb(pen, ((fx, fy), (fx + d * 0.045 * h, fy + 0.004 * h)), 0.036 * h, 0.12, lw * 0.6)
        # neck, then trunk
        self.limb(pen, ((neck[0], neck[1] + 0.01 * h), (head[0], head[1] + hh * 0.3)), hh * 0.34, self.skin, lw)
        self.trunk_path(c, hip, neck, half)
        pen.finish(self.top)
        if h > 140:
            self.collar(pen, neck, half)
        self.draw_head(pen, head, hh)
        self.limb(pen, arm[1], aw, self.top, lw)
        for a in arm:
            pen.ell(a[2][0], a[2][1], 0.026 * h, 0.030 * h, self.skin, 0.8)
        self.draw_prop(pen, arm, head, hh, d)

    def chair(self, pen, hip, d):
        h = self.h
        seat = hip[1] + 0.055 * h
        back = hip[0] - d * 0.10 * h
        for x in (back, hip[0] + d * 0.16 * h):
            self.limb(pen, ((x, seat), (x, self.y)), 0.02 * h, 0.3, pen.lw * 0.7)
        self.limb(pen, ((back, seat), (hip[0] + d * 0.16 * h, seat)), 0.035 * h, 0.3, pen.lw * 0.7)
        self.limb(pen, ((back, seat), (back - d * 0.02 * h, hip[1] - 0.24 * h)), 0.03 * h, 0.3, pen.lw * 0.7)

    def collar(self, pen, neck, half):
        h = self.h
        x, y = neck
        if self.who == "man":
            pen.line([(x - half * 0.45, y), (x, y + 0.07 * h), (x + half * 0.45, y)])
            pen.line([(x, y + 0.07 * h), (x, y + 0.26 * h)])
        else:
            pen.curve([(x - half * 0.45, y), (x - half * 0.3, y + 0.06 * h), (x + half * 0.3, y + 0.06 * h),
                       (x + half * 0.45, y)])

    # -- head ---------------------------------------------------------------------------------
    def skull_path(self, c, x, y, hh):
        turn = self.facing * 0.07 * hh
        jaw = 0.20 if self.who == "man" else 0.13
        c.move_to(x - 0.38 * hh, y - 0.08 * hh)
        c.curve_to(x - 0.40 * hh, y - 0.66 * hh, x + 0.40 * hh, y - 0.66 * hh, x + 0.38 * hh, y - 0.08 * hh)
        c.curve_to(x + 0.38 * hh, y + 0.24 * hh, x + (jaw + 0.06) * hh, y + 0.48 * hh, x + turn * 0.5, y + 0.50 * hh)
        c.curve_to(x - (jaw + 0.06) * hh, y + 0.48 * hh, x - 0.38 * hh, y + 0.24 * hh, x - 0.38 * hh, y - 0.08 * hh)
        c.close_path()

    def head_halo(self, pen, head, hh, halo):
        c = pen.c
        x, y = head
        pen.grey(0.98)
        c.set_line_width(pen.lw + 2 * halo)
        self.skull_path(c, x, y, hh)
        c.stroke()
        if self.style == "long":
            self.back_hair_path(c, x, y, hh)
            c.stroke()
        if self.prop == "hat":
            self.hat_path(c, x, y, hh)
            c.stroke()
        elif self.style != "bald":
            self.front_hair_path(c, x, y, hh)
            c.stroke()

    def back_hair(self, pen, head, hh):
        self.back_hair_path(pen.c, *head, hh)
        pen.finish(self.hair)

    def back_hair_path(self, c, x, y, hh):
        c.move_to(x - 0.46 * hh, y - 0.15 * hh)
        c.curve_to(x - 0.55 * hh, y - 0.70 * hh, x + 0.55 * hh, y - 0.70 * hh, x + 0.46 * hh, y - 0.15 * hh)
        c.curve_to(x + 0.50 * hh, y + 0.30 * hh, x + 0.56 * hh, y + 0.55 * hh, x + 0.50 * hh, y + 0.78 * hh)
        c.line_to(x - 0.50 * hh, y + 0.78 * hh)
        c.curve_to(x - 0.56 * hh, y + 0.55 * hh, x - 0.50 * hh, y + 0.30 * hh, x - 0.46 * hh, y - 0.15 * hh)
        c.close_path()

    def draw_head(self, pen, head, hh):
        c = pen.c
        x, y = head
        turn = self.facing * 0.07 * hh
        if hh > 30 and self.style in ("short", "side", "bald", "bun"):
            for s in (-1, 1):
                pen.ell(x + s * 0.385 * hh - turn * 0.4, y + 0.05 * hh, 0.06 * hh, 0.10 * hh, self.skin)
        self.skull_path(c, x, y, hh)
        pen.finish(self.skin)
        if self.beard:
            c.move_to(x - 0.37 * hh, y + 0.10 * hh)
            c.curve_to(x - 0.34 * hh, y + 0.40 * hh, x - 0.20 * hh, y + 0.52 * hh, x, y + 0.53 * hh)
            c.curve_to(x + 0.20 * hh, y + 0.52 * hh, x + 0.34 * hh, y + 0.40 * hh, x + 0.37 * hh, y + 0.10 * hh)
            c.curve_to(x + 0.26 * hh, y + 0.24 * hh, x - 0.26 * hh, y + 0.24 * hh, x - 0.37 * hh, y + 0.10 * hh)
            c.close_path()
            pen.finish(self.hair)
        if hh > 40:
            self.face(pen, x + turn, y + self.pitch * hh, hh)
        elif hh > 20:
            for s in (-1, 1):
                pen.ell(x + turn + s * 0.15 * hh, y + 0.04 * hh, 0.05 * hh, 0.06 * hh, 0.08, 0)
        self.front_hair(pen, x, y, hh)

    def hat_path(self, c, x, y, hh):
        c.move_to(x - 0.62 * hh, y - 0.24 * hh)
        c.curve_to(x - 0.50 * hh, y - 0.36 * hh, x - 0.40 * hh, y - 0.30 * hh, x - 0.36 * hh, y - 0.36 * hh)
        c.curve_to(x - 0.36 * hh, y - 0.80 * hh, x + 0.36 * hh, y - 0.80 * hh, x + 0.36 * hh, y - 0.36 * hh)
        c.curve_to(x + 0.40 * hh, y - 0.30 * hh, x + 0.50 * hh, y - 0.36 * hh, x + 0.62 * hh, y - 0.24 * hh)
        c.curve_to(x + 0.40 * hh, y - 0.14 * hh, x - 0.40 * hh, y - 0.14 * hh, x - 0.62 * hh, y - 0.24 * hh)
        c.close_path()

    def front_hair_path(self, c, x, y, hh):
        f = self.facing or 1
        low = {"short": -0.05, "side": 0.0, "bun": 0.02, "bob": 0.34, "long": 0.40}[self.style]
        fringe = {"short": -0.24, "side": -0.20, "bun": -0.26, "bob": -0.16, "long": -0.24}[self.style]
        inner = 0.30 if low > 0.2 else 0.345
        c.move_to(x - 0.41 * hh, y + low * hh)
        c.curve_to(x - 0.50 * hh, y - 0.74 * hh, x + 0.50 * hh, y - 0.74 * hh, x + 0.41 * hh, y + low * hh)
        c.line_to(x + inner * hh, y + low * hh)
        c.line_to(x + inner * hh, y - 0.10 * hh)
        c.curve_to(x + 0.25 * hh, y + fringe * hh, x + f * 0.15 * hh, y + (fringe - 0.03) * hh, x + f * 0.12 * hh,
                   y + (fringe - 0.06) * hh)
        c.curve_to(x - 0.10 * hh, y + fringe * hh, x - 0.25 * hh, y + fringe * hh, x - inner * hh, y - 0.10 * hh)
        c.line_to(x - inner * hh, y + low * hh)
        c.close_path()

    def front_hair(self, pen, x, y, hh):
        if self.prop == "hat":
            self.hat_path(pen.c, x, y, hh)
            pen.finish(0.30)
            pen.curve([(x - 0.35 * hh, y - 0.36 * hh), (x - 0.2 * hh, y - 0.31 * hh), (x + 0.2 * hh, y - 0.31 * hh),
                       (x + 0.35 * hh, y - 0.36 * hh)], 0.92, max(2.0, 0.05 * hh))
            return
        if self.style == "bald":
            return
        if self.style == "bun":
            pen.ell(x - (self.facing or 1) * 0.12 * hh, y - 0.60 * hh, 0.17 * hh, 0.13 * hh, self.hair)
        self.front_hair_path(pen.c, x, y, hh)
        pen.finish(self.hair)

    def face(self, pen, x, y, hh):
        """Brows, eyes, nose and mouth; the mood is in brows and mouth."""
        m = self.mood
        lw = max(2.6, min(7.0, hh * 0.022))
        big = hh > 85
        tilt, lift = {"neutral": (0.0, 0.0), "smiling": (0.01, -0.02), "angry": (-0.055, 0.03), "sad": (0.055, 0.0),
                      "surprised": (0.02, -0.06)}[m]
        for s in (-1, 1):
            ex, ey = x + s * 0.165 * hh, y + 0.03 * hh
            if big:
                open_ = {"surprised": 0.075, "angry": 0.040, "sad": 0.045}.get(m, 0.052)
                pen.c.move_to(ex - 0.085 * hh, ey)
                pen.c.curve_to(ex - 0.04 * hh, ey - open_ * 1.3 * hh, ex + 0.04 * hh, ey - open_ * 1.3 * hh,
                               ex + 0.085 * hh, ey)
                pen.c.curve_to(ex + 0.04 * hh, ey + open_ * hh, ex - 0.04 * hh, ey + open_ * hh, ex - 0.085 * hh, ey)
                pen.c.close_path()
                pen.grey(1.0)
                pen.c.fill_preserve()
                pen.grey(pen.ink)
                pen.c.set_line_width(lw * 0.9)
                pen.c.stroke()
                pen.ell(ex + self.facing * 0.02 * hh, ey - 0.005 * hh, 0.036 * hh, 0.042 * hh, 0.05, 0)
                if hh > 150:
                    pen.ell(ex + self.facing * 0.02 * hh + 0.014 * hh, ey - 0.02 * hh, 0.012 * hh, 0.012 * hh, 1.0, 0)
                if self.who == "woman":
                    pen.line([(ex + s * 0.08 * hh, ey - 0.01 * hh), (ex + s * 0.115 * hh, ey - 0.045 * hh)], w=lw)
            else:
                pen.ell(ex, ey, 0.042 * hh, 0.055 * hh, 0.05, 0)
            by = y + (-0.095 + lift) * hh
            pen.line([(ex - s * 0.075 * hh, by - tilt * hh), (ex + s * 0.09 * hh, by + tilt * hh)],
                     w=lw * (1.5 if self.who == "man" else 1.2))
        f = self.facing or 1
        pen.line([(x + f * 0.015 * hh, y + 0.06 * hh), (x + f * 0.065 * hh, y + 0.19 * hh),
                  (x - f * 0.02 * hh, y + 0.20 * hh)], w=lw)
        my = y + 0.315 * hh
        ink = 0.95 if self.beard and self.hair < 0.3 else pen.ink
        if m == "surprised":
            pen.ell(x, my, 0.055 * hh, 0.075 * hh, 0.12)
        elif m == "angry" and self.action == "argue":
            pen.ell(x, my, 0.10 * hh, 0.055 * hh, 0.12)
        else:
            bend = {"smiling": 0.075, "sad": -0.05, "angry": -0.025}.get(m, 0.0)
            wide = 0.15 if m == "smiling" else 0.115
            pen.curve([(x - wide * hh, my - bend * 0.5 * hh), (x - wide * 0.4 * hh, my + bend * hh),
                       (x + wide * 0.4 * hh, my + bend * hh), (x + wide * hh, my - bend * 0.5 * hh)], ink, lw * 1.25)
            if big and m != "smiling":
                pen.line([(x - 0.04 * hh, my + 0.06 * hh), (x + 0.04 * hh, my + 0.06 * hh)], ink, lw * 0.8)
        if m == "sad" and big:
            pen.ell(x - 0.17 * hh, y + 0.16 * hh, 0.022 * hh, 0.045 * hh, 1.0, 0.7)

    # -- props --------------------------------------------------------------------------------
    def draw_prop(self, pen, arm, head, hh, d):
        h = self.h
        hx, hy = arm[1][2]
        if self.prop == "suitcase":
            pen.rect(hx - 0.085 * h, hy + 0.035 * h, 0.17 * h, 0.12 * h, 0.40)
            pen.line([(hx - 0.085 * h, hy + 0.075 * h), (hx + 0.085 * h, hy + 0.075 * h)])
        elif self.prop == "phone":
            pen.c.save()
            pen.c.translate(hx - d * 0.012 * h, hy - 0.01 * h)
            pen.c.rotate(d * 0.25)
            pen.rect(-0.016 * h, -0.055 * h, 0.032 * h, 0.09 * h, 0.12, 0.6)
            pen.c.restore()

    def umbrella(self, pen, hand, head, hh, halo):
        """Open above and behind the head, the stick in the near hand."""
        h, c = self.h, pen.c
        x, y = hand[0] - (self.facing or 1) * 0.05 * h, head[1] - 0.10 * hh
        for width, grey in ((pen.lw + 2 * halo, 0.98), (pen.lw, None)):
            c.save()
            c.translate(x, y)
            c.scale(0.235 * h, 0.155 * h)
            c.new_sub_path()
            c.arc(0, 0, 1, math.pi, 2 * math.pi)
            for k in range(3):
                x0 = 1 - k * 2 / 3
                c.curve_to(x0 - 0.15, -0.25, x0 - 0.5, -0.25, x0 - 2 / 3, 0)
            c.restore()
            c.close_path()
            if grey is None:
                pen.finish(0.25)
            else:
                pen.grey(grey)
                c.set_line_width(width)
                c.stroke()
        pen.line([(hand[0], hand[1] + 0.03 * h), (x, y - 0.10 * h)], w=pen.lw * 1.4)


def draw_dog(pen, x, y, h, d):
    """A dog of a figure's height h, walking at the figure's side."""
    s = h * 0.32
    g = 0.22
    c = pen.c
    for grey, extra in ((0.98, 8), (pen.ink, 2 * pen.lw), (g, 0)):
        pen.grey(grey)
        for pts, w in (([(-0.5, -0.62), (0.45, -0.62)], 0.34), ([(-0.5, -0.6), (-0.58, 0)], 0.13),
                       ([(-0.35, -0.6), (-0.30, 0)], 0.13), ([(0.42, -0.6), (0.50, 0)], 0.13),
                       ([(0.3, -0.6), (0.22, 0)], 0.13), ([(0.5, -0.7), (0.72, -1.02)], 0.22),
                       ([(0.72, -1.02), (0.98, -0.95)], 0.20), ([(-0.6, -0.7), (-0.88, -1.05)], 0.09)):
            c.move_to(x + d * pts[0][0] * s, y + pts[0][1] * s)
            c.line_to(x + d * pts[1][0] * s, y + pts[1][1] * s)
            c.set_line_width(w * s + extra)
            c.set_line_cap(cairo.LINE_CAP_ROUND)
            c.stroke()
