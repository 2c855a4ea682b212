"""The page of a disagreement: why there is one, and the claims of each document side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from api.deps import Session
from api.labels import tell_reason
from api.negotiate import RESOURCE
from api.pages.view import show_page


def show(request: Request, session: Session, id_: str) -> Response:
    """Answer with the page of a disagreement."""
    rows = session.table("disagreement-claims", disagreement=id_).rows
    titles = {row["document"].rpartition("/")[2]: row["title"] for row in session.table("documents").rows}
    claims: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        claims[row["document"].rpartition("/")[2]].append(row)
    about = session.table("readable-claims", claim=rows[0]["claim"].rpartition("/")[2]).rows[0]
    return show_page(
        request,
        session,
        "disagreement.html",
        tell_reason(rows[0]["because"], titles),
        [("disagreement-claims", {"disagreement": id_})],
        RESOURCE,
        iri=rows[0]["disagreement"],
        row=rows[0],
        about=about,
        claims=claims,
    )
