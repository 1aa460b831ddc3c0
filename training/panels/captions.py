# Inquadra - captions in the language of the trade for a Spec: synonyms, varied order, parts left out.
# SPDX-License-Identifier: GPL-3.0-or-later
import random

SIZE_WORDS = {
    "ELS": ["ELS", "extreme long shot", "extreme wide shot", "very wide shot", "EWS", "establishing shot", "XLS"],
    "LS": ["LS", "long shot", "wide shot", "WS", "full shot", "wide", "full figure"],
    "MLS": ["MLS", "medium long shot", "three-quarter shot", "cowboy shot", "american shot", "knees up",
            "medium wide shot"],
    "MS": ["MS", "medium shot", "mid shot", "waist shot", "waist up", "medium"],
    "MCU": ["MCU", "medium close-up", "medium close up", "chest shot", "chest up", "head and shoulders"],
    "CU": ["CU", "close-up", "close up", "closeup", "face shot", "close shot", "tight on the face"],
    "ECU": ["ECU", "extreme close-up", "extreme close up", "XCU", "eyes only", "very tight close-up", "big close-up"],
}
ANGLE_WORDS = {
    "eye": ["eye level", "eye-level", "straight on"],
    "high": ["high angle", "from above", "looking down", "high-angle"],
    "low": ["low angle", "from below", "looking up", "low-angle"],
    "dutch": ["dutch angle", "dutch tilt", "canted angle", "tilted frame"],
}
SETTING_WORDS = {
    "forest": ["forest", "woods", "wood", "among trees", "jungle", "woodland"],
    "street": ["street", "city street", "alley", "downtown", "avenue", "town street"],
    "rooftop": ["rooftop", "roof", "city skyline", "roof over the city", "terrace above the city"],
    "kitchen": ["kitchen", "kitchen", "galley kitchen", "family kitchen"],
    "bedroom": ["bedroom", "bedroom", "hotel room", "motel room", "by the bed"],
    "office": ["office", "office", "newsroom", "at the desks", "workplace"],
    "bar": ["bar", "pub", "saloon", "cafe", "tavern", "at the bar"],
    "beach": ["beach", "seaside", "shore", "by the sea", "coast", "island"],
    "mountains": ["mountains", "mountain", "alps", "peaks", "snowy mountains", "mountain valley"],
    "desert": ["desert", "desert", "dunes", "wasteland", "among cactus"],
    "church": ["church", "cathedral", "chapel", "temple", "nave"],
    "car": ["car", "inside a car", "car interior", "taxi", "driving"],
    "road": ["road", "highway", "roadside", "country road", "by the parked car"],
    "farm": ["farm", "field", "barn", "farmyard", "ranch"],
    "platform": ["train platform", "train station", "station", "railway platform", "subway platform"],
}
TIME_WORDS = {"day": ["day", "daytime", "daylight", "morning", "afternoon", "noon", "by day", "sunny"],
              "night": ["night", "nighttime", "at night", "midnight", "by night", "moonlight", "evening", "late night"]}
WEATHER_WORDS = {"clear": ["clear", "clear sky", "dry"], "rain": ["rain", "rainy", "raining", "in the rain", "storm"],
                 "fog": ["fog", "foggy", "mist", "misty", "haze"]}
MOOD_WORDS = {"neutral": ["calm", "neutral", "blank look"], "smiling": ["smiling", "happy", "grinning", "smiles"],
              "angry": ["angry", "furious", "frowning", "mad"], "sad": ["sad", "crying", "in tears", "worried"],
              "surprised": ["surprised", "shocked", "scared", "afraid"]}
PROP_WORDS = {"hat": ["with a hat", "wearing a hat"], "umbrella": ["with an umbrella", "under an umbrella"],
              "suitcase": ["with a suitcase", "carrying a bag", "with luggage"],
              "phone": ["on the phone", "with a phone", "talking on the phone"], "dog": ["with a dog", "walking a dog"]}
