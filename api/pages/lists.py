"""The pages of lists that people read most: documents, entities, claims and disagreements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import Request, Response

from api.answers import find_pages
from api.deps import Session
from api.negotiate import RESOURCE, TABLE
from api.pages.document import join_rows
from api.pages.filters import Filter, read_filters
from api.pages.view import show_page
from kg.errors import QueryError

#: The filters of the list of claims: those of its query.
_CLAIMS = ("document", "act", "certainty", "voice", "relation")


def show_documents(request: Request, session: Session, values: Mapping[str, str], page: int, size: int) -> Response:
    """Answer with the page of all documents."""
    rows = session.table("documents", **values).rows
    ids = list(dict.fromkeys(row["document"] for row in rows))
    documents = [join_rows([row for row in rows if row["document"] == id_]) for id_ in ids]
    here = documents[(page - 1) * size : page * size]
    pages = find_pages(request, page, size, len(documents))
    asked = [("documents", dict(values))]
    return show_page(
        request, session, "documents.html", "Documents", asked, _offer(values), documents=here, pages=pages,
        total=len(documents),
    )  # fmt: skip


def show_entities(request: Request, session: Session, values: Mapping[str, str], page: int, size: int) -> Response:
    """Answer with the page of all entities, those that most documents speak of first."""
    if unknown := values.keys() - {"kind"}:
        raise QueryError(f"the list of entities takes kind, not {sorted(unknown)[0]!r}")
    rows = session.table("entity-use").rows
    kinds = sorted({(row["kind_name"], row["kind_label"]) for row in rows}, key=lambda kind: kind[1])
    chosen = values.get("kind", "")
    found = [row for row in rows if chosen in ("", row["kind_name"])]
    return show_page(
        request, session, "entities.html", "Entities", [("entity-use", dict(values))], _offer(values),
        entities=found[(page - 1) * size : page * size], pages=find_pages(request, page, size, len(found)),
        total=len(found), filters=[Filter("kind", kinds, chosen)],
    )  # fmt: skip


def show_claims(request: Request, session: Session, values: Mapping[str, str], page: int, size: int) -> Response:
    """Answer with the page of all claims, or of those that fit the filters."""
    if unknown := values.keys() - set(_CLAIMS):
        raise QueryError(f"the list of claims takes {', '.join(_CLAIMS)}, not {sorted(unknown)[0]!r}")
    filters = read_filters(request, session, _read_options(session), _CLAIMS)
    rows = session.table("readable-claims", **values).rows
    return show_page(
        request, session, "claims.html", "Claims", [("readable-claims", dict(values))], _offer(values),
        claims=rows[(page - 1) * size : page * size], pages=find_pages(request, page, size, len(rows)), total=len(rows),
        filters=filters,
    )  # fmt: skip


def _read_options(session: Session) -> Iterator[Mapping[str, Any]]:
    """Yield what the filters of the list of claims choose from, without reading all claims."""
    yield from session.table("documents").rows
    for row in session.table("relations").rows:
        if row["propositions"]:
            yield {"relation": row["relation"], "relation_label": row["label"]}
    for row in session.table("stats").rows:
        yield {"act": row["act"], "certainty_name": row["certainty"], "voice_name": row["voice"]}


def show_disagreements(request: Request, session: Session, values: Mapping[str, str], page: int, size: int) -> Response:
    """Answer with the page of all disagreements, the most serious first."""
    whole = session.table("disagreements").rows
    rows = session.table("disagreements", **values).rows
    weights = [(name, name) for name in dict.fromkeys(row["hardness_name"] for row in whole)]
    kinds = [(f"disagreement-{name}", name) for name in sorted({row["kind_name"] for row in whole})]
    documents = sorted({(row["document"].rpartition("/")[2], row["title"]) for row in session.table("documents").rows})
    options = {"hardness": weights, "disagreement_kind": kinds, "document": documents}
    return show_page(
        request, session, "disagreements.html", "Disagreements", [("disagreements", dict(values))], _offer(values),
        disagreements=rows[(page - 1) * size : page * size], pages=find_pages(request, page, size, len(rows)),
        total=len(rows), filters=[Filter(name, found, values.get(name, "")) for name, found in options.items()],
    )  # fmt: skip


def _offer(values: Mapping[str, str]) -> Mapping[str, str]:
    """A list that is narrowed has no RDF of its own."""
    return TABLE if values else RESOURCE
