"""Typing errors: the word of the index that somebody meant who wrote one that it does not have."""

from __future__ import annotations

import sqlite3
from difflib import get_close_matches

from kg.search.words import INSIDE

#: Shorter words are like too many others; longer ones have as many neighbours as letters, each as long as they.
SHORTEST, LONGEST = 4, 40
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_CANDIDATES = 60


def is_known(database: sqlite3.Connection, word: str) -> bool:
    """Tell whether a word of the index is, begins with, or has inside, the given one."""
    return begins(database, word) or bool(find_inside(database, word, 1))


def begins(database: sqlite3.Connection, word: str, longer: bool = False) -> bool:
    """Tell whether the given word, or a longer one that begins with it, is in the index."""
    sign = ">" if longer else ">="
    row = database.execute(
        f"SELECT 1 FROM terms WHERE term {sign} ?1 AND term < ?1 || char(1114111) LIMIT 1", (word,)
    ).fetchone()
    return row is not None


def find_inside(database: sqlite3.Connection, word: str, count: int) -> list[str]:
    """Return words of the index with the given one inside, not at their beginning, the most frequent first."""
    if len(word) < INSIDE:
        return []
    rows = database.execute(
        "SELECT terms.term FROM pieces JOIN terms ON terms.rowid = pieces.rowid "
        "WHERE pieces MATCH ? AND instr(terms.term, ?) > 1 ORDER BY terms.count DESC, terms.term LIMIT ?",
        (f'"{word}"', word, count),
    )
    return [term for (term,) in rows]


def correct_word(database: sqlite3.Connection, word: str) -> str | None:
    """Return the word, or the two words, that an unknown one most probably stands for, if any."""
    if not SHORTEST <= len(word) <= LONGEST or word.isdigit():
        return None
    return _find_near(database, word) or _find_pair(database, word) or _find_alike(database, word)


def edit_once(word: str) -> set[str]:
    """Return all words that one typing error makes of a word: two letters swapped, one lost, added or mistaken.

    >>> sorted(w for w in edit_once("ab") if set(w) <= set("ab"))
    ['a', 'aa', 'aab', 'aba', 'abb', 'b', 'ba', 'bab', 'bb']
    """
    halves = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    edits = {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    edits |= {a + b[1:] for a, b in halves if b}
    for letter in _ALPHABET:
        edits |= {a + letter + b[1:] for a, b in halves if b}
        edits |= {a + letter + b for a, b in halves}
    return edits - {word}


def _find_near(database: sqlite3.Connection, word: str) -> str | None:
    """Return the most frequent word at one typing error's distance; the first letter is seldom mistaken."""
    edits = sorted(edit_once(word))
    marks = ",".join("?" * len(edits))
    row = database.execute(
        f"SELECT term FROM terms WHERE term IN ({marks}) ORDER BY substr(term, 1, 1) <> ?, count DESC, term LIMIT 1",
        (*edits, word[0]),
    ).fetchone()
    return row[0] if row else None


def _find_pair(database: sqlite3.Connection, word: str) -> str | None:
    """Return two words of the index that were written as one."""
    for at in range(INSIDE, len(word) - INSIDE + 1):
        pair = (word[:at], word[at:])
        found = database.execute("SELECT count(*) FROM terms WHERE term IN (?, ?)", pair).fetchone()
        if found[0] == len(set(pair)):
            return " ".join(pair)
    return None


def _find_alike(database: sqlite3.Connection, word: str) -> str | None:
    """Return the word that is most alike among those with many of the same three letters in a row."""
    pieces = {word[i : i + INSIDE] for i in range(len(word) - INSIDE + 1)}
    rows = database.execute(
        "SELECT terms.term FROM (SELECT rowid AS number FROM pieces WHERE pieces MATCH ? ORDER BY rank, rowid LIMIT ?) "
        "JOIN terms ON terms.rowid = number",
        (" OR ".join(f'"{p}"' for p in sorted(pieces)), _CANDIDATES),
    )
    near = get_close_matches(word, [term for (term,) in rows], n=1, cutoff=0.75)
    return near[0] if near else None
