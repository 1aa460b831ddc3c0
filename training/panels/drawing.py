# Inquadra - draws one storyboard panel from a Spec and a seed: camera, set, light, figures, weather.
# SPDX-License-Identifier: GPL-3.0-or-later
import math
import random

import cairo
import numpy as np

from . import overlays, places_built, places_home, places_open, places_public, places_wild, vehicles
from .camera import Camera
from .figure import Figure, chair, shadow
from .handheld import acted_on, over
from .inserts import draw_insert
from .pen import Pen, paper
from .poses import POSES
from .scene import Scene, shine
from .spec import CABINS, CROWD, FRAMES, INTERIORS, PAIR_ACTIONS, SETTINGS, as_person, is_close, random_person, unit_of

PLACES = {n: next(getattr(m, n) for m in (places_home, places_public, places_open, places_wild, places_built) if hasattr(m, n)) for n in SETTINGS}
# height of a grown-up's head in parts of unit_of(frame): the ranges of two sizes never meet
HEADS = {"ELS": (.044, .052), "LS": (.092, .104), "MLS": (.163, .182), "MS": (.250, .280), "MCU": (.395, .440), "CU": (.580, .640),
         "BCU": (.840, .930), "ECU": (1.34, 1.50)}
ROOM = {"MLS": .085, "MS": .085, "MCU": .07, "CU": .035}
LINES = {"ELS": .82, "LS": .95, "MLS": 1.0, "MS": 1.08, "MCU": 1.2, "CU": 1.3, "BCU": 1.4, "ECU": 1.5}
HEAD_M = 0.235
PAPER = {}  # a surface a frame, drawn on again and again


def one_of_two(r, low, high):
    """One of two values between low and high: facings take few, and cameras one height and pitch, so that a place is seen in few ways, often."""
    return low + (high - low) * r.choice((.25, .75))


class Shot:
    """The camera of a panel and what it needs to be found."""

    def __init__(self, spec, r):
        self.spec, self.r = spec, r
        self.w, self.h = FRAMES[spec.frame]
        self.u = unit_of(spec.frame)
        self.head = sum(HEADS[spec.size]) / 2 * self.u
        self.inside = spec.setting in INTERIORS
        f = {"eye": 1.9, "high": 1.75, "low": 1.35, "dutch": 1.75, "bird": 1.0, "worm": 0.75}[spec.angle]
        if spec.size == "ELS" and self.inside:
            f *= 0.72
        if spec.framing == "establishing":
            f *= 0.85
        self.f = f * self.u
        self.az = r.choice((0.0, .4, -.4))
        if spec.setting in ("corridor", "train", "plane_cabin", "alley", "car", "elevator", "church", "staircase"):
            self.az *= .4
        self.roll = r.choice((-1, 1)) * math.radians(15) if spec.angle == "dutch" else 0.0

    def camera(self, aim, head, low, big=1.0):
        """aim: the point looked at; head: the middle of the leading head; low: the lowest point of the figures."""
        spec = self.spec
        d = self.f * HEAD_M * big / self.head
        pitch = {"eye": 0.0, "dutch": 0.0, "high": -.48, "low": .265, "bird": -.9, "worm": .46}[spec.angle]
        if spec.angle == "high" and (spec.size == "ELS" or not spec.count):
            pitch *= .75
        level = spec.angle in ("eye", "dutch")
        if level:
            y = {"ELS": 2.7 if not self.inside else 1.7, "LS": 1.2, "MLS": 1.275}.get(spec.size, head[1] - .03)
            if spec.framing == "establishing":
                y = 4.25 if not self.inside else 2.2
            eye_y = y
        else:
            eye_y = aim[1] - d * math.sin(pitch)
            if eye_y < .14:
                eye_y = .14
                pitch = math.asin(min(.95, (aim[1] - eye_y) / d))
        flat = d * math.cos(pitch)
        eye = (aim[0] - flat * math.sin(self.az), eye_y, aim[2] - flat * math.cos(self.az))
        cam = Camera(eye, self.az, pitch, self.roll, self.f, self.w / 2, self.h / 2, self.w, self.h)
        s = cam.at(head)[2] * HEAD_M * big
        cam.f *= self.head / s
        return cam


