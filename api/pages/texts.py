"""The source texts that are at hand: shown to readers of pages, never part of the graph or of its formats."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from kg.anchors import find, read_sources

#: How much of the text is shown on each side of a passage.
_AROUND = 260
#: Lines that are left blank are not shown in a passage.
_BLANK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Passage:
    """A passage in its context, its key phrase apart."""

    before: str
    lead: str
    phrase: str
    rest: str
    after: str


@dataclass(frozen=True)
class Piece:
    """A stretch of a text that the same claims cover; it starts the passage of some of them."""

    text: str
    claims: tuple[str, ...]
    starts: tuple[str, ...]


@lru_cache(maxsize=4)
def _read_all(folders: tuple[Path, ...]) -> dict[str, str]:
    return {digest: source.text for digest, source in read_sources(folders)[0].items()}


def find_text(folders: tuple[Path, ...], sha256: str) -> str | None:
    """Return the text with a digest, or None when it is in none of the folders."""
    return _read_all(folders).get(sha256)


def cut_passage(text: str, start: int, end: int, phrase: str) -> Passage:
    """Return a passage with some of the text around it.

    >>> cut_passage("It is so. Sleep comes late. Then.", 10, 27, "comes late")
    Passage(before='It is so. ', lead='Sleep ', phrase='comes late', rest='.', after=' Then.')
    """
    inside = text[start:end]
    places = find(phrase, inside)
    first, last = (places[0].start, places[0].end) if places else (0, len(inside))
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if start > _AROUND:
        before = "…" + before.partition(" ")[2]
    if end + _AROUND < len(text):
        after = after.rpartition(" ")[0] + "…"
    parts = (before, inside[:first], inside[first:last], inside[last:], after)
    return Passage(*(_BLANK.sub("\n", part) for part in parts))


def cut_pieces(text: str, ranges: Iterable[tuple[str, int, int]]) -> list[Piece]:
    """Cut a text where claims begin and end; ranges are identifier, start and end, and may overlap.

    >>> [(p.text, p.claims) for p in cut_pieces("abcdef", [("x", 1, 4), ("y", 3, 5)])]
    [('a', ()), ('bc', ('x',)), ('d', ('x', 'y')), ('e', ('y',)), ('f', ())]
    """
    begun: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for found in sorted(ranges, key=lambda r: (r[1], -r[2], r[0])):
        begun[found[1]].append(found)
    ends = (min(end, len(text)) for here in begun.values() for _, _, end in here)
    edges = sorted({0, len(text), *(start for start in begun if start < len(text)), *ends})
    pieces: list[Piece] = []
    covering: list[tuple[str, int, int]] = []
    for start, end in pairwise(edges):
        covering = [found for found in covering if found[2] > start] + begun[start]
        names = tuple(name for name, _, _ in covering)
        pieces.append(Piece(text[start:end], names, tuple(name for name, _, _ in begun[start])))
    return pieces


def split_cue(phrase: str, cue: str) -> Sequence[str]:
    """Split a phrase into what is before the cue, the cue, and what is after; the cue is empty when it is elsewhere.

    >>> split_cue("It may help", "may")
    ('It ', 'may', ' help')
    >>> split_cue("It helps", "may")
    ('It helps', '', '')
    """
    at = phrase.lower().find(cue.lower()) if cue else -1
    return (phrase[:at], phrase[at : at + len(cue)], phrase[at + len(cue) :]) if at >= 0 else (phrase, "", "")
