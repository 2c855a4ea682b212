"""The page of a document: its claims in reading order, what only it says, whom it cites, its chains, its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from api.answers import find_pages
from api.deps import Session
from api.negotiate import HTML, RESOURCE, TABLE
from api.pages.chooser import local
from api.pages.filters import read_filters
from api.pages.texts import cut_pieces, find_text
from api.pages.view import show_page
from api.tools import query_link
from kg.errors import NotFoundError

Row = Mapping[str, Any]
_FILTERS = ("act", "certainty", "relation", "kind")


#: So many claims are on a page; so many chains, and claims that only it makes, are shown at all.
PAGE, _CHAINS, _ALONE = 300, 30, 300


@dataclass(frozen=True)
class StatedChain:
    """A mechanism that the document joins itself."""

    statement: str
    steps: Sequence[Row]


def show(request: Request, session: Session, id_: str) -> Response:
    """Answer with the page of a document."""
    filters = read_filters(request, session, read_options(session, id_), _FILTERS)
    chosen = {f.name: f.chosen for f in filters if f.chosen}
    about = join_rows(session.table("documents", document=id_).rows)
    page = int(request.query_params.get("page", "1"))
    shown, found = find_claims(session, {"document": id_, **chosen}, page)
    alone = [row["claim"] for row in session.table("only-here", document=id_).rows]
    chains = [row["chain"] for row in session.table("chain-lengths", document=id_).rows]
    elsewhere = {f: query_link(f"readable-claims.{f}", {"document": id_, **chosen}) for f in TABLE}
    return show_page(
        request,
        session,
        "document.html",
        about["title"],
        [
            ("readable-claims", {"document": id_, **chosen}), ("documents", {"document": id_}),
            ("only-here", {"document": id_}), ("cited-works", {"document": id_}), ("chain-lengths", {"document": id_}),
            ("chains", {"document": id_}), ("disagreements", {"document": id_}),
        ],
        RESOURCE,
        addresses=elsewhere if chosen else None,
        id=id_,
        iri=session.service.names.iri("document", id_),
        about=about,
        filters=filters,
        claims=shown,
        found=found,
        pages=find_pages(request, page, PAGE, found),
        total=about["claims"],
        alone=len(alone),
        alone_claims=list(read_claims(session, alone[:_ALONE]).values()) if page == 1 else [],
        works=session.table("cited-works", document=id_).rows,
        chains_total=len(chains),
        chains=read_chains(session, chains[:_CHAINS]) if page == 1 else [],
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


def count_imported(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many documents are data that others made, which have no text, and how many claims stand in them.

    >>> count_imported([{"document": "a", "claims": 3, "length": 90}, {"document": "b", "claims": 5}])
    {'documents': 1, 'claims': 5}
    """
    found = {row["document"]: row["claims"] for row in rows if "length" not in row}
    return {"documents": len(found), "claims": sum(found.values())}


def read_options(session: Session, id_: str) -> list[Row]:
    """Return what the filters of a document's claims choose from, without reading its claims."""
    told = [row for row in session.table("stats").rows if local(row["document"]) == id_]
    acts = [{"act": row["act"], "certainty_name": row["certainty"]} for row in told]
    return [*acts, *session.table("used-relations", document=id_).rows]


def find_claims(session: Session, values: Mapping[str, str], page: int) -> tuple[Sequence[Row], int]:
    """Return a page of claims and how many there are; only the claims of a kind are all read for it."""
    if "kind" not in values:
        table, total = session.page_of_claims("readable-claims", values, page, PAGE)
        return table.rows, total
    rows = session.table("readable-claims", **values).rows
    return rows[(page - 1) * PAGE : page * PAGE], len(rows)


def read_claims(session: Session, claims: Sequence[str]) -> dict[str, Row]:
    """Return claims by their IRIs, in reading order."""
    rows = session.opened.graph.ask("readable-claims", claim=claims).rows if claims else []
    return {row["claim"]: row for row in rows}


def read_chains(session: Session, chains: Sequence[str]) -> list[StatedChain]:
    """Return chains in the order in which they are named, each with its claims in order."""
    if not chains:
        return []
    steps: dict[str, list[Row]] = {chain: [] for chain in chains}
    for row in session.opened.graph.ask("chains", chain=chains).rows:
        steps[row["chain"]].append(row)
    by_claim = read_claims(session, sorted({row["claim"] for rows in steps.values() for row in rows}))
    return [StatedChain(rows[0]["chain_statement"], [by_claim[r["claim"]] for r in rows]) for rows in steps.values()]
