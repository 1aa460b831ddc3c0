# Inquadra - ink and wash over cairo: filled shapes with a contour of varying weight, in five drawing styles.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

import cairo

TAU = 2 * math.pi


def paper(w, h):
    """A sheet of greys: cairo keeps them as alpha, one byte a pixel, and every drawing replaces what is under it.

    A third of the time of four bytes a pixel where shapes are large. A grey g is the source (0, 0, 0, g)."""
    return cairo.ImageSurface(cairo.FORMAT_A8, w, h)


def wash(c, g, a, stroke=False):
    """Fills (or strokes) the current path with grey g that covers by a."""
    keep, done = (c.stroke_preserve, c.stroke) if stroke else (c.fill_preserve, c.fill)
    c.set_operator(cairo.OPERATOR_DEST_OUT)
    c.set_source_rgba(0, 0, 0, a)
    keep()
    c.set_operator(cairo.OPERATOR_ADD)
    c.set_source_rgba(0, 0, 0, g * a)
    done()
    c.set_operator(cairo.OPERATOR_SOURCE)


class Style:
    """How tones and lines look. Tones are 0 (ink) to 1 (paper), low what the darkest becomes by day; tones below hatch are drawn
    as slanted bands, so much darker (strokes) and broad in pixels that a small model keeps them."""

    def __init__(self, ink, weight, low, hatch=0.0, strokes=0.0, broad=0):
        self.ink, self.weight, self.low, self.hatch = ink, weight, low, hatch
        self.strokes, self.broad = strokes, broad
        self.patterns = {}


STYLES = {
    "clean": Style(0.07, 1.0, 0.0),
    # soft dark lines, tones as slanted strokes
    "pencil": Style(0.22, 0.95, 0.20, 0.80, 0.07, 6),
    # black and white; middle tones become strokes, darks are spotted black
    "ink": Style(0.02, 1.15, 0.0, 0.62),
    # broad overlapping marker bands under a black line
    "marker": Style(0.05, 1.05, 0.0, 0.84, 0.07, 12),
    # light construction lines, hardly any tone
    "blue": Style(0.42, 0.95, 0.72),
}
# the bands repeat every so many pixels: a whole number of the autoencoder's cells and of the UNet's positions
PERIOD = {"pencil": 16, "ink": 16, "marker": 32}
WIDEST = 640  # the broadest frame in whole periods


def pattern(style, name, g):
    """A repeating surface of bands for the final grey g (quantised)."""
    level = int(g * 16)
    if level in style.patterns:
        return style.patterns[level]
    t = min(1.0, (level + 0.5) / 16)
    n = step = PERIOD[name]
    # as wide as the broadest frame: a narrow one, repeated along every row, costs a call for each repetition
    s = cairo.ImageSurface(cairo.FORMAT_A8, WIDEST, n)
    c = cairo.Context(s)
    c.set_operator(cairo.OPERATOR_SOURCE)
    c.set_antialias(cairo.ANTIALIAS_BEST)
    if name == "ink":
        # black and white: the darker the tone, the broader the stroke
        base, band, broad = 1.0, 0.12, 2.6 + 5.0 * max(0.0, 0.62 - t)
    else:
        base, band, broad = t, max(0.0, t - style.strokes), style.broad
    c.set_source_rgba(0, 0, 0, base)
    c.paint()
    c.set_source_rgba(0, 0, 0, band)
    c.set_line_width(broad)
    for k in range(-n, WIDEST + n, step):
        c.move_to(k - 4, n + 4)
        c.line_to(k + n + 4, -4)
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
        self.bands = True  # at night tones are flat in every style
        self.light(0.0, 1.0)
        ctx.set_line_cap(cairo.LINE_CAP_ROUND)
        ctx.set_line_join(cairo.LINE_JOIN_BEVEL)  # at three pixels as round joins, and a tenth faster

    def light(self, lo, hi, low=1.0, faint=0.0):
        """What the light leaves of the tones: ink becomes lo, paper hi. low: how much of the style's own lightening of darks is kept;
        faint: how much lines step back towards the paper."""
        k = self.style.low * low
        self.lo, self.span = k + (1 - k) * lo, (1 - k) * (hi - lo)
        self.line_lo, self.faint = (lo * 0.3, faint)
        self.line_span = hi - self.line_lo

    def tone(self, g):
        """The final grey of a tone at the present air and light."""
        if g < 0.0:
            g = 0.0
        if self.air:
            g += (1 - g) * self.air
        return self.lo + self.span * g

    def source(self, g):
        st = self.style
        g = self.tone(g)
        if g < st.hatch and self.bands and not (self.smooth or self.solid):
            if st.strokes:
                self.c.set_source(pattern(st, self.name, g))
                return
            if self.lo + self.span > 0.9:
                # ink: strokes between black and white
                if g > 0.40:
                    self.c.set_source(pattern(st, self.name, g))
                    return
                g = 0.04
        self.c.set_source_rgba(0, 0, 0, g)

    def flat(self, g):
        self.c.set_source_rgba(0, 0, 0, g)

    def line_source(self, g=None):
        if g is None:
            g = self.ink
        back = self.faint + self.air * 0.85
        if back:
            g += (1 - g) * (back if back < 0.86 else 0.86)
        self.c.set_source_rgba(0, 0, 0, self.line_lo + self.line_span * g)

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
        """The current path's shapes as one: a common contour under the fill, so that none shows between them."""
        c = self.c
        w = self.lw * line
        if halo:
            c.set_line_width(2 * (w + halo))
            self.flat(self.halo_tone)
            c.stroke_preserve()
        self.line_source()
        c.set_line_width(1.6 * w)
        c.stroke_preserve()
        if shade is None:
            self.source(fill)
            c.fill()
            return
        # a second tone on the side away from the light
        g, dx, dy = shade
        path = c.copy_path()
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
        to = c.move_to
        for x, y in pts:
            to(x, y)
            to = c.line_to
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
    arc = c.arc
    c.new_sub_path()
    arc(x0, y0, r0, a + t, a - t + TAU)
    arc(x1, y1, r1, a - t, a + t)
    c.close_path()


CIRCLES = {n: [(math.cos(TAU * k / n), math.sin(TAU * k / n)) for k in range(n)] for n in (10, 16, 24, 40)}


def hull(c, discs, n=16):
    """Appends the convex hull of discs (x, y, r), wound like cairo's arcs so that unions do not cancel: in each of n
    directions the outermost point."""
    move = c.move_to
    for ca, sa in CIRCLES[n]:
        best = -1e9
        for x, y, r in discs:
            v = x * ca + y * sa + r
            if v > best:
                best, wx, wy, wr = v, x, y, r
        move(wx + wr * ca, wy + wr * sa)
        move = c.line_to
    c.close_path()


def wound(pts):
    """The polygon, turned where needed to wind like cairo's arcs."""
    area = 0.0
    x0, y0 = pts[-1]
    for x, y in pts:
        area += x0 * y - x * y0
        x0, y0 = x, y
    return pts if area >= 0 else pts[::-1]


def add_poly(c, pts):
    to = c.move_to
    for x, y in wound(pts):
        to(x, y)
        to = c.line_to
    c.close_path()
