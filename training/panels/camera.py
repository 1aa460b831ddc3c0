# Inquadra - the pinhole camera of a drawn panel: metres in the world, pixels on the frame.
# SPDX-License-Identifier: GPL-3.0-or-later
"""World axes: x to the right, y up, z away from the camera of an unturned shot. The horizon and the vanishing points
follow from the camera's height, turn (yaw), pitch and roll; nothing is laid out in the picture plane."""
import math

NEAR = 0.12


class Camera:
    """eye in metres, angles in radians (pitch up is positive), f the focal length in pixels, (cx, cy) the principal
    point: moving it is a lens shift, which frames without bending the verticals."""

    def __init__(self, eye, yaw, pitch, roll, f, cx, cy, w, h):
        self.eye, self.yaw, self.pitch, self.roll, self.f = eye, yaw, pitch, roll, f
        self.cx, self.cy, self.w, self.h = cx, cy, w, h
        sy, cyw, sp, cp = math.sin(yaw), math.cos(yaw), math.sin(pitch), math.cos(pitch)
        fwd = (sy * cp, sp, cyw * cp)
        right = (cyw, 0.0, -sy)
        up = (-sy * sp, cp, -cyw * sp)
        sr, cr = math.sin(roll), math.cos(roll)
        self.fwd = fwd
        self.right = tuple(cr * a + sr * b for a, b in zip(right, up))
        self.up = tuple(cr * b - sr * a for a, b in zip(right, up))
        self.axes = (*self.eye, *self.right, *self.up, *self.fwd)  # all at once, for what is asked thousands of times a panel

    def space(self, p):
        """Camera space: right, up, depth."""
        x, y, z = p[0] - self.eye[0], p[1] - self.eye[1], p[2] - self.eye[2]
        r, u, w = self.right, self.up, self.fwd
        return (x * r[0] + y * r[1] + z * r[2], x * u[0] + y * u[1] + z * u[2], x * w[0] + y * w[1] + z * w[2])

    def at(self, p):
        """(x, y, pixels per metre) of a world point; what lies behind the camera is pushed to the near plane."""
        ex, ey, ez, r0, r1, r2, u0, u1, u2, w0, w1, w2 = self.axes
        x, y, z = p
        x -= ex
        y -= ey
        z -= ez
        d = x * w0 + y * w1 + z * w2
        s = self.f / (d if d > NEAR else NEAR)
        return self.cx + (x * r0 + y * r1 + z * r2) * s, self.cy - (x * u0 + y * u1 + z * u2) * s, s

    def depth(self, p):
        w, e = self.fwd, self.eye
        return (p[0] - e[0]) * w[0] + (p[1] - e[1]) * w[1] + (p[2] - e[2]) * w[2]

    def distance(self, p):
        return math.dist(p, self.eye)

    def direction(self, v):
        """A world direction in camera axes (right, up, depth)."""
        r, u, w = self.right, self.up, self.fwd
        return (v[0] * r[0] + v[1] * r[1] + v[2] * r[2], v[0] * u[0] + v[1] * u[1] + v[2] * u[2],
                v[0] * w[0] + v[1] * w[1] + v[2] * w[2])

    def polygon(self, pts):
        """Screen points of a world polygon, cut at the near plane; None where nothing of it is in the frame.
        bounds is then its (left, right, top, bottom)."""
        ex, ey, ez, r0, r1, r2, u0, u1, u2, w0, w1, w2 = self.axes
        f, cx, cy = self.f, self.cx, self.cy
        xs, ys = [], []
        for x, y, z in pts:
            x -= ex
            y -= ey
            z -= ez
            d = x * w0 + y * w1 + z * w2
            if d < NEAR:
                q = self.cut([self.space(p) for p in pts])
                if len(q) < 3:
                    return None
                xs, ys = [cx + a * f / d for a, b, d in q], [cy - b * f / d for a, b, d in q]
                break
            xs.append(cx + (x * r0 + y * r1 + z * r2) * f / d)
            ys.append(cy - (x * u0 + y * u1 + z * u2) * f / d)
        s = list(zip(xs, ys))
        x0, x1, y0, y1 = self.bounds = (min(xs), max(xs), min(ys), max(ys))
        if x1 < -20 or x0 > self.w + 20 or y1 < -20 or y0 > self.h + 20:
            return None
        if x0 < -3000 or x1 > 4000 or y0 < -3000 or y1 > 4000:
            s = clip(s, -1500, -1500, self.w + 1500, self.h + 1500)
        return s if len(s) > 2 else None

    @staticmethod
    def cut(q):
        """What of a polygon in camera space lies before the near plane."""
        out = []
        for k in range(len(q)):
            a, b = q[k - 1], q[k]
            if (a[2] < NEAR) != (b[2] < NEAR):
                t = (NEAR - a[2]) / (b[2] - a[2])
                out.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), NEAR))
            if b[2] >= NEAR:
                out.append(b)
        return out

    def corners(self, x0, x1, y0, y1, z0, z1):
        """The screen points of a box's corners, sums of one corner and three edges; () where none is in the frame, None where they
        must be cut first."""
        f, cx, cy = self.f, self.cx, self.cy
        a, b, long = x1 - x0, y1 - y0, z1 - z0
        (r0, r1, r2), (u0, u1, u2), (w0, w1, w2) = self.right, self.up, self.fwd
        ox, oy, oz = self.space((x0, y0, z0))
        ax, ay, az = r2 * long, u2 * long, w2 * long
        bx, by, bz = r1 * b, u1 * b, w1 * b
        out = []
        for sx, sy, sz in ((ox, oy, oz), (ox + r0 * a, oy + u0 * a, oz + w0 * a)):
            tx, ty, tz = sx + bx, sy + by, sz + bz
            d0, d1, d2, d3 = sz, sz + az, tz, tz + az
            if d0 < NEAR or d1 < NEAR or d2 < NEAR or d3 < NEAR:
                return None
            out += ((cx + f * sx / d0, cy - f * sy / d0), (cx + f * (sx + ax) / d1, cy - f * (sy + ay) / d1),
                    (cx + f * tx / d2, cy - f * ty / d2), (cx + f * (tx + ax) / d3, cy - f * (ty + ay) / d3))
        px, py = [p[0] for p in out], [p[1] for p in out]
        left, right, top, bottom = min(px), max(px), min(py), max(py)
        if right < -20 or left > self.w + 20 or bottom < -20 or top > self.h + 20:
            return ()
        return None if left < -3000 or right > 4000 or top < -3000 or bottom > 4000 else out

    def segment(self, a, b):
        """Screen ends of a world segment, cut at the near plane, or None."""
        a, b = self.space(a), self.space(b)
        if a[2] < NEAR and b[2] < NEAR:
            return None
        if a[2] < NEAR or b[2] < NEAR:
            t = (NEAR - a[2]) / (b[2] - a[2])
            c = (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), NEAR)
            a, b = (c, b) if a[2] < NEAR else (a, c)
        f = self.f
        return (self.cx + a[0] * f / a[2], self.cy - a[1] * f / a[2], self.cx + b[0] * f / b[2],
                self.cy - b[1] * f / b[2])

    def horizon(self):
        """Screen y of the horizon at the frame's middle (unrolled cameras)."""
        return self.cy + self.f * math.tan(self.pitch)


def clip(pts, x0, y0, x1, y1):
    """Sutherland-Hodgman against a rectangle."""
    for axis, limit, keep in ((0, x0, 1), (0, x1, -1), (1, y0, 1), (1, y1, -1)):
        out = []
        for k in range(len(pts)):
            a, b = pts[k - 1], pts[k]
            ia, ib = (a[axis] - limit) * keep >= 0, (b[axis] - limit) * keep >= 0
            if ia != ib:
                t = (limit - a[axis]) / (b[axis] - a[axis])
                out.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])))
            if ib:
                out.append(b)
        pts = out
        if not pts:
            break
    return pts
