# Inquadra - ink and wash over cairo: filled shapes with a contour of varying weight, in five drawing styles.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

import cairo

TAU = 2 * math.pi


class Style:
    """How tones and lines look. Tones are 0 (ink) to 1 (paper); hatch: tones below it are drawn as strokes."""

    def __init__(self, ink, weight, low, hatch=0.0, strokes=0.0, period=9):
        self.ink, self.weight, self.low, self.hatch = ink, weight, low, hatch
        self.strokes, self.period = strokes, period
        self.patterns = {}

    def tone(self, g):
        return self.low + (1 - self.low) * g


STYLES = {
    "clean": Style(0.07, 1.0, 0.0),
    # soft dark lines, tones as slanted strokes
    "pencil": Style(0.20, 0.95, 0.30, 0.46, 0.34, 9),
    # black and white; middle tones become strokes, darks are spotted black
    "ink": Style(0.02, 1.15, 0.0, 0.60, 0.08, 11),
    # broad overlapping marker bands under a black line
    "marker": Style(0.05, 1.05, 0.0, 0.90, 0.0, 22),
    # light construction lines, hardly any tone
    "blue": Style(0.42, 0.95, 0.76),
}


def pattern(style, name, g):
    """A repeating surface of strokes for the tone g (quantised)."""
    level = int(g * 8)
    if level in style.patterns:
        return style.patterns[level]
    t = (level + 0.5) / 8
    n = 4 * style.period if name == "marker" else 4 * style.period
    s = cairo.ImageSurface(cairo.FORMAT_RGB24, n, n)
    c = cairo.Context(s)
    if name == "marker":
        c.set_source_rgb(t, t, t)
        c.paint()
        d = max(0.0, t - 0.08)
        c.set_source_rgb(d, d, d)
        c.set_line_width(6)
        step = style.period
    else:
        dark = name == "ink" and t < 0.28
        b = 0.04 if dark else 1.0 if name == "ink" else 1 - (1 - t) * 0.45
        c.set_source_rgb(b, b, b)
        c.paint()
        c.set_source_rgb(*([style.strokes] * 3 if not dark else [0.04] * 3))
        c.set_line_width(2.6 + 1.8 * max(0.0, 0.55 - t))
        step = style.period
    for k in range(-n, 2 * n, step):
        c.move_to(k, n)
        c.line_to(k + n, 0)
    c.stroke()
    p = cairo.SurfacePattern(s)
    p.set_extend(cairo.EXTEND_REPEAT)
    p.set_filter(cairo.FILTER_NEAREST)
    style.patterns[level] = p
    return p


class Pen:
    """Draws in one style. lw is the line width in pixels; air lightens tones and lines (0 near, 1 far)."""

    def __init__(self, ctx, style="clean", lw=3.0):
        self.c, self.name, self.style = ctx, style, STYLES[style]
        self.lw = lw * self.style.weight
        self.ink = self.style.ink
        self.air = 0.0
        self.solid = False  # silhouettes: flat in every style
        self.smooth = False  # no strokes for tones: faces and hands stay clean in every style
        self.dim = 1.0  # what the night leaves of a tone
        ctx.set_line_cap(cairo.LINE_CAP_ROUND)
        ctx.set_line_join(cairo.LINE_JOIN_ROUND)

    def source(self, g):
        st = self.style
        if self.air:
            g += (1 - g) * self.air
        if g < st.hatch and self.dim > 0.7 and not (self.smooth or self.solid):
            self.c.set_source(pattern(st, self.name, g))
        else:
            g = st.tone(g) * self.dim
            self.c.set_source_rgb(g, g, g)

    def flat(self, g, a=1.0):
        self.c.set_source_rgba(g, g, g, a)

    def line_source(self, g=None):
        g = self.ink if g is None else g
        if self.air:
            g += (1 - g) * self.air * 0.7
        g *= self.dim
        self.c.set_source_rgb(g, g, g)

    def finish(self, fill=None, line=1.0, g=None):
        """Fill and outline the current path. line scales the width; 0 draws no outline."""
        c = self.c
        if fill is not None:
            self.source(fill)
            if line:
                # the outline covers the edge: coverage counted in whole pixels there takes half the time
                c.set_antialias(cairo.ANTIALIAS_NONE)
                c.fill_preserve()
                c.set_antialias(cairo.ANTIALIAS_FAST)
            else:
                c.fill()
        if line:
            self.line_source(g)
            c.set_line_width(self.lw * line)
            c.stroke()
        c.new_path()

    def union(self, fill, line=1.0, halo=0.0, shade=None):
        """The current path's shapes as one: a common contour, heavier at the lower right, then the fill."""
        c = self.c
        w = self.lw * line
        if halo:
            c.set_line_width(2 * (w + halo))
            self.flat(self.halo_tone)
            c.stroke_preserve()
        path = c.copy_path()
        c.new_path()
        c.translate(w * 0.22, w * 0.26)
        c.append_path(path)
        c.translate(-w * 0.22, -w * 0.26)
        self.line_source()
        c.set_line_width(1.55 * w)
        c.stroke()
        c.append_path(path)
        if shade is None:
            self.source(fill)
            c.fill()
            return
        # a second tone on the side away from the light
        g, dx, dy = shade
        self.source(g)
        c.fill_preserve()
        c.save()
        c.clip()
        c.translate(dx, dy)
        c.append_path(path)
        self.source(fill)
        c.fill()
        c.restore()

    halo_tone = 1.0

    def poly(self, pts, fill=None, line=1.0, g=None):
        c = self.c
        c.move_to(*pts[0])
        for p in pts[1:]:
            c.line_to(*p)
        c.close_path()
        self.finish(fill, line, g)

    def ell(self, x, y, rx, ry, fill=None, line=1.0, turn=0.0):
        c = self.c
        c.save()
        c.translate(x, y)
        if turn:
            c.rotate(turn)
        c.scale(max(rx, 1e-2), max(ry, 1e-2))
        c.new_sub_path()
        c.arc(0, 0, 1, 0, TAU)
        c.restore()
        self.finish(fill, line)

    def line(self, pts, w=1.0, g=None):
        c = self.c
        c.move_to(*pts[0])
        for p in pts[1:]:
            c.line_to(*p)
        self.line_source(g)
        c.set_line_width(self.lw * w)
        c.stroke()

    def curve(self, pts, w=1.0, g=None):
        """A smooth line through the points (quadratic through the middles)."""
        c = self.c
        smooth(c, pts)
        self.line_source(g)
        c.set_line_width(self.lw * w)
        c.stroke()


