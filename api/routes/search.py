"""Search: entities, claims, documents, works and named queries by their words, also while one types."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.answers import MAX_PAGE, find_pages, headers, links, to_csv
from api.deps import Here, Session
from api.negotiate import TABLE, choose
from api.pages import search as page_of_search
from api.sightings import current
from kg.errors import QueryError
from kg.search.find import Hit, Hits, open_index

router = APIRouter()
#: How many hits a page has, and how many are given while one types.
PAGE, FEW = 20, 10
_COLUMNS = ("type", "iri", "title", "snippet", "note")
#: Where each kind of thing is answered for.
_FOLDERS = {"entity": "entities", "document": "documents", "work": "works", "claim": "claims", "query": "queries"}

Words = Annotated[str, Query(description="words, or a phrase in quotes")]
Kinds = Annotated[
    list[str], Query(default_factory=list, description="entity, document, work, claim or query; all when none is named")
]


@router.get("/search", summary="Entities, claims, documents and named queries by their words")
def search(
    request: Request,
    session: Here,
    kind: Kinds,
    q: Words = "",
    format: str | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
    size: Annotated[int, Query(ge=1, le=MAX_PAGE)] = PAGE,
) -> Response:
    """Search labels, identifiers, statements, phrases, titles and summaries; typing errors are forgiven, and told."""
    chosen = choose(TABLE, None, format, request.headers.get("accept"))
    if not q.strip():
        if chosen == "html":
            return page_of_search.show(request, session, "", None, page, size)
        raise QueryError("say with q what to look for, such as /search?q=sleep")
    hits = _find(session, q, size, (page - 1) * size, kind)
    pages = find_pages(request, page, size, hits.total)
    if chosen == "html":
        return page_of_search.show(request, session, q.strip(), hits, page, size)
    head = headers(session, "search", {"words": q.strip()})
    rows = [_describe(session, hit) for hit in hits.items]
    if chosen == "csv":
        cells = [_COLUMNS, *([row[column] for column in _COLUMNS] for row in rows)]
        return Response(to_csv(cells), media_type="text/csv", headers=head)
    body = {**_sum_up(session, hits), "page": page, "links": {**pages, **links(request, TABLE)}, "items": rows}
    return JSONResponse(body, headers=head)


@router.get("/search/suggest", summary="What fits best while one types", response_class=JSONResponse)
def suggest(session: Here, kind: Kinds, q: Words = "") -> dict[str, Any]:
    """Give the first hits only; no words, no hits."""
    hits = _find(session, q, FEW, 0, kind)
    return {**_sum_up(session, hits), "items": [_describe(session, hit) for hit in hits.items]}


@router.get("/search/hits", summary="The part of the search page that changes while one types", include_in_schema=False)
def show_hits(request: Request, session: Here, kind: Kinds, q: Words = "") -> Response:
    """Give the hits as the page of the search shows them."""
    hits = _find(session, q, PAGE, 0, kind) if q.strip() else None
    return page_of_search.show(request, session, q.strip(), hits, 1, PAGE, part=True)


def _find(session: Session, words: str, limit: int, offset: int, kinds: list[str]) -> Hits:
    settings = session.service.settings
    index = open_index(session.build, session.service.queries, settings.deadline)
    with session.service.searches.enter():
        hits = index.find(words, limit, offset, kinds)
    current().rows = len(hits.items)
    return hits


def _sum_up(session: Session, hits: Hits) -> dict[str, Any]:
    searched = hits.searched
    told = {"words": searched.words, "corrected": searched.corrected, "any": searched.any}
    return {"build": session.build.digest, "total": hits.total, "counts": hits.counts, "searched": told}


def _describe(session: Session, hit: Hit) -> dict[str, Any]:
    """Return a hit with its address here and its IRI in the graph."""
    address = f"/{_FOLDERS[hit.kind]}/{hit.id}"
    path = ("queries", hit.id) if hit.kind == "query" else (hit.kind, hit.id)
    return {
        "type": hit.kind, "iri": session.service.names.iri(*path), "address": address, "title": hit.title,
        "note": hit.note, "snippet": hit.snippet, "title_ranges": hit.title_ranges, "ranges": hit.ranges,
    }  # fmt: skip
