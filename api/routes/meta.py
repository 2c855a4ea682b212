"""About the service and its data: front page, named queries, ontology, shapes, validation, health."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from api.answers import MAX_PAGE, PAGE, answer_graph, answer_list, headers, links, read_parameters, to_csv
from api.deps import Here
from api.negotiate import HTML, RESOURCE, TABLE, choose, split_suffix
from api.pages import about as about_page
from api.pages import home
from api.pages import ontology as ontology_page
from api.pages import queries as queries_page
from api.pages import validation as validation_page
from api.sightings import current
from kg.query import NamedQuery, count_rows, get_query
from kg.stores.base import GRAPHS, RESULTS, Question

router = APIRouter()
#: What pages about the service can be had as.
_PAGE = {"json": "application/json", "html": HTML}


@router.get("/", summary="The front page")
def show_home(request: Request, session: Here, format: str | None = None) -> Response:
    """Show what this graph is: its documents, counts and questions; JSON for programs."""
    counts = {row["what"]: row["count"] for row in session.table("counts").rows}
    if choose(_PAGE, None, format, request.headers.get("accept")) == "json":
        body = {"build": session.build.digest, "date": session.build.manifest["date"], "counts": counts}
        return JSONResponse(body, headers={"Vary": "Accept"})
    return home.show(request, session, counts)


@router.get("/health", summary="Whether the service can answer, and from which build", response_class=JSONResponse)
def show_health(response: Response, session: Here, format: str | None = None) -> dict[str, object]:
    """Tell that a store is open, the digest of the build in service, and whether queries are cut off from the network.

    Without a build that can be asked, it is a problem with status 503.
    """
    choose({"json": "application/json"}, None, format, None)
    response.headers["Cache-Control"] = "no-store"
    known = session.build.manifest
    told = {key: known.get(key) for key in ("date", "base", "quads", "documents", "claims", "versions")}
    return {
        "status": "ok",
        "store": "open",
        "build": session.build.digest,
        **told,
        "isolated": session.is_isolated,
    }


@router.get("/queries", summary="The named queries")
def list_queries(request: Request, session: Here, format: str | None = None) -> Response:
    """List the named queries with their parameters."""
    queries = session.service.queries
    chosen = choose(TABLE, None, format, request.headers.get("accept"))
    if chosen == "html":
        return queries_page.show(request, session)
    if chosen == "csv":
        rows = [[q.name, q.summary, " ".join(p.name for p in q.parameters)] for q in queries.values()]
        csv = to_csv([["query", "summary", "parameters"], *rows])
        return Response(csv, media_type=TABLE["csv"], headers={"Vary": "Accept"})
    body = {"build": session.build.digest, "items": [_summary(q) for q in queries.values()]}
    return JSONResponse(body, headers={"Vary": "Accept"})


@router.get("/about", summary="What the data is: model, licences, how to cite it", response_class=HTMLResponse)
def show_about(request: Request, session: Here, format: str | None = None) -> Response:
    """Tell in words what the data is, how it is checked, and how to cite it."""
    choose({"html": HTML}, None, format, None)
    return about_page.show(request, session)


def _summary(query: NamedQuery) -> dict[str, object]:
    parameters = [{"name": p.name, "type": p.type, "description": p.description} for p in query.parameters]
    return {"name": query.name, "summary": query.summary, "parameters": parameters, "text": query.text}


@router.get("/queries/{name}", summary="The answer of a named query", include_in_schema=False)
def answer_query(
    name: str,
    request: Request,
    session: Here,
    format: str | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
    size: Annotated[int, Query(ge=1, le=MAX_PAGE)] = PAGE,
) -> Response:
    """Answer a named query with the parameters in the address; `.rq` gives its text."""
    stem, suffix = split_suffix(name, {**RESOURCE, **RESULTS, "rq": ""})
    query = get_query(stem, session.service.queries)
    given = read_parameters(request)
    values = {k: v for k, v in given.items() if v and k not in {"format", "page", "size"}}
    if suffix == "rq":
        text = query.bind(values, session.service.names)
        return Response(text, media_type="application/sparql-query")
    accept = request.headers.get("accept")
    if query.is_graph:
        return answer_graph(session, stem, choose(GRAPHS, suffix, format, accept), values)
    offered = TABLE | {"tsv": RESULTS["tsv"], "xml": RESULTS["xml"]}
    chosen = choose(offered, suffix, format, accept)
    if chosen in ("tsv", "xml"):
        text = query.bind(values, session.service.names)
        answer = session.store.query(Question(text, results=RESULTS[chosen], trusted=True))
        current().rows = count_rows(answer)
        return Response(answer.body, media_type=answer.media_type, headers=headers(session, stem, values))
    return answer_list(request, session, query.summary, stem, chosen, values, page, size)


@router.get("/validation", summary="The report of the shapes on this build")
def show_validation(request: Request, session: Here, format: str | None = None) -> Response:
    """Show the SHACL report; as JSON with the engine that made it."""
    chosen = choose(RESOURCE, None, format, request.headers.get("accept"))
    if chosen in GRAPHS:
        return answer_graph(session, "validation-report", chosen, {})
    if chosen == "html":
        return validation_page.show(request, session)
    if chosen == "json":
        told = {"build": session.build.digest, "validated": session.build.manifest.get("validated")}
        rows = session.table("validation").rows
        body = {"query": "/queries/validation", **told, "total": len(rows), "links": links(request, RESOURCE)}
        return JSONResponse({**body, "items": rows}, headers=headers(session, "validation", {}))
    return answer_list(request, session, "validation", "validation", chosen, {}, 1, MAX_PAGE, RESOURCE)


@router.get("/ontology", summary="The vocabulary")
def show_ontology(request: Request, session: Here, format: str | None = None) -> Response:
    """Show classes, properties, kinds, relations and values."""
    chosen = choose(RESOURCE, None, format, request.headers.get("accept"))
    if chosen in GRAPHS:
        return answer_graph(session, "ontology-graph", chosen, {})
    if chosen == "html":
        return ontology_page.show(request, session)
    return answer_list(request, session, "ontology", "ontology", chosen, {}, 1, MAX_PAGE, RESOURCE)


@router.get("/shapes", summary="The SHACL shapes", response_class=Response)
def show_shapes(session: Here, format: str | None = None) -> Response:
    """Give the SHACL shapes, as their files stand, one after the other."""
    choose({"ttl": GRAPHS["ttl"]}, None, format, None)
    files = sorted((session.service.settings.ontology / "shapes").glob("*.ttl"))
    return Response("\n".join(f.read_text(encoding="utf-8") for f in files), media_type=GRAPHS["ttl"])
