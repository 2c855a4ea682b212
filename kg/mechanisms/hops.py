"""The hops of a build: what its documents assert of effects, step by step, each with its claims."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, TypedDict
from urllib.parse import unquote

from kg.compare.derive import count_independent
from kg.names import Names
from kg.query import NamedQuery
from kg.stores.base import RESULTS, Question, Store
from kg.vocabulary import Vocabulary

OPPOSITE = {"increased": "decreased", "decreased": "increased", "normal": "abnormal", "abnormal": "normal"}
_TRUE = ("true", "1")
#: Where in a row of `hops` its relation stands, and where what it says of a claim begins.
_RELATION, _CLAIM = 2, 7
#: How many queries are asked at once.
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Source:
    """A claim that states a hop."""

    claim: str
    document: str
    certainty: str
    statement: str
    work: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A state of an entity, in a class of aspects."""

    entity: str
    aspect_class: str = ""
    state: str = "increased"

    @property
    def opposite(self) -> State:
        """The opposite state of the same."""
        return State(self.entity, self.aspect_class, OPPOSITE[self.state])


@dataclass(frozen=True, slots=True)
class Hop:
    """One step: what some documents state, with all of their claims."""

    #: One of its propositions; those of its claims may differ in scope.
    proposition: str
    subject: State
    #: Whether the subject's own state is open, so that it takes up a raised one.
    open_state: bool
    relation: str
    object: State
    aspect: str
    sign: int
    #: In whom, where, after what and so on the claim says it, each as a key and a value.
    scope: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    #: "via" (a claim works through this state), "read-through", "inverted", "association", or nothing.
    note: str = ""
    contested: tuple[str, ...] = ()
    #: Of its surest claim; and how many independent sources its claims have.
    certainty: str = ""
    support: int = 0

    @property
    def documents(self) -> frozenset[str]:
        """The documents that state the hop."""
        return frozenset(s.document for s in self.sources)

    @property
    def region(self) -> str:
        """The region that it is said of, if any."""
        return next(iter(self.values("region")), "")

    def values(self, key: str) -> list[str]:
        """Return the values that the scope has for a key: what is said of several holds of each."""
        return [value for known, value in self.scope if known == key]


class Grade(TypedDict):
    """How good a hop is by its claims."""

    certainty: str
    support: int


def grade(sources: Sequence[Source], ranks: Mapping[str, int]) -> Grade:
    """Return the certainty of the surest of some claims, and how many independent sources they have.

    >>> told = [Source("1", "a", "possible", "", "smith"), Source("2", "b", "stated", "", "smith")]
    >>> grade(told, {"stated": 0, "possible": 1})
    {'certainty': 'stated', 'support': 1}
    """
    if len(sources) == 1:
        return Grade(certainty=sources[0].certainty, support=1)
    surest = min((s.certainty for s in sources), key=ranks.__getitem__)
    return Grade(certainty=surest, support=count_independent((s.document, s.work) for s in sources))


def load_hops(store: Store, queries: Mapping[str, NamedQuery], vocabulary: Vocabulary, names: Names) -> list[Hop]:
    """Return all hops of a build: claims that state one hop in one scope are its sources."""
    contested: dict[str, list[str]] = defaultdict(list)
    for claim, kind in _read_rows(store, queries["contested"].text):
        contested[claim].append(kind)
    ways = _read_ways(store, queries["causal-relations"].text)
    certainties = {iri: certainty for certainty, iri in vocabulary.values("certainty").items()}
    scopes = _read_scopes(store, queries["scopes"].text)
    drafts: dict[tuple[Any, ...], tuple[Hop, dict[Source, None]]] = {}
    for proposition, rows in groupby(_read_claims(store, queries["hops"], ways, names), key=itemgetter(0)):
        claims = list(rows)
        sources = dict.fromkeys(
            Source(claim, _local(document), certainties[certainty], *rest)
            for claim, document, certainty, *rest in (row[_CLAIM:] for row in claims)
        )
        way = ways[claims[0][_RELATION]]
        for hop in _hops_of(claims[0], way, scopes.get(proposition, ()), vocabulary.aspect_classes):
            key = (hop.subject, hop.open_state, hop.relation, hop.object, hop.scope, hop.note)
            drafts.setdefault(key, (hop, {}))[1].update(sources)
    ranks = {certainty: rank for rank, certainty in enumerate(vocabulary.values("certainty"))}
    return [_finish(hop, tuple(sources), contested, ranks) for hop, sources in drafts.values()]


