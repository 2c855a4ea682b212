"""Words as a search compares them: without case, accents and hyphens, and Greek letters by their names.

A compound ("TNF-α", "5-HT2A") is the words that it is made of, and also the one word that they make together, since
others write it so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_GREEK_NAMES = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau
upsilon phi chi psi omega"""
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _GREEK_NAMES.split(), strict=True))
#: Hyphens and apostrophes, which hold a compound together.
_JOINER = "-'\u00b7\u02bc\u2010-\u2013\u2019"
_LETTER = r"(?:[^\W_]|[\u0300-\u036f])"
_COMPOUND = re.compile(rf"{_LETTER}+(?:[{_JOINER}]{_LETTER}+)*")
_PLAIN_COMPOUND = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)+")
_PLAIN_WORD = re.compile(r"[a-z0-9]+")
_GREEK_LETTER = r"[\u0370-\u03ff\u1f00-\u1fff]"
#: A Greek letter that stands alone is a sign and has a name; in a Greek word it is a letter.
_SIGN = rf"(?<!{_GREEK_LETTER})[\u00b5\u0370-\u03ff](?!{_GREEK_LETTER})"
_PART = re.compile(rf"{_SIGN}|(?:(?!{_SIGN}){_LETTER})+")
#: A word is also found inside of others when it has this many letters.
INSIDE = 3


class Word(NamedTuple):
    """A word as it is compared, and where it stands in its text."""

    start: int
    end: int
    text: str


def fold(word: str) -> str:
    """Return a word without case and accents; a lone Greek letter by its name.

    >>> fold("Étude"), fold("β"), fold("ﬁre")
    ('etude', 'beta', 'fire')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if c.isalnum())
    return _GREEK.get(bare) or unicodedata.normalize("NFC", bare)


def split_compounds(text: str) -> list[list[Word]]:
    """Return the compounds of a text, each as its words.

    >>> [[w.text for w in compound] for compound in split_compounds("TNFα, a short-term rise")]
    [['tnf', 'alpha'], ['a'], ['short', 'term'], ['rise']]
    """
    found = []
    for compound in _COMPOUND.finditer(text):
        at = compound.start()
        words = [Word(at + p.start(), at + p.end(), fold(p[0])) for p in _PART.finditer(compound[0])]
        if kept := [w for w in words if w.text]:
            found.append(kept)
    return found


def read_words(text: str) -> tuple[Word, ...]:
    """Return the words of a text in their order.

    >>> read_words("By β-waves")
    (Word(start=0, end=2, text='by'), Word(start=3, end=4, text='beta'), Word(start=5, end=10, text='waves'))
    """
    if text.isascii():  # nearly all texts, and many times as quick
        return tuple(Word(*found.span(), found[0]) for found in _PLAIN_WORD.finditer(text.lower()))
    return tuple(word for compound in split_compounds(text) for word in compound)


#: Of texts of the index, which are found again and again; never of what somebody typed.
_remember_words = lru_cache(maxsize=4096)(read_words)


def fold_text(text: str) -> tuple[str, str]:
    """Return the words of a text, and the words that its compounds make together.

    >>> fold_text("TNF-α rises")
    ('tnf alpha rises', 'tnfalpha')
    """
    if text.isascii():  # nearly all texts, and a hundred times as quick
        lower = text.lower()
        joined = [c.replace("-", "").replace("'", "") for c in _PLAIN_COMPOUND.findall(lower)]
        return " ".join(_PLAIN_WORD.findall(lower)), " ".join(joined)
    compounds = split_compounds(text)
    words = " ".join(w.text for compound in compounds for w in compound)
    return words, " ".join("".join(w.text for w in compound) for compound in compounds if len(compound) > 1)


def mark_words(text: str, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """Return where a text has the wanted words, each folded and its compound joined, or words that contain them.

    >>> mark_words("A rise of TNF-α", ["tnfalpha", "rise"])
    [(2, 6), (10, 15)]
    >>> mark_words("Arousal rises", ["rise", "us"])
    [(8, 13)]
    """
    wanted = [want for want in wanted if _may_have(text, want)]
    if not wanted:
        return []
    words, found, position = _remember_words(text), [], 0
    while position < len(words):
        here = words[position].text
        near = [want for want in wanted if want in here or want.startswith(here)]
        count = max(_count_words(words, position, want) for want in near) if near else 0
        if count:
            found.append((words[position].start, words[position + count - 1].end))
        position += max(1, count)
    return found


def _may_have(text: str, want: str) -> bool:
    """Tell, many times as quickly as by its words, whether a plain text may have a word or words that make it."""
    return not text.isascii() or want in "".join(_PLAIN_WORD.findall(text.lower()))


def _count_words(words: Sequence[Word], position: int, want: str) -> int:
    """Return how many words from a position on are, or make together, the wanted one."""
    here = words[position].text
    if here == want or (len(want) >= INSIDE and want in here):
        return 1
    joined = ""
    for count, word in enumerate(words[position:], 1):
        joined += word.text
        if not want.startswith(joined):
            return 0
        if joined == want:
            return count
    return 0
