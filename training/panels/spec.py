# Inquadra - what a drawn storyboard panel shows: attributes, sensible random combinations, held-out split.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Spec names everything a caption may say about a panel; the drawer adds only layout by seed."""
import hashlib
import random
from collections import namedtuple
from dataclasses import dataclass

SIZES = ["ELS", "LS", "MLS", "MS", "MCU", "CU", "BCU", "ECU"]
ANGLES = ["eye", "high", "low", "dutch", "bird", "worm"]
FRAMINGS = ["plain", "ots left", "ots right", "two-shot", "pov", "insert", "establishing"]
CROWD = 9
COUNTS = [0, 1, 2, 3, 4, CROWD]
INTERIORS = ["kitchen", "bedroom", "living_room", "bathroom", "dining_room", "office", "corridor", "staircase", "classroom",
             "hospital", "library", "shop", "prison", "laboratory", "attic", "garage", "bar", "restaurant", "church", "theatre",
             "warehouse", "museum", "courtroom", "throne_room", "gym", "cave", "train", "plane_cabin", "spaceship", "subway",
             "car", "elevator"]
EXTERIORS = ["street", "alley", "rooftop", "square", "park", "harbour", "bridge", "market", "parking", "airport",
             "construction", "gas_station", "platform", "suburb", "village", "forest", "jungle", "beach", "mountains",
             "snowfield", "desert", "road", "farm", "garden", "cemetery", "ship", "lake", "field", "cliff", "ruins", "castle",
             "stadium", "river"]
SETTINGS = INTERIORS + EXTERIORS
# small or narrow: no room for a far camera, a crowd or a car
CABINS = {"car", "elevator", "bathroom", "prison"}
NARROW = {"corridor", "train", "plane_cabin", "alley", "elevator", "car", "bathroom", "prison", "staircase"}
# no floor beside the figures for animals and vehicles
NO_EXTRAS = {"rooftop", "ship", "cliff", "platform", "snowfield"}
TIMES = ["day", "night", "dusk"]
WEATHER = ["clear", "rain", "snow", "fog"]
LIGHTS = ["plain", "silhouette"]
FAR_ACTIONS = ["stand", "wait", "walk", "run", "sneak", "sit", "point", "argue", "kneel", "crouch", "lie", "fall", "jump",
               "climb", "crawl", "punch", "kick", "aim", "phone", "drink", "smoke", "read", "work", "dance", "hug", "shake",
               "give", "wave", "carry", "push", "pull", "throw", "lean", "despair", "think", "hands up", "open", "look up",
               "photograph", "play", "pray", "ride", "sleep"]
MID_ACTIONS = ["stand", "wait", "point", "argue", "punch", "aim", "phone", "drink", "smoke", "read", "work", "dance",
               "hug", "shake", "give", "wave", "carry", "lean", "despair", "think", "hands up", "look up", "photograph", "play"]
NEAR_ACTIONS = ["stand", "argue", "phone", "drink", "smoke", "read", "despair", "think", "look up"]
ACTIONS = FAR_ACTIONS + ["drive"]
# what a figure of eighty pixels can show
TINY_ACTIONS = ["stand", "walk", "run", "sit", "point", "lie", "jump", "climb", "crawl", "kick", "work", "dance", "hug", "carry", "push", "pull",
                "hands up", "ride", "give"]