def place(spec, r, az, shot):
    """Where the figures stand: [(x, z, facing relative to the camera, look)] in metres, and the way the group looks (-1, 0, 1)."""
    n = min(spec.count, 4) if spec.count != CROWD else 3
    ppm = shot.head / HEAD_M
    near = POSES[spec.action]["near"] if n >= 2 else 0.0
    wide = {"ELS": one_of_two(r, 1.0, 1.5), "LS": one_of_two(r, .9, 1.1), "MLS": .84, "MS": .66, "MCU": .46, "CU": .335}.get(spec.size, .5)
    if spec.action in ("lie", "sleep", "fall", "crawl", "ride", "push", "open", "climb", "lean", "throw", "pull", "kick"):
        wide = max(wide, 1.9)
    gap = near or wide
    if n > 1:
        gap = min(gap, (shot.w * .92 - 1.25 * shot.head) / ((n - 1) * ppm))
        gap = max(gap, .9 * HEAD_M)
    side = r.choice((-1, 1))
    turn = {"front": one_of_two(r, -.22, .22), "three-quarter": side * one_of_two(r, .45, .85), "profile": side * one_of_two(r, 1.35, 1.6), "back": math.pi + one_of_two(r, -.45, .45)}[spec.view]
    out = []
    if spec.action in ("lie", "sleep", "fall") or spec.action in ("crawl", "ride", "push", "pull", "kick", "climb") and spec.view in ("front", "back"):
        turn = side * one_of_two(r, .9, 1.5)
    if spec.action in ("walk", "run", "carry", "point", "aim") and spec.view == "three-quarter":
        turn = side * one_of_two(r, .75, 1.25)
    if spec.action in SIDELONG and spec.view != "back":
        turn = side * one_of_two(r, 1.15, 1.55)
    if spec.action == "climb":
        turn = math.pi + side * one_of_two(r, .35, .75)
    for k in range(n):
        x = (k - (n - 1) / 2) * gap
        z = one_of_two(r, -.12, .12) if n > 1 and spec.size in ("ELS", "LS", "MLS") and not near else 0.0
        if spec.action == "hug":
            z = (.10, -.10)[k]  # one before the other: heads side by side
        if n == 1 or spec.view == "back" or spec.action in ("walk", "run", "sneak", "crawl", "ride", "carry", "push", "open", "pull", "throw", "lean", "climb", "aim", "point", "lie", "sleep", "fall"):
            face = turn + one_of_two(r, -.15, .15) * (n > 1)
            if n == 2 and spec.action == "aim":
                face = turn
        elif n == 2:
            t = one_of_two(r, 1.15, 1.45) if near else {"profile": 1.45, "front": .28}.get(spec.view, one_of_two(r, .6, 1.0))
            face = t if k == 0 else -t
        else:
            t = .28 if spec.view == "front" else one_of_two(r, .5, .9)
            face = t * (1 if k < n / 2 else -1) * (1 if k != (n - 1) / 2 else r.choice((-.3, .3)))
        out.append((x, z, face))
    looks = 0 if n > 1 and spec.action not in ("walk", "run", "aim", "sneak") else (1 if math.sin(turn) > .3 else -1 if math.sin(turn) < -.3 else 0)
    return out, looks


def world(x, z, az):
    """Camera-aligned ground coordinates to the world's."""
    return (x * math.cos(az) + z * math.sin(az), 0.0, -x * math.sin(az) + z * math.cos(az))


def crowd(spec, r, shot, cam, solid):
    """The people behind and beside the first three: [Figure]."""
    out = []
    n = r.randint(7, 11) if spec.size != "MLS" else r.randint(8, 10)
    for k in range(n):
        z = {"ELS": r.uniform(-1, 6), "MLS": r.uniform(.7, 2.8)}.get(spec.size, r.uniform(.9, 4.5))
        x = ((k + .5) / n - .5) * r.uniform(5.0, 7.0) * {"ELS": 2.0, "MLS": .72}.get(spec.size, 1.0)
        action = spec.action if spec.action not in PAIR_ACTIONS else "stand"  # a crowd does one thing
        out.append(Figure(r, cam, random_person(r), action, world(x, z, shot.az), r.uniform(-1.2, 1.2) - shot.az + (math.pi if spec.view == "back" else 0), light=spec.time, solid=solid, crowded=True))
    return out


