# Inquadra - the house model's byte-pair vocabulary, in CLIP's own format: trains, writes and reads merges.txt.
# SPDX-License-Identifier: GPL-3.0-or-later
"""python3 vocab.py            trains on generated captions and words.txt, writes runs/tokenizer, runs the self-test
   python3 vocab.py --check    the self-test alone, on runs/tokenizer

A vocabulary belongs to the weights trained with it: the one that ships stands beside them (data/models/house/tokenizer) and
only export.py replaces it, together with them.

Ids follow from the merges as in CLIP: 256 bytes, 256 bytes ending a word, the merges in their order, start, end.
Text is lower-cased, white space folded, cut into words by PATTERN, each word into UTF-8 bytes, then merged."""
import argparse
import collections
import os
import random
import re

HERE = os.path.dirname(os.path.abspath(__file__))
MERGES = os.path.join(HERE, "..", "data", "models", "house", "tokenizer", "merges.txt")
RUNS = os.path.join(os.environ.get("INQ_RUNS", os.path.join(HERE, "runs")), "tokenizer")
WORKING = os.path.join(RUNS, "merges.txt")
N_CTX = 48
N_MERGES = 3200
# CLIP's pre-tokenizer without its Unicode classes: English endings, runs of letters, single digits, other runs.
PATTERN = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+")


def byte_alphabet():
    """CLIP's 256 printable stand-ins for the bytes, in id order: (byte -> character, characters in order)."""
    order = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    chars = {b: chr(b) for b in order}
    extra = 0
    for b in range(256):
        if b not in chars:
            chars[b] = chr(256 + extra)
            order.append(b)
            extra += 1
    return chars, [chars[b] for b in order]


BYTE_CHAR, ALPHABET = byte_alphabet()


def words_of(text):
    return PATTERN.findall(" ".join(text.lower().split()))


def symbols(word):
    s = [BYTE_CHAR[b] for b in word.encode("utf-8")]
    s[-1] += "</w>"
    return tuple(s)


def train(counts, n_merges):
    """Byte-pair merges over a Counter of words; ties go to the pair that sorts first, so the result is stable."""
    vocab = {w: list(symbols(w)) for w in counts}
    pairs = collections.Counter()
    where = collections.defaultdict(set)
    for w, s in vocab.items():
        for p in zip(s, s[1:]):
            pairs[p] += counts[w]
            where[p].add(w)
    merges = []
    while len(merges) < n_merges and pairs:
        best = min(pairs, key=lambda p: (-pairs[p], p))
        if pairs[best] < 2:
            break
        merges.append(best)
        for w in sorted(where[best]):
            s = vocab[w]
            for p in zip(s, s[1:]):
                pairs[p] -= counts[w]
                if pairs[p] <= 0:
                    del pairs[p]
                where[p].discard(w)
            out, i = [], 0
            while i < len(s):
                if i + 1 < len(s) and (s[i], s[i + 1]) == best:
                    out.append(s[i] + s[i + 1])
                    i += 2
                else:
                    out.append(s[i])
                    i += 1
            vocab[w] = out
            for p in zip(out, out[1:]):
                pairs[p] += counts[w]
                where[p].add(w)
    return merges