# two large faces keep their hands out of each other's
PAIR_NEAR = ["stand", "argue", "look up"]
CLOSE_ACTIONS = ["stand", "argue", "phone", "look up", "read", "think"]
# arms and things that reach across a neighbour: three and more stay countable without them
REACHING = {"punch", "kick", "aim", "dance", "carry", "push", "pull", "throw", "lean", "open", "climb", "work", "play", "point", "argue"}
# what a hand does at the face is lost in a silhouette
AT_THE_FACE = {"phone", "drink", "smoke", "think", "read", "photograph", "despair", "look up", "play"}
# all that is told from straight above or from the ground
FROM_THE_POLES = {"stand", "walk", "run", "sit", "push", "carry", "hands up", "shake", "give", "point", "aim", "pull", "hug", "argue"}
# seen from the side, the thing acted on beside the figure
ASIDE = {"push", "open"}
# what still reads from behind, and what does not read from the front
FROM_BEHIND = {"stand", "walk", "run", "sit", "wave", "push", "climb", "hands up", "lie", "wait"}
SIDEWAYS = {"point", "aim", "push", "pull", "punch", "kick", "open", "throw", "climb", "crawl", "sneak", "run", "carry", "kneel", "fall", "ride"}
PAIR_ACTIONS = {"hug", "shake", "give"}
FLOOR = ["lie", "fall", "crawl", "sleep", "crouch", "kneel", "pray", "climb"]
RARE = ["lie", "fall", "crawl", "sleep", "open", "pull", "throw", "lean", "sneak", "photograph"]
FAR = ("ELS", "LS", "MLS", "MS")
MOODS = ["neutral", "smiling", "laughing", "angry", "sad", "surprised", "afraid", "suspicious"]
PROPS = ["none", "umbrella", "suitcase", "bag", "gun", "flashlight", "sword", "cane", "flowers", "letter", "cup", "phone", "book"]
WEAR = ["none", "hat", "cap", "helmet", "glasses"]
KINDS = ["man", "woman", "boy", "girl", "old man", "old woman"]
BUILDS = ["slim", "average", "heavy"]
HAIR = ["short", "long", "bob", "bun", "ponytail", "bald", "curly", "beard"]
COLOURS = ["dark", "fair", "grey"]
CLOTHES = ["shirt", "tee", "jacket", "suit", "coat", "dress", "skirt", "hoodie", "uniform", "apron"]
VIEWS = ["front", "three-quarter", "profile", "back"]
EXTRAS = ["none", "car", "van", "truck", "bus", "bicycle", "motorcycle", "horse", "dog", "cat", "cow", "birds", "helicopter", "plane"]
OBJECTS = ["phone", "letter", "gun", "key", "cup", "photo", "clock", "book", "ring", "knife"]
STYLES = ["clean", "pencil", "ink", "marker", "blue"]
MOVES = ["none", "pan left", "pan right", "tilt up", "tilt down", "dolly in", "dolly out", "truck left", "truck right", "crane up",
         "crane down", "zoom in", "zoom out", "static", "handheld", "rack focus"]
# about the same number of pixels each; sides are multiples of 32, as the UNet halves the 16-fold grid once
FRAMES = {"16:9": (512, 288), "2.39": (608, 256), "1.85": (544, 288), "4:3": (416, 320), "1:1": (384, 384), "9:16": (288, 512)}

Person = namedtuple("Person", "kind build hair colour clothes")


@dataclass(frozen=True)
class Spec:
    """One panel: every attribute a caption can name. people has one entry per figure (a Person, or just its kind);
    of a crowd the first three."""
    size: str = "LS"
    count: int = 1
    setting: str = "street"
    time: str = "day"
    weather: str = "clear"
    angle: str = "eye"
    action: str = "stand"
    mood: str = "neutral"
    prop: str = "none"
    people: tuple = ("man",)
    framing: str = "plain"
    wear: str = "none"
    view: str = "three-quarter"
    extra: str = "none"
    light: str = "plain"
    style: str = "clean"
    move: str = "none"
    frame: str = "16:9"
    thing: str = "none"


def as_person(p):
    """A Person from a Person or a bare kind."""
    if not isinstance(p, str):
        return p
    woman = p in ("woman", "girl", "old woman")
    return Person(p, "average", "long" if woman else "short", "grey" if p.startswith("old") else "dark", "dress" if woman else "shirt")


def is_close(size):
    """True for the sizes where the face carries the picture."""
    return size in ("MCU", "CU", "BCU", "ECU")


def unit_of(frame):
    """The length in pixels that shot sizes are measured by: the frame's height, less where it is narrow."""
    w, h = FRAMES[frame]
    return min(h, 0.55 * w + 170)


