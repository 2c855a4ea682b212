"""Comparison of sources and mechanism paths."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.answers import headers, links, read_parameters
from api.deps import Here, templates
from api.negotiate import HTML, choose
from kg import matrix
from kg.errors import NotFoundError, QueryError
from kg.mechanisms import Hop, Options

router = APIRouter()
#: What a comparison can be had as.
COMPARISON = {
    "json": "application/json", "html": HTML, "csv": "text/csv", "md": "text/markdown", "tex": "application/x-latex",
    "jsonld": "application/ld+json", "ttl": "text/turtle",
}  # fmt: skip
MECHANISM = {"json": "application/json", "html": HTML}
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
    build: Annotated[str | None, Query(description="The digest that the answer must come from")] = None,
    format: str | None = None,
) -> Response:
    """Compare documents on an entity, kind or frame; an address that names the digest keeps its answer."""
    if build and not session.build.digest.startswith(build):
        raise NotFoundError(f"the build in service is {session.build.digest}, not {build}")
    read_parameters(request, {"document", "entity", "kind", "frame", "whole", "build", "format"}, {"document"})
    chosen = choose(COMPARISON, None, format, request.headers.get("accept"))
    choice = {k: v for k, v in (("entity", entity), ("kind", kind), ("frame", frame)) if v}
    head = headers(session, "compare-claims", choice)
    if chosen in ("jsonld", "ttl"):
        if document or kind or frame or whole:
            raise QueryError("a comparison in RDF takes an entity or nothing; other forms take the rest")
        answer = session.graph("comparisons", COMPARISON[chosen], **({"entity": entity} if entity else {}))
        return Response(answer.body, media_type=answer.media_type, headers=head)
    service = session.service
    made = matrix.compare(session.store, service.queries, service.names, document or (), not whole, **choice)
    permanent = f"{request.url.path}?{request.url.include_query_params(build=session.build.digest).query}"
    if chosen == "md":
        return Response(matrix.to_markdown(made), media_type="text/markdown", headers=head)
    if chosen == "tex":
        return Response(matrix.to_latex(made), media_type="application/x-latex", headers=head)
    if chosen == "csv":
        out = io.StringIO()
        csv.writer(out).writerows(matrix.to_rows(made))
        return Response(out.getvalue(), media_type="text/csv", headers=head)
    body = {"build": session.build.digest, "permanent": permanent, "links": links(request, COMPARISON), **asdict(made)}
    if chosen == "json":
        return JSONResponse(body, headers=head)
    context = {
        "matrix": made, "permanent": permanent, "build": session.build, "formats": body["links"],
        "base": service.settings.base, "all_documents": session.table("documents").rows,
    }  # fmt: skip
    return templates.TemplateResponse(request, "compare.html", context, headers=head)


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
    format: str | None = None,
) -> Response:
    """Trace paths; with only `from` or only `to`, what is downstream or upstream of it."""
    known = {"from", "to", "document", "through", "longest", "count", "hedged", "hypotheses", "contested", "narrower"}
    known |= {"symptoms", "inverted", "associations", "generic", "format"}
    read_parameters(request, known, {"document", "through"})
    chosen = choose(MECHANISM, None, format, request.headers.get("accept"))
    options = Options(
        frozenset(document or ()), frozenset(through or ()), longest, count, hedged, hypotheses, contested, narrower,
        symptoms, inverted, associations, generic,
    )  # fmt: skip
    loaded = session.mechanisms
    body: dict[str, Any] = {"build": session.build.digest, "query": "/queries/hops"}
    if source and target:
        body["paths"] = [asdict(p) for p in loaded.find(source, target, options)]
    elif source or target:
        direction = "downstream" if source else "upstream"
        hops: list[Hop] = loaded.neighbours(source or target or "", direction, options)
        body[direction] = [asdict(h) for h in hops]
    if chosen == "json":
        if len(body) == 2:
            raise QueryError("name an entity with 'from', with 'to', or with both")
        return JSONResponse(body, headers=headers(session, "hops", {}))
    context = {
        **body, "source": source or "", "target": target or "", "build": session.build,
        "base": session.service.settings.base,
    }  # fmt: skip
    return templates.TemplateResponse(request, "mechanisms.html", context, headers=headers(session, "hops", {}))
