# Inquadra - captions in the language of the trade for a Spec, in English and Italian: varied form, parts left out.
# SPDX-License-Identifier: GPL-3.0-or-later
import random
import re

from . import words_en, words_it
from .spec import CROWD, INTERIORS, as_person

LANGUAGES = {"en": words_en, "it": words_it}
FAR = ("ELS", "LS", "MLS", "MS")


def article(noun):
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def names(W, people, rng):
    return [rng.choice(W.WOMEN if as_person(p).kind in ("woman", "girl", "old woman") else W.MEN) for p in people]


FEMALE = ("woman", "girl", "old woman")


def agree(text, feminine, plural):
    """Fills in what Italian words leave open: * is o, a, i or e; [one|many] the form for one or for many."""
    if "*" in text:
        text = text.replace("*", ("e" if plural else "a") if feminine else ("i" if plural else "o"))
    return re.sub(r"\[(\w+)\|(\w+)\]", lambda m: m[2 if plural else 1], text) if "[" in text else text


def of_women(people):
    return bool(people) and all(as_person(p).kind in FEMALE for p in people)


def one(W, p, rng, italian=False):
    """A single person as a phrase, with a trait now and then, and whether the phrase is feminine."""
    noun = rng.choice(W.KINDS[p.kind])
    if rng.random() < .12:
        noun = rng.choice(W.ROLES)
    before, after = "", ""
    if not italian and p.build in W.BUILDS and rng.random() < .55:
        before = rng.choice(W.BUILDS[p.build]) + " "
    elif italian and p.build in W.BUILDS and rng.random() < .4:
        after = " " + rng.choice(W.BUILDS[p.build])
    if p.hair in W.HAIR and rng.random() < .30:
        word = rng.choice(W.HAIR[p.hair])
        if italian or word.startswith("with"):
            after += " " + word
        else:
            before += word + " "
    elif rng.random() < .14 and p.hair != "bald":
        word = rng.choice(W.COLOURS[p.colour])
        before, after = (before, after + " " + word) if italian else (before + word + " ", after)
    if rng.random() < .30:
        after += " " + rng.choice(W.CLOTHES[p.clothes])
    if italian:
        feminine = noun.startswith(("una ", "un'", "la ", "l'")) and noun != "l'uomo"
        return noun + agree(after, feminine, False), feminine
    roll = rng.random()
    text = before + noun
    return (article(text) if roll < .66 else "the " + text if roll < .84 else "one " + text) + after, p.kind in FEMALE


def who(W, spec, rng, plain=False, italian=False):
    """The figures as a phrase, whether verbs after it are plural and whether adjectives after it are feminine."""
    if spec.count == 0:
        return (W.EMPTY[0] if plain else rng.choice(W.EMPTY)), True, False
    people = [as_person(p) for p in spec.people]
    if not plain and spec.count != CROWD and rng.random() < .16 and spec.count <= 3:
        n = names(W, people, rng)
        return (n[0] if len(n) == 1 else ", ".join(n[:-1]) + f" {W.AND} " + n[-1]), len(n) > 1, of_women(people)
    if spec.count == 1:
        if plain:
            return (W.KINDS[people[0].kind][0] if italian else article(people[0].kind)), False, of_women(people)
        text, feminine = one(W, people[0], rng, italian)
        return text, False, feminine
    if not plain and spec.count != CROWD:
        kinds = {p.kind for p in people}
        if len(kinds) == 1 and rng.random() < .5:
            return f"{W.NUMBERS[spec.count]} {W.PLURALS[people[0].kind]}", True, of_women(people)
        if spec.count == 2 and rng.random() < .5:
            (a, fa), (b, fb) = one(W, people[0], rng, italian), one(W, people[1], rng, italian)
            return f"{a} {W.AND} {b}", True, fa and fb
    text = W.VAGUE[spec.count][0] if plain else rng.choice(W.VAGUE[spec.count])
    plural = text.split()[0] in W.MANY or not italian and spec.count != CROWD
    return text, plural, text.split()[-1] in ("persone", "figure", "coppia", "folla", "gente")


def place(W, spec, rng, plain=False):
    nouns, phrase = W.PLACES[spec.setting]
    return (nouns[0] if plain else rng.choice(nouns)), phrase


