# Inquadra - a set in space: walls, boxes, trees, lamps; sorted far to near and drawn through the camera.
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings add things in metres; what is far is drawn first, lighter and thinner. Layers before the sorting: sky and far
silhouettes, then ground, then walls with what hangs on them. `glow`, `beam` and `window` lights are lit after nightfall."""
import math

import cairo

from .pen import TAU, add_poly, wash

LINE = 0.86  # set lines against figure lines
# pixels: what is smaller is left out, what is thinner has no outline, seams and windows nearer to each other are not drawn.
# A line of a far detail dies in the 8-fold autoencoder and comes back as dirt
SMALL, THIN, SEAMS, BAYS = 7.0, 5.5, 30.0, 26.0


class Scene:
    def __init__(self, pen, cam, rng, spec):
        self.pen, self.cam, self.r, self.spec = pen, cam, rng, spec
        self.night, self.dusk = spec.time == "night", spec.time == "dusk"
        self.weather = spec.weather
        self.back, self.floor, self.walls, self.things, self.lights, self.anchors = [], [], [], [], [], []
        self.close = spec.size in ("MCU", "CU", "BCU", "ECU")
        # behind a close face the set is larger shapes still
        self.small, self.thin = (SMALL * 1.7, THIN * 1.3) if self.close else (SMALL, THIN)
        self.inside = False
        self.reach = 26.0

    # -- low level --------------------------------------------------------------------------------
    def air(self, d):
        """How much a thing at distance d fades; sets step back behind close figures."""
        a = 0.06 + 0.44 * (d / self.reach if d < self.reach else 1.0)
        if self.close:
            a = 0.22 + 0.6 * a
        if self.weather == "fog":
            a = min(0.9, a + 0.05 + d * 0.028)
        return a if a < 0.9 else 0.9

    def paint(self, pts, fill, line=1.0, d=None):
        q = self.cam.polygon(pts)
        if q:
            pen = self.pen
            x0, x1, y0, y1 = self.cam.bounds
            w, h = x1 - x0, y1 - y0
            if w < self.small and h < self.small or w < 2.2 and h < 40:
                return  # specks, and slivers of a wall seen along itself, which would be one black smear
            if d is None:
                d = self.cam.distance(pts[0])
            pen.air = self.air(d)
            pen.poly(q, fill, line * LINE if w > self.thin and h > self.thin else 0)

    def stroke(self, pts, w=1.0, g=None):
        """A line in space, at least 2.2 pixels wide; w in metres where below 0.5."""
        pen, cam = self.pen, self.cam
        pen.air = self.air(cam.distance(pts[0]))
        c = pen.c
        for a, b in zip(pts, pts[1:]):
            q = cam.segment(a, b)
            if q:
                c.move_to(q[0], q[1])
                c.line_to(q[2], q[3])
        pen.line_source(g)
        c.set_line_width(pen.lw * w * LINE)
        c.stroke()

    def add(self, at, fn, bias=0.0):
        """fn() draws a thing standing at `at`; a positive bias brings it forward in the order."""
        self.things.append((self.cam.distance(at) - bias, len(self.anchors), fn))
        self.anchors.append(at)

    # -- surfaces ---------------------------------------------------------------------------------
    def sky(self, g=None):
        if g is None:
            g = {"clear": 0.97, "rain": 0.80, "snow": 0.62, "fog": 0.93}[self.weather]
            if self.night:
                g = 0.86
            elif self.dusk:
                g = 0.72
        c, w, h = self.pen.c, self.cam.w, self.cam.h
        self.pen.air = 0
        self.pen.flat(self.pen.tone(g))
        c.rectangle(-10, -10, w + 20, h + 20)
        c.fill()
        if self.cam.pitch > -0.3:
            self.celestial()

    def celestial(self):
        r, cam = self.r, self.cam
        a = cam.yaw + r.choice((-1, 1)) * r.uniform(0.10, 0.36)
        e = r.uniform(0.13, 0.24) if not self.dusk else r.uniform(0.02, 0.06)
        if cam.pitch > 0.2:
            e += cam.pitch
        x, y, _ = cam.at((cam.eye[0] + 900 * math.sin(a), cam.eye[1] + 900 * math.sin(e), cam.eye[2] + 900 * math.cos(a)))
        k = cam.w / 512
        if self.night:
            if self.weather != "fog":
                self.lights.append(("glow", x, y, 17 * k))
                if self.weather == "clear":
                    for _ in range(5):
                        self.lights.append(("star", r.uniform(0, cam.w), r.uniform(0, min(cam.h, max(40, cam.horizon())) * 0.7), 2.4))
        elif self.dusk:
            pen = self.pen
            pen.flat(1.0)
            pen.c.arc(x, y, 30 * k, 0, TAU)
            pen.c.fill()
            for dy, hw in ((-46, 150), (-10, 240)):
                pen.flat(0.86)
                pen.c.set_line_width(11)
                pen.c.move_to(x - hw + r.uniform(-30, 30), y + dy * k)
                pen.c.line_to(x + hw * 0.8 + r.uniform(-30, 30), y + dy * k)
                pen.c.stroke()
        else:
            pen = self.pen
            pen.air = 0.35
            if self.weather == "clear" and r.random() < 0.6:
                pen.ell(x, y, 20 * k, 20 * k, 1.0, 0.9)
            if self.weather != "fog":
                for _ in range(r.choice((1, 1, 2))):
                    self.cloud(r.uniform(0, cam.w), y + r.uniform(-40, 40) * k, r.uniform(0.7, 1.4) * k)

    def cloud(self, x, y, k):
        c = self.pen.c
        for dx, dy, rr in ((-34, 6, 15), (-14, -4, 21), (12, -6, 23), (36, 5, 15), (0, 8, 14)):
            c.new_sub_path()
            c.arc(x + dx * k, y + dy * k, rr * k, 0, TAU)
        c.rectangle(x - 36 * k, y + 5 * k, 74 * k, 15 * k)
        self.pen.union(1.0 if self.weather == "clear" else 0.7, 0.7)

    def ground(self, g, lines=0.0, half=60.0, along=None, light=1.0):
        """The ground to the horizon, with seams every `lines` metres (both ways, or `along` "x"/"z" alone)."""
        def fn():
            cam, pen = self.cam, self.pen
            e = cam.eye
            far = 400.0
            pts = [(e[0] + far * math.cos(t), 0.0, e[2] + far * math.sin(t)) for t in (TAU * k / 8 for k in range(8))]
            q = cam.polygon(pts)
            if q:
                pen.air = 0.12 + (0.15 if self.close else 0)
                pen.poly(q, g, 0)
                if abs(cam.pitch) < 0.75 and self.weather != "fog":
                    a = cam.yaw
                    z = [cam.at((e[0] + 399 * math.sin(a + t), 0.0, e[2] + 399 * math.cos(a + t)))[:2] for t in (-0.9, 0.9)]
                    pen.air = 0.4
                    pen.line(z, LINE)
            if lines:
                self.seams(lines, half, along, light)
        self.floor.append(fn)

    def seams(self, step, half, along=None, light=1.0, x0=None, x1=None, z0=None, z1=None, y=0.0):
        x0 = -half if x0 is None else x0
        x1 = half if x1 is None else x1
        z0 = -half if z0 is None else z0
        z1 = half if z1 is None else z1
        cam, pen = self.cam, self.pen
        # seams close to each other turn to mush: only near ones are drawn
        near = max(2.0, min(30.0, cam.f * step / SEAMS))
        pen.air = 0.45
        c = pen.c
        if along in (None, "z"):
            x = math.ceil(x0 / step) * step
            while x <= x1:
                self.seam((x, y, z0), (x, y, min(z1, cam.eye[2] + near * 2)))
                x += step
        if along in (None, "x"):
            z = math.ceil(max(z0, cam.eye[2]) / step) * step
            while z <= min(z1, cam.eye[2] + near):
                self.seam((x0, y, z), (x1, y, z))
                z += step
        pen.line_source()
        c.set_line_width(pen.lw * 0.72 * light)
        c.stroke()

    def seam(self, a, b):
        q = self.cam.segment(a, b)
        if q and not (max(q[0], q[2]) < 0 or min(q[0], q[2]) > self.cam.w or max(q[1], q[3]) < 0 or min(q[1], q[3]) > self.cam.h):
            self.pen.c.move_to(q[0], q[1])
            self.pen.c.line_to(q[2], q[3])

    def patch(self, pts, g, line=0.8):
        """A flat shape on the ground: points (x, z)."""
        self.floor.append(lambda: self.paint([(x, 0.004, z) for x, z in pts], g, line))

    def room(self, w=7.0, d=3.4, front=-4.5, h=2.9, floor=0.80, wall=0.93, tiles=0.0, along=None, ceiling=0.97, side=None):
        """Four walls round the origin, seen through the one nearest to the camera; x -w/2..w/2, z front..d."""
        self.inside = True
        self.reach = 14.0
        a = w / 2
        self.dims = (a, d, front, h)

        def fl():
            self.pen.air = 0
            self.paint([(-a, 0, front), (a, 0, front), (a, 0, d), (-a, 0, d)], floor, 0, 4.0)
            if tiles:
                self.seams(tiles, 0, along, 1.0, -a, a, front, d)
        e = self.cam.eye

        def shell():
            pen = self.pen
            pen.air = 0
            pen.flat(pen.tone(wall))
            pen.c.rectangle(-9, -9, self.cam.w + 18, self.cam.h + 18)
            pen.c.fill()
            s = wall - 0.09 if side is None else side
            if ceiling is not None and e[1] < h:
                self.paint([(-a, h, front), (a, h, front), (a, h, d), (-a, h, d)], ceiling, 0.9, 4.0)
            if e[0] > -a:
                self.paint([(-a, 0, front), (-a, h, front), (-a, h, d), (-a, 0, d)], s, 0.9, 4.0)
            if e[0] < a:
                self.paint([(a, 0, front), (a, h, front), (a, h, d), (a, 0, d)], s, 0.9, 4.0)
            self.paint([(-a, 0, d), (-a, h, d), (a, h, d), (a, 0, d)], wall, 0.9, 5.0)
        self.back.append(shell)
        self.floor.append(fl)

    def on_wall(self, u0, v0, u1, v1, fill, line=1.0, wall="back", lit=False, off=0.02):
        """A rectangle on a wall: u along it (x for the back wall, z for the sides), v is the height."""
        a, d, front, h = self.dims
        e = self.cam.eye
        if wall == "back":
            pts = [(u0, v0, d - off), (u0, v1, d - off), (u1, v1, d - off), (u1, v0, d - off)]
        elif wall == "left":
            if e[0] < -a:
                return
            pts = [(-a + off, v0, u0), (-a + off, v1, u0), (-a + off, v1, u1), (-a + off, v0, u1)]
        else:
            if e[0] > a:
                return
            pts = [(a - off, v0, u0), (a - off, v1, u0), (a - off, v1, u1), (a - off, v0, u1)]
        def fn():
            self.paint(pts, fill, line)
            q = self.cam.polygon(pts) if lit and (self.night or self.dusk) else None
            if q:
                self.lit(q)
        self.walls.append(fn)

    def round(self, x, y, z, r, fill, line=1.0, tall=1.0):
        """A disc facing the rooms' front, on the back wall or hanging before it."""
        pts = [(x + r * math.cos(t), y + tall * r * math.sin(t), z) for t in (TAU * k / 14 for k in range(14))]
        self.walls.append(lambda: self.paint(pts, fill, line))

    def flat(self, pts, z, fill, line=1.0):
        """A shape facing the rooms' front: points (x, y)."""
        self.walls.append(lambda: self.paint([(x, y, z) for x, y in pts], fill, line))

    def lit(self, q):
        """A screen polygon that shines by itself."""
        self.pen.flat(0.97)
        add_poly(self.pen.c, q)
        self.pen.c.fill()

    def window(self, u0, v0, u1, v1, wall="back", panes=2):
        """A window: bright by day, dark with a frame at night."""
        day = 0.30 if self.night else 0.74 if self.dusk else 1.0
        self.on_wall(u0 - .06, v0 - .06, u1 + .06, v1 + .06, 0.86, 1.0, wall)
        self.on_wall(u0, v0, u1, v1, day, 1.0, wall, off=.03)
        x0, x1 = self.cam.at((u0, v0, self.dims[1]))[0], self.cam.at((u1, v0, self.dims[1]))[0]
        if wall == "back" and abs(x1 - x0) < 2 * BAYS:
            return
        for k in range(1, panes):
            u = u0 + (u1 - u0) * k / panes
            self.on_wall(u - .025, v0, u + .025, v1, 0.9, 0.7, wall, off=.04)
        v = (v0 + v1) / 2
        self.on_wall(u0, v - .025, u1, v + .025, 0.9, 0.7, wall, off=.04)

    # -- solids -----------------------------------------------------------------------------------
    def box_faces(self, x0, x1, y0, y1, z0, z1, g, line=1.0, top=None, faces=None):
        """Draws the visible faces of an upright box now; faces(name, corner function) decorates them."""
        e = self.cam.eye
        d = self.cam.distance(((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2))
        lit = min(1.0, g + 0.10) if top is None else top
        if faces is None and line:
            self.plain_box(x0, x1, y0, y1, z0, z1, g, line, lit, d)
            return
        if e[1] < y0:
            self.paint([(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)], g - 0.2, line, d)
        if e[2] > z1:
            self.paint([(x1, y0, z1), (x1, y1, z1), (x0, y1, z1), (x0, y0, z1)], g, line, d)
        if e[0] < x0:
            self.paint([(x0, y0, z1), (x0, y1, z1), (x0, y1, z0), (x0, y0, z0)], max(0, g - 0.14), line, d)
            if faces:
                faces("left", lambda u, v: (x0, y0 + v, z1 - u), z1 - z0, y1 - y0)
        if e[0] > x1:
            self.paint([(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)], max(0, g - 0.14), line, d)
            if faces:
                faces("right", lambda u, v: (x1, y0 + v, z0 + u), z1 - z0, y1 - y0)
        if e[2] < z0:
            self.paint([(x0, y0, z0), (x0, y1, z0), (x1, y1, z0), (x1, y0, z0)], g, line, d)
            if faces:
                faces("front", lambda u, v: (x0 + u, y0 + v, z0), x1 - x0, y1 - y0)
        if e[1] > y1:
            self.paint([(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)], lit, line, d)

    def plain_box(self, x0, x1, y0, y1, z0, z1, g, line, lit, d):
        """The visible faces filled, then all their edges in one stroke: half the calls. A thin one is one line, a speck nothing."""
        e, polygon, pen = self.cam.eye, self.cam.polygon, self.pen
        c, seen = pen.c, []
        pen.air = self.air(d)
        px = self.cam.f / max(d, 0.5)
        a, b, long = sorted((x1 - x0, y1 - y0, z1 - z0))
        if long * px < self.small:
            return
        if b * px < self.thin:
            xm, ym, zm = (x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2
            q = self.cam.segment(*(((x0, ym, zm), (x1, ym, zm)) if x1 - x0 == long else ((xm, y0, zm), (xm, y1, zm)) if y1 - y0 == long
                                   else ((xm, ym, z0), (xm, ym, z1))))
            if q:
                self.bar(q, b * px, g)
            return
        corners = self.cam.corners(x0, x1, y0, y1, z0, z1)
        if corners == ():
            return
        # corner 4 i + 2 j + k: i along x, j up, k along z
        faces = []
        if e[1] < y0:
            faces.append((g - 0.2, 0, 4, 5, 1))
        if e[2] > z1:
            faces.append((g, 5, 7, 3, 1))
        if e[0] < x0:
            faces.append((g - 0.14, 1, 3, 2, 0))
        if e[0] > x1:
            faces.append((g - 0.14, 4, 6, 7, 5))
        if e[2] < z0:
            faces.append((g, 0, 2, 6, 4))
        if e[1] > y1:
            faces.append((lit, 2, 6, 7, 3))
        move, line_to, fill = c.move_to, c.line_to, c.fill
        c.set_antialias(cairo.ANTIALIAS_NONE)
        for tone, p0, p1, p2, p3 in faces:
            if corners:
                q = (corners[p0], corners[p1], corners[p2], corners[p3])
            else:
                q = polygon([(x1 if n & 4 else x0, y1 if n & 2 else y0, z1 if n & 1 else z0) for n in (p0, p1, p2, p3)])
                if not q:
                    continue
            px = [p[0] for p in q]
            if max(px) - min(px) < 2.2 and abs(q[0][1] - q[1][1]) < 40:
                continue
            pen.source(tone)
            move(*q[0])
            for p in q[1:]:
                line_to(*p)
            fill()
            seen.append(q)
        c.set_antialias(cairo.ANTIALIAS_FAST)
        if seen:
            for q in seen:
                move(*q[0])
                for p in q[1:]:
                    line_to(*p)
                c.close_path()
            pen.line_source()
            c.set_line_width(pen.lw * line * LINE)
            c.stroke()

    def bar(self, q, broad, g):
        """A thing too thin for two edges: one line of its tone."""
        pen = self.pen
        pen.source(g - 0.25)
        pen.c.set_line_width(max(pen.lw * LINE, broad))
        pen.c.move_to(q[0], q[1])
        pen.c.line_to(q[2], q[3])
        pen.c.stroke()

    def box(self, x, z, w, h, d, g, y=0.0, line=1.0, top=None, faces=None, bias=0.0):
        """A box standing at (x, z) (middle of its base), sorted with the other things."""
        self.add((x, y + h / 2, z), lambda: self.box_faces(x - w / 2, x + w / 2, y, y + h, z - d / 2, z + d / 2, g, line, top, faces), bias)

    def group(self, x, z, parts, y=0.5, bias=0.0):
        """Boxes (x, y, z, w, h, d, grey) that belong together, relative to (x, z): drawn far to near as one thing."""
        def fn():
            c = self.cam
            order = sorted(parts, key=lambda q: -c.distance((x + q[0], q[1] + q[4] / 2, z + q[2])) - (0.6 * (q[1] + q[4]) if c.eye[1] < 0.8 else -0.5 * q[1]) * 0.2)
            for q in order:
                self.box_faces(x + q[0] - q[3] / 2, x + q[0] + q[3] / 2, q[1], q[1] + q[4], z + q[2] - q[5] / 2, z + q[2] + q[5] / 2, q[6])
        self.add((x, y, z), fn, bias)

    def table(self, x, z, w=1.4, d=0.8, h=0.74, g=0.62):
        leg = .07
        a, b = w / 2 - .08, d / 2 - .08
        self.group(x, z, [(s * a, 0, t * b, leg, h - .06, leg, g - .25) for s in (-1, 1) for t in (-1, 1)] + [(0, h - .06, 0, w, .06, d, g)], h)

    def chair(self, x, z, facing=0, g=0.5):
        """facing 0: its back is away from the camera (+z)."""
        s = 1 if facing == 0 else -1
        self.group(x, z, [(-.2, 0, -.2, .05, .42, .05, g), (.2, 0, -.2, .05, .42, .05, g), (-.2, 0, .2, .05, .42, .05, g), (.2, 0, .2, .05, .42, .05, g),
                          (0, .42, 0, .46, .05, .46, g + .1), (0, .47, s * .21, .44, .45, .05, g)])

    def post(self, p, q, r0, r1, g, bias=0.0):
        """A round pole from p to q with radii in metres."""
        def fn():
            cam, pen = self.cam, self.pen
            a, b = cam.space(p), cam.space(q)
            if a[2] < .3 and b[2] < .3:
                return
            pen.air = self.air(cam.distance(p))
            x0, y0, s0 = cam.at(p)
            x1, y1, s1 = cam.at(q)
            if max(s0, s1) > 4000 or abs(x0) > 4000 or abs(y1) > 6000 or abs(y0) > 6000:
                return
            dx, dy = x1 - x0, y1 - y0
            n = math.hypot(dx, dy) or 1
            if 2 * max(r0 * s0, r1 * s1) < THIN:
                if n > SMALL:
                    self.bar((x0, y0, x1, y1), 2 * r0 * s0, g)
                return
            nx, ny = -dy / n, dx / n
            a, b = max(1.3, r0 * s0), max(1.3, r1 * s1)
            pen.poly([(x0 + nx * a, y0 + ny * a), (x1 + nx * b, y1 + ny * b), (x1 - nx * b, y1 - ny * b), (x0 - nx * a, y0 - ny * a)], g, LINE)
        self.add(((p[0] + q[0]) / 2, min(p[1], q[1]), (p[2] + q[2]) / 2), fn, bias)

    def sprite(self, p, fn, bias=0.0, sort=None):
        """fn(pen, x, y, pixels per metre) draws a thing that looks alike from every side."""
        def go():
            cam = self.cam
            if cam.depth(p) < .35:
                return
            x, y, s = cam.at(p)
            if -3 * s < x < cam.w + 3 * s:
                self.pen.air = self.air(cam.distance(p))
                fn(self.pen, x, y, s)
        self.add(sort or p, go, bias)

    def tree(self, x, z, h=6.0, kind="round", g=0.55):
        r = self.r
        seed = r.random()
        if kind == "round":
            self.post((x, 0, z), (x, h * .5, z), .16 * h / 6, .11 * h / 6, 0.35)

            def crown(pen, sx, sy, s):
                c = pen.c
                k = h / 6
                for a, b, rr in ((-.9, -.2, .9), (0, .7, 1.15), (.95, -.1, .85), (.1, -.35, 1.0), (-.5, .5, .9), (.6, .55, .85)):
                    c.new_sub_path()
                    c.arc(sx + (a * k + .2 * (seed - .5)) * s, sy - b * k * s, rr * k * s, 0, TAU)
                pen.union(g, LINE, shade=(max(0, g - .16), -.35 * k * s, -.35 * k * s))
            self.sprite((x, h * .68, z), crown, 0.2, (x, 0, z))
        elif kind == "pine":
            self.post((x, 0, z), (x, h * .25, z), .14 * h / 6, .12 * h / 6, 0.3)

            def cone(pen, sx, sy, s):
                for k in range(3):
                    y0 = sy - h * s * (.14 + .24 * k)
                    w = h * s * (.23 - .055 * k)
                    add_poly(pen.c, [(sx - w, y0), (sx, y0 - h * s * .40), (sx + w, y0)])
                pen.union(g, LINE, shade=(max(0, g - .16), -.05 * h * s, 0))
            self.sprite((x, 0, z), cone, 0.2)
        elif kind == "palm":
            lean = .12 * h * (1 if seed > .5 else -1)
            self.post((x, 0, z), (x + lean * .5, h * .5, z), .15, .12, 0.5)
            self.post((x + lean * .5, h * .5, z), (x + lean, h, z), .12, .09, 0.5, -.05)

            def fronds(pen, sx, sy, s):
                c = pen.c
                for a in (-2.9, -2.4, -1.8, -1.2, -.7, -.2):
                    ex, ey = sx + 1.7 * s * math.cos(a), sy + 1.0 * s * math.sin(a) + .75 * s
                    mx, my = sx + .9 * s * math.cos(a), sy + 1.0 * s * math.sin(a) - .15 * s
                    c.move_to(sx, sy)
                    c.curve_to(mx, my - .15 * s, ex, ey - .7 * s, ex, ey)
                    c.curve_to(ex - .1 * s, ey - .35 * s, mx, my + .3 * s, sx, sy + .12 * s)
                    c.close_path()
                    pen.finish(g, LINE)
            self.sprite((x + lean, h, z), fronds, 0.2, (x, 0, z))
        else:  # bare
            self.post((x, 0, z), (x, h * .55, z), .15, .10, 0.3)
            for a, b, l in ((-.5, .5, .42), (.6, .45, .40), (-.15, .55, .5), (.3, .38, .25), (-.6, .34, .22)):
                self.post((x, h * b, z), (x + a * h * l, h * (b + l * .7), z), .07, .025, 0.3)

    def bush(self, x, z, k=1.0, g=0.6):
        def fn(pen, sx, sy, s):
            for a, b, rr in ((-.5, .25, .35), (0, .4, .45), (.5, .25, .35)):
                pen.c.new_sub_path()
                pen.c.arc(sx + a * k * s, sy - b * k * s, rr * k * s, 0, TAU)
            pen.union(g, LINE)
        self.sprite((x, 0, z), fn)

    def rock(self, x, z, k=1.0, g=0.62):
        j = [self.r.uniform(.75, 1.15) for _ in range(6)]

        def fn(pen, sx, sy, s):
            u = k * s
            pts = [(-.6 * j[0], .0), (-.5, -.4 * j[1]), (-.1, -.7 * j[2]), (.35 * j[3], -.55), (.65 * j[4], 0)]
            pen.poly([(sx + a * u, sy + b * u) for a, b in pts], g, LINE)
            pen.poly([(sx + (-.1) * u, sy - .7 * j[2] * u), (sx + .35 * j[3] * u, sy - .55 * u), (sx + .65 * j[4] * u, sy), (sx + .1 * u, sy)], g - .16, LINE)
        self.sprite((x, 0, z), fn)

    def lamp_post(self, x, z, h=4.2):
        self.post((x, 0, z), (x, h, z), .07, .05, .25)

        def fn(pen, sx, sy, s):
            pen.ell(sx, sy, max(4, .2 * s), max(4, .24 * s), 1.0, LINE)
        self.sprite((x, h, z), fn, .1, (x, 0, z))
        if self.night or self.dusk:
            sx, sy, s = self.cam.at((x, h, z))
            if self.cam.depth((x, h, z)) > .5:
                self.lights.append(("glow", sx, sy, max(7, min(26, .26 * s))))

    def lamp(self, x, y, z, size=.2, cord=None, cone=True):
        """A hanging lamp; lit in dark rooms."""
        if cord:
            self.post((x, y + .1, z), (x, cord, z), .012, .012, .2)

        def fn(pen, sx, sy, s):
            u = size * s
            pen.poly([(sx - .45 * u, sy - u), (sx + .45 * u, sy - u), (sx + 1.3 * u, sy + .2 * u), (sx - 1.3 * u, sy + .2 * u)], .3, LINE)
        self.sprite((x, y, z), fn)
        if self.night:
            p = (x, y - .05, z)
            if self.cam.depth(p) > .5:
                sx, sy, s = self.cam.at(p)
                self.lights.append(("glow", sx, sy + size * .3 * s, max(5, size * .7 * s)))
                if cone:
                    fx, fy, fs = self.cam.at((x, 0, z))
                    self.lights.append(("beam", sx, sy, size * s, 1.3 * fs, fy))

    def building(self, x0, x1, z0, z1, h, g=0.72, floors=3.0, win=0.30, bay=2.2, door=False, lit=0.5, roof=None):
        r = self.r
        rnd = [r.random() for _ in range(64)]

        def facade(name, at, w, hh):
            if bay > 50 or name in ("left", "right") and w > 40:
                return  # towers and walls without windows
            px = self.cam.at(at(w / 2, hh / 2))[2]
            if self.cam.depth(at(w / 2, hh / 2)) < 1 or px * min(w, hh) < 0.8 * BAYS:
                return
            # far fronts have fewer, larger windows
            wide, tall = max(bay, BAYS / px), max(floors, BAYS / px)
            n, m = max(1, int(w / wide)), max(1, int(hh / tall))
            # all the windows of a front are one shape: many small ones cost more than they show
            seen, shining, pen = [], [], self.pen
            for i in range(n):
                for j in range(m):
                    if j == 0 and door and name == "front":
                        continue
                    u, v = (i + .5) * w / n, (j + .38) * hh / m
                    a, b = wide * .24, tall * .24
                    pts = [at(u - a, v - b * .6), at(u - a, v + b * 1.2), at(u + a, v + b * 1.2), at(u + a, v - b * .6)]
                    q = self.cam.polygon(pts)
                    if q and max(q[0][0], q[2][0]) - min(q[0][0], q[2][0]) > 3.5:
                        seen.append(q)
                        if (self.night or self.dusk) and rnd[(i * 7 + j * 3 + len(name)) % 64] < lit:
                            shining.append(q)
            for q in seen:
                add_poly(pen.c, q)
            if seen:
                pen.air = self.air(self.cam.distance(at(w / 2, hh / 2)))
                pen.finish(win, .8 * LINE)
            for q in shining:
                self.lit(q)
        x, z = (x0 + x1) / 2, (z0 + z1) / 2
        e = self.cam.eye
        near = (min(max(e[0], x0), x1), 0, min(max(e[2], z0), z1))

        def fn():
            self.box_faces(x0, x1, 0, h, z0, z1, g, 1.0, None, facade)
            if roof:
                self.paint([(x0 - .3, h, z0 - .2), (x1 + .3, h, z0 - .2), (x1 + .1, h + roof, (z0 + z1) / 2), (x0 - .1, h + roof, (z0 + z1) / 2)], .38)
                s = x0 if e[0] < x0 else x1
                self.paint([(s, h, z0), (s, h, z1), (s, h + roof, (z0 + z1) / 2)], g - .1)
        self.add(near if self.cam.distance(near) > 3 else (x, 0, z), fn)

    # -- all of it --------------------------------------------------------------------------------
    def draw_back(self):
        for fn in self.back:
            fn()
        for fn in self.floor:
            fn()
        for fn in self.walls:
            fn()

    def split(self, distance):
        """Sorted things: (behind, in front of) a distance from the eye."""
        order = sorted(self.things, key=lambda t: (-t[0], t[1]))
        return [t for t in order if t[0] >= distance], [t for t in order if t[0] < distance]


def shine(pen, lights, strength=1.0):
    c = pen.c
    pen.air = 0
    for kind, *a in lights:
        if kind == "glow":
            x, y, r = a
            for k, al in ((2.6, .16), (1.7, .25)):
                c.arc(x, y, r * k, 0, TAU)
                wash(c, 1.0, al * strength)
            c.arc(x, y, r, 0, TAU)
            pen.flat(1.0)
            c.fill()
        elif kind == "star":
            c.new_path()
            c.arc(*a, 0, TAU)
            pen.flat(.95)
            c.fill()
        elif kind == "beam":
            x, y, r0, r1, y1 = a
            add_poly(c, [(x - r0, y), (x + r0, y), (x + r1, y1), (x - r1, y1)])
            wash(c, 1.0, .22 * strength)