def _finish(
    hop: Hop, sources: tuple[Source, ...], contested: Mapping[str, Iterable[str]], ranks: Mapping[str, int]
) -> Hop:
    """Return a hop with its claims, and what they come to."""
    touched = tuple(sorted({kind for s in sources for kind in contested.get(s.claim, ())}))
    return replace(hop, sources=sources, contested=touched, **grade(sources, ranks))


def source_of(row: Mapping[str, Any]) -> Source:
    """Return the claim of a row."""
    return Source(row["claim"], row["document"], row["certainty"], row["statement"], row.get("work", ""))


@dataclass(frozen=True)
class _Way:
    """How a relation lets a mechanism run through it."""

    propagates: bool
    symmetric: bool
    #: A lack has an effect; what is there is not enough.
    necessity: bool


def _read_ways(store: Store, text: str) -> dict[str, _Way]:
    """Return the causal relations, as the build knows them."""
    rows = _read_rows(store, text)
    return {name: _Way(*(flag in _TRUE for flag in flags)) for _, name, *flags in rows}


def _read_scopes(store: Store, text: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the scope of each proposition that has one."""
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for proposition, term, value in _read_rows(store, text):
        said = (term.partition("#scope")[2].lower(), value.rpartition("/entity/")[2])
        found[proposition] = (*found.get(proposition, ()), said)
    return found


def _read_claims(store: Store, query: NamedQuery, relations: Iterable[str], names: Names) -> list[list[str]]:
    """Return the rows of all claims, ordered by proposition.

    They are asked for relation by relation: all at once would go over the deadline and the size of an answer.
    """
    texts = [query.bind({"relation": relation}, names) for relation in relations]
    with ThreadPoolExecutor(_AT_ONCE) as asking:
        rows = [row for found in asking.map(lambda text: list(_read_rows(store, text)), texts) for row in found]
    rows.sort(key=itemgetter(0, _CLAIM))
    return rows


def _read_rows(store: Store, text: str) -> Iterator[list[str]]:
    """Yield rows of text, asked for as CSV: it has a third of the bytes that JSON has, and it may be all claims."""
    answer = store.query(Question(text, results=RESULTS["csv"], trusted=True))
    lines = csv.reader(io.StringIO(answer.body.decode("utf-8"), newline=""))
    next(lines)
    return lines


def _hops_of(
    row: Sequence[str], way: _Way, scope: tuple[tuple[str, str], ...], classes: Mapping[str, str]
) -> Iterator[Hop]:
    """Yield the hops of one asserted proposition: itself, or the steps that it works through when all have a state."""
    proposition, subject_name, relation, object_name, sign, via, without = row[:_CLAIM]
    (entity, aspect, state), (other, other_aspect, other_state) = _parts(subject_name), _parts(object_name)
    subject, target = _state(entity, aspect, state, classes), _state(other, other_aspect, other_state, classes)
    is_open, note = not state, "" if way.propagates else "association"
    if not note and (without or not other_state):
        return
    if note and (not other_state) != is_open:
        return
    if way.necessity:
        subject, target, is_open = subject.opposite, target.opposite, False
    head = Hop(
        proposition=proposition, subject=subject, open_state=is_open, relation=relation, object=target,
        aspect=other_aspect, sign=int(sign), scope=scope, sources=(), note=note,
    )  # fmt: skip
    steps = [_parts(step) for step in via.split(" > ")] if via else []
    if note or not steps:
        yield head
        if note and way.symmetric:
            yield replace(head, subject=head.object, object=head.subject)
        return
    if not all(state for _, _, state in steps):
        yield replace(head, note=f"via {via}")
        return
    before = subject
    for number, (entity, aspect, state) in enumerate(steps):
        after = _state(entity, aspect, state, classes)
        yield replace(
            head, proposition=f"{proposition}#{number + 1}", subject=before, open_state=is_open, relation="via",
            object=after, aspect=aspect, sign=0, note="via",
        )  # fmt: skip
        before, is_open = after, False
    yield replace(head, proposition=f"{proposition}#{len(steps) + 1}", subject=before, open_state=False, note="via")


@lru_cache(1 << 16)
def _local(iri: str) -> str:
    """Return the identifier that an IRI ends with."""
    return unquote(iri.rpartition("/")[2])


def _parts(variable: str) -> list[str]:
    """Return entity, aspect and state of a variable as its name gives them; what it does not name is empty."""
    return (variable + "::").split(":")[:3]


def _state(entity: str, aspect: str, state: str, classes: Mapping[str, str]) -> State:
    return State(entity, classes.get(aspect, ""), state or "increased")
