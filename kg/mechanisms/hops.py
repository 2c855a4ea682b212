"""The hops of a build: what its documents assert of effects, step by step, each with its claims."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kg.compare.derive import count_independent
from kg.query import NamedQuery, ask_table
from kg.stores.base import RESULTS, Question, Store

OPPOSITE = {"increased": "decreased", "decreased": "increased", "normal": "abnormal", "abnormal": "normal"}
_FLAGS = ("propagates", "necessity", "symmetric")


@dataclass(frozen=True)
class Source:
    """A claim that states a hop."""

    claim: str
    document: str
    certainty: str
    statement: str
    work: str = ""


@dataclass(frozen=True)
class State:
    """A state of an entity, in a class of aspects."""

    entity: str
    aspect_class: str = ""
    state: str = "increased"


@dataclass(frozen=True)
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
        return next((value for key, value in self.scope if key == "region"), "")

    @property
    def independent(self) -> int:
        """How many independent sources state the hop."""
        return count_independent((s.document, s.work) for s in self.sources)


def load_hops(store: Store, queries: Mapping[str, NamedQuery], classes: Mapping[str, str]) -> list[Hop]:
    """Return all hops of a build: claims that state one hop in one scope are its sources."""
    contested: dict[str, list[str]] = defaultdict(list)
    for row in ask_table(store, queries["contested"].text).rows:
        contested[row["claim"]].append(row["kind"])
    scopes: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _read_rows(store, queries["circumstances"].text):
        _, found, key = row["term"].partition("#scope")
        if found:
            scopes[row["proposition"]].append((key.lower(), row["value"].rpartition("/entity/")[2]))
    grouped: dict[tuple[Any, ...], list[Source]] = defaultdict(list)
    heads: dict[tuple[Any, ...], Hop] = {}
    for row in _read_rows(store, queries["hops"].text):
        source = source_of(row)
        scope = tuple(scopes.get(row["proposition"], ()))
        row |= {key: row.get(key) in ("true", "1") for key in _FLAGS} | {"sign": int(row["sign"])}
        for hop in _hops_of(row, scope, classes):
            key = (hop.subject, hop.open_state, hop.relation, hop.object, hop.scope, hop.note)
            heads.setdefault(key, hop)
            if source not in grouped[key]:
                grouped[key].append(source)
    return [
        replace(
            heads[key],
            sources=tuple(sources),
            contested=tuple(sorted({k for s in sources for k in contested.get(s.claim, ())})),
        )
        for key, sources in grouped.items()
    ]


def source_of(row: Mapping[str, Any]) -> Source:
    """Return the claim of a row."""
    return Source(row["claim"], row["document"], row["certainty"], row["statement"], row.get("work", ""))


def _read_rows(store: Store, text: str) -> Iterator[dict[str, Any]]:
    """Yield rows of text, asked for as CSV: it has a third of the bytes that JSON has, and it may be all claims."""
    answer = store.query(Question(text, results=RESULTS["csv"], trusted=True))
    lines = csv.reader(io.StringIO(answer.body.decode("utf-8"), newline=""))
    columns = next(lines)
    for values in lines:
        yield {column: value for column, value in zip(columns, values, strict=True) if value}


def _hops_of(row: Mapping[str, Any], scope: tuple[tuple[str, str], ...], classes: Mapping[str, str]) -> Iterator[Hop]:
    """Yield the hops of one asserted proposition: itself, or the steps that it works through when all have a state."""
    subject = _state(row["subject_entity"], row.get("subject_aspect"), row.get("subject_state"), classes)
    target = _state(row["object_entity"], row.get("object_aspect"), row.get("object_state", "none"), classes)
    is_open, note = "subject_state" not in row, ""
    if not row["propagates"]:
        note = "association"
    elif target.state == "none" or "without" in row:
        return
    if note and (target.state == "none") != is_open:
        return
    if row["necessity"]:  # a lack has an effect; what is there is not enough
        subject, target = (replace(s, state=OPPOSITE[s.state]) for s in (subject, target))
        is_open = False
    head = Hop(
        proposition=row["proposition"], subject=subject, open_state=is_open, relation=row["relation"], note=note,
        object=replace(target, state="increased") if target.state == "none" else target,
        aspect=row.get("object_aspect", ""), sign=row["sign"], scope=scope, sources=(),
    )  # fmt: skip
    steps = [tuple((step + "::").split(":")[:3]) for step in row["via"].split(" > ")] if "via" in row else []
    if note:
        yield head
        if row["symmetric"]:
            yield replace(head, subject=head.object, object=head.subject)
        return
    if not steps:
        yield head
        return
    if not all(state for _, _, state in steps):
        yield replace(head, note=f"via {row['via']}")
        return
    before = subject
    for number, (entity, aspect, state) in enumerate(steps):
        after = _state(entity, aspect, state, classes)
        yield replace(
            head, proposition=f"{row['proposition']}#{number + 1}", subject=before, open_state=is_open, relation="via",
            object=after, aspect=aspect, sign=0, note="via",
        )  # fmt: skip
        before, is_open = after, False
    yield replace(
        head, proposition=f"{row['proposition']}#{len(steps) + 1}", subject=before, open_state=False, note="via"
    )


def _state(entity: str, aspect: str | None, state: str | None, classes: Mapping[str, str]) -> State:
    return State(entity, classes.get(aspect or "", ""), state or "increased")