def draw(spec, seed, record=None):
    """Grey picture [height, width] uint8 of the Spec in its frame; the same seed gives the same bytes. With a dict in record,
    record["heads"] lists (x, y, height) in pixels of every figure's head (of a crowd: the first three)."""
    r = random.Random(f"{seed}|{spec.size}|{spec.setting}|{spec.time}|{spec.count}|{spec.action}")
    w, h = FRAMES[spec.frame]
    surface = PAPER.get(spec.frame) or PAPER.setdefault(spec.frame, paper(w, h))
    c = cairo.Context(surface)
    c.set_operator(cairo.OPERATOR_SOURCE)
    c.set_antialias(cairo.ANTIALIAS_FAST)
    c.set_tolerance(.4)
    pen = Pen(c, spec.style, 3.0 * (w * h / 147456) ** .5)
    c.set_source_rgba(0, 0, 0, 1)
    c.paint()
    if spec.framing == "insert":
        shot = Shot(spec, r)
        cam = set_camera(spec, shot, (0.0, 1.3, 0.0), {"high": -.34}.get(spec.angle, 0.0), w, h)
        cam.cy -= .14 * h
        backdrop(pen, cam, spec, r, shot, [], 0, 0.0)
        draw_insert(pen, spec, r, w, h, shot.roll)
        heads = []
    else:
        heads = stage(pen, spec, r, w, h)
    overlays.weather(c, spec, r, w, h)
    overlays.arrow(pen, spec, r, w, h)
    surface.flush()
    if record is not None:
        record["heads"] = heads
    return np.frombuffer(surface.get_data(), np.uint8).reshape(h, surface.get_stride())[:, :w].copy()


# from how far the set of a close shot is seen, in metres: nearer, a place shows too little of itself to be told
WIDER = {"MS": 2.9, "MCU": 3.4, "CU": 3.7, "BCU": 4.0, "ECU": 4.0}


def set_camera(spec, shot, aim, pitch, w, h):
    """The camera that sees the set behind close figures: as the figures' one turned, tilted and rolled, but farther off."""
    d = 2.3 if spec.setting in CABINS else WIDER[spec.size]
    pitch *= .62  # half as steep: bare ground or bare sky would tell no place
    y = max(.35, (1.45 if not pitch else aim[1]) - d * math.sin(pitch))
    flat = d * math.cos(pitch)
    cam = Camera((aim[0] - flat * math.sin(shot.az), y, aim[2] - flat * math.cos(shot.az)), shot.az, pitch, shot.roll, 1.5 * shot.u, w / 2, h / 2, w, h)
    if not pitch:
        cam.cy = h * .51
    return cam


# what the light leaves of a set's tones: (darkest, lightest, how much of the style's own lightening stays, how much lines step back).
# Sets stay clear of what figures are drawn in: light behind dark clothes by day, in the middle behind dark figures at dusk, dark
# behind light ones at night; behind faces, which are light, day is a grey wash
SET_LIGHT = {"day": (.36, 1.0, 1.0, .20), "dusk": (.33, .80, .65, .18), "night": (.05, .38, .35, .06)}
CLOSE_LIGHT = {"day": (.36, .86, .5, .16), "dusk": (.28, .60, .4, .16), "night": (.06, .36, .25, .08)}
FIGURE_LIGHT = {"day": (0.0, 1.0, .4), "dusk": (0.0, .92, .3), "night": (.03, .98, .3)}


def set_light(spec):
    if spec.light == "silhouette":
        return (.58, .97, 1.0, .3) if spec.time == "day" else (.52, .86, .8, .3)
    return (CLOSE_LIGHT if is_close(spec.size) else SET_LIGHT)[spec.time]


def subject(pen, spec, fn):
    """Draws a vehicle or an animal that the caption names: in the figures' light, not in the set's."""
    if spec.light != "silhouette":
        pen.light(*{"day": (.05, 1.0, .8, .05), "dusk": (.02, .86, .6, .05), "night": (.16, .95, .5, 0.0)}[spec.time])
    fn()
    pen.light(*set_light(spec))


