"""The page of a cited work: who wrote it, where it came out, who cites it, and the claims that rest on it."""

from __future__ import annotations

import re
from collections import defaultdict

from fastapi import Request, Response

from api.deps import Session
from api.negotiate import RESOURCE
from api.pages.view import show_page


def show(request: Request, session: Session, id_: str) -> Response:
    """Answer with the page of a work."""
    row = session.table("works", work=id_).rows[0]
    facts: dict[str, list[str]] = defaultdict(list)
    for statement in session.table("statements", resource=row["work"]).rows:
        facts[re.split("[/#]", str(statement["term"]))[-1]].append(str(statement["value"]))
    return show_page(
        request,
        session,
        "work.html",
        row["title"],
        [("works", {"work": id_}), ("claims-of-work", {"work": id_}), ("statements", {"resource": row["work"]})],
        RESOURCE,
        row=row,
        iri=row["work"],
        subtitle="".join(facts["hasSubtitle"][:1]),
        creators=list_creators(facts["creatorOrder"], facts["creator"]),
        container=", ".join(facts["publicationName"]),
        links=facts["seeAlso"],
        citing=row.get("cited_by", "").split(),
        claims=session.table("claims-of-work", work=id_).rows,
    )


def list_creators(order: list[str], creators: list[str]) -> list[str]:
    """Return who wrote a work in their order, where the graph has one.

    >>> list_creators(["Berg, O.|Abel, U."], ["Abel, U.", "Berg, O."])
    ['Berg, O.', 'Abel, U.']
    """
    return [name.replace("%7C", "|") for name in order[0].split("|")] if order else sorted(creators)
