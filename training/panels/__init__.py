# Inquadra - the procedural storyboard drawer: what a panel shows, its picture, its caption.
# SPDX-License-Identifier: GPL-3.0-or-later
from .captions import canonical_caption, caption
from .drawing import draw
from .spec import (ACTIONS, ANGLES, COUNTS, INTERIORS, MOODS, PEOPLE, PROPS, SETTINGS, SIZES, TIMES, WEATHER, Spec,
                   allowed, combinations, fill, held_out, held_out_key, random_held_out, random_spec)

__all__ = ["ACTIONS", "ANGLES", "COUNTS", "INTERIORS", "MOODS", "PEOPLE", "PROPS", "SETTINGS", "SIZES", "TIMES",
           "WEATHER", "Spec", "allowed", "canonical_caption", "caption", "combinations", "draw", "fill", "held_out",
           "held_out_key", "random_held_out", "random_spec"]