def backdrop(pen, cam, spec, r, shot, spots, looks, dist):
    """Draws the set as far as dist from the camera; returns the scene and what stands nearer."""
    scene = Scene(pen, cam, r, spec)
    pen.bands = spec.time != "night"
    pen.light(*set_light(spec))
    PLACES[spec.setting](scene)
    n = len(scene.things)
    extras(scene, spec, r, shot, spots, looks)
    scene.things[n:] = [(d, k, lambda fn=fn: subject(pen, spec, fn)) for d, k, fn in scene.things[n:]]
    scene.draw_back()
    behind, before = scene.split(max(0.0, dist - .25))
    for _, _, fn in behind:
        fn()
    pen.air = 0.0
    shine(pen, scene.lights, .6 if is_close(spec.size) else 1.0)
    overlays.mist(pen.c, spec, r, cam.w, cam.h)
    return scene, before


def stage(pen, spec, r, w, h):
    c = pen.c
    shot = Shot(spec, r)
    n = len(spec.people) if spec.count else 0
    ots = spec.framing.startswith("ots")
    spots, looks = place(spec, r, shot.az, shot) if n else ([], 0)
    seat = spec.setting == "car"
    if seat:
        spots = [((-.36, .36)[k] if n == 2 else r.choice((-.36, .36)), 0.05, r.uniform(-.12, .12) if n == 1 else (.3, -.3)[k]) for k in range(n)]
    if ots:
        spots = [(0.0, 0.0, (-.38 if spec.framing == "ots left" else .38))]
    night, dusk = spec.time == "night", spec.time == "dusk"
    figures = cast(spec, r, shot, spots)
    heads = figures[:]
    if figures:
        lead = max(figures, key=lambda f: f.body.hh)
        big = lead.body.hh / HEAD_M
        level(figures, lead, spec)
        head = lead.body.head
        b = lead.body
        low = min(p[1] for p in (*b.ankle, b.pelvis, *b.knee, b.head)) if spec.action != "ride" else 0.0
        span = (head[1] + low) / 2
        aim_y = {"ELS": span, "LS": span, "MLS": head[1] - .45, "MS": head[1] - .22, "MCU": head[1] - .10, "CU": head[1] - .03}.get(spec.size, head[1])
        mid = tuple(sum(f.body.head[i] for f in figures) / len(figures) for i in range(3))
        head = (mid[0], head[1], mid[2])
        aim = (mid[0], aim_y, mid[2])
    else:
        head, aim, low, big = (0, 1.6, 0), (0, .9, 0), 0.0, 1.0
    cam = shot.camera(aim, head, low, big)
    if spec.size == "ECU":
        # the face is framed, not the skull behind it
        head = tuple(head[i] + b.hh * (.26 * b.head_fwd[i] - .04 * b.head_up[i]) for i in range(3))
    frame_shot(cam, spec, r, shot, head, low, looks, n, w, h)
    for f in figures:
        f.aim(cam)
    line = pen.lw
    seen = cam
    if spec.size in WIDER and not seat:
        seen = set_camera(spec, shot, aim, cam.pitch, w, h)
    scene, before = backdrop(pen, seen, spec, r, shot, spots, looks, seen.distance((aim[0], .5, aim[2])) if spots else 0.0)
    if seen is not cam:
        before = []
    # figures
    figure_light = (0.0, 1.0) if spec.light == "silhouette" else FIGURE_LIGHT[spec.time]
    pen.light(*figure_light)
    pen.bands = not night
    pen.halo_tone = .74 if night else .94 if dusk else 1.0
    pen.lw = line
    lw = LINES[spec.size]
    if spec.count == CROWD:
        figures = figures + crowd(spec, r, shot, cam, .05 if spec.light == "silhouette" else None)
    for fig in figures:
        if spec.size in ("ELS", "LS", "MLS") and fig.action != "ride" and not seat:
            p = fig.body.pelvis
            shadow(pen, cam, (p[0], 0.0, p[2]), .42 if fig.action not in ("lie", "sleep", "fall") else .75, .66 if not (night or dusk) else .36 if dusk else .07)
    halo = {"ELS": 2.0, "LS": 2.6, "MLS": 3.0}.get(spec.size, 3.4)
    if is_close(spec.size) and not night and len(figures) == 1:
        halo = 0.0  # a face stands off its wash by itself
    pen.solid = spec.light == "silhouette"
    for fig in sorted(figures, key=lambda f: -cam.distance(f.body.chest)):
        crowded = fig not in heads
        away = math.cos(fig.facing + shot.az) <= 0
        sits = fig.action in ("sit", "work") and not seat
        if sits:
            chair(pen, cam, fig.where, fig.facing, fig.person.k, "seat" if away else None)
        acted_on(fig, pen, lw)
        if fig.action == "work" and away:
            desk(pen, cam, fig)
        pen.air = .16 if crowded and spec.size != "ELS" else 0.0
        fig.draw(pen, lw * (.85 if crowded else 1.0), halo)
        over(fig, pen, lw)
        pen.air = 0.0
        if sits and away:
            chair(pen, cam, fig.where, fig.facing, fig.person.k, "back")
        if fig.action == "work" and not away:
            desk(pen, cam, fig)
    if spec.action == "hug" and len(figures) == 2:
        # the arms nearer to us lie on the other's back
        for fig in sorted(figures, key=lambda f: -cam.distance(f.body.chest)):
            fig.arm(min((0, 1), key=lambda i: cam.depth(fig.body.elbow[i])), False)
    pen.solid = False
    pen.light(*set_light(spec))
    for _, _, fn in front_of(before, scene, cam, figures):
        fn()
    pen.air = 0.0
    pen.light(*figure_light)
    if ots:
        shoulder(pen, spec, r, cam, as_person(spec.people[1]), lw, w, h)
    if seat:
        overlays.dashboard(pen, cam, spec, figures, w, h)
    if spec.framing == "pov":
        overlays.point_of_view(pen, spec, r, w, h)
    return [f.head for f in heads]