# third person singular, plural, -ing
ACTION_WORDS = {
    "stand": [("stands", "stand", "standing"), ("waits", "wait", "waiting"), ("looks", "look", "looking")],
    "walk": [("walks", "walk", "walking"), ("strolls", "stroll", "strolling"), ("crosses", "cross", "crossing")],
    "run": [("runs", "run", "running"), ("flees", "flee", "fleeing"), ("sprints", "sprint", "sprinting"),
            ("chases", "chase", "chasing")],
    "sit": [("sits", "sit", "sitting"), ("is seated", "are seated", "seated"), ("rests", "rest", "resting")],
    "point": [("points", "point", "pointing"), ("gestures", "gesture", "gesturing")],
    "argue": [("argues", "argue", "arguing"), ("shouts", "shout", "shouting"), ("fights", "fight", "fighting"),
              ("yells", "yell", "yelling")],
}
ROLES = ["cop", "soldier", "detective", "driver", "nurse", "doctor", "figure", "person", "character"]
MAN = ["man", "man", "man", "guy", "guy", "he", "he", "boy", "father", "Tom"] + ROLES
WOMAN = ["woman", "woman", "woman", "girl", "girl", "she", "she", "lady", "mother", "Anna"] + ROLES
NO_ARTICLE = {"he", "she", "Tom", "Anna"}
VAGUE_TWO = ["two people", "two figures", "two persons", "a couple", "a pair", "2 people", "two characters",
             "two friends", "two-shot", "both of them"]
VAGUE_THREE = ["three people", "three figures", "three persons", "a trio", "3 people", "three characters",
               "three friends", "three-shot", "a group of three"]
EMPTY = ["empty", "no people", "nobody", "no one", "without people", "no figures"]
# Words the drawing does not show: so that the model learns to read past what it cannot draw.
MEN_NAMES = ["Marco", "Luca", "John", "Jack", "Sam", "David", "Paul", "Carlo", "Peter", "Frank", "Leo", "Max", "Victor"]
WOMEN_NAMES = ["Giulia", "Sofia", "Maria", "Emma", "Sarah", "Kate", "Laura", "Lucy", "Elena", "Clara", "Rosa", "Mia"]
OTHER_ROLES = ["farmer", "sailor", "captain", "thief", "pilot", "teacher", "boss", "stranger", "hero", "worker", "chef",
               "knight", "robot", "singer", "dancer", "student", "spy", "tourist", "child", "waiter"]
OTHER_MEN = ["old man", "king", "priest", "policeman", "young man", "monk", "grandfather", "prince"] + OTHER_ROLES
OTHER_WOMEN = ["old woman", "queen", "witch", "princess", "bride", "young woman", "waitress", "nun",
               "grandmother"] + OTHER_ROLES
OTHER_VERBS = [("eats", "eat", "eating"), ("drinks", "drink", "drinking"), ("reads", "read", "reading"),
               ("talks", "talk", "talking"), ("listens", "listen", "listening"), ("thinks", "think", "thinking"),
               ("enters", "enter", "entering"), ("leaves", "leave", "leaving"), ("turns", "turn", "turning"),
               ("smokes", "smoke", "smoking"), ("sings", "sing", "singing"), ("works", "work", "working"),
               ("watches", "watch", "watching"), ("hides", "hide", "hiding"), ("writes", "write", "writing"),
               ("sees a ghost", "see a ghost", "seeing a ghost"), ("finds a letter", "find a letter", "finding a letter"),
               ("opens a box", "open a box", "opening a box"), ("holds a sword", "hold a sword", "holding a sword"),
               ("holds a gun", "hold a gun", "holding a gun"), ("checks a map", "check a map", "checking a map")]
OTHER_TAGS = ["dramatic light", "slow dolly in", "pan left", "tracking shot", "handheld", "static camera", "zoom in",
              "backlit", "tense", "romantic", "lonely", "quiet", "back to camera", "a door opens", "birds in the sky",
              "long shadows", "soft light", "silhouette", "storyboard", "black and white", "ink sketch", "suspense",
              "later", "continuous", "flashback", "music plays", "wind", "push in", "rack focus", "centered", "profile"]
BARE = {"among trees", "by the bed", "at the desks", "at the bar", "by the sea", "among cactus", "inside a car",
        "driving", "by the parked car", "downtown", "eyes only"}
OPEN = {"forest", "street", "rooftop", "beach", "mountains", "desert", "road", "farm", "platform"}


