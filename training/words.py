# Inquadra - the words the house model was trained on, for the window: data/models/house/words.txt
# SPDX-License-Identifier: GPL-3.0-or-later
"""python3 words.py            writes runs/tokenizer/words.txt from generated captions and synonyms.txt; export.py puts it
                            beside the weights that were trained on those captions
   python3 words.py --check    tells whether the file beside the weights is what this drawer writes

A word is known when the captions that training sees say it often enough to have been learnt. The file has one word a
line, sorted; "unknown = known" gives the nearest word of the trade for one that training never saw. Where the captions
do not fix the letters of a word ("close-up", "half-light"), its parts count as well."""
import argparse
import collections
import os
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = os.path.join(HERE, "..", "data", "models", "house", "words.txt")
RUNS = os.path.join(os.environ.get("INQ_RUNS", os.path.join(HERE, "runs")), "tokenizer")
# A run of letters, joined by hyphens and apostrophes: as the window cuts a prompt.
PATTERN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# Of the training panels a word must come in this many per 100,000 captions.
OFTEN = 4


def words_of(text):
    for word in PATTERN.findall(text.lower()):
        word = word.replace("’", "'")
        yield word
        parts = re.split("['-]", word)
        if len(parts) > 1:
            yield from (p for p in parts if len(p) > 1)


def captions(n, seed):
    from panels import canonical_caption, caption, held_out, random_spec
    rng = random.Random(seed)
    for _ in range(n):
        spec = random_spec(rng)
        if held_out(spec):
            continue
        yield caption(spec, rng)
        yield canonical_caption(spec)


def known_words(n, seed=2024):
    counts = collections.Counter()
    said = 0
    for text in captions(n, seed):
        counts.update(set(words_of(text)))
        said += 1
    least = max(2, OFTEN * said / 100000)
    return {w for w, c in counts.items() if c >= least}


def synonyms(known):
    out = {}
    with open(os.path.join(HERE, "synonyms.txt"), encoding="utf-8") as f:
        for line in f:
            parts = line.split("#")[0].split()
            if not parts:
                continue
            if len(parts) != 2:
                raise ValueError(f"synonyms.txt: a pair is two words: {line!r}")
            if parts[0] not in known and parts[1] in known:
                out.setdefault(parts[0], parts[1])
    return out


def text_of(n):
    known = known_words(n)
    lines = ["# Made by training/words.py: what the house model was trained on. UNKNOWN = KNOWN: what to say instead."]
    lines += sorted(known)
    lines += [f"{a} = {b}" for a, b in sorted(synonyms(known).items())]
    return "\n".join(lines) + "\n"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--check", action="store_true")
    ap.add_argument("--captions", type=int, default=60000)
    a = ap.parse_args()
    text = text_of(a.captions)
    if a.check:
        with open(WORDS, encoding="utf-8") as f:
            same = f.read() == text
        print("same" if same else "differs: run words.py")
        sys.exit(0 if same else 1)
    os.makedirs(RUNS, exist_ok=True)
    with open(os.path.join(RUNS, "words.txt"), "w", encoding="utf-8") as f:
        f.write(text)
    print(f"{sum(1 for x in text.splitlines() if '=' not in x) - 1} words")


if __name__ == "__main__":
    main()
