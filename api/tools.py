"""What every view offers: its formats, the queries behind it, and how to have it elsewhere or cite it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request

from api.deps import Session
from kg.query import get_query

#: Named query, and the values that a view asks it with.
Asked = tuple[str, Mapping[str, str]]


@dataclass(frozen=True)
class Behind:
    """A named query behind a view."""

    name: str
    #: What it is asked for, such as "entity: glutamate".
    values: str
    summary: str
    #: Where it is answered, and where its text stands with the values in their places.
    address: str
    text: str


@dataclass(frozen=True)
class Tools:
    """What every view offers."""

    queries: list[Behind]
    #: The address of the view in each other format.
    formats: dict[str, str]
    #: What it is copied as: a label, and the text.
    copies: dict[str, str]


def make_tools(
    request: Request,
    session: Session,
    title: str,
    asked: Sequence[Asked],
    formats: Mapping[str, str],
    command: str = "",
) -> Tools:
    """Return the tools of a view; formats are its addresses, command the words after `kg`."""
    offered = {suffix: link for suffix, link in formats.items() if suffix != "html"}
    here = f"{request.url.scheme}://{request.url.netloc}"
    address = here + next(iter(offered.values()), request.url.path)
    digest, date = session.build.digest, session.build.manifest["date"]
    command = command or (make_command(*asked[0]) if asked else "")
    opened = "urllib.request.urlopen(address)"
    reading = f"json.load({opened})" if "json" in offered else f"{opened}.read()"
    copies = {
        "curl": f"curl -s {shlex.quote(address)}",
        "Python": f"import json, urllib.request\naddress = {address!r}\nanswer = {reading}",
        "Command line": f"kg {command}" if command else "",
        "Citation": f"Claimgraph. “{title}”. Build {digest[:16]}, data of {date}. CC BY 4.0. {cite(request, session)}",
    }
    queries = session.service.queries
    behind = [_describe(name, values, get_query(name, queries).summary) for name, values in asked]
    return Tools(behind, offered, {label: text for label, text in copies.items() if text})


def cite(request: Request, session: Session) -> str:
    """Return the address of a view under the base of the graph, as exports give it: hosts come and go."""
    query = f"?{request.url.query}" if request.url.query else ""
    return session.service.settings.base.rstrip("/") + request.url.path + query


def make_command(name: str, values: Mapping[str, str]) -> str:
    """Return the command that asks a named query.

    >>> make_command("acting-on", {"entity": "glutamate"})
    'query acting-on entity=glutamate'
    """
    return shlex.join(["query", name, *(f"{key}={value}" for key, value in values.items())])


def query_link(name: str, values: Mapping[str, str]) -> str:
    """Return the address of the named query behind a view.

    >>> query_link("acting-on", {"entity": "glutamate"})
    '/queries/acting-on?entity=glutamate'
    """
    return f"/queries/{name}" + (f"?{urlencode(values)}" if values else "")


def _describe(name: str, values: Mapping[str, str], summary: str) -> Behind:
    told = ", ".join(f"{key}: {value}" for key, value in values.items())
    return Behind(name, told, summary, query_link(name, values), query_link(name + ".rq", values))