class Vocab:
    """Encoder over a list of merges."""

    def __init__(self, merges):
        self.rank = {m: k for k, m in enumerate(merges)}
        names = ALPHABET + [c + "</w>" for c in ALPHABET] + [a + b for a, b in merges]
        self.id = {}
        for k, n in enumerate(names):
            self.id[n] = k
        self.names = names + ["<|startoftext|>", "<|endoftext|>"]
        self.sot, self.eot = len(names), len(names) + 1
        self.cache = {}

    def __len__(self):
        return len(self.names)

    def word(self, w):
        if w not in self.cache:
            s = list(symbols(w))
            while len(s) > 1:
                ranked = [(self.rank.get(p, 1 << 30), k) for k, p in enumerate(zip(s, s[1:]))]
                best, _ = min(ranked)
                if best == 1 << 30:
                    break
                out, i = [], 0
                while i < len(s):
                    if i + 1 < len(s) and self.rank.get((s[i], s[i + 1])) == best:
                        out.append(s[i] + s[i + 1])
                        i += 2
                    else:
                        out.append(s[i])
                        i += 1
                s = out
            self.cache[w] = [self.id[x] for x in s]
        return self.cache[w]

    def encode(self, text, n_ctx=N_CTX):
        """Ids: start, the words (cut to fit), end, padded with end to n_ctx."""
        ids = [i for w in words_of(text) for i in self.word(w)][:n_ctx - 2]
        ids = [self.sot] + ids + [self.eot]
        return ids + [self.eot] * (n_ctx - len(ids))

    def decode(self, ids):
        text = "".join(self.names[i] for i in ids if i < self.sot)
        back = {c: b for b, c in BYTE_CHAR.items()}
        out = bytearray()
        for part in text.split("</w>"):
            out += bytes(back[c] for c in part) + b" "
        return out.decode("utf-8", "replace").strip()


def load(path=MERGES):
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    if not lines[0].startswith("#version"):
        raise ValueError(f"{path}: first line must be #version")
    return Vocab([tuple(x.split(" ")) for x in lines[1:] if x])


_default = None


def working():
    """The vocabulary of the training at hand (runs/tokenizer)."""
    global _default
    if _default is None:
        _default = load(WORKING)
    return _default


def encode(text, n_ctx=N_CTX):
    """Ids of a caption with the working vocabulary."""
    return working().encode(text, n_ctx)


def beside(weights):
    """The vocabulary that belongs to a weights file: in the folder beside it, else the working one."""
    path = os.path.join(os.path.dirname(weights), "tokenizer", "merges.txt")
    return load(path) if os.path.exists(path) else working()


def corpus(n, seed):
    """Words of n captions, plus each word of words.txt often enough to be worth whole or in good parts."""
    from panels import canonical_caption, caption, random_spec
    rng = random.Random(seed)
    counts = collections.Counter()
    for _ in range(n):
        spec = random_spec(rng)
        counts.update(words_of(caption(spec, rng)))
        counts.update(words_of(canonical_caption(spec)))
        counts.update(words_of(canonical_caption(spec, "it")))
    with open(os.path.join(HERE, "words.txt"), encoding="utf-8") as f:
        for w in words_of(f.read()):
            counts[w] += 60
    return counts


def self_test(v):
    assert len(v) == 512 + len(v.rank) + 2
    assert len(v.encode("")) == N_CTX and v.encode("")[0] == v.sot and set(v.encode("")[1:]) == {v.eot}
    long = v.encode("forest " * 400)
    assert len(long) == N_CTX and long[-1] == v.eot and long[-2] != v.eot
    for text in ("wide shot , two people walk through a forest at night , rain", "caffè 12 ¿qué? 猫",
                 "int . kitchen - day . he ' s late"):
        got = v.decode(v.encode(text))
        assert got.replace(" ", "") == text.replace(" ", ""), (text, got)
    assert v.encode("WIDE   Shot") == v.encode("wide shot")
    assert v.encode("forest")[2] == v.eot and v.encode("night")[2] == v.eot


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--check", action="store_true")
    ap.add_argument("--captions", type=int, default=100000)
    a = ap.parse_args()
    if not a.check:
        counts = corpus(a.captions, 2024)
        merges = train(counts, N_MERGES)
        os.makedirs(RUNS, exist_ok=True)
        with open(WORKING, "w", encoding="utf-8") as f:
            f.write("#version: 0.2\n" + "".join(f"{x} {y}\n" for x, y in merges))
    v = load(WORKING)
    self_test(v)
    print(f"{len(v.rank)} merges, {len(v)} ids")


if __name__ == "__main__":
    main()
