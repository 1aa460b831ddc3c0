# Inquadra - what a drawn storyboard panel shows: attributes, sensible random combinations, held-out split.
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Spec names everything a caption may say about a panel; the drawer adds only layout by seed."""
import hashlib
import random
from dataclasses import dataclass

SIZES = ["ELS", "LS", "MLS", "MS", "MCU", "CU", "ECU"]
ANGLES = ["eye", "high", "low", "dutch"]
COUNTS = [0, 1, 2, 3]
SETTINGS = ["forest", "street", "rooftop", "kitchen", "bedroom", "office", "bar", "beach", "mountains",
            "desert", "church", "car", "road", "farm", "platform"]
INTERIORS = {"kitchen", "bedroom", "office", "bar", "church", "car"}
TIMES = ["day", "night"]
WEATHER = ["clear", "rain", "fog"]
ACTIONS = ["stand", "walk", "run", "sit", "point", "argue"]
MOODS = ["neutral", "smiling", "angry", "sad", "surprised"]
PROPS = ["none", "hat", "umbrella", "suitcase", "phone", "dog"]
PEOPLE = ["man", "woman"]


@dataclass(frozen=True)
class Spec:
    """One panel: every attribute a caption can name. people has one entry per figure."""
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


def is_close(size):
    """True for the sizes where the face carries the picture."""
    return size in ("MCU", "CU", "ECU")


def allowed(size, count, setting):
    """True for combinations the drawer can show so that a viewer reads size and count at once."""
    if setting == "car" and (size not in ("MS", "MCU", "CU", "ECU") or count not in (1, 2)):
        return False
    if count == 0:
        return size == "ELS"
    if size == "ECU":
        return count == 1
    if size in ("MCU", "CU"):
        return count <= 2
    return True


def combinations():
    """Every (size, count, setting, time) the drawer allows."""
    return [(s, c, g, t) for s in SIZES for c in COUNTS for g in SETTINGS for t in TIMES if allowed(s, c, g)]


def held_out_key(size, count, setting, time):
    """Stable tenth of the combinations, from a hash of their names; 504 spreads it evenly over every value."""
    text = f"inquadra-held-out-504|{size}|{count}|{setting}|{time}"
    return hashlib.sha256(text.encode()).digest()[0] < 26


def held_out(spec):
    """True where training must never see this (size, count, setting, time)."""
    return held_out_key(spec.size, spec.count, spec.setting, spec.time)


def fill(rng, size, count, setting, time):
    """A Spec with the four main attributes given and the others drawn at random, sensibly."""
    weather = "clear"
    if setting not in INTERIORS:
        weather = rng.choices(WEATHER, (60, 24, 16))[0]
    angle = rng.choices(ANGLES, (58, 15, 15, 12))[0]
    action = "stand"
    mood = "neutral"
    if count:
        if size in ("ELS", "LS", "MLS"):
            action = rng.choices(ACTIONS, (24, 24, 14, 14, 12, 12))[0]
        elif size == "MS":
            action = rng.choices(ACTIONS, (34, 10, 6, 18, 16, 16))[0]
        if setting == "car":
            action = "sit"
        if size in ("MS", "MCU", "CU", "ECU"):
            mood = rng.choices(MOODS, (44, 16, 14, 13, 13))[0]
        if action == "argue":
            mood = "angry"
    prop = "none"
    if count and rng.random() < 0.4:
        options = ["hat"] if size != "ECU" else []
        if action in ("stand", "walk") and size in ("LS", "MLS", "MS") and setting not in INTERIORS:
            options += ["umbrella"] * (4 if weather == "rain" else 1)
        if action in ("stand", "walk", "run") and size in ("LS", "MLS"):
            options += ["suitcase"]
        if action in ("stand", "sit", "walk") and size in ("MS", "MCU", "CU"):
            options += ["phone"]
        if action in ("stand", "walk") and size == "LS" and setting not in INTERIORS:
            options += ["dog"]
        if options:
            prop = rng.choice(options)
    people = tuple(rng.choice(PEOPLE) for _ in range(count))
    return Spec(size, count, setting, time, weather, angle, action, mood, prop, people)


def random_spec(rng: random.Random) -> Spec:
    """Any Spec the drawer allows, held-out ones included; sizes, settings and times equally often."""
    while True:
        size = rng.choice(SIZES)
        setting = rng.choice(SETTINGS)
        weights = (12, 36, 28, 24) if size == "ELS" else (0, 40, 33, 27)
        count = rng.choices(COUNTS, weights)[0]
        if size in ("MCU", "CU"):
            count = rng.choices((1, 2), (55, 45))[0]
        if size == "ECU":
            count = 1
        if allowed(size, count, setting):
            return fill(rng, size, count, setting, rng.choice(TIMES))


def random_held_out(rng: random.Random) -> Spec:
    """A random Spec among the combinations training never sees."""
    while True:
        spec = random_spec(rng)
        if held_out(spec):
            return spec
