"""The page of a document: its claims in reading order, what only it says, whom it cites, its chains, its text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from api.deps import Session
from api.negotiate import HTML, RESOURCE, TABLE
from api.pages.filters import read_filters
from api.pages.texts import cut_pieces, find_text
from api.pages.view import show_page
from api.tools import query_link
from kg.errors import NotFoundError

Row = Mapping[str, Any]
_FILTERS = ("act", "certainty", "relation", "kind")


@dataclass(frozen=True)
class StatedChain:
    """A mechanism that the document joins itself."""

    statement: str
    steps: Sequence[Row]


def show(request: Request, session: Session, id_: str) -> Response:
    """Answer with the page of a document."""
    whole = session.table("readable-claims", document=id_).rows
    filters = read_filters(request, session, whole, _FILTERS)
    chosen = {f.name: f.chosen for f in filters if f.chosen}
    shown = session.table("readable-claims", document=id_, **chosen).rows if chosen else whole
    about = join_rows(session.table("documents", document=id_).rows)
    by_claim = {row["claim"]: row for row in whole}
    elsewhere = {f: query_link(f"readable-claims.{f}", {"document": id_, **chosen}) for f in TABLE}
    alone = [by_claim[row["claim"]] for row in session.table("only-here", document=id_).rows]
    return show_page(
        request,
        session,
        "document.html",
        about["title"],
        [
            ("readable-claims", {"document": id_, **chosen}), ("documents", {"document": id_}),
            ("only-here", {"document": id_}), ("cited-works", {"document": id_}), ("chains", {"document": id_}),
            ("disagreements", {"document": id_}),
        ],
        RESOURCE,
        addresses=elsewhere if chosen else None,
        id=id_,
        iri=session.service.names.iri("document", id_),
        about=about,
        filters=filters,
        claims=shown,
        total=len(whole),
        alone=alone,
        works=session.table("cited-works", document=id_).rows,
        chains=join_chains(session.table("chains", document=id_).rows, by_claim),
        disagreements=session.table("disagreements", document=id_).rows,
        has_text=find_text(session.service.settings.sources, about["sha256"]) is not None,
    )  # fmt: skip


def show_text(request: Request, session: Session, id_: str) -> Response:
    """Answer with the whole text of a document, all claims marked; raise NotFoundError when it is not at hand."""
    rows = session.table("documents", document=id_).rows
    if not rows:
        raise NotFoundError(f"there is no document {id_!r}")
    text = find_text(session.service.settings.sources, rows[0]["sha256"])
    if text is None:
        raise NotFoundError(f"the text of {id_!r} is not here; KG_SOURCES names the folders of texts")
    claims = session.table("readable-claims", document=id_).rows
    ranges = [(row["claim"].rpartition("/")[2], row["start"], row["end"]) for row in claims]
    return show_page(
        request,
        session,
        "text.html",
        rows[0]["title"],
        [("readable-claims", {"document": id_})],
        {"html": HTML},
        id=id_,
        claims=claims,
        pieces=cut_pieces(text, ranges),
        statements={row["claim"].rpartition("/")[2]: row["statement"] for row in claims},
        numbers={row["claim"].rpartition("/")[2]: number for number, row in enumerate(claims, 1)},
    )


def join_rows(rows: Sequence[Row]) -> dict[str, Any]:
    """Join the rows of one document, which differ in their creator alone."""
    creators = sorted({row["creator"] for row in rows if "creator" in row})
    return {**rows[0], "creators": creators}


def join_chains(rows: Sequence[Row], by_claim: Mapping[str, Row]) -> list[StatedChain]:
    """Return the chains of a document, each with its claims in order."""
    steps: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        steps[row["chain"]].append(row)
    return [
        StatedChain(found[0]["chain_statement"], [by_claim[row["claim"]] for row in found]) for found in steps.values()
    ]