def extras(W, spec, rng, feminine=False, plural=False):
    """Weather, angle, light, mood, move, view and style: said most of the time where they are not the ordinary."""
    out = []

    def say(table, key, chance):
        if key in table and rng.random() < chance:
            out.append(agree(rng.choice(table[key]), feminine, plural))
    say(W.WEATHER, spec.weather, .88)
    say(W.ANGLES, spec.angle, .88 if spec.angle != "eye" else .28)
    say(W.LIGHTS, spec.light, .92)
    if spec.count and spec.mood != "neutral" and spec.action not in ("argue", "despair"):
        say(W.MOODS, spec.mood, .84)
    elif spec.count and spec.size in ("MCU", "CU", "BCU", "ECU"):
        say(W.MOODS, spec.mood, .12)
    if spec.count:
        say(W.VIEWS, spec.view, {"back": .85, "profile": .55}.get(spec.view, .06))
    say(W.MOVES, spec.move, .92)
    say(W.STYLES, spec.style, .86 if spec.style != "clean" else .22)
    say(W.FRAMES, spec.frame, .04)
    if rng.random() < .10:
        out.append(rng.choice(W.TAGS))
    return out


def of(W, phrase, italian):
    """"of a man", "dell'uomo": Italian prepositions melt into the article that follows."""
    if italian:
        for article, melted in (("il ", "del "), ("lo ", "dello "), ("la ", "della "), ("i ", "dei "), ("gli ", "degli "), ("le ", "delle "), ("l'", "dell'")):
            if phrase.startswith(article):
                return melted + phrase[len(article) :]
    return f"{W.OF} {phrase}"


def joined(text, words, after):
    """text and what else is carried or worn; "with a bag and a hat" where both are told by "with"."""
    if after and words.startswith(("with ", "con ")):
        return f"{text} {'and' if words.startswith('with') else 'e'} {words.split(' ', 1)[1]}"
    return f"{text} {words}".strip()


def subject_of(W, spec, rng, italian, ing=False):
    """Who does what, with what: one phrase; then whether it is feminine and plural. ing: as what follows "of" ("of a man running")."""
    people, plural, feminine = who(W, spec, rng, False, italian)
    verbs = rng.choice(W.ACTIONS[spec.action])
    far = spec.size in FAR
    said = spec.count > 0 and rng.random() < (.88 if far else .6 if spec.action != "stand" else .08)
    if spec.action == "stand" and said and rng.random() < .35:
        said = False
    if rng.random() < .08:
        people, plural, feminine = "", spec.count > 1, of_women(spec.people)
    text = people
    if said:
        verb = verbs[2] if rng.random() < .36 or not people or ing else verbs[1] if plural else verbs[0]
        if italian and people and re.search(r"ndo(si)?\b", verb):
            verb = "che " + (verbs[1] if plural else verbs[0])  # "due amici che ridono": a gerund is not said of people
        text = f"{people} {agree(verb, feminine, plural)}".strip()
        if spec.action == "ride" and spec.extra in W.RIDES:
            text += " " + W.RIDES[spec.extra]
    prop = ""
    if spec.prop != "none" and rng.random() < .88:
        prop = rng.choice(W.PROPS[spec.prop])
        text = f"{text} {prop}".strip()
    if spec.wear != "none" and rng.random() < .7:
        text = joined(text, rng.choice(W.WEAR[spec.wear]), prop.startswith(("with a", "con un")))
    return text, feminine, plural


def shot_of(W, spec, rng):
    """Size and framing as one term: "MS", "OTS left, MCU", "two-shot, MS"."""
    size = rng.choice(W.SIZES[spec.size])
    if spec.framing == "plain":
        return size
    word = rng.choice(W.FRAMINGS[spec.framing])
    if spec.framing == "insert":
        return word
    if spec.framing == "establishing" and rng.random() < .5:
        return word
    if rng.random() < .15:
        return size
    if rng.random() < .25:
        return word
    return f"{word}, {size}" if rng.random() < .5 else f"{size}, {word}"