# poses that are blots unless seen from the side
SIDELONG = {"crawl", "sneak", "push", "pull", "punch", "kick", "throw", "pray", "kneel", "crouch", "fall", "drink"}
MIRRORED = ("point", "aim", "phone", "drink", "smoke", "wave", "open", "throw", "punch")


def cast(spec, r, shot, spots):
    """The figures, posed and placed, not yet seen through the shot's camera."""
    probe = Camera((0, 1.2, -6), 0, 0, 0, 600, 0, 0, shot.w, shot.h)
    solid = .05 if spec.light == "silhouette" else None
    seat_height = {"bicycle": .98, "motorcycle": .86}.get(spec.extra) if spec.action == "ride" else None
    out = []
    for k, (x, z, face) in enumerate(spots):
        look, gaze = (0.0, 0.0), (r.uniform(-.3, .3), 0.0)
        if spec.framing.startswith("ots"):
            gaze = (1.0 if spec.framing == "ots right" else -1.0, 0.0)
        elif len(spots) >= 2 and spec.action not in ("walk", "run", "sneak", "ride", "carry", "push"):
            # eyelines meet: each looks towards the middle of the others
            others = [q for j, q in enumerate(spots) if j != k]
            gaze = (1.0 if sum(q[0] for q in others) / len(others) > x else -1.0, 0.0)
            if abs(face) < .3:
                look = (0.0, -gaze[0] * .3)
        elif abs(math.sin(face)) > .3:
            gaze = (1.0 if math.sin(face) > 0 else -1.0, r.choice((0, 0, -.5)))
        act = spec.action
        mirror = r.random() < .5 if not POSES[act]["near"] else k == 1
        if act in MIRRORED and abs(math.sin(face)) > .3:
            mirror = math.sin(face) < 0
        if act == "give" and k == 1:
            act = "shake"
        if act in ("punch", "kick") and len(spots) >= 2 and k == 1 and spec.size == "LS" and r.random() < .4:
            act = "fall"
        if act == "aim" and len(spots) == 2 and k == 1 and r.random() < .4:
            act, face = "hands up", face + math.pi
        if spec.size == "MS" and act + ", near" in POSES:
            act += ", near"
        last = len(spots) - 1
        prop = spec.prop if k == (last if spec.prop == "umbrella" else 0) else "none"
        fig = Figure(r, probe, as_person(spec.people[k]), act, world(x, z, shot.az), face - shot.az, spec.mood, spec.wear if k == 0 else "none", prop, gaze, look,
                     spec.time, mirror, big_head=1.18 if spec.size == "ELS" else 1.0, solid=solid)
        if act == "ride" and seat_height:
            shift(fig.body, seat_height - 1.42)
        out.append(fig)
    return out


