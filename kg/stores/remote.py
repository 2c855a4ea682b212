"""Any SPARQL 1.1 endpoint over HTTP: what stores do differently ends here; and what a service of ours serves.

A query names its dataset in the request, so it sees the graphs of its build and nothing else, whatever the endpoint
takes for its default graph and whatever it holds besides: Virtuoso has graphs of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import httpx2 as httpx
import pyoxigraph as ox

from kg.errors import LimitError, QueryError, StoreError
from kg.names import DEFAULT_PREFIXES
from kg.stores.base import GRAPHS, RESULTS, Answer, Question
from kg.stores.exchange import Exchange, Reply
from kg.stores.keywords import OPAQUE, has_from, list_keywords, refuse_federation
from kg.stores.loader import GraphStore

_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
#: A clause that names a graph, or what only looks like one.
_CLAUSE = re.compile(
    rf"{OPAQUE.pattern}|(?P<clause>(?<![?$:\w])FROM\s+(?:NAMED\s+)?(?:<[^>]*>|[\w.-]*:[\w.-]*))", re.I | re.S
)
_UNSET = re.compile(r"VALUES \?\w+ \{ UNDEF \}")
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
#: The name that Virtuoso gives to the one column of its answer to ASK.
_ASKED = "__ASK_RETVAL"
#: More graphs than these are not named in each request: the endpoint's default graph must then be their union.
_NAMED = 200


class RemoteStore:
    """A SPARQL 1.1 endpoint, and the graph store behind it when it is to be loaded.

    `graphs` are those of the build; without any, the endpoint's own default graph is asked.
    """

    def __init__(
        self,
        endpoint: str,
        graph_store: str | None = None,
        timeout: float = 30.0,
        digest: str | None = None,
        graphs: Sequence[str] = (),
        max_result: int = 1 << 30,
    ) -> None:
        self._endpoint = Exchange(endpoint, timeout, max_result)
        self._graph_store = GraphStore(graph_store, timeout) if graph_store else None
        #: The build that answers must be of, where the endpoint says of which they are.
        self._digest = digest
        self._graphs = tuple(graphs)

    def __str__(self) -> str:
        """Return the address, without its login."""
        return str(self._endpoint)

    def query(self, question: Question) -> Answer:
        """Answer a query, as the protocol says."""
        refuse_federation(question.text)
        form = read_form(question.text)
        is_graph = form in ("CONSTRUCT", "DESCRIBE")
        wanted = question.graph if is_graph else question.results
        if wanted is None:
            kind = "graph" if is_graph else "table"
            raise LimitError(f"not acceptable: the answer is a {kind}, and no format that was asked for carries it")
        # One format is asked for and the wanted one written here: Virtuoso answers a CONSTRUCT with a table and a
        # SELECT with triples when the request would take both, and stores differ in the formats that they know.
        asked = GRAPHS["nt"] if is_graph else RESULTS["json"]
        reply = self._endpoint.send("POST", data=self._request(question), headers={"Accept": asked})
        self._check(reply, asked)
        return _write_graph(reply.body, wanted) if is_graph else _write_results(reply.body, form, wanted)

    def _request(self, question: Question) -> dict[str, Any]:
        """Return the fields of a form: Virtuoso 7 never answers a body of the type application/sparql-query."""
        default, named, text = question.default_graphs, question.named_graphs, question.text
        if default or named:  # which come before FROM, while Virtuoso takes both
            text = _CLAUSE.sub(lambda found: "" if found["clause"] else found[0], text)
        elif not has_from(text) and len(self._graphs) <= _NAMED:
            default = named = self._graphs
        if question.trusted:  # a parameter that is not set constrains nothing, but Virtuoso then tries every value
            text = _UNSET.sub("", text)
        text = f"BASE <{question.base}>\n{text}" if question.base else text
        return {"query": text, "default-graph-uri": list(default), "named-graph-uri": list(named)}

    def _check(self, reply: Reply, asked: str) -> None:
        """Raise the error that a reply tells."""
        if reply.status == 400:
            raise QueryError(f"the query is not valid SPARQL 1.1: {reply.told}")
        if reply.status != 200:
            raise StoreError(f"{self._endpoint} answered {reply.status}: {reply.told}")
        if reply.media_type != asked:
            raise StoreError(
                f"{self._endpoint} answered {reply.media_type or 'nothing'}, not {asked}: is it a SPARQL endpoint?"
            )
        served = reply.headers.get("x-build-digest", "")
        if self._digest and served and served != self._digest:
            raise StoreError(f"{self._endpoint} took up another build, {served[:12]}: open it again")

    def load(self, lines: Iterable[str]) -> None:
        """Replace what the graph store holds of these graphs, and ask them from now on."""
        if self._graph_store is None:
            raise StoreError("this endpoint is read only: no Graph Store address was given")
        self._graphs = tuple(self._graph_store.load(lines))

    def close(self) -> None:
        """Close the connections."""
        self._endpoint.close()
        if self._graph_store is not None:
            self._graph_store.close()


def read_form(text: str) -> str:
    r"""Return SELECT, ASK, CONSTRUCT or DESCRIBE; raise QueryError for what is none of them, such as an update.

    >>> read_form("# ASK\nBASE <http://e.org/select> CONSTRUCT { ?ask ask:a 'ASK' } { SELECT * { ?s ?p ?o } }")
    'CONSTRUCT'
    """
    words = list_keywords(text)
    form = next((word for word in words if word in _FORMS), None)
    if form is None:
        raise QueryError("the query is not valid SPARQL 1.1: it is no SELECT, ASK, CONSTRUCT or DESCRIBE")
    if "DEFINE" in words:  # by which Virtuoso would fetch graphs from elsewhere
        raise QueryError("the query is not valid SPARQL 1.1: it has a DEFINE")
    return form


def _write_graph(body: bytes, media_type: str) -> Answer:
    if media_type == GRAPHS["nt"]:
        return Answer(media_type, body)
    rdf = ox.RdfFormat.from_media_type(media_type)
    prefixes = DEFAULT_PREFIXES if rdf in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG) else None
    try:
        ordered = b"\n".join(sorted(body.splitlines()))  # so that each subject is written once
        written = ox.serialize(ox.parse(ordered, format=ox.RdfFormat.N_TRIPLES), format=rdf, prefixes=prefixes)
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"the endpoint sent triples that are none: {error}") from error
    return Answer(media_type, written or b"")


def _write_results(body: bytes, form: str, media_type: str) -> Answer:
    try:
        found = json.loads(body)
        if form == "ASK":
            plain = {"head": {}, "boolean": _truth(found)}
        else:
            rows = [_plain_row(row) for row in found["results"]["bindings"]]
            plain = {"head": {"vars": found["head"]["vars"]}, "results": {"bindings": rows}}
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
        if media_type != RESULTS["json"]:
            results = ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON)
            text = results.serialize(format=ox.QueryResultsFormat.from_media_type(media_type)) or b""
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise StoreError(f"the endpoint sent results that are none: {error}") from error
    return Answer(media_type, text)


def _truth(found: dict[str, Any]) -> bool:
    """Return the answer to an ASK: Virtuoso gives a table, empty for no."""
    return bool(found["boolean"]) if "boolean" in found else any(_ASKED in row for row in found["results"]["bindings"])


def _plain_row(row: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return a row as the embedded store gives it.

    A group without a value is joined to an empty text by some and to nothing by others: our data has no empty texts.

    >>> _plain_row({"a": {"type": "typed-literal", "datatype": _BOOLEAN, "value": "1"}, "b": {"type": "literal", "value": ""}})
    {'a': {'type': 'literal', 'datatype': 'http://www.w3.org/2001/XMLSchema#boolean', 'value': 'true'}}
    """  # noqa: E501
    plain = {}
    for name, term in row.items():
        if term["type"] == "typed-literal":  # of the draft that Virtuoso follows
            term = {**term, "type": "literal"}
        if term.get("datatype") == _STRING:
            term = {key: value for key, value in term.items() if key != "datatype"}
        elif term.get("datatype") == _BOOLEAN:
            term = {**term, "value": {"1": "true", "0": "false"}.get(term["value"], term["value"])}
        if term["type"] != "literal" or term["value"] or "datatype" in term:
            plain[name] = term
    return plain


#: What a service says of its build, and in which form.
_HEALTH: dict[str, type] = {
    "build": str, "base": str, "date": str, "quads": int, "documents": int, "claims": int, "versions": dict,
}  # fmt: skip


def read_health(address: str, timeout: float) -> dict[str, Any]:
    """Return what a service of ours says of the build that it serves, as a manifest has it."""
    try:
        response = httpx.get(address, timeout=timeout, follow_redirects=False)
        found = response.json() if response.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise StoreError(f"{address} cannot be read: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(found.get(key), form) for key, form in _HEALTH.items()):
        raise StoreError(f"{address} answered {response.status_code}, and not as a Claimgraph service of this version")
    return {"digest": found["build"], **{key: found[key] for key in _HEALTH if key != "build"}}
