# Inquadra - the procedural storyboard drawer: what a panel shows, its picture, its caption.
# SPDX-License-Identifier: GPL-3.0-or-later
from .captions import canonical, canonical_caption, caption
from .drawing import draw
from .spec import (ACTIONS, ANGLES, COMMON_ACTIONS, COMMON_SETTINGS, COUNTS, CROWD, EXTRAS, FRAMES, FRAMINGS, INTERIORS, MOODS, MOVES,
                   OBJECTS, PROPS, SETTINGS, SIZES, STYLES, TIMES, WEATHER, Person, Spec, allowed, as_person, combinations, common, fill,
                   held_out, held_out_key, random_held_out, random_spec, shown, unit_of)

__all__ = ["ACTIONS", "ANGLES", "COMMON_ACTIONS", "COMMON_SETTINGS", "COUNTS", "CROWD", "EXTRAS", "FRAMES", "FRAMINGS", "INTERIORS",
           "MOODS", "MOVES", "OBJECTS", "PROPS", "SETTINGS", "SIZES", "STYLES", "TIMES", "WEATHER", "Person", "Spec", "allowed",
           "as_person", "canonical", "canonical_caption", "caption", "combinations", "common", "draw", "fill", "held_out", "held_out_key",
           "random_held_out", "random_spec", "shown", "unit_of"]