def allowed(size, count, setting):
    """True for combinations the drawer can show so that a viewer reads size and count at once."""
    if setting in CABINS and (size in ("ELS", "LS") or count > 3):
        return False
    if setting == "car" and (size == "MLS" or count not in (1, 2)):
        return False
    if setting in NARROW and count > 3 and count != CROWD:
        return False
    if count == 0:
        return size in ("ELS", "LS")
    if count == CROWD:
        return size in ("ELS", "LS", "MLS") and setting not in NARROW
    if size in ("BCU", "ECU"):
        return count == 1
    if size in ("MCU", "CU"):
        return count <= 2
    if size == "MS":
        return count <= 3
    return True


def combinations():
    """Every (size, count, setting, time) the drawer allows."""
    return [(s, c, g, t) for s in SIZES for c in COUNTS for g in SETTINGS for t in TIMES if allowed(s, c, g)]


def held_out_key(size, count, setting, time, action, style):
    """Stable tenth of the combinations, from a hash of their names."""
    text = f"inquadra-held-out-2|{size}|{count}|{setting}|{time}|{action}|{style}"
    return hashlib.sha256(text.encode()).digest()[0] < 26


def held_out(spec):
    """True where training must never see this (size, count, setting, time, action, style)."""
    return held_out_key(spec.size, spec.count, spec.setting, spec.time, spec.action, spec.style)


COMMON_SETTINGS = frozenset(("kitchen", "bedroom", "living_room", "office", "corridor", "classroom", "hospital", "prison", "bar", "restaurant", "church",
                             "warehouse", "train", "car", "street", "alley", "rooftop", "park", "harbour", "platform", "forest", "beach", "mountains",
                             "desert", "road", "farm", "library", "shop", "staircase", "garage", "cave", "subway", "spaceship", "bridge", "market",
                             "snowfield", "castle", "cemetery", "ship", "village"))
COMMON_ACTIONS = frozenset(("stand", "wait", "walk", "run", "sit", "point", "argue", "phone", "aim", "drink", "read", "hug", "kneel", "lie", "wave",
                            "carry", "work", "fall", "punch", "look up", "drive", "climb", "push", "hands up", "crouch"))


def common(spec):
    """Whether it is of what most boards are made of: 40 settings, 25 actions, up to three figures, every line style. Training on
    little (a CPU's hours) shows these most, so that they are learnt well before the rest is."""
    return spec.light == "plain" and spec.move == "none" and spec.count <= 3 and spec.setting in COMMON_SETTINGS and spec.action in COMMON_ACTIONS


def shown(spec):
    """What the picture shows of the seven attributes that are judged: an extreme close-up, a close face in a narrow frame, bare ground
    straight below leave no place to be told, and what a body does is seen from ELS to MS alone. The judge learns and marks these only."""
    out = {"size", "angle", "count", "time", "style"}
    narrow = spec.frame in ("9:16", "1:1")
    ground = spec.angle == "bird" and (spec.size == "MLS" or spec.size == "LS" and spec.setting in EXTERIORS)
    if spec.size != "ECU" and not ground and not (narrow and spec.size in ("MCU", "CU", "BCU")) and spec.framing != "insert":
        out.add("setting")
    if spec.count and spec.size in FAR:
        out.add("action")
    return out


def random_person(rng):
    kind = rng.choices(KINDS, (34, 34, 8, 8, 8, 8))[0]
    if kind in ("man", "old man"):
        hair = rng.choices(("short", "bald", "curly", "beard", "long"), (46, 14, 16, 20, 4))[0]
        clothes = rng.choice(("shirt", "tee", "jacket", "suit", "coat", "hoodie", "uniform", "apron"))
    elif kind == "boy":
        hair, clothes = rng.choice(("short", "short", "curly")), rng.choice(("shirt", "tee", "hoodie", "jacket"))
    else:
        hair = rng.choices(("long", "bob", "bun", "ponytail", "curly", "short"), (34, 20, 16, 14, 12, 4))[0]
        clothes = rng.choice(("shirt", "tee", "jacket", "coat", "dress", "dress", "skirt", "hoodie", "uniform", "suit"))
        if kind == "girl":
            clothes = rng.choice(("dress", "tee", "skirt", "hoodie"))
    colour = "grey" if kind.startswith("old") else rng.choices(("dark", "fair"), (68, 32))[0]
    build = rng.choices(BUILDS, (22, 58, 20))[0] if kind not in ("boy", "girl") else "average"
    return Person(kind, build, hair, colour, clothes)