def caption(spec, rng: random.Random, language=None) -> str:
    """One caption. Size, figures, setting and time are each said about nine times in ten. A quarter is Italian."""
    language = language or ("it" if rng.random() < .25 else "en")
    W, italian = LANGUAGES[language], language == "it"
    say_size, say_who, say_place, say_time = (rng.random() < .92 for _ in range(4))
    shot = shot_of(W, spec, rng) if say_size else ""
    where, phrase = place(W, spec, rng)
    when = rng.choice(W.TIMES[spec.time])
    feminine, plural = of_women(spec.people), spec.count > 1
    form = rng.random()
    if spec.framing == "insert":
        subject = rng.choice(W.OBJECTS[spec.thing])
        say_who, say_place = True, rng.random() < .35
    else:
        subject = ""
        if say_who:
            subject, feminine, plural = subject_of(W, spec, rng, italian, form >= .90)
    more = extras(W, spec, rng, feminine, plural)
    if spec.extra != "none" and spec.action != "ride" and rng.random() < .88:
        more.insert(0, rng.choice(W.EXTRAS[spec.extra]))
    if subject and rng.random() < .5 and phrase and say_place and spec.framing != "insert":
        placed = f"{subject} {phrase}"
    else:
        placed = ""
    if form < .34:
        # wide shot, two people walk in the forest at night, rain
        middle = placed or ", ".join(t for t in (subject, where if say_place else "") if t)
        if say_time and rng.random() < .4 and middle:
            parts = [shot, f"{middle} {W.TIME_PHRASE[spec.time]}"]
        else:
            parts = [shot, middle, when if say_time else ""]
        if rng.random() < .2 and shot:
            parts = parts[1:] + parts[:1]
        text = ", ".join(p for p in parts + more if p)
    elif form < .56:
        # tags in any order, size mostly first
        tags = [t for t in (subject, where if say_place else "", when if say_time else "") if t] + more
        if rng.random() < .5:
            rng.shuffle(tags)
        if shot:
            tags.insert(0 if rng.random() < .75 else len(tags), shot)
        text = rng.choice((", ", ", ", ", ", " - ")).join(tags)
    elif form < .76:
        # EXT. HARBOUR - NIGHT. LS. Two figures run.
        head = ""
        if say_place:
            head = f"{W.INT if spec.setting in INTERIORS else W.EXT} {where.upper()}"
        if say_time:
            head = f"{head} - {when.upper()}" if head else when.upper()
        parts = [head, shot, subject[:1].upper() + subject[1:]] + [m[:1].upper() + m[1:] for m in more]
        if rng.random() < .4:
            parts[0], parts[1] = parts[1], parts[0]
        text = ". ".join(p.rstrip(".") for p in parts if p) + rng.choice((".", ""))
    elif form < .90:
        # MS Anna, kitchen, angry
        tags = [t for t in (f"{shot} {subject}".strip(), where if say_place else "", when if say_time and rng.random() < .8 else "") if t] + more
        text = rng.choice((", ", ", ", " / ")).join(tags)
    else:
        # close-up of a man in the bar, night
        text = f"{shot} {of(W, subject, italian)}" if shot and subject and spec.count else ", ".join(t for t in (shot, subject) if t)
        if say_place:
            text = f"{text} {phrase}".strip()
        text = ", ".join([t for t in [text, when if say_time else ""] if t] + more)
    roll = rng.random()
    if roll < .14:
        text = text.lower()
    elif roll < .26:
        text = text[:1].upper() + text[1:]
    return text or shot_of(W, spec, rng)


def canonical_caption(spec, language="en") -> str:
    """The caption used for evaluation: every attribute said once, in one order."""
    W, italian = LANGUAGES[language], language == "it"
    rng = random.Random(0)
    parts = [W.SIZES[spec.size][1]]
    if spec.framing != "plain":
        parts = ([W.FRAMINGS[spec.framing][0]] if spec.framing == "insert" else [W.FRAMINGS[spec.framing][0], parts[0]])
    if spec.framing == "insert":
        parts.append(W.OBJECTS[spec.thing][0])
    else:
        subject, plural, feminine = who(W, spec, rng, True, italian)
        if spec.count and (spec.size in FAR or spec.action not in ("stand",)):
            subject += " " + agree(W.ACTIONS[spec.action][0][1 if plural else 0], feminine, plural)
        if spec.action == "ride" and spec.extra in W.RIDES:
            subject += " " + W.RIDES[spec.extra]
        if spec.prop != "none":
            subject += " " + W.PROPS[spec.prop][0]
        if spec.wear != "none":
            subject += " " + W.WEAR[spec.wear][0]
        parts.append(subject)
        if spec.extra != "none" and not (spec.action == "ride" and spec.extra in W.RIDES):
            parts.append(W.EXTRAS[spec.extra][0])
    parts += [W.PLACES[spec.setting][0][0], W.TIMES[spec.time][0]]
    if spec.weather != "clear":
        parts.append(W.WEATHER[spec.weather][0])
    parts.append(W.ANGLES[spec.angle][0])
    if spec.light != "plain":
        parts.append(W.LIGHTS[spec.light][0])
    if spec.count and spec.mood != "neutral" and spec.action not in ("argue", "despair"):
        parts.append(agree(W.MOODS[spec.mood][0], feminine, plural))
    if spec.count and spec.view == "back":
        parts.append(W.VIEWS["back"][0])
    if spec.move != "none":
        parts.append(W.MOVES[spec.move][0])
    parts.append(W.STYLES[spec.style][0])
    return ", ".join(parts)


canonical = canonical_caption
