"""Comparison of sources and mechanism paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from api.answers import headers, links, read_parameters, to_csv
from api.deps import Here
from api.negotiate import HTML, choose
from api.pages import compare as compare_page
from api.pages import mechanism as mechanism_page
from api.pages.chooser import read_chooser
from api.pages.options import choice_of
from api.pinned import Pinned, pin, require_build
from kg.compare import matrix
from kg.errors import QueryError
from kg.exports.origin import origin_of
from kg.mechanisms import tables
from kg.mechanisms.hops import Hop
from kg.mechanisms.paths import Options, Paths

router = APIRouter()
#: What a comparison can be had as.
COMPARISON = {
    "json": "application/json", "html": HTML, "csv": "text/csv", "md": "text/markdown", "tex": "application/x-latex",
    "jsonld": "application/ld+json", "ttl": "text/turtle",
}  # fmt: skip
MECHANISM = {"json": "application/json", "html": HTML, "csv": "text/csv", "md": "text/markdown"}
Names = Annotated[list[str] | None, Query()]


@router.get("/compare", summary="Questions by documents, and the disagreements between them")
def compare(
    request: Request,
    session: Here,
    document: Names = None,
    entity: str | None = None,
    kind: str | None = None,
    frame: str | None = None,
    whole: bool = False,
    build: Pinned = None,
    format: str | None = None,
) -> Response:
    """Compare documents on an entity, kind or frame; an address that names the digest keeps its answer."""
    require_build(session, build)
    read_parameters(request, {"document", "entity", "kind", "frame", "whole", "build", "format"}, {"document"})
    chosen = choose(COMPARISON, None, format, request.headers.get("accept"))
    if chosen == "html" and (place := read_chooser(session).find_address(request, ["entity"])):
        return RedirectResponse(place, 303)
    choice = {k: v for k, v in (("entity", entity), ("kind", kind), ("frame", frame)) if v}
    head = headers(session, "compare-claims", choice)
    if chosen in ("jsonld", "ttl"):
        if document:
            raise QueryError("a comparison in RDF is of all documents; other forms take a choice of them")
        answer = session.graph("comparisons", COMPARISON[chosen], **choice)
        return Response(answer.body, media_type=answer.media_type, headers=head)
    service = session.service
    made = matrix.compare(session.store, service.queries, service.names, document or (), not whole, **choice)
    permanent = pin(request, session)
    source = origin_of(session.opened.graph).citation
    if chosen == "md":
        return Response(matrix.to_markdown(made, source), media_type="text/markdown", headers=head)
    if chosen == "tex":
        return Response(matrix.to_latex(made, source), media_type="application/x-latex", headers=head)
    if chosen == "csv":
        return Response(to_csv(matrix.to_rows(made)), media_type="text/csv", headers=head)
    body = {"build": session.build.digest, "permanent": permanent, "links": links(request, COMPARISON), **asdict(made)}
    if chosen == "json":
        return JSONResponse(body, headers=head)
    return compare_page.show(request, session, made, choice, COMPARISON, permanent)


@router.get("/mechanisms", summary="Signed paths from one entity to another, with the claims of every hop")
def mechanisms(
    request: Request,
    session: Here,
    source: Annotated[str | None, Query(alias="from")] = None,
    target: Annotated[str | None, Query(alias="to")] = None,
    document: Names = None,
    through: Names = None,
    longest: Annotated[int, Query(ge=1, le=8)] = 5,
    count: Annotated[int, Query(ge=1, le=200)] = 10,
    hedged: bool = True,
    hypotheses: bool = False,
    contested: bool = True,
    narrower: bool = False,
    symptoms: bool = True,
    inverted: bool = False,
    associations: bool = False,
    generic: bool = False,
    build: Pinned = None,
    format: str | None = None,
) -> Response:
    """Trace paths; with only `from` or only `to`, what is downstream or upstream of it."""
    require_build(session, build)
    known = {"from", "to", "document", "through", "longest", "count", "hedged", "hypotheses", "contested", "narrower"}
    known |= {"symptoms", "inverted", "associations", "generic", "build", "format"}
    read_parameters(request, known, {"document", "through"})
    chosen = choose(MECHANISM, None, format, request.headers.get("accept"))
    options = Options(
        frozenset(document or ()), frozenset(through or ()), longest, count, hedged, hypotheses, contested, narrower,
        symptoms, inverted, associations, generic,
    )  # fmt: skip
    usual = {("longest", str(Options().longest)), ("count", str(Options().count))}
    if chosen == "html" and (place := read_chooser(session).find_address(request, ["from", "to"], usual)):
        return RedirectResponse(place, 303)
    loaded = session.mechanisms
    paths = loaded.find(source, target, options) if source and target else None
    openings = loaded.list_openings(source, target, options) if source and target else []
    direction = "downstream" if source else "upstream"
    hops = loaded.neighbours(source or target or "", direction, options) if bool(source) != bool(target) else []
    if chosen == "html":
        return mechanism_page.show(
            request, session, (source or "", target or ""), options, paths, openings, hops, MECHANISM
        )
    if not source and not target:
        raise QueryError("name an entity with 'from', with 'to', or with both")
    head = headers(session, "hops", {})
    if chosen in ("csv", "md"):
        text = _write_table(session, chosen, f"From {source or 'all'} to {target or 'all'}", paths, hops)
        return Response(text, media_type=MECHANISM[chosen], headers=head)
    body: dict[str, Any] = {"build": session.build.digest, "query": "/queries/hops", "permanent": pin(request, session)}
    if paths is not None:
        body["paths"] = [asdict(p) for p in paths]
        body["stopped"] = paths.stopped or None
        body["openings"] = [{**asdict(opening), "option": choice_of(opening).name} for opening in openings]
    else:
        body[direction] = [asdict(h) for h in hops]
    return JSONResponse(body, headers=head)


def _write_table(session: Here, form: str, title: str, paths: Paths | None, hops: Sequence[Hop]) -> str:
    """Return paths, or without them hops, as CSV or as Markdown."""
    if form == "csv":
        return to_csv(tables.list_hops(hops) if paths is None else tables.list_paths(paths))
    source = origin_of(session.opened.graph).citation
    return tables.write_hops(hops, title, source) if paths is None else tables.write_paths(paths, title, source)