def unfit(size, count, setting, angle):
    """The actions that cannot be drawn so that they, and the number of figures, are read."""
    bad = set()
    if count != 2:
        bad.update(PAIR_ACTIONS)
    if count == 2 and size in ("MLS", "MS"):
        bad.update(("push", "open", "pull", "climb", "throw", "lean", "work"))
    if size in ("MCU", "CU") and (count == 2 or angle == "low"):
        bad.update(("phone", "drink", "smoke", "despair"))  # hands that hide the faces
    if count >= 3:
        bad.update(REACHING, ("lie", "fall", "sleep", "crawl", "ride"))
    if count >= 3 or angle == "low":
        bad.add("look up")
    if angle == "low":
        bad.add("sleep")
    if size == "MLS":
        bad.update(FLOOR, ("ride", "jump", "throw") + (("kick", "dance", "run") if count == 2 else ()))
    if setting in INTERIORS or setting in NO_EXTRAS:
        bad.add("ride")
    if angle in ("bird", "worm"):
        bad.update(a for a in ACTIONS if a not in FROM_THE_POLES)
    return bad


def fill(rng, size, count, setting, time, action=None, style=None):
    """A Spec with the main attributes given and the others drawn at random, sensibly."""
    inside = setting in INTERIORS
    weather = "clear" if inside else rng.choices(WEATHER, (62, 15, 10, 13))[0]
    if setting in ("snowfield",) and weather in ("rain",):
        weather = "snow"
    if setting in ("desert", "beach", "jungle") and weather == "snow":
        weather = "clear"
    style = style or rng.choices(STYLES, (44, 14, 14, 14, 14))[0]
    framing, thing = "plain", "none"
    if count == 0:
        angle = rng.choices(ANGLES, (50, 14, 12, 8, 10, 6))[0] if size == "LS" else rng.choices(ANGLES, (64, 16, 8, 6, 6, 0))[0]
        if angle in ("bird", "worm") and (inside or size == "LS"):
            angle = "high"  # an empty floor or ceiling tells no place
        if size == "ELS" and rng.random() < 0.5:
            framing = "establishing"
    else:
        weights = {"ELS": (56, 16, 8, 8, 12, 0), "LS": (38, 14, 13, 9, 13, 13), "MLS": (42, 14, 14, 9, 9, 12), "MS": (52, 17, 17, 14, 0, 0)}
        angle = rng.choices(ANGLES, weights.get(size, (56, 16, 16, 12, 0, 0)))[0]
        if size == "ELS" and count <= 2 and angle == "eye" and rng.random() < 0.25:
            framing = "establishing"
    if setting in ("car", "elevator", "train", "plane_cabin") and angle in ("bird", "worm"):
        angle = rng.choice(("eye", "dutch"))
    view = "three-quarter"
    pool = {"ELS": TINY_ACTIONS, "LS": FAR_ACTIONS, "MLS": FAR_ACTIONS, "MS": MID_ACTIONS, "MCU": NEAR_ACTIONS, "CU": CLOSE_ACTIONS}.get(size, ["stand"])
    if size == "CU" and count == 2:
        pool = PAIR_NEAR
    given = action is not None
    if not given:
        action = "stand"
        if count:
            # those that only some shots can hold are asked for more often
            pool = pool + ["ride"] * 6 * (size in ("ELS", "LS")) + ["hug", "shake", "give"] * (2 * (count == 2 and size in ("LS", "MLS", "MS"))) + RARE * (size == "LS") + FLOOR * (size == "LS")
            bad = unfit(size, count, setting, angle)
            action = rng.choice([a for a in pool if a not in bad]) if rng.random() < (0.88 if size in FAR else 0.4) else "stand"
            if count == 2 and size in ("MS", "MCU") and angle in ("eye", "low") and rng.random() < 0.25:
                action = rng.choice(("stand", "argue"))  # over the shoulder, more often than not
    if setting == "car":
        action = "drive"
    else:
        if action == "drive":
            action = "sit"
    if count == 0:
        action = "stand"
    if action == "sleep":
        angle, framing = "high", "plain"  # level with the mattress there is only its edge
    mood = "neutral"
    if count and size not in ("ELS", "LS"):
        mood = rng.choices(MOODS, (34, 12, 8, 11, 10, 9, 9, 7))[0]
    if action in ("argue", "punch", "kick"):
        mood = "angry"
    if action == "despair":
        mood = "sad"
    if count:
        view = rng.choices(VIEWS, (22, 44, 20, 14) if size in ("LS", "MLS", "MS", "ELS") else (30, 47, 23, 0))[0]
        if size in ("BCU", "ECU"):
            view = rng.choices(VIEWS[:3], (50, 36, 14))[0]
        if view == "back" and (mood != "neutral" or action not in FROM_BEHIND or count > 1 and action not in ("walk", "run", "stand")):
            view = "three-quarter"
        if view == "front" and action in SIDEWAYS:
            view = "three-quarter"
        if action == "look up" and view == "front":
            view = "profile"
        if action in ("play", "hands up", "wait", "dance", "jump") and view == "profile":
            view = "three-quarter"  # from the side one arm hides the other, or the face
        if action in ASIDE:
            view = "profile"
        elif action == "climb":
            view = "back"
        elif action == "lean" and view == "back":
            view = "three-quarter"
        if setting == "car":
            view = "front"
    if count == 2 and size in ("MS", "MCU") and action in ("stand", "argue") and angle in ("eye", "low") and rng.random() < 0.7:
        framing = rng.choice(("ots left", "ots right"))
        view = "three-quarter"
    elif count == 2 and framing == "plain" and size in ("MLS", "MS", "MCU") and rng.random() < 0.35:
        framing = "two-shot"
    elif count == 1 and size in ("LS", "MLS", "MS") and action in ("stand", "point", "aim", "argue", "wave", "hands up", "run", "walk") and angle in ("eye", "low", "high") and rng.random() < 0.20:
        framing, view = "pov", "front"
    if setting == "car":
        framing = "plain"
    wear = "none"
    if count and rng.random() < 0.30:
        wear = rng.choice(WEAR[1:] if size != "ECU" else ["glasses"])
        if size in ("ELS", "LS") and wear == "glasses":
            wear = "hat"
        if size == "BCU" and wear in ("hat", "cap", "helmet") and rng.random() < 0.5:
            wear = "none"
    prop = "none"
    if count and action in ("stand", "walk", "run") and rng.random() < 0.34 and framing != "pov":
        options = {"ELS": ["umbrella", "suitcase"], "LS": ["umbrella", "suitcase", "bag", "gun", "flashlight", "sword", "cane", "flowers", "letter", "cup"],
                   "MLS": ["umbrella", "suitcase", "bag", "gun", "flashlight", "sword", "flowers", "letter", "cup", "phone"],
                   "MS": ["umbrella", "flashlight", "flowers", "letter", "cup", "phone"]}.get(size, [])
        if inside:
            options = [o for o in options if o != "umbrella"]
        elif weather == "rain" and options:
            options = options + ["umbrella"] * 8
        if action == "run":
            options = [o for o in options if o in ("gun", "bag")]
        if options:
            prop = rng.choice(options)
    extra = "none"
    if action == "ride":
        extra = rng.choice(("horse", "bicycle", "motorcycle")) if size == "ELS" else rng.choice(("bicycle", "motorcycle"))
    elif not inside and size in ("ELS", "LS", "MLS") and setting not in NO_EXTRAS and count <= 3 and rng.random() < 0.26 and angle not in ("worm",):
        # car van truck bus bicycle motorcycle horse dog cat cow birds helicopter plane: large ones fit fewer shots
        extra = rng.choices(EXTRAS[1:], (4, 5, 8, 8, 4, 4, 5, 4, 3, 5, 4, 6, 6))[0]
        if extra in ("horse", "cow", "bus", "truck", "van", "plane", "helicopter") and size == "MLS":
            extra = rng.choice(("dog", "car", "birds"))
        if extra in ("helicopter", "plane", "birds") and angle in ("high", "bird"):
            extra = "dog"
        if setting in ("alley", "forest", "jungle", "market", "garden", "lake", "harbour", "beach", "cemetery", "river", "park", "mountains") and extra in ("car", "van", "truck", "bus"):
            extra = rng.choice(("dog", "cat", "birds", "horse" if size != "MLS" else "dog"))
    elif inside and size in ("LS", "MLS") and count and setting not in NARROW and rng.random() < 0.08:
        extra = rng.choice(("dog", "cat"))
    light = "plain"
    if count and not inside and size in ("ELS", "LS", "MLS", "MS") and time != "night" and weather == "clear" and angle in ("eye", "low", "dutch") and style != "blue" and action not in AT_THE_FACE and rng.random() < (0.3 if time == "dusk" else 0.06):
        light, mood = "silhouette", "neutral"
    move = "none"
    if rng.random() < 0.10:
        move = rng.choice(MOVES[1:])
    frames = list(FRAMES)
    frame = rng.choices(frames, (50, 14, 12, 10, 7, 7))[0]
    if frame in ("9:16", "1:1") and (count >= 3 and size not in ("ELS", "LS") or count == 2 and is_close(size) or count >= 4 or framing.startswith("ots")
                                     or count >= 2 and frame == "9:16" and size not in ("ELS", "LS")):
        frame = "16:9"
    if size == "ECU" and frame in ("9:16", "1:1", "4:3") and rng.random() < 0.85:
        frame = "16:9"  # beside an eye there is no place left in a narrow frame
    if frame == "4:3" and (count >= 3 and size in ("MS", "MLS") or count == 2 and size == "CU"):
        frame = "16:9"
    people = tuple(random_person(rng) for _ in range(3 if count == CROWD else count))
    if setting == "car" or action in ("ride", "aim", "punch", "kick", "smoke", "drink"):
        grown = {"boy": "man", "girl": "woman"}
        people = tuple(p._replace(kind=grown.get(p.kind, p.kind)) for p in people)
    return Spec(size, count, setting, time, weather, angle, action, mood, prop, people, framing, wear, view, extra, light, style, move, frame, thing)