def level(figures, lead, spec):
    """Close frames hold small and tall people alike: the small ones stand on something out of the frame."""
    room = {"MS": .22, "MCU": .10, "CU": .05}.get(spec.size)
    if room is None:
        return
    for f in figures:
        drop = lead.body.head[1] - f.body.head[1]
        if abs(drop) > room:
            shift(f.body, drop - math.copysign(room, drop))


def shift(body, dy):
    """Moves a whole body up or down."""
    for name in ("pelvis", "waist", "chest", "neck", "head"):
        p = getattr(body, name)
        setattr(body, name, (p[0], p[1] + dy, p[2]))
    for name in ("shoulder", "hip", "elbow", "wrist", "knee", "ankle", "toe", "heel"):
        setattr(body, name, [(p[0], p[1] + dy, p[2]) for p in getattr(body, name)])


def frame_shot(cam, spec, r, shot, head, low, looks, n, w, h):
    """Lens shift: thirds, looking room and headroom."""
    x, y, s = cam.at(head)
    fx, fy, _ = cam.at((head[0], low, head[2]))
    if spec.size in ("BCU", "ECU"):
        tx = w * (.5 - .10 * looks)
        if spec.size == "ECU":
            tx = w * (.5 + (-looks or r.choice((-1, 1))) * .135)
    elif n == 1 and spec.framing in ("plain", "establishing"):
        if spec.size == "ELS":
            tx = w * r.choice((.36, .64, .5)) if not looks else w * (.5 - .15 * looks)
        else:
            tx = w * (.5 - .13 * looks) if looks else w * (.5 + r.choice((-1, 1, 0)) * .085)
    elif spec.framing.startswith("ots"):
        tx = w * (.40 if spec.framing == "ots right" else .60)
    elif n:
        tx = w * (.5 - .06 * looks)
    else:
        tx = x
    if not n:
        ty, anchor = y, y
        if spec.angle in ("eye", "dutch"):
            cam.cy += h * .49 - cam.horizon()
        return
    if spec.size in ("ELS", "LS"):
        if spec.angle in ("high", "bird"):
            # low in the frame: what lies behind the figures tells the place
            ty, anchor = h * (.57 if spec.angle == "high" else .65), (y + fy) / 2
        else:
            anchor = fy
            ty = h * (.85 if spec.size == "ELS" else .9375)
            if shot.u < h * .9:
                ty -= .10 * h
            top = y + ty - anchor
            if top < .14 * h and spec.size == "LS":
                ty += .14 * h - top
    elif spec.size in ROOM:
        anchor = y - shot.head * .5
        ty = h * ROOM[spec.size] * 1.025 + max(0.0, h - shot.u) * (.24 if spec.size != "CU" else .34)
        if spec.wear in ("hat", "helmet"):
            ty += .12 * shot.head
        if spec.action in ("hands up", "wave", "look up"):
            ty += .10 * shot.head
    elif spec.size == "BCU":
        anchor, ty = y, h * .51
    else:
        anchor, ty = y, h * .5
    if shot.roll:
        # the shift is along the frame: the roll has turned head and feet about the middle already
        pass
    cam.cx += tx - x
    cam.cy += ty - anchor


def front_of(before, scene, cam, figures):
    """Things nearer than the figures, where they stay clear of them."""
    if not figures:
        return before
    boxes = [f.box() for f in figures]
    left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
    out = []
    for t in before:
        if t[0] < 1.6 or scene.close:
            continue
        at = scene.anchors[t[1]]
        x, _, s = cam.at(at)
        if x < left - 1.1 * s * .9 or x > right + 1.1 * s * .9:
            out.append(t)
    return out


def desk(pen, cam, fig):
    """A table before a working figure, with a lit screen or paper."""
    b = fig.body
    f = b.ground_fwd
    rt = (-f[2], 0, f[0])

    def q(a, u, d):
        return cam.at((fig.where[0] + a * rt[0] + d * f[0], u, fig.where[2] + a * rt[2] + d * f[2]))[:2]
    top = [q(-.62, .70, .36), q(.62, .70, .36), q(.62, .70, 1.0), q(-.62, .70, 1.0)]
    toward = cam.distance((fig.where[0] + f[0], .7, fig.where[2] + f[2])) < cam.distance(fig.where)
    pen.poly(top, .86, 1.0)
    if toward:
        pen.poly([q(-.62, .70, 1.0), q(.62, .70, 1.0), q(.62, .12, 1.0), q(-.62, .12, 1.0)], .55, 1.0)
    else:
        pen.poly([q(-.62, .70, .36), q(-.62, .64, .36), q(.62, .64, .36), q(.62, .70, .36)], .5, .9)
    pen.poly([q(-.20, .71, .62), q(.20, .71, .62), q(.20, .98, .78), q(-.20, .98, .78)], .25 if toward else .95, 1.0)


