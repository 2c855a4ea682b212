"""The page of the vocabulary: every term by what sort it is, each at the place that its IRI leads to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from api.deps import Session
from api.negotiate import RESOURCE
from api.pages.view import show_page

#: The sorts that say how the graph is made come first, then relations and kinds, then the values of closed lists.
_FIRST = ("class", "property", "relation", "kind", "named state")
_PLURALS = {"class": "classes", "property": "properties"}


def show(request: Request, session: Session) -> Response:
    """Answer with the page of the vocabulary."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in session.table("ontology").rows:
        found[row["type"]].append(row)
    groups = {name: found[name] for name in (*_FIRST, *sorted(found.keys() - set(_FIRST))) if name in found}
    return show_page(
        request,
        session,
        "ontology.html",
        "Vocabulary",
        [("ontology", {})],
        RESOURCE,
        groups=groups,
        plurals=_PLURALS,
        place=find_place,
    )


def find_place(iri: str) -> str:
    """Return what a term is called at its place on the page: what its IRI ends with.

    >>> find_place("https://w3id.org/claimgraph/vocab#Claim"), find_place("https://w3id.org/claimgraph/kind/Receptor")
    ('Claim', 'Receptor')
    """
    return iri.rpartition("/")[2].rpartition("#")[2]
