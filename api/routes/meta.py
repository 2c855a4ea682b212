"""About the service and its data: front page, named queries, search, exports, ontology, shapes, validation, health."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from api.answers import MAX_PAGE, PAGE, answer_graph, answer_list, answer_resource, read_parameters
from api.deps import Here, templates
from api.negotiate import HTML, RESOURCE, TABLE, best_type, choose, split_suffix
from kg.errors import QueryError
from kg.export import FORMATS, read_quads, select_document, serialize
from kg.query import NamedQuery, get_query
from kg.stores.base import GRAPHS, RESULTS, Question

router = APIRouter()
_CHUNK = 1 << 16


@router.get("/", summary="The front page")
def show_home(request: Request, session: Here) -> Response:
    """Show what this graph is: its documents, counts and questions; JSON for programs."""
    counts = {row["what"]: row["count"] for row in session.table("counts").rows}
    if best_type(["application/json", HTML], request.headers.get("accept")) != HTML:
        return JSONResponse({"build": session.build.digest, "date": session.build.manifest["date"], "counts": counts})
    context = {
        "counts": counts, "build": session.build, "documents": session.table("documents").rows,
        "queries": session.service.queries, "base": session.service.settings.base,
    }  # fmt: skip
    return templates.TemplateResponse(request, "home.html", context, headers={"Vary": "Accept"})


@router.get("/health", summary="Whether the service can answer, and from which build", response_class=JSONResponse)
def show_health(session: Here) -> dict[str, object]:
    """Tell the digest of the build in service, and whether queries are cut off from the network."""
    return {
        "status": "ok",
        "build": session.build.digest,
        "date": session.build.manifest["date"],
        "isolated": session.is_isolated,
    }


@router.get("/queries", summary="The named queries")
def list_queries(request: Request, session: Here) -> Response:
    """List the named queries with their parameters."""
    queries = session.service.queries
    if best_type(["application/json", HTML], request.headers.get("accept")) == HTML:
        context = {"queries": queries, "build": session.build}
        return templates.TemplateResponse(request, "queries.html", context, headers={"Vary": "Accept"})
    return JSONResponse({"build": session.build.digest, "items": [_summary(q) for q in queries.values()]})


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
    given = read_parameters(request, ())
    values = {k: v for k, v in given.items() if k not in {"format", "page", "size"}}
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
        return Response(answer.body, media_type=answer.media_type)
    return answer_list(request, session, query.summary, stem, chosen, values, page, size)


@router.get("/search", summary="Entities, claims and documents by their words")
def search(
    request: Request,
    session: Here,
    q: str = "",
    format: str | None = None,
    page: Annotated[int, Query(ge=1)] = 1,
) -> Response:
    """Search labels, statements and phrases."""
    read_parameters(request, {"q", "format", "page"})
    chosen = choose(TABLE, None, format, request.headers.get("accept"))
    if not q.strip():
        raise QueryError("say with q what to look for, such as /search?q=sleep")
    return answer_list(request, session, f"search: {q}", "search", chosen, {"words": q.strip()}, page, PAGE)


@router.get("/export", summary="The formats of the whole graph", response_class=JSONResponse)
def list_exports(session: Here) -> dict[str, object]:
    """List the addresses of the exports."""
    documents = [str(row["document"]).rpartition("/")[2] for row in session.table("documents").rows]
    return {
        "build": session.build.digest,
        "graph": {f: f"/export/graph.{f}" for f in FORMATS},
        "documents": {d: {f: f"/export/document/{d}.{f}" for f in FORMATS} for d in documents},
    }


@router.get("/export/graph.{suffix}", summary="The whole graph in a format")
def export_graph(suffix: str, session: Here) -> Response:
    """Give the whole graph away; N-Quads is the canonical text that the digest names."""
    if suffix == "nq":
        return _download(_file_chunks(session.build.quads), suffix, session, "graph")
    return _download(_chunks(serialize(read_quads(session.build.quads), suffix)), suffix, session, "graph")


@router.get("/export/document/{name}.{suffix}", summary="One document in a format")
def export_document(name: str, suffix: str, session: Here) -> Response:
    """Give one document away, with the propositions that it speaks of."""
    quads = select_document(read_quads(session.build.quads), name, session.service.names)
    return _download(_chunks(serialize(quads, suffix)), suffix, session, name)


def _file_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            yield piece


def _chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _CHUNK):
        yield body[start : start + _CHUNK]


def _download(chunks: Iterator[bytes], suffix: str, session: Here, name: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="claimgraph-{name}-{session.build.digest[:12]}.{suffix}"',
    }
    return StreamingResponse(chunks, media_type=FORMATS[suffix], headers=headers)


@router.get("/validation", summary="The report of the shapes on this build")
def show_validation(request: Request, session: Here, format: str | None = None) -> Response:
    """Show the SHACL report."""
    chosen = choose(RESOURCE, None, format, request.headers.get("accept"))
    if chosen in GRAPHS:
        return answer_graph(session, "validation-report", chosen, {})
    return answer_list(request, session, "validation", "validation", chosen, {}, 1, MAX_PAGE, RESOURCE)


@router.get("/ontology", summary="The vocabulary")
def show_ontology(request: Request, session: Here, format: str | None = None) -> Response:
    """Show classes, properties, kinds, relations and values."""
    chosen = choose(RESOURCE, None, format, request.headers.get("accept"))
    if chosen in GRAPHS:
        return answer_graph(session, "ontology-graph", chosen, {})
    return answer_list(request, session, "ontology", "ontology", chosen, {}, 1, MAX_PAGE, RESOURCE)


@router.get("/shapes", summary="The SHACL shapes", response_class=Response)
def show_shapes(session: Here) -> Response:
    """Give the SHACL shapes, as their files stand, one after the other."""
    files = sorted((session.service.settings.ontology / "shapes").glob("*.ttl"))
    return Response("\n".join(f.read_text(encoding="utf-8") for f in files), media_type=GRAPHS["ttl"])


@router.get("/.well-known/void", summary="The description of the dataset")
def show_void(request: Request, session: Here, format: str | None = None) -> Response:
    """Describe the dataset in VoID and DCAT."""
    chosen = choose(RESOURCE, None, format, request.headers.get("accept"), default="ttl")
    if chosen in GRAPHS:
        return answer_graph(session, "dataset", chosen, {})
    iri = session.service.names.iri("dataset")
    sections = [("statements", "statements", {"resource": iri})]
    return answer_resource(request, session, "dataset", chosen, iri, sections)
