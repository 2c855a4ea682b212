"""One table or graph in every format, with the query that made it and the build that it was made from."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api.deps import Session, templates
from api.labels import read_labels, read_titles
from api.negotiate import RESOURCE, TABLE, split_suffix
from api.sightings import current
from api.tools import Asked, make_tools, query_link
from kg.errors import NotFoundError, QueryError
from kg.query import Table, check_known, get_query
from kg.rdf.jsonld import write_jsonld
from kg.stores.base import Answer

PAGE = 100
MAX_PAGE = 1000
#: Bytes of N-Triples that are put into short names; a larger graph is left in the long ones of the store.
_SHORT = 1 << 21
#: What a cell begins with that a spreadsheet takes for a formula, in wide characters too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def links(request: Request, formats: Mapping[str, str]) -> dict[str, str]:
    """Return the address of this very view in each format."""
    query = [(k, v) for k, v in request.query_params.multi_items() if k != "format"]
    path, _ = split_suffix(request.url.path, {**RESOURCE, **formats})  # a suffix would count before the format
    return {f: f"{path}?{urlencode([*query, ('format', f)])}" for f in formats}


def read_parameters(
    request: Request, known: Collection[str] | None = None, several: Collection[str] = ()
) -> dict[str, str]:
    """Return the parameters of an address; raise QueryError for one that is unknown or given twice."""
    items = request.query_params.multi_items()
    for name, _ in items:
        if known is not None and name not in known:
            told = f"there are {', '.join(sorted(known))}" if known else "there are none"
            raise QueryError(f"there is no parameter {name!r} here; {told}")
        if name not in several and sum(other == name for other, _ in items) > 1:
            raise QueryError(f"the parameter {name!r} is given more than once")
    return dict(items)


def headers(session: Session, name: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that say which build and query an answer comes from; note that query as the request's."""
    if name in session.service.queries:
        current().note_query(session.service.queries[name], values)
    return {
        "Vary": "Accept",
        "Link": f'<{query_link(name, values)}>; rel="via"',
    }


def answer_graph(session: Session, name: str, suffix: str, values: Mapping[str, str]) -> Response:
    """Answer with the graph of a named CONSTRUCT query; JSON-LD in short names, if it is not a large one."""
    answer = session.graph(name, RESOURCE["nt" if suffix == "jsonld" else suffix], **values)
    if suffix == "jsonld":
        if len(answer.body) > _SHORT:
            answer = session.graph(name, RESOURCE[suffix], **values)
        else:
            triples = ox.parse(answer.body, format=ox.RdfFormat.N_TRIPLES)
            answer = Answer(RESOURCE[suffix], write_jsonld((t.triple for t in triples), session.opened.graph.context))
    return Response(answer.body, media_type=answer.media_type, headers=headers(session, name, values))


def answer_list(
    request: Request,
    session: Session,
    title: str,
    name: str,
    suffix: str,
    values: Mapping[str, str],
    page: int,
    size: int,
    offered: Mapping[str, str] = TABLE,
) -> Response:
    """Answer with one page of a named query's table; offered are the formats that the view can be had as."""
    if name == "claims" and "claim" not in values:
        table, total = session.page_of_claims(name, values, page, size)
        rows = table.rows
    else:
        table = session.table(name, **values)
        total, rows = len(table.rows), table.rows[(page - 1) * size : page * size]
    if not total:
        check_known(session.store, get_query(name, session.service.queries), values, session.service.names)
    pages = find_pages(request, page, size, total)
    current().rows = len(rows)
    if suffix == "csv":
        return Response(_csv(table.columns, rows), media_type="text/csv", headers=headers(session, name, values))
    if suffix == "json":
        body = {
            "query": query_link(name, values), "build": session.build.digest, "total": total, "page": page,
            "links": {**pages, **links(request, offered)}, "items": rows,
        }  # fmt: skip
        return JSONResponse(body, headers=headers(session, name, values))
    sections = [(title, name, values, Table(table.columns, rows))]
    return _html(request, session, title, "", sections, pages | {"total": str(total)}, offered)


def answer_resource(
    request: Request,
    session: Session,
    title: str,
    suffix: str,
    iri: str,
    sections: Sequence[tuple[str, str, Mapping[str, str]]],
) -> Response:
    """Answer with a resource: named sections, each the table of a named query."""
    tables = [(section, name, values, session.table(name, **values)) for section, name, values in sections]
    current().rows = sum(len(table.rows) for _, _, _, table in tables)
    _, name, values, _ = tables[0]
    head = headers(session, name, values)
    if suffix == "csv":
        _, name, values, table = tables[-1]
        return Response(_csv(table.columns, table.rows), media_type="text/csv", headers=headers(session, name, values))
    if suffix == "json":
        body: dict[str, Any] = {"iri": iri, "build": session.build.digest, "links": links(request, RESOURCE)}
        body |= {section: {"query": query_link(n, v), "items": t.rows} for section, n, v, t in tables}
        return JSONResponse(body, headers=head)
    return _html(request, session, title, iri, tables, {})


def _html(
    request: Request,
    session: Session,
    title: str,
    iri: str,
    sections: Sequence[tuple[str, str, Mapping[str, str], Table]],
    pages: Mapping[str, str],
    offered: Mapping[str, str] = RESOURCE,
) -> Response:
    asked: list[Asked] = [(name, values) for _, name, values, _ in sections]
    shown = [{"title": section, "columns": t.columns, "rows": t.rows} for section, _, _, t in sections]
    context = {
        "title": title, "iri": iri, "sections": shown, "pages": pages, "build": session.build,
        "base": session.service.settings.base, "titles": read_titles(session),
        "labels": read_labels(session, [row for *_, table in sections for row in table.rows]),
        "tools": make_tools(request, session, title, asked, links(request, offered)),
    }  # fmt: skip
    return templates.TemplateResponse(request, "resource.html", context, headers={"Vary": "Accept"})


def find_pages(request: Request, page: int, size: int, total: int) -> dict[str, str]:
    """Return the addresses of the pages around this one; raise NotFoundError for one beyond the last."""
    last = max(1, -(-total // size))
    if page > last:
        raise NotFoundError(f"there is no page {page} of {size} each; the last is {last}")

    def at(number: int) -> str:
        return f"{request.url.path}?{urlencode({**request.query_params, 'page': str(number)})}"

    around = {"first": 1, "previous": page - 1, "next": page + 1, "last": last}
    return {rel: at(number) for rel, number in around.items() if 1 <= number <= last and number != page}


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a table as CSV."""
    return to_csv([columns, *([row.get(column, "") for column in columns] for row in rows)])


def to_csv(rows: Iterable[Sequence[Any]]) -> str:
    r"""Return rows, the header first, as CSV; what a spreadsheet would run as a formula gets an apostrophe.

    >>> to_csv([["name", "count"], ["=1+1", -1]])
    "name,count\r\n'=1+1,-1\r\n"
    """
    out = io.StringIO()
    csv.writer(out).writerows([_defused(cell) for cell in row] for row in rows)
    return out.getvalue()


def _defused(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula.

    >>> _defused("=1+1"), _defused(-1)
    ("'=1+1", -1)
    """
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