def who(spec, rng, plain=False):
    """The figures as a phrase, and whether it is plural."""
    if spec.count == 0:
        return ("no people" if plain else rng.choice(EMPTY)), True
    men = spec.people.count("man")
    women = spec.count - men
    if not plain and rng.random() < 0.10:
        names = [rng.choice(MEN_NAMES if p == "man" else WOMEN_NAMES) for p in spec.people]
        return (names[0], False) if spec.count == 1 else (", ".join(names[:-1]) + " and " + names[-1], True)
    if spec.count == 1:
        if not plain and rng.random() < 0.15:
            noun = rng.choice(OTHER_MEN if spec.people[0] == "man" else OTHER_WOMEN)
            return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}", False
        noun = spec.people[0] if plain else rng.choice(MAN if men else WOMAN)
        if noun in NO_ARTICLE:
            return noun, False
        roll = 0.0 if plain else rng.random()
        return (f"a {noun}" if roll < 0.65 else f"one {noun}" if roll < 0.82 else f"the {noun}"), False
    number = ("two", "three")[spec.count - 2]
    options = list(VAGUE_TWO if spec.count == 2 else VAGUE_THREE)
    named = None
    if women == 0:
        named = f"{number} men"
    elif men == 0:
        named = f"{number} women"
    elif spec.count == 2:
        named = "a man and a woman"
    else:
        named = "two men and a woman" if men == 2 else "a man and two women"
    if plain:
        return f"{number} people", True
    return (named if rng.random() < 0.45 else rng.choice(options)), True


def place(spec, rng, plain=False):
    word = SETTING_WORDS[spec.setting][0] if plain else rng.choice(SETTING_WORDS[spec.setting])
    return word


def in_place(spec, word, rng):
    """The setting with its preposition: "in a forest", "on a rooftop"."""
    if word in BARE or word.startswith(("by ", "at ", "among ", "inside ")):
        return word
    if spec.setting == "forest":
        pre = rng.choice(("in", "through", "in"))
    else:
        pre = {"street": "on", "rooftop": "on", "beach": "on", "mountains": "in", "road": "on", "platform": "on",
               "farm": "on"}.get(spec.setting, "in")
    if word in ("mountains", "alps", "peaks", "snowy mountains", "dunes", "woods"):
        return f"{pre} the {word}"
    return f"{pre} {rng.choice(('a', 'the', 'the')) if word[0] not in 'aeiou' else 'the'} {word}"


def article_time(word, rng):
    """Night as a phrase inside a sentence."""
    if word in ("night", "midnight", "noon"):
        return f"at {word}"
    if word in ("morning", "afternoon", "evening"):
        return f"in the {word}"
    if word == "day":
        return "by day"
    return word


def extras(spec, rng):
    """Weather, angle, mood and prop, each said most of the time where it is not the ordinary."""
    out = []
    if spec.weather != "clear" and rng.random() < 0.88:
        out.append(rng.choice(WEATHER_WORDS[spec.weather]))
    elif spec.weather == "clear" and rng.random() < 0.05:
        out.append(rng.choice(WEATHER_WORDS["clear"]))
    if spec.angle != "eye" and rng.random() < 0.85:
        out.append(rng.choice(ANGLE_WORDS[spec.angle]))
    elif spec.angle == "eye" and rng.random() < 0.12:
        out.append(rng.choice(ANGLE_WORDS["eye"]))
    if spec.count and spec.mood != "neutral" and spec.action != "argue" and rng.random() < 0.8:
        out.append(rng.choice(MOOD_WORDS[spec.mood]))
    return out


