"""The page of the SPARQL endpoint: the form, an answer as a table or as Turtle, and what the editor completes from."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from api.deps import Session
from api.pages.view import show_page
from kg.names import CG, DEFAULT_PREFIXES
from kg.query import get_query
from kg.stores.base import GRAPHS, RESULTS, Answer

#: Rows of a table, and characters of a graph, that a page shows; downloads have all.
ROWS, CHARACTERS = 500, 60_000
#: What the IRIs of this graph begin with, under its base.
_OURS = (
    "anchor", "chain", "claim", "disagreement", "document", "entity", "figure", "frame", "graph", "kind",
    "proposition", "relation", "variable", "work",
)  # fmt: skip
#: The examples that tell most at first sight.
_FIRST = (
    "acting-on", "claims-about", "disagreements", "agreement", "conditions-ranked", "unwanted-effects",
    "regulatory-status", "single-source",
)  # fmt: skip
_DECLARED = re.compile(r"\bPREFIX\s+([\w-]*):\s*<([^>]*)>", re.I)
_NAME = re.compile(r"(?<![\w<:#?$-])([A-Za-z][\w-]*):([A-Za-z][\w-]*)")


def show(
    request: Request,
    session: Session,
    text: str | None = None,
    answer: Answer | None = None,
    problem: str = "",
) -> Response:
    """Show the form; with an answer, its table or graph; with a problem, what is wrong with the query."""
    prefixes = read_prefixes(session)
    asked, queries = text, session.service.queries
    if text is None:
        text = get_query(request.query_params.get("example", "counts"), queries).text
    formats = {} if answer is None else GRAPHS if answer.media_type == GRAPHS["ttl"] else RESULTS
    response = show_page(
        request,
        session,
        "sparql.html",
        "SPARQL" if answer is None else "Answer to a query",
        [],
        formats if request.method == "GET" else {},
        command=shlex.join(["query", asked]) if asked else "",
        text=text,
        problem=problem,
        examples=[query for name, query in queries.items() if name in _FIRST],
        others=[query for name, query in queries.items() if name not in _FIRST],
        result=read_result(answer, prefixes) if answer else None,
        triples="/sparql?" + urlencode({"query": text, "format": "nt"}),
    )
    response.status_code = 400 if problem else 200
    return response


def read_result(answer: Answer, prefixes: Mapping[str, str]) -> dict[str, Any]:
    """Return an answer in JSON or Turtle as what the page shows of it."""
    if answer.media_type == GRAPHS["ttl"]:
        text = answer.body.decode()
        return {"form": "graph", "text": text[:CHARACTERS], "is_cut": len(text) > CHARACTERS}
    found = json.loads(answer.body)
    if "boolean" in found:
        return {"form": "boolean", "boolean": found["boolean"]}
    rows = found["results"]["bindings"]
    shown = [{name: _describe(term, prefixes) for name, term in row.items()} for row in rows[:ROWS]]
    return {"form": "table", "columns": found["head"]["vars"], "rows": shown, "total": len(rows)}


def _describe(term: Mapping[str, Any], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return a term of a JSON answer with its short form; a quoted triple as its text."""
    value = term["value"] if isinstance(term["value"], str) else json.dumps(term["value"], ensure_ascii=False)
    short = shorten(value, prefixes) if term["type"] == "uri" else value
    note = term.get("xml:lang") or shorten(term.get("datatype", ""), prefixes)
    return {"type": term["type"], "value": value, "short": short, "note": note}


def shorten(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return an IRI with the longest prefix that fits it, or as it is.

    >>> shorten("http://e.org/vocab#Claim", {"e": "http://e.org/", "v": "http://e.org/vocab#"})
    'v:Claim'
    """
    fitting = [(len(start), name) for name, start in prefixes.items() if start and iri.startswith(start)]
    if not fitting:
        return iri
    length, name = max(fitting)
    return f"{name}:{iri[length:]}"


def read_prefixes(session: Session) -> dict[str, str]:
    """Return the prefixes of the ontologies, of readable RDF, and of the resources of this graph."""
    names = session.service.names
    ours = {name: names.iri(name) + "/" for name in _OURS}
    return {**session.opened.graph.vocabulary.prefixes, **DEFAULT_PREFIXES, **ours}


def read_vocabulary(session: Session) -> dict[str, Any]:
    """Return what the editor completes: prefixes, and classes, properties and relations with their labels."""
    lists: dict[str, dict[str, str]] = {"class": {}, "property": {}, "relation": {}}
    for row in session.table("ontology").rows:
        if row["type"] in lists:
            lists[row["type"]][row["term"]] = row.get("label", "")
    for iri in find_terms(query.text for query in session.service.queries.values()):
        local = re.split(r"[#/]", iri)[-1]
        if not iri.startswith(CG):
            lists["class" if local[:1].isupper() else "property"].setdefault(iri, local)
    plurals = {"class": "classes", "property": "properties", "relation": "relations"}
    terms = {plurals[name]: [{"iri": i, "label": w} for i, w in found.items()] for name, found in lists.items()}
    return {"prefixes": read_prefixes(session), **terms}


def find_terms(texts: Iterable[str]) -> list[str]:
    """Return the IRIs that queries name by a prefix that they declare: what is in use of other vocabularies.

    >>> find_terms(["prefix e: <http://e.org/> SELECT * { ?s e:knows/e:name ?o }"])
    ['http://e.org/knows', 'http://e.org/name']
    """
    found = set()
    for text in texts:
        declared = dict(_DECLARED.findall(text))
        found |= {declared[prefix] + name for prefix, name in _NAME.findall(text) if prefix in declared}
    return sorted(found)