def extras(scene, spec, r, shot, spots, looks):
    """Vehicles and animals near the figures."""
    kind = spec.extra
    if kind == "none":
        return
    if spec.action == "ride" and spots:
        for x, z, face in spots:
            p = world(x, z, shot.az)
            phi = face - shot.az
            t = math.atan2(-math.cos(phi), math.sin(phi))
            if kind == "horse":
                vehicles.animal(scene, "horse", p[0], p[2], t, bias=-.05)
            else:
                vehicles.two_wheels(scene, p[0], p[2], t, kind == "motorcycle", -.05)
        return
    side = -looks if looks else r.choice((-1, 1))
    edge = max([abs(x) for x, _, _ in spots], default=0.0)
    heading = r.choice((0.0, math.pi)) + r.uniform(-.3, .3) - shot.az
    far = spec.size == "ELS"
    if kind in ("car", "van", "truck", "bus"):
        z = {"car": 1.9, "van": 2.4, "truck": 4.5, "bus": 4.5}[kind] + (1.5 if far else 0)
        x = side * (edge + (1.6 if kind in ("car", "van") else 2.0))
        p = world(x, z, shot.az)
        vehicles.vehicle(scene, kind, p[0], p[2], heading, r.choice((.3, .55, .85)))
    elif kind in ("bicycle", "motorcycle"):
        p = world(side * (edge + 1.0), .5, shot.az)
        vehicles.two_wheels(scene, p[0], p[2], heading, kind == "motorcycle")
    elif kind in ("dog", "cat", "horse", "cow"):
        gap = {"dog": .75, "cat": .65, "horse": 1.7, "cow": 1.7}[kind]
        p = world(side * (edge + gap), .35, shot.az)
        if kind in ("dog", "cat"):
            p = world(side * (edge + gap), .28, shot.az)
        vehicles.animal(scene, kind, p[0], p[2], heading)
    elif kind == "birds":
        vehicles.birds(scene, r.randint(4, 7))
    elif kind == "helicopter":
        a = scene.cam.yaw + side * .22
        d = 24
        e = scene.cam.eye
        vehicles.helicopter(scene, e[0] + d * math.sin(a), e[1] + d * (.17 + max(0, scene.cam.pitch)), e[2] + d * math.cos(a))
    elif kind == "plane":
        a = scene.cam.yaw + side * .2
        e = scene.cam.eye
        vehicles.plane(scene, e[0] + 70 * math.sin(a), e[1] + 70 * (.19 + max(0, scene.cam.pitch)), e[2] + 70 * math.cos(a), .8)


def shoulder(pen, spec, r, cam, who, lw, w, h):
    """The listener of an over-the-shoulder: back of the head and shoulder, large and dark at the frame's edge."""
    right = spec.framing == "ots right"
    k = 1.75 if spec.size == "MS" else 1.45
    d = cam.depth((0, 1.5, 0)) / k
    e, f, rt = cam.eye, cam.fwd, cam.right
    tx, ty = w * (.83 if right else .17), h * (.40 if spec.size == "MS" else .46)
    a, b = (tx - cam.cx) * d / cam.f, -(ty - cam.cy) * d / cam.f
    head = tuple(e[i] + d * f[i] + a * rt[i] + b * cam.up[i] for i in range(3))
    phi = math.pi + (.42 if not right else -.42) - cam.yaw
    fig = Figure(r, cam, who, "stand", (head[0], 0.0, head[2]), phi, "neutral", "none", "none", (0, 0), (0, 0), spec.time, solid=.05 if spec.light == "silhouette" else None)
    dy = head[1] - fig.body.head[1]
    shift(fig.body, dy)
    p = fig.person
    p.top = min(p.top, .30)
    fig.draw(pen, lw * 1.25, 3.5)
