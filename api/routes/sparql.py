"""SPARQL 1.1 Protocol for queries: GET, form POST and direct POST."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.deps import Here, templates
from api.negotiate import HTML, SPARQL_GRAPHS, SPARQL_RESULTS, NotAcceptableError, best_type
from kg.errors import QueryError
from kg.stores.base import Question

router = APIRouter()
MAX_QUERY = 64 * 1024
_DATASET = ("default-graph-uri", "named-graph-uri")


@router.get("/sparql", summary="Answer a SPARQL 1.1 query")
def ask(
    request: Request,
    session: Here,
    query: Annotated[str | None, Query(description="The query")] = None,
    format: Annotated[str | None, Query(description="json, xml, csv, tsv; of graphs ttl, nt, jsonld, rdf")] = None,
) -> Response:
    """Answer a query given in the address; without one, describe the service or show a form."""
    pairs = request.query_params.multi_items()
    if query is None and "update" not in request.query_params:
        return _introduce(request, session)
    return _answer(request, session, pairs, format)


@router.post("/sparql", summary="Answer a SPARQL 1.1 query")
async def ask_posted(request: Request, session: Here) -> Response:
    """Answer a query given in the body, as a form or directly."""
    body = await _read_body(request)
    media_type = request.headers.get("content-type", "").partition(";")
    charset = media_type[2].partition("charset=")[2].strip().strip('"').lower()
    if charset not in ("", "utf-8", "utf8"):
        raise QueryError(f"the body must be UTF-8, not {charset}")
    pairs = request.query_params.multi_items()
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryError(f"the body is not UTF-8 at byte {error.start}") from error
    match media_type[0].strip().lower():
        case "application/sparql-query":
            pairs = [*pairs, ("query", text)]
        case "application/x-www-form-urlencoded":
            form = parse_qsl(text, keep_blank_values=True)
            if any(key == "update" for key, _ in form):
                raise QueryError("this service is read only: updates are not accepted")
            pairs = [*pairs, *form]
        case "application/sparql-update":
            raise QueryError("this service is read only: updates are not accepted")
        case other:
            allowed = "application/sparql-query or application/x-www-form-urlencoded"
            raise QueryError(f"a query is posted as {allowed}, not {other or 'nothing'}")
    return await run_in_threadpool(_answer, request, session, pairs, dict(pairs).get("format"))


async def _read_body(request: Request) -> bytes:
    """Read the body up to the limit."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_QUERY * 3:
            raise QueryError(f"the body is over {MAX_QUERY * 3} bytes")
    return body


def _answer(request: Request, session: Here, pairs: list[tuple[str, str]], format_: str | None) -> Response:
    queries = [value for key, value in pairs if key == "query"]
    if any(key == "update" for key, _ in pairs):
        raise QueryError("this service is read only: updates are not accepted")
    if len(queries) != 1:
        raise QueryError(f"one query is needed, {len(queries)} were given")
    if len(queries[0]) > MAX_QUERY:
        raise QueryError(f"the query is over {MAX_QUERY} characters")
    default, named = ([value for key, value in pairs if key == name] for name in _DATASET)
    answer = session.store.query(
        Question(
            text=queries[0],
            results=_wanted(request, SPARQL_RESULTS, format_),
            graph=_wanted(request, SPARQL_GRAPHS, format_),
            default_graphs=tuple(default),
            named_graphs=tuple(named),
            base=session.service.names.iri("sparql"),
            client=request.client.host if request.client else "",
        )
    )
    headers = {"Vary": "Accept"}
    return Response(answer.body, media_type=answer.media_type, headers=headers)


def _wanted(request: Request, offered: dict[str, str], format_: str | None) -> str | None:
    """Return the media type to answer a form of query in, or None when that form is not acceptable."""
    if format_:
        if format_ not in SPARQL_RESULTS | SPARQL_GRAPHS:
            raise NotAcceptableError(format_, [*SPARQL_RESULTS, *SPARQL_GRAPHS])
        return offered.get(format_)
    accept = request.headers.get("accept")
    best = best_type(list(offered.values()), accept, aliases=True)
    if accept and "text/html" in accept and (best is None or best not in accept):
        return next(iter(offered.values()))  # a person's browser asks for a page; JSON or Turtle can be read
    return best


def _introduce(request: Request, session: Here) -> Response:
    """Describe the service to a program, show a form to a person."""
    best = best_type([*SPARQL_GRAPHS.values(), HTML], request.headers.get("accept"))
    if best is None:
        raise NotAcceptableError(request.headers.get("accept", ""), [*SPARQL_GRAPHS.values(), HTML])
    if best == HTML:
        context = {"queries": session.service.queries, "build": session.build}
        return templates.TemplateResponse(request, "sparql.html", context, headers={"Vary": "Accept"})
    answer = session.graph("service-description", best, service=session.service.names.iri("sparql"))
    return Response(answer.body, media_type=answer.media_type, headers={"Vary": "Accept"})