def insert_spec(rng):
    """An insert: a thing, large, perhaps in a hand; it counts as a close-up without figures."""
    setting = rng.choice([s for s in SETTINGS if s != "car"])
    style = rng.choices(STYLES, (44, 14, 14, 14, 14))[0]
    return Spec("CU", 0, setting, rng.choice(TIMES), "clear", rng.choice(("eye", "eye", "high", "dutch")), "stand", "neutral", "none", (),
                "insert", style=style, frame=rng.choices(list(FRAMES), (50, 14, 12, 10, 7, 7))[0], thing=rng.choice(OBJECTS))


def random_spec(rng: random.Random) -> Spec:
    """Any Spec the drawer allows, held-out ones included; sizes, settings and times about equally often."""
    if rng.random() < 0.03:
        return insert_spec(rng)
    while True:
        size = rng.choices(SIZES, (13, 16, 14, 16, 13, 12, 7, 9))[0]
        setting = rng.choice(SETTINGS)
        count = rng.choices(COUNTS, {"ELS": (18, 28, 20, 11, 10, 13), "LS": (6, 36, 25, 13, 9, 11), "MLS": (0, 40, 29, 14, 9, 8),
                                     "MS": (0, 46, 36, 18, 0, 0)}.get(size, (0, 66, 34, 0, 0, 0)))[0]
        if size in ("BCU", "ECU"):
            count = 1
        if allowed(size, count, setting):
            return fill(rng, size, count, setting, rng.choices(TIMES, (40, 32, 28))[0])


def random_held_out(rng: random.Random) -> Spec:
    """A random Spec among the combinations training never sees."""
    while True:
        spec = random_spec(rng)
        if held_out(spec):
            return spec
