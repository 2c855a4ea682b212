"""The page of named queries: each with its parameters as a form."""

from __future__ import annotations

from fastapi import Request, Response

from api.deps import Session
from api.negotiate import TABLE
from api.pages.chooser import local, read_chooser
from api.pages.view import show_page


def show(request: Request, session: Session) -> Response:
    """Show all named queries, each with a form to ask it."""
    return show_page(
        request,
        session,
        "queries.html",
        "Named queries",
        [],
        TABLE,
        command="query",
        queries=session.service.queries,
        values=read_values(session),
        chooser=read_chooser(session),
    )


def read_values(session: Session) -> dict[str, list[tuple[str, str]]]:
    """Return what a parameter may be, by its type: values with their labels, for the types that are closed lists."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in session.table("ontology").rows:
        token = _token(row["term"], row["type"])
        found.setdefault(row["type"], []).append((token, row.get("label", token)))
    found["document"] = [(local(row["document"]), row["title"]) for row in session.table("documents").rows]
    found["work"] = [(local(row["work"]), local(row["work"])) for row in session.table("works").rows]
    return found


def _token(iri: str, type_: str) -> str:
    """Return how a value of a type is written as a parameter.

    >>> _token("https://w3id.org/claimgraph/vocab#certainty-stated", "certainty")
    'stated'
    >>> _token("https://w3id.org/claimgraph/kind/Receptor", "kind")
    'Receptor'
    """
    return local(iri).rpartition("#")[2].removeprefix(f"{type_}-")
