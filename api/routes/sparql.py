"""SPARQL 1.1 Protocol for queries: GET, form POST and direct POST."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from werkzeug.http import parse_options_header

from api.answers import read_parameters
from api.deps import Here
from api.negotiate import HTML, SPARQL_GRAPHS, SPARQL_RESULTS, NotAcceptableError, best_type, choose, read_format
from api.pages import sparql as sparql_page
from api.sightings import current
from api.watch import outcome_of
from kg.errors import LimitError, QueryError
from kg.query import count_rows
from kg.stores.base import Question

router = APIRouter()
MAX_QUERY = 64 * 1024
#: Seconds in which a body must have come.
BODY_SECONDS = 10.0
_DATASET = ("default-graph-uri", "named-graph-uri")
_READ_ONLY = "this service is read only: updates are not accepted"
_POSTED = ("application/sparql-query", "application/x-www-form-urlencoded")


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
        read_parameters(request, {"query", "format", "example"})
        return _introduce(request, session, format)
    return _answer(request, session, pairs, format)


@router.get("/sparql/vocabulary", summary="What the editor completes from", response_class=JSONResponse)
def show_vocabulary(session: Here) -> dict[str, object]:
    """Give prefixes, classes, properties and relations, with their labels."""
    return sparql_page.read_vocabulary(session)


async def read_posted(request: Request) -> list[tuple[str, str]]:
    """Return the parameters of the address and of the body: a form, or the query itself."""
    media_type, charset = _read_type(request)
    body = await _read_body(request)
    pairs = request.query_params.multi_items()
    try:
        text = body.decode(charset)
        if media_type == _POSTED[0]:
            pairs = [*pairs, ("query", text)]
        else:
            pairs = [*pairs, *parse_qsl(text, keep_blank_values=True, errors="strict")]
    except UnicodeDecodeError as error:
        raise QueryError(f"the body is not UTF-8: {error.reason} at byte {error.start}") from error
    return pairs


@router.post("/sparql", summary="Answer a SPARQL 1.1 query")
async def ask_posted(
    request: Request, pairs: Annotated[list[tuple[str, str]], Depends(read_posted)], session: Here
) -> Response:
    """Answer a query given in the body, as a form or directly; a body that is on its way holds no build."""
    return await run_in_threadpool(_answer, request, session, pairs, dict(pairs).get("format"))


def _read_type(request: Request) -> tuple[str, str]:
    """Return media type and character set of what is posted; refuse what is not read here."""
    media_type, parameters = parse_options_header(request.headers.get("content-type"))
    if media_type.lower() == "application/sparql-update":
        raise QueryError(_READ_ONLY)
    charset, packed = parameters.get("charset", "utf-8").lower(), request.headers.get("content-encoding", "identity")
    told = ""
    if media_type.lower() not in _POSTED:
        told = f"a query is posted as {' or '.join(_POSTED)}, not {media_type or 'without a type'}"
    elif charset not in ("utf-8", "utf8"):
        told = f"the body must be UTF-8, not {charset}"
    elif packed.lower() != "identity":
        told = f"the body must be sent as it is, not packed by {packed}"
    if told:
        raise HTTPException(415, told, {"Accept-Post": ", ".join(_POSTED)})
    return media_type.lower(), "utf-8"


async def _read_body(request: Request) -> bytes:
    """Read the body up to the limit, of bytes and of time."""
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_QUERY * 3:
                    raise HTTPException(413, f"the body is over {MAX_QUERY * 3} bytes")
    except TimeoutError as error:
        told = f"the body did not come within {BODY_SECONDS:g} seconds"
        raise HTTPException(408, told, {"Connection": "close"}) from error
    return body


def _read_query(pairs: list[tuple[str, str]]) -> str:
    """Return the one query that is asked; refuse updates and what is too long."""
    queries = [value for key, value in pairs if key == "query"]
    if any(key == "update" for key, _ in pairs):
        raise QueryError(_READ_ONLY)
    if len(queries) != 1:
        raise QueryError(f"one query is needed, {len(queries)} were given")
    if len(queries[0]) > MAX_QUERY:
        raise HTTPException(413, f"the query is over {MAX_QUERY} characters")
    return queries[0]


def _answer(request: Request, session: Here, pairs: list[tuple[str, str]], format_: str | None) -> Response:
    text = _read_query(pairs)
    wants_page = not format_ and _is_page_wanted(request)
    default, named = ([value for key, value in pairs if key == name] for name in _DATASET)
    question = Question(
        text=text,
        results=SPARQL_RESULTS["json"] if wants_page else _wanted(request, SPARQL_RESULTS, format_),
        graph=SPARQL_GRAPHS["ttl"] if wants_page else _wanted(request, SPARQL_GRAPHS, format_),
        default_graphs=tuple(default),
        named_graphs=tuple(named),
        base=session.service.names.iri("sparql"),
        client=request.client.host if request.client else "",
    )
    offered = [
        *([] if question.results else SPARQL_RESULTS.values()),
        *([] if question.graph else SPARQL_GRAPHS.values()),
    ]
    unacceptable = NotAcceptableError(format_ or request.headers.get("accept", ""), offered)
    if not question.results and not question.graph:
        raise unacceptable
    try:
        answer = session.store.query(question)
    except LimitError as error:
        if outcome_of(error) == "not acceptable":
            raise unacceptable from error
        raise
    except QueryError as error:
        if wants_page:
            return sparql_page.show(request, session, text, problem=str(error))
        raise
    current().rows = count_rows(answer)
    if wants_page:
        return sparql_page.show(request, session, text, answer)
    return Response(answer.body, media_type=answer.media_type, headers={"Vary": "Accept"})


def _wanted(request: Request, offered: dict[str, str], format_: str | None) -> str | None:
    """Return the media type to answer a form of query in, or None when that form is not acceptable."""
    if format_:
        return read_format(offered, format_)
    accept = request.headers.get("accept")
    best = best_type(list(offered.values()), accept, aliases=True)
    if accept and "text/html" in accept and (best is None or best not in accept):
        return next(iter(offered.values()))  # a person's browser asks for a page; JSON or Turtle can be read
    return best


def _is_page_wanted(request: Request) -> bool:
    """Tell whether a person's browser asks, which likes a page better than any form of answer."""
    offered = [*SPARQL_RESULTS.values(), *SPARQL_GRAPHS.values(), HTML]
    return best_type(offered, request.headers.get("accept"), aliases=True) == HTML


def _introduce(request: Request, session: Here, format_: str | None) -> Response:
    """Describe the service to a program, show a form to a person."""
    chosen = choose({**SPARQL_GRAPHS, "html": HTML}, None, format_, request.headers.get("accept"))
    if chosen == "html":
        return sparql_page.show(request, session)
    description = SPARQL_GRAPHS[chosen]
    service, endpoint = session.service.names.iri("sparql"), str(request.url.replace(query="", fragment=""))
    answer = session.graph("service-description", description, service=service, endpoint=endpoint)
    return Response(answer.body, media_type=answer.media_type, headers={"Vary": "Accept"})
