"""The front page: what this graph is, its documents, and three questions that it answers, chosen from the data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from api.deps import Session
from api.pages.document import count_imported, join_rows
from api.pages.lists import read_entities
from api.pages.neighbourhood import SURETY
from api.pages.view import show_page

Row = Mapping[str, Any]
#: How many entities, documents and lines of an answer the front page names.
_ENTITIES, _DOCUMENTS, _LINES = 7, 12, 5
#: So many chains are looked at for one that a document asserts from end to end.
_CHAINS = 50


@dataclass(frozen=True)
class Side:
    """One answer to a question: what is said, and in which documents how surely at best."""

    row: Row
    documents: Mapping[str, Row]


def show(request: Request, session: Session, counts: Mapping[str, int]) -> Response:
    """Answer with the front page."""
    entities = read_entities(session, _ENTITIES)
    rows = session.table("documents").rows
    ids = list(dict.fromkeys(row["document"] for row in rows))
    return show_page(
        request,
        session,
        "home.html",
        "Claimgraph",
        [(name, {}) for name in ("counts", "documents", "entity-use", "disputed-questions", "chain-lengths", "chains")],
        {"json": "application/json"},
        counts=counts,
        entities=entities,
        documents=[join_rows([row for row in rows if row["document"] == id_]) for id_ in ids[:_DOCUMENTS]],
        imported=count_imported(rows),
        disputed=ask_disputed(session),
        active=ask_active(session, entities),
        chain=ask_chain(session),
    )


def ask_disputed(session: Session) -> dict[str, Any] | None:
    """Return the question that documents disagree on most, with its answers."""
    rows = session.table("disputed-questions").rows
    if not rows:
        return None
    claims = session.table("readable-claims", frame=rows[0]["frame"].rpartition("/")[2]).rows
    return {"question": rows[0], "sides": divide(claims, ("act", "direction"))[:_LINES]}


def ask_active(session: Session, entities: Sequence[Row]) -> dict[str, Any] | None:
    """Return what the entity that most documents speak of is said to do."""
    for entity in entities:
        claims = session.table("readable-claims", subject=entity["entity"].rpartition("/")[2], family="effect").rows
        told = [row for row in claims if row["act"].endswith("asserts") and row["sign"]]
        if told:
            return {"entity": entity, "sides": divide(told, ("object", "aspect", "direction"))[:_LINES]}
    return None


def ask_chain(session: Session) -> dict[str, Any] | None:
    """Return the longest mechanism that a document asserts step by step."""
    for chain in session.table("chain-lengths").rows[:_CHAINS]:
        rows = session.table("chains", chain=chain["chain"]).rows
        steps = [session.table("readable-claims", claim=row["claim"].rpartition("/")[2]).rows[0] for row in rows]
        if all(step["act"].endswith("asserts") for step in steps) and steps[0]["subject"] != steps[-1]["object"]:
            return {"statement": rows[0]["chain_statement"], "steps": steps}
    return None


def divide(rows: Iterable[Row], by: Sequence[str]) -> list[Side]:
    """Divide claims by what they say; for each answer keep the surest claim of each document.

    >>> claim = {"claim": "c", "document": "a", "direction": "increase", "certainty_name": "possible"}
    >>> [len(side.documents) for side in divide([claim, {**claim, "document": "b"}], ["direction"])]
    [2]
    """
    found: dict[tuple[Any, ...], dict[str, Row]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (SURETY.index(row["certainty_name"]), row["claim"])):
        found[tuple(row.get(name) for name in by)].setdefault(row["document"], row)
    sides = [Side(next(iter(documents.values())), documents) for documents in found.values()]
    return sorted(sides, key=lambda side: -len(side.documents))
