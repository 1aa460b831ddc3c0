# Inquadra - a jointed body in space: joints of a posed figure by two-bone inverse kinematics.
# SPDX-License-Identifier: GPL-3.0-or-later
import math

from .poses import POSES

THIGH, SHIN, UPPER, FORE = 0.44, 0.42, 0.29, 0.26


def add(a, b, k=1.0):
    return (a[0] + k * b[0], a[1] + k * b[1], a[2] + k * b[2])


def sub(a, b):
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a, b):
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def unit(a):
    n = math.sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]) or 1e-9
    return (a[0] / n, a[1] / n, a[2] / n)


def turn(a, b, t):
    """The pair of perpendicular axes turned by t from a towards b."""
    c, s = math.cos(t), math.sin(t)
    (a0, a1, a2), (b0, b1, b2) = a, b
    return (c * a0 + s * b0, c * a1 + s * b1, c * a2 + s * b2), (c * b0 - s * a0, c * b1 - s * a1, c * b2 - s * a2)


def along(axes, r, u, f):
    """The vector r right, u up and f forward in a body's axes."""
    (r0, r1, r2), (u0, u1, u2), (f0, f1, f2) = axes
    return (r * r0 + u * u0 + f * f0, r * r1 + u * u1 + f * f1, r * r2 + u * u2 + f * f2)


def reach(root, target, l1, l2, pole):
    """Two bones from root towards target, bending towards pole: (middle joint, end)."""
    d = sub(target, root)
    n = math.sqrt(dot(d, d)) or 1e-6
    dist = min(max(n, abs(l1 - l2) + 0.02), (l1 + l2) * 0.995)
    d = (d[0] / n, d[1] / n, d[2] / n)
    x = (l1 * l1 - l2 * l2 + dist * dist) / (2 * dist)
    h = math.sqrt(max(0.0, l1 * l1 - x * x))
    k = dot(pole, d)
    p = unit((pole[0] - k * d[0], pole[1] - k * d[1], pole[2] - k * d[2]))
    return (add(add(root, d, x), p, h), add(root, d, dist))


class Body:
    """Joints in world metres. where: the ground under the pelvis; facing: 0 towards the camera side (-z), positive
    towards +x; k scales a body of 1.75 m."""

    def __init__(self, rng, action, where, facing, k=1.0, wide=1.0, woman=False, stoop=0.0, big_head=1.0, look=(0.0, 0.0),
                 jitter=1.0, mirror=False, hold=None):
        pose = POSES[action]
        if hold:
            pose = dict(pose, **hold)
        self.pose, self.k, self.where = pose, k, where
        fwd = (math.sin(facing), 0.0, -math.cos(facing))
        up = (0.0, 1.0, 0.0)
        right = (-math.cos(facing), 0.0, -math.sin(facing))
        self.ground_fwd = fwd
        j = lambda s: rng.uniform(-s, s) * jitter  # noqa: E731
        pelvis = (where[0], where[1] + pose["at"] * k, where[2])
        if pose["tip"]:
            up, fwd = turn(up, fwd, pose["tip"])
        # spine: bends forwards by lean, sideways by side; the chest also turns by twist
        cu, cf = turn(up, fwd, pose["lean"] + stoop + j(0.03))
        m = -1.0 if mirror else 1.0
        cu, cr = turn(cu, right, m * pose["side"] + j(0.03))
        cf, cr = turn(cf, cr, m * pose["twist"] + j(0.06))
        self.fwd, self.chest_fwd, self.chest_up, self.chest_right = fwd, cf, cu, cr
        mid_up = unit(add(up, cu))
        waist = add(pelvis, mid_up, 0.16 * k)
        chest = add(waist, cu, 0.22 * k)
        self.pelvis, self.waist, self.chest = pelvis, waist, chest
        self.neck = add(chest, cu, 0.19 * k)
        sw = (0.165 if woman else 0.195) * k * (0.6 + 0.4 * wide)
        hw = (0.100 if woman else 0.090) * k * (0.5 + 0.5 * wide)
        top = add(chest, cu, 0.12 * k)
        self.shoulder = (add(top, cr, -sw), add(top, cr, sw))
        self.hip = (add(pelvis, right, -hw), add(pelvis, right, hw))
        self.sw, self.hw = sw, hw
        a, b = ("r", "l") if mirror else ("l", "r")
        self.hand_side = 0 if mirror else 1  # the hand that acts
        elbows, wrists, knees, ankles = [], [], [], []
        upper, lower = (cr, cu, cf), (right, up, fwd)
        for side, s in ((a, -1.0), (b, 1.0)):
            o, u, f = pose[side + "h"]
            o, u, f = (o + j(0.02)) * k, (u + j(0.02)) * k, (f + j(0.02)) * k
            root = self.shoulder[0 if s < 0 else 1]
            t = add(root, along(upper, s * o, u, f))
            o, u, f = pose[side + "e"]
            e, w = reach(root, t, UPPER * k, FORE * k, along(upper, s * o, u, f))
            elbows.append(e)
            wrists.append(w)
            o, u, f = pose[side + "f"]
            o, u, f = (o + j(0.01)) * k, (u - pose["hip"]) * k, (f + j(0.02)) * k
            t = add(pelvis, along(lower, s * o, u, f))
            o, u, f = pose[side + "k"]
            q, an = reach(self.hip[0 if s < 0 else 1], t, THIGH * k, SHIN * k, along(lower, s * o, u, f))
            knees.append(q)
            ankles.append(an)
        self.elbow, self.wrist, self.knee, self.ankle = elbows, wrists, knees, ankles
        self.toe, self.heel = [], []
        for i in (0, 1):
            shin = unit(sub(ankles[i], knees[i]))
            flat = abs(ankles[i][1] - where[1]) < 0.13 * k and pose["tip"] > -0.5
            base = fwd if not flat else self.ground_fwd
            if flat:
                d = unit(add(base, (0, -0.12, 0)))
                heel = add(add(ankles[i], base, -0.06 * k), (0, 1, 0), -0.03 * k)
            else:
                q = unit(add(base, shin, -dot(base, shin)))
                d = unit(add(q, shin, 0.45))
                heel = add(add(ankles[i], q, -0.05 * k), shin, 0.03 * k)
            self.toe.append(add(add(ankles[i], d, 0.17 * k), (0, 1, 0) if flat else shin, -0.02 * k if flat else 0.02 * k))
            self.heel.append(heel)
        # head: pitch down and turn on top of the chest's, half straightened as people do
        hu, hf, hr = cu, cf, cr
        straight = 0.5 * (pose["lean"] + stoop) if pose["tip"] == 0 and pose["lean"] < 1 else 0.0
        pitch, yaw = pose["head"][0] - straight + look[0], m * pose["head"][1] + look[1]
        hf, hr = turn(hf, hr, yaw - m * 0.7 * pose["twist"])
        hu, hf = turn(hu, hf, pitch)
        self.head_up, self.head_fwd, self.head_right = hu, hf, hr
        self.hh = 0.235 * (0.35 + 0.65 * k) * big_head if k < 0.9 else 0.235 * k * big_head
        self.head = add(add(self.neck, unit(add(hu, cu)), 0.045 * k + 0.40 * self.hh), hf, 0.03 * k)

    def on_chest(self, r, u, f):
        """A point near the chest: metres to the body's right, up and forward of the chest's middle."""
        return add(self.chest, along((self.chest_right, self.chest_up, self.chest_fwd), r, u, f), self.k)
