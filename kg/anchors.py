"""Where words stand in a source text. The only module that knows how phrases are matched (by gtrex).

A phrase matches when it stands in the text letter by letter, white space and Unicode composition (NFC) aside. Case,
signs and punctuation count, a phrase never begins or ends inside a word or number, and near matches are hints only.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from gtrex import Policy, Verifier

_POLICY = Policy(ladder_name="strict", accept_through="whitespace", repair_mode="off", ellipsis_policy="reject")
_SENTENCE_END = re.compile(r"(?<=[.!?:])[\"'”’)\]]*(?=\s)|\s*\n\s*")
#: A full stop after one of these does not end a sentence.
_ABBREVIATION = re.compile(r"(?:\b(?:[A-Z]|al|vs|i\.e|e\.g|etc|Dr|Mr|Mrs|Ms|Psy\.D|Ph\.D|St|Rd|No|Inc|Fig|cf)|&)\.$")

#: What parts a phrase from other words beyond doubt, before it and after it.
_OPENS, _CLOSES = re.compile(r"(?:^|\s)\(?\Z"), re.compile(r"[.,;:)]?(?:\s|\Z)")


@dataclass(frozen=True)
class Source:
    """A source text, known by the digest of its UTF-8 bytes."""

    path: Path
    text: str
    sha256: str


@dataclass(frozen=True)
class Place:
    """A half-open range of code points, with what stands there."""

    start: int
    end: int
    text: str


def read_sources(folders: Sequence[Path]) -> tuple[dict[str, Source], list[Path]]:
    """Read every text file of the folders; return them by digest, and the files that are not UTF-8."""
    sources: dict[str, Source] = {}
    unreadable: list[Path] = []
    for path in sorted(p for folder in folders for p in folder.rglob("*.txt") if p.is_file()):
        raw = path.read_bytes()
        try:
            source = Source(path, raw.decode("utf-8"), hashlib.sha256(raw).hexdigest())
        except UnicodeDecodeError:
            unreadable.append(path)
        else:
            sources[source.sha256] = source
    return sources, unreadable


def find(phrase: str, text: str) -> list[Place]:
    """Return every place where the phrase stands in the text, offsets in code points of the text as given.

    >>> [(p.start, p.end) for p in find("does  act", "It does act; it does not act.")]
    [(3, 11)]
    >>> find("p < 0.05", "with p > 0.05")
    []
    """
    composed, offsets = _compose(text)
    wanted = unicodedata.normalize("NFC", phrase).strip()
    if not wanted:
        return []
    places: list[Place] = []
    begin = 0
    while True:
        certificate = Verifier(composed[begin:], _POLICY).verify(wanted)
        if not certificate.grounded or certificate.start is None or certificate.end is None:
            return places
        start, end = begin + certificate.start, begin + certificate.end
        places.append(Place(offsets[start], offsets[end], text[offsets[start] : offsets[end]]))
        begin = end


def stands(phrase: str, text: str) -> bool:
    """Tell whether the phrase stands in the text: what `find` would say, without the machinery where all is plain.

    >>> stands("does act", "It does act."), stands("act", "It acts.")
    (True, False)
    """
    if text.isascii() and "&" not in text and (start := text.find(phrase)) >= 0 and re.search("[a-zA-Z0-9]", phrase):
        end = start + len(phrase)
        if _OPENS.search(text[max(0, start - 2) : start]) and _CLOSES.match(text, end):
            return True
    return bool(find(phrase, text))


def _compose(text: str) -> tuple[str, Sequence[int]]:
    """Return the text in NFC and, for each of its positions, the position in the text as given."""
    if unicodedata.is_normalized("NFC", text):
        return text, range(len(text) + 1)
    composed: list[str] = []
    offsets: list[int] = []
    i = 0
    while i < len(text):
        j = i + 1
        while j < len(text) and unicodedata.combining(text[j]):
            j += 1
        cluster = unicodedata.normalize("NFC", text[i:j])
        composed.append(cluster)
        offsets += [i] * len(cluster)
        i = j
    return "".join(composed), [*offsets, len(text)]


def nearest(phrase: str, text: str, count: int = 3) -> list[Place]:
    """Return the places of the text that are most like the phrase, best first: hints, never matches.

    >>> nearest("turns up ruminations", "Ketamine turns down ruminations.")[0].text
    'turns down ruminations.'
    """
    words = [m.span() for m in re.finditer(r"\S+", text)]
    size = max(1, len(phrase.split()))
    scored = []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(phrase.casefold())
    for i in range(max(1, len(words) - size + 1)):
        span = words[i : i + size]
        if not span:
            break
        window = text[span[0][0] : span[-1][1]]
        matcher.set_seq1(window.casefold())
        if matcher.real_quick_ratio() > 0.5 and matcher.quick_ratio() > 0.5 and (ratio := matcher.ratio()) > 0.5:
            scored.append((-ratio, Place(span[0][0], span[-1][1], window)))
    best: list[Place] = []
    for _, place in sorted(scored, key=lambda s: (s[0], s[1].start)):
        if all(place.end <= b.start or place.start >= b.end for b in best):
            best.append(place)
        if len(best) == count:
            break
    return best


def difference(phrase: str, text: str) -> str:
    """Tell in words how the phrase differs from what stands in the text.

    >>> difference("turns up it", "turns down it")
    "'up' is 'down' in the text"
    """
    a, b = phrase.split(), text.split()
    told = []
    for op, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        ours, theirs = " ".join(a[i:j]), " ".join(b[k:m])
        if op == "replace":
            told.append(f"{ours!r} is {theirs!r} in the text")
        elif op == "delete":
            told.append(f"{ours!r} is not in the text")
        elif op == "insert":
            told.append(f"the text has {theirs!r} besides")
    return ", ".join(told)


def sentences(text: str) -> Iterator[Place]:
    """Yield the sentences of a text: what ends in a full stop, question mark, exclamation mark, colon or line.

    >>> [s.text for s in sentences("It works (Smith et al. 2001). Does it?")]
    ['It works (Smith et al. 2001).', 'Does it?']
    """
    start = 0
    for match in _SENTENCE_END.finditer(text + "\n"):
        piece = text[start : match.end()]
        if _ABBREVIATION.search(piece) and not match.group().strip(" \t").startswith("\n"):
            continue
        stripped = piece.strip()
        if stripped:
            begin = start + len(piece) - len(piece.lstrip())
            yield Place(begin, begin + len(stripped), stripped)
        start = match.end()