def caption(spec, rng: random.Random) -> str:
    """One caption. Size, figures, setting and time are each said about nine times in ten."""
    say_size, say_who, say_place, say_time = (rng.random() < 0.92 for _ in range(4))
    size = rng.choice(SIZE_WORDS[spec.size]) if say_size else ""
    people, plural = who(spec, rng)
    where = place(spec, rng)
    when = rng.choice(TIME_WORDS[spec.time])
    if when == "sunny" and spec.weather != "clear":
        when = "day"
    verbs = rng.choice(ACTION_WORDS[spec.action])
    if spec.action in ("stand", "sit") and rng.random() < 0.25:
        verbs = rng.choice(OTHER_VERBS)
    more = extras(spec, rng)
    if rng.random() < 0.10:
        more.append(rng.choice(OTHER_TAGS))
    said_action = spec.count > 0 and rng.random() < (0.85 if spec.size in ("ELS", "LS", "MLS", "MS") else 0.25)
    if spec.size in ("MCU", "CU", "ECU") and spec.action == "stand":
        said_action = said_action and verbs[0] != "stands"
    if say_who:
        verb = verbs[1] if plural else verbs[0]
        subject = f"{people} {verb if rng.random() < 0.6 else verbs[2]}" if said_action else people
    else:
        subject = verbs[2] if said_action else ""
    if said_action and spec.action == "sit" and spec.setting != "car" and rng.random() < 0.35:
        subject += rng.choice((" at the table", " at a table")) if spec.size in ("MLS", "MS") else " on a chair"
    if spec.prop != "none" and rng.random() < 0.85:
        subject = f"{subject} {rng.choice(PROP_WORDS[spec.prop])}".strip()
    form = rng.random()
    if form < 0.42:
        # wide shot, two people walk through a forest at night, rain
        middle = subject
        if say_place:
            middle = f"{middle} {in_place(spec, where, rng)}".strip()
        if say_time and rng.random() < 0.5:
            middle = f"{middle} {article_time(when, rng)}".strip()
            parts = [size, middle]
        else:
            parts = [size, middle, when if say_time else ""]
        tail = more
        if rng.random() < 0.25 and size:
            parts = parts[1:] + parts[:1]
        text = ", ".join(p for p in parts + tail if p)
    elif form < 0.66:
        # comma separated tags in any order, size mostly first
        tags = [t for t in (subject, where if say_place else "", when if say_time else "") if t] + more
        if rng.random() < 0.5:
            rng.shuffle(tags)
        if size:
            tags.insert(0 if rng.random() < 0.75 else len(tags), size)
        text = rng.choice((", ", ", ", ", ", " - ")).join(tags)
    elif form < 0.84:
        # EXT. FOREST - NIGHT. LS. Two figures run.
        head = ""
        if say_place:
            inside = spec.setting not in OPEN
            head = f"{'INT.' if inside else 'EXT.'} {where.upper()}"
        if say_time:
            head = f"{head} - {when.upper()}" if head else when.upper()
        parts = [head, size, subject[:1].upper() + subject[1:]] + [m.capitalize() for m in more]
        if rng.random() < 0.4:
            parts[0], parts[1] = parts[1], parts[0]
        text = ". ".join(p.rstrip(".") if p else "" for p in parts if p) + rng.choice((".", ""))
    else:
        # close-up of a man in a bar, night
        text = size
        if subject:
            text = f"{size} of {subject}" if size and spec.count else ", ".join(t for t in (size, subject) if t)
        if say_place:
            text = f"{text} {in_place(spec, where, rng)}".strip()
        tail = ([when] if say_time else []) + more
        text = ", ".join([t for t in [text] + tail if t])
    if rng.random() < 0.12:
        text = text.lower()
    elif rng.random() < 0.1:
        text = text[:1].upper() + text[1:]
    return text


def canonical_caption(spec) -> str:
    """The caption used for evaluation: every attribute said once, in one order."""
    rng = random.Random(0)
    people, plural = who(spec, rng, plain=True)
    verb = ACTION_WORDS[spec.action][0][1 if plural else 0]
    subject = people
    if spec.count and spec.size in ("ELS", "LS", "MLS", "MS"):
        subject = f"{people} {verb}"
    if spec.prop != "none":
        subject += " " + PROP_WORDS[spec.prop][0]
    parts = [SIZE_WORDS[spec.size][1], subject, SETTING_WORDS[spec.setting][0], spec.time]
    if spec.weather != "clear":
        parts.append(spec.weather)
    if spec.angle != "eye":
        parts.append(ANGLE_WORDS[spec.angle][0])
    if spec.count and spec.mood != "neutral" and spec.action != "argue":
        parts.append(MOOD_WORDS[spec.mood][0])
    return ", ".join(parts)