def smooth(c, pts, closed=False):
    """Appends a smooth path: each point is a control point, middles lie on the path (open ends are kept)."""
    n = len(pts)
    if closed:
        m = [((pts[k - 1][0] + pts[k][0]) / 2, (pts[k - 1][1] + pts[k][1]) / 2) for k in range(n)]
        c.move_to(*m[0])
        for k in range(n):
            x, y = pts[k]
            a, b = m[k], m[(k + 1) % n]
            c.curve_to(a[0] + (x - a[0]) * 2 / 3, a[1] + (y - a[1]) * 2 / 3, b[0] + (x - b[0]) * 2 / 3,
                       b[1] + (y - b[1]) * 2 / 3, *b)
        c.close_path()
        return
    c.move_to(*pts[0])
    if n == 2:
        c.line_to(*pts[1])
        return
    a = pts[0]
    for k in range(1, n - 1):
        x, y = pts[k]
        b = pts[k + 1] if k == n - 2 else ((x + pts[k + 1][0]) / 2, (y + pts[k + 1][1]) / 2)
        c.curve_to(a[0] + (x - a[0]) * 2 / 3, a[1] + (y - a[1]) * 2 / 3, b[0] + (x - b[0]) * 2 / 3,
                   b[1] + (y - b[1]) * 2 / 3, *b)
        a = b


def capsule(c, x0, y0, r0, x1, y1, r1):
    """Appends a limb: two discs and the tangents between them."""
    dx, dy = x1 - x0, y1 - y0
    d = math.hypot(dx, dy)
    if d <= abs(r0 - r1) + 1e-6:
        c.new_sub_path()
        if r0 >= r1:
            c.arc(x0, y0, r0, 0, TAU)
        else:
            c.arc(x1, y1, r1, 0, TAU)
        return
    a, t = math.atan2(dy, dx), math.acos((r0 - r1) / d)
    c.new_sub_path()
    c.arc(x0, y0, r0, a + t, a - t + TAU)
    c.arc(x1, y1, r1, a - t, a + t)
    c.close_path()


CIRCLES = {n: [(math.cos(TAU * k / n), math.sin(TAU * k / n)) for k in range(n)] for n in (10, 16, 24, 40)}


def hull(c, discs, n=16):
    """Appends the convex hull of discs (x, y, r), wound like cairo's arcs so that unions do not cancel: in each of n
    directions the outermost point."""
    move = c.move_to
    for ca, sa in CIRCLES[n]:
        best = -1e9
        for d in discs:
            v = d[0] * ca + d[1] * sa + d[2]
            if v > best:
                best, won = v, d
        move(won[0] + won[2] * ca, won[1] + won[2] * sa)
        move = c.line_to
    c.close_path()


def wound(pts):
    """The polygon, turned where needed to wind like cairo's arcs."""
    area = sum(pts[k - 1][0] * pts[k][1] - pts[k][0] * pts[k - 1][1] for k in range(len(pts)))
    return pts if area >= 0 else pts[::-1]


def add_poly(c, pts):
    pts = wound(pts)
    c.move_to(*pts[0])
    for p in pts[1:]:
        c.line_to(*p)
    c.close_path()
