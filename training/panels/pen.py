# Inquadra - a small ink-and-wash layer over cairo: filled shapes with a bold outline, limbs, glows.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

import cairo

TAU = 2 * math.pi


class Pen:
    """Grey ink on a cairo context. Greys are 0 (ink) to 1 (paper); lw is the line width in user units."""

    def __init__(self, ctx, lw=3.0, ink=0.08):
        self.c = ctx
        self.lw = lw
        self.ink = ink
        ctx.set_line_cap(cairo.LINE_CAP_ROUND)
        ctx.set_line_join(cairo.LINE_JOIN_ROUND)

    def grey(self, g, a=1.0):
        self.c.set_source_rgba(g, g, g, a)

    def finish(self, fill=None, line=1.0):
        """Fill and outline the current path. line scales the line width; 0 draws no outline."""
        if fill is not None:
            self.grey(fill)
            if line:
                self.c.fill_preserve()
            else:
                self.c.fill()
        if line:
            self.grey(self.ink)
            self.c.set_line_width(self.lw * line)
            self.c.stroke()
        self.c.new_path()

    def poly(self, pts, fill=None, line=1.0):
        c = self.c
        c.move_to(*pts[0])
        for p in pts[1:]:
            c.line_to(*p)
        c.close_path()
        self.finish(fill, line)

    def rect(self, x, y, w, h, fill=None, line=1.0):
        self.c.rectangle(x, y, w, h)
        self.finish(fill, line)

    def ell(self, x, y, rx, ry, fill=None, line=1.0, a0=0.0, a1=TAU):
        c = self.c
        c.save()
        c.translate(x, y)
        c.scale(max(rx, 1e-3), max(ry, 1e-3))
        c.new_sub_path()
        c.arc(0, 0, 1, a0, a1)
        c.restore()
        self.finish(fill, line)

    def line(self, pts, g=None, w=None):
        c = self.c
        c.move_to(*pts[0])
        for p in pts[1:]:
            c.line_to(*p)
        self.grey(self.ink if g is None else g)
        c.set_line_width(self.lw if w is None else w)
        c.stroke()

    def curve(self, pts, g=None, w=None):
        """One Bezier curve through four control points."""
        c = self.c
        c.move_to(*pts[0])
        c.curve_to(*pts[1], *pts[2], *pts[3])
        self.grey(self.ink if g is None else g)
        c.set_line_width(self.lw if w is None else w)
        c.stroke()

    def glow(self, x, y, r, g=0.98):
        """A lamp or moon: a flat light disc in a faint halo."""
        c = self.c
        c.arc(x, y, r * 2.0, 0, TAU)
        self.grey(g, 0.28)
        c.fill()
        c.arc(x, y, r, 0, TAU)
        self.grey(g)
        c.fill()
