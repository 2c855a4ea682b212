"""What somebody looks for, read from the words as they were typed; nothing of FTS5's syntax gets through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.search.words import INSIDE, read_words

_PIECE = re.compile(r'"([^"]+)"|([^\s"/,;]+)')
_QUOTES = str.maketrans("“”„«»", '"""""')
_PLURAL = 5


@dataclass(frozen=True)
class Wanted:
    """A word, a compound or a quoted phrase that is looked for."""

    #: As it was typed, or corrected.
    text: str
    parts: tuple[str, ...]
    quoted: bool = False
    #: The last one may not be typed to its end.
    last: bool = False

    @property
    def joined(self) -> str:
        """The parts as one word."""
        return "".join(self.parts)

    @property
    def stem(self) -> str:
        """The word without the ending of a plural, or the joined word as it is."""
        whole = self.joined
        return whole[:-1] if len(whole) >= _PLURAL and whole.endswith("s") and not self.quoted else whole

    @property
    def may_begin(self) -> bool:
        """Whether it is taken for the beginning of words; too much begins with short ones."""
        return not self.quoted and len(self.parts[-1]) >= (INSIDE - 1 if self.last else INSIDE)

    def expression(self, level: int, inside: Sequence[str] = ()) -> str:
        """Return what FTS5 is asked: 0 for the words as they stand, 1 for beginnings of words too.

        >>> Wanted("TNF-α", ("tnf", "alpha")).expression(0)
        '("tnf alpha" OR "tnfalpha")'
        >>> Wanted("receptors", ("receptors",)).expression(1, ["chemoreceptors"])
        '("receptors" * OR "receptor" * OR "chemoreceptors")'
        """
        forms = dict.fromkeys((" ".join(self.parts), self.joined))
        terms = [f'"{form}"' for form in forms]
        if level and self.may_begin:
            forms |= {self.stem: None}
            terms = [f'"{form}" *' for form in forms]
        terms += [f'"{word}"' for word in inside]
        return f"({' OR '.join(terms)})"


def read_wanted(words: str) -> list[Wanted]:
    """Return what is looked for: quoted phrases, and what stands between spaces; signs alone are passed over.

    >>> [(w.parts, w.quoted) for w in read_wanted('TNF-α "deep sleep" *')]
    [(('tnf', 'alpha'), False), (('deep', 'sleep'), True)]
    """
    found: dict[tuple[tuple[str, ...], bool], Wanted] = {}
    for match in _PIECE.finditer(words.translate(_QUOTES)):
        quoted = match[1] is not None
        parts = tuple(word.text for word in read_words(match[1] or match[2]))
        if parts:
            last = not quoted and match.end() == len(words)
            found.setdefault((parts, quoted), Wanted(match[0], parts, quoted, last))
    return list(found.values())
