"""Finding entities, claims, documents, works and named queries by their words, in the search index of a build.

All words must be found: as they stand first, then as beginnings of words, then inside of words. A word that is nowhere
is taken for a typing error of one that is somewhere; when no thing has all the words, those with any of them are
found. The answer says both. Entities whose name begins with the words, however it is divided into words, come first,
the shortest name before all; then what the words count for most.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from kg.errors import QueryError
from kg.query import NamedQuery
from kg.search.connections import lend_connection
from kg.search.index import FILE, SEPARATOR
from kg.search.spelling import begins, correct_word, find_inside
from kg.search.wanted import Wanted, read_wanted
from kg.search.words import fold_text, mark_words
from kg.stores.connect import Build

KINDS = ("entity", "document", "work", "claim", "query")
#: How long the words may be, and how many.
MAX_LENGTH, MAX_WORDS = 1000, 40
#: How many words that are nowhere are taken for typing errors: to look for what was meant takes longest.
_MOST_CORRECTED = 5
#: How many hits are ranked; what goes beyond comes in the order of the index: what is most taken up first.
RANKED = 1000
#: How many words with one of the wanted inside are looked for.
_MOST_INSIDE = 100
#: What a word counts in label, also, statement, phrase, context, joined.
_WEIGHTS = "10, 6, 4, 3, 1, 3"
_SNIPPET = 160
#: The entities with a name that begins with some words, and its length: the shortest has nothing else.
_NAMED = "SELECT item, min(length(joined)) AS size FROM labels WHERE joined BETWEEN ? AND ? GROUP BY item"

Ranges = list[tuple[int, int]]


@dataclass(frozen=True)
class Hit:
    """One thing that was found; ranges tell where the words stand in title and snippet."""

    kind: str
    id: str
    title: str
    #: The kind of an entity, the document of a claim, the year of a document or work.
    note: str
    snippet: str
    title_ranges: Ranges
    ranges: Ranges
    #: How well it fits, the more the better; to be compared among hits of whole words, or among others, only.
    score: float


@dataclass(frozen=True)
class Searched:
    """What was in fact searched for."""

    words: str
    #: Words that are nowhere, and what was taken in their place.
    corrected: dict[str, str] = field(default_factory=dict)
    #: Whether things with only some of the words are found, because none has all.
    any: bool = False


@dataclass(frozen=True)
class Hits:
    """One page of what was found, how much there is in all, and how much of each kind."""

    items: list[Hit]
    total: int
    counts: dict[str, int]
    searched: Searched


@dataclass(frozen=True)
class Index:
    """The search index of a build; any number of threads may ask it, each through a connection of its own."""

    path: Path
    queries: Mapping[str, NamedQuery] = field(default_factory=dict)
    #: Seconds that a search may take.
    deadline: float = 10.0

    def find(self, words: str, limit: int = 20, offset: int = 0, kinds: Collection[str] = ()) -> Hits:
        """Return one page of what has the words; raise QueryError for too many, LimitError when it takes too long."""
        if unknown := set(kinds) - set(KINDS):
            raise QueryError(f"there is no kind {min(unknown)!r} to search; there are {', '.join(KINDS)}")
        wanted = read_wanted(words) if len(words) <= MAX_LENGTH else []
        if len(words) > MAX_LENGTH or sum(len(w.parts) for w in wanted) > MAX_WORDS:
            raise QueryError(f"a search takes at most {MAX_WORDS} words and {MAX_LENGTH} characters")
        with lend_connection(self.path, self.deadline) as database:
            return _Search(database, self.queries, kinds or KINDS).run(wanted, limit, offset)


def open_index(build: Build, queries: Mapping[str, NamedQuery], deadline: float) -> Index:
    """Return the search index of a build, with the named queries that are known now."""
    return Index(build.folder / FILE, queries, deadline)


class _Search:
    """One search: an open index, and the kinds of things that are wanted."""

    def __init__(self, database: sqlite3.Connection, queries: Mapping[str, NamedQuery], kinds: Collection[str]) -> None:
        self.database = database
        self.queries = queries
        self.kinds = kinds
        self.corrections = 0
        self.rows: dict[str, tuple[int, int]] = {
            kind: (first, last) for kind, first, last in database.execute("SELECT kind, first, last FROM kinds")
        }

    def run(self, wanted: Sequence[Wanted], limit: int, offset: int) -> Hits:
        """Correct the words, find all of them, or else any of them."""
        corrected: dict[str, str] = {}
        wanted = [self._correct(w, corrected) for w in wanted]
        words = " ".join(w.text for w in wanted)
        steps = self._steps(wanted)
        counts = [self._count(step) for step in steps]
        queries = [q for q in self.queries.values() if wanted and _has_all(q, wanted)]
        single = [Wanted(part, (part,)) for w in wanted for part in w.parts]
        relaxed = len(single) > 1 and not queries and not any(sum(c.values()) for c in counts)
        if relaxed:
            wanted = single
            steps = [" OR ".join(w.expression(1) for w in single)]
            counts = [self._count(steps[0])]
        items: list[Hit] = []
        before = 0
        for step, count in zip(steps, counts, strict=True):
            here = sum(count.get(kind, 0) for kind in self.kinds)
            first, room = max(0, offset - before), limit - len(items)
            if first < here and room > 0:
                items += self._page(step, wanted, room, first)
            before += here
        counted = {kind: sum(count.get(kind, 0) for count in counts) for kind in KINDS} | {"query": len(queries)}
        if "query" in self.kinds:
            chosen = queries[max(0, offset - before) :][: limit - len(items)]
            items += [_show_query(query, wanted) for query in chosen]
        searched = Searched(words, corrected, relaxed and any(counted.values()))
        return Hits(items, sum(counted[kind] for kind in self.kinds), counted, searched)

    def _correct(self, wanted: Wanted, corrected: dict[str, str]) -> Wanted:
        """Return the words with those that are nowhere replaced, and note them."""
        if wanted.quoted or self._is_known(wanted.joined):
            return wanted
        parts: list[str] = []
        for part in wanted.parts:
            better = None if self._is_known(part) else self._find_better(part)
            parts += better.split() if better else [part]
        if parts == list(wanted.parts):
            return wanted
        corrected[wanted.text] = " ".join(parts)
        return Wanted(" ".join(parts), tuple(parts), last=wanted.last)

    def _find_better(self, word: str) -> str | None:
        self.corrections += 1
        return correct_word(self.database, word) if self.corrections <= _MOST_CORRECTED else None

    def _is_known(self, word: str) -> bool:
        return (
            begins(self.database, word)
            or bool(find_inside(self.database, word, 1))
            or any(word in _fold_query(q.name, q.summary) for q in self.queries.values())
        )

    def _steps(self, wanted: Sequence[Wanted]) -> list[str]:
        """Return what to match in turn: whole words, beginnings of words, insides of words; each only what is new."""
        if not wanted:
            return []
        most = _MOST_INSIDE // len(wanted)
        inside = [[] if w.quoted else find_inside(self.database, w.joined, most) for w in wanted]
        levels = [" AND ".join(w.expression(0) for w in wanted)]
        if any(self._is_beginning(w) for w in wanted):
            levels.append(" AND ".join(w.expression(1) for w in wanted))
        if any(inside):
            levels.append(" AND ".join(w.expression(1, i) for w, i in zip(wanted, inside, strict=True)))
        return [levels[0], *(f"({later}) NOT ({earlier})" for earlier, later in pairwise(levels))]

    def _is_beginning(self, wanted: Wanted) -> bool:
        """Tell whether the last of the words begins others; without its plural it may be a word itself."""
        last, stem = wanted.parts[-1], wanted.stem
        return wanted.may_begin and (
            begins(self.database, last, longer=True) or (stem != last and begins(self.database, stem))
        )

    def _count(self, match: str) -> dict[str, int]:
        """Count the hits of each kind; those of the last kind, the many, are what remains of all."""
        kinds = list(self.rows.items())
        sums = "".join(", total(rowid BETWEEN ? AND ?)" for _ in kinds[:-1])
        bounds = [bound for _, pair in kinds[:-1] for bound in pair]
        found = self.database.execute(f"SELECT count(*){sums} FROM texts WHERE texts MATCH ?", (*bounds, match))
        whole, *several = map(int, found.fetchone())
        return {kind: count for (kind, _), count in zip(kinds, [*several, whole - sum(several)], strict=True)}

    def _page(self, match: str, wanted: Sequence[Wanted], limit: int, offset: int) -> list[Hit]:
        """Return one page of the hits of one step: entities of just this name, the ranked ones, the others."""
        pairs = [self.rows[kind] for kind in self.kinds if kind in self.rows]
        among = " OR ".join("rowid BETWEEN ? AND ?" for _ in pairs)
        name = "".join(w.joined for w in wanted)
        given = (match, *(bound for pair in pairs for bound in pair), name)
        found = (
            f"FROM texts WHERE texts MATCH ? AND ({among}) AND rowid {{}} IN (SELECT item FROM labels WHERE joined = ?)"
        )
        score = f"-bm25(texts, {_WEIGHTS}) AS score"
        exact = self.database.execute(f"SELECT rowid, {score} {found.format('')} ORDER BY rowid", given).fetchall()
        others = f"{found.format('NOT')} ORDER BY rowid LIMIT ?"
        rows = exact[offset : offset + limit]
        at = max(0, offset - len(exact))
        rows += self.database.execute(
            f"WITH named AS ({_NAMED}), found AS (SELECT rowid AS item, {score} {others}) "
            "SELECT item, score FROM found LEFT JOIN named USING (item) "
            "ORDER BY size IS NULL, size, score DESC, item LIMIT ? OFFSET ?",
            (name, name + chr(0x10FFFF), *given, RANKED, limit - len(rows), at),
        ).fetchall()
        if len(rows) < limit:
            rest = (limit - len(rows), max(at, RANKED))
            rows += self.database.execute(f"SELECT rowid, 0.0 {others} OFFSET ?", (*given, *rest)).fetchall()
        stems = [w.stem for w in wanted]
        return [self._show(item, score, stems) for item, score in rows]

    def _show(self, item: int, score: float, marks: Sequence[str]) -> Hit:
        """Return a hit with the line that has most of the words that its title lacks."""
        kind = next(kind for kind, (first, last) in self.rows.items() if first <= item <= last)
        query = "SELECT id, title, note, lines FROM items WHERE item = ?"
        id_, title, note, text = self.database.execute(query, (item,)).fetchone()
        titled, lines = mark_words(title, marks), text.split(SEPARATOR)
        lacking = [m for m in marks if not mark_words(title, [m])] if len(marks) > 1 or not titled else ()
        best = max(lines, key=lambda line: sum(bool(mark_words(line, [m])) for m in lacking)) if lacking else lines[0]
        snippet, ranges = _cut(best, mark_words(best, marks))
        return Hit(kind, id_, title, note, snippet, titled, ranges, score)


def _cut(line: str, ranges: Ranges) -> tuple[str, Ranges]:
    """Return a line, or the part of a long one around the first of its ranges, with the ranges inside.

    >>> _cut("short", [(0, 5)])
    ('short', [(0, 5)])
    >>> text, ranges = _cut("x " * 200 + "here it is", [(400, 404)])
    >>> text[slice(*ranges[0])], text[0]
    ('here', '…')
    """
    if len(line) <= _SNIPPET:
        return line, ranges
    near = max(0, ranges[0][0] - _SNIPPET // 4) if ranges else 0
    start = line.rfind(" ", 0, near) + 1 if near else 0
    end = line.rfind(" ", start, start + _SNIPPET) if start + _SNIPPET < len(line) else len(line)
    if end <= start:
        end = start + _SNIPPET
    before = "…" if start else ""
    shift = len(before) - start
    inside = [(a + shift, b + shift) for a, b in ranges if start <= a and b <= end]
    return before + line[start:end] + ("…" if end < len(line) else ""), inside


@lru_cache(maxsize=1024)
def _fold_query(name: str, summary: str) -> str:
    """Return the words of a named query between spaces, those of its compounds also joined."""
    return f" {' '.join(fold_text(f'{name} {summary}'))} "


def _has_all(query: NamedQuery, wanted: Sequence[Wanted]) -> bool:
    """Tell whether a named query has all the words, or words that begin with them."""
    words = _fold_query(query.name, query.summary)
    return all(f" {' '.join(w.parts)}" in words or f" {w.stem}" in words for w in wanted)


def _show_query(query: NamedQuery, wanted: Sequence[Wanted]) -> Hit:
    marks = [w.stem for w in wanted]
    parameters = ", ".join(p.name for p in query.parameters)
    ranges = (mark_words(query.summary, marks), mark_words(query.name, marks))
    return Hit("query", query.name, query.summary, parameters, query.name, *ranges, 0.0)
