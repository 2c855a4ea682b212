"""A store elsewhere: loading a build into real servers, the same answers from it, and what it may do wrong."""

from __future__ import annotations

import contextlib
import http.server
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from kg.errors import LimitError, QueryError, StoreError
from kg.query import read_queries, read_table
from kg.settings import Settings
from kg.stores.base import GRAPHS, Question
from kg.stores.connect import Build, connect
from kg.stores.exchange import Exchange
from kg.stores.loader import GraphStore
from kg.stores.remote import RemoteStore
from kg.stores.transfer import transfer
from tests.kg.endpoints import SERVERS, Endpoint, oxigraph

QUERIES = read_queries()
#: What the service makes of answers: lists, tables, graphs, comparisons, paths.
PATHS = [
    "/documents", "/entities", "/claims", "/propositions", "/relations", "/works", "/disagreements", "/compare",
    "/mechanisms?from=veltrine&to=deep-sleep", "/queries/acting-on?entity=deep-sleep", "/validation", "/ontology",
    "/documents.csv", "/.well-known/void",
]  # fmt: skip
#: Where Virtuoso 7.2.5 does not answer as the standard says, and the remote store cannot know better.
VIRTUOSO = {
    "claim-details": "a variable of two patterns in one OPTIONAL is lost with DISTINCT",
    "readable-claims": "EXISTS and comparisons give 1 and 0 for true and false",
    "table-propositions": "EXISTS and comparisons give 1 and 0 for true and false",
    "describe-proposition": "of all propositions at once it takes more than a minute",
}


@pytest.fixture(scope="module", params=SERVERS)
def loaded(
    request: pytest.FixtureRequest, built: tuple[Settings, Build], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, Build, Endpoint]]:
    """The tiny corpus in a server, and settings that answer from there."""
    settings, made = built
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as endpoint:
        assert transfer(made, endpoint.graphs) > made.manifest["quads"]
        yield replace(settings, endpoint=endpoint.query, deadline=60.0), made, endpoint


def alike(value: object) -> object:
    """Return a value in which the order of joined parts does not count: SPARQL leaves it to the store."""
    return sorted(re.split("[ |;,]+", value)) if isinstance(value, str) else value


def triples(body: bytes) -> set[str]:
    """Return the triples of N-Triples, each as it is written canonically."""
    return {str(t) for t in ox.parse(body, ox.RdfFormat.N_TRIPLES)}


@pytest.mark.parametrize(
    "name", [q.name for q in QUERIES.values() if q.name not in ("describe", "service-description")]
)
def test_a_server_answers_as_the_embedded_store(loaded: tuple[Settings, Build, Endpoint], name: str) -> None:
    settings, made, endpoint = loaded
    if endpoint.query.endswith("/sparql") and name in VIRTUOSO:
        pytest.skip(f"Virtuoso: {VIRTUOSO[name]}")
    here, there = connect(replace(settings, endpoint=None), made), connect(settings, made)
    with contextlib.closing(here), contextlib.closing(there):
        question = Question(QUERIES[name].text, graph=GRAPHS["nt"], trusted=True)
        ours, theirs = here.query(question), there.query(question)
    if QUERIES[name].is_graph:  # parsed: one server writes other characters as they are, another escapes them
        assert triples(theirs.body) == triples(ours.body)
        return
    told = [
        sorted(str({k: alike(v) for k, v in sorted(row.items())}) for row in read_table(a).rows) for a in (ours, theirs)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("path", PATHS)
def test_the_service_answers_from_a_server(loaded: tuple[Settings, Build, Endpoint], path: str) -> None:
    settings, _, _ = loaded
    answers = []
    for one in (replace(settings, endpoint=None), settings):
        with TestClient(create_app(one), base_url="http://127.0.0.1") as client:
            answers.append(client.get(path))
    assert [a.status_code for a in answers] == [200, 200]
    ours, theirs = answers
    assert theirs.headers["content-type"] == ours.headers["content-type"]
    if "json" in ours.headers["content-type"] and "items" in ours.json():
        assert theirs.json()["total"] == ours.json()["total"]
    if "turtle" in ours.headers["content-type"]:
        assert {str(t) for t in ox.parse(theirs.content, ox.RdfFormat.TURTLE)} == {
            str(t) for t in ox.parse(ours.content, ox.RdfFormat.TURTLE)
        }
        return
    assert abs(len(theirs.content) - len(ours.content)) <= len(ours.content) // 20


def test_what_else_a_server_holds_is_not_seen(built: tuple[Settings, Build], tmp_path: Path) -> None:
    settings, made = built
    with oxigraph(tmp_path) as endpoint:
        stray = GraphStore(endpoint.graphs)
        stray.load(["<http://e.org/s> <http://e.org/p> <http://e.org/o> <http://e.org/stray> .\n"])
        stray.close()
        with pytest.raises(StoreError, match="holds no build, or half of one"):
            connect(replace(settings, endpoint=endpoint.query), made)
        transfer(made, endpoint.graphs)
        store = connect(replace(settings, endpoint=endpoint.query), made)
        assert b"false" in store.query(Question("ASK { ?s <http://e.org/p> ?o }")).body
        assert b"false" in store.query(Question("ASK { GRAPH ?g { ?s <http://e.org/p> ?o } }")).body
        with pytest.raises(LimitError, match="result size"):
            RemoteStore(endpoint.query, graphs=made.graphs, max_result=1000).query(Question("SELECT * { ?s ?p ?o }"))
        store.close()


def test_a_build_that_was_not_loaded_is_told(loaded: tuple[Settings, Build, Endpoint]) -> None:
    settings, made, _ = loaded
    with pytest.raises(StoreError, match=rf"holds the build {made.digest[:12]}, and not 000000000000; 'kg load'"):
        connect(settings, replace(made, digest="0" * 64))


def test_a_large_graph_is_sent_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.stores.loader._PART", 1000)
    monkeypatch.setattr("kg.stores.loader._WAITING", 3000)
    lines = [f"<http://e.org/{n}> <http://e.org/p> <http://e.org/o> <http://e.org/g{n % 7}> .\n" for n in range(500)]
    with oxigraph(tmp_path) as endpoint:
        store = RemoteStore(endpoint.query, endpoint.graphs)
        for _ in range(2):  # the second time replaces
            store.load(lines)
            answer = store.query(Question("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"))
            assert read_table(answer).rows == [{"n": 500}]
        store.close()


@pytest.mark.parametrize("text", ["INSERT DATA { <a:a> <a:b> <a:c> }", "DEFINE get:soft 'soft' SELECT * { ?s ?p ?o }"])
def test_only_queries_are_sent_on(text: str) -> None:
    with pytest.raises(QueryError):
        RemoteStore("http://127.0.0.1:9/sparql").query(Question(text))


class Strange(http.server.BaseHTTPRequestHandler):
    """A server that is no SPARQL endpoint: its paths are what it does."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, _, kind = self.path.strip("/").partition("/")
        self.send_response(int(status))
        self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(b"<html>\n</html>")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def strange() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Strange) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://me:secret@127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("401/text/html", "refused .401.: put a login"),
        ("302/text/html", "leads on to http://127.0.0.1:9/"),
        ("500/text/html", "answered 500: <html> </html>"),
        ("200/text/html", "answered text/html, not application/sparql-results.json"),
        ("200/application/sparql-results+json", "sent results that are none"),
    ],
)
def test_an_answer_that_is_none_is_told_with_the_address_and_without_its_login(
    strange: str, path: str, told: str
) -> None:
    store = RemoteStore(f"{strange}/{path}")
    with pytest.raises(StoreError, match=told) as caught:
        store.query(Question("ASK {}"))
    assert "secret" not in str(caught.value)
    store.close()


def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = Exchange(f"http://127.0.0.1:{silent.getsockname()[1]}/sparql", timeout=0.2, max_bytes=1000)
        with pytest.raises(LimitError, match=r"deadline: http://127.0.0.1:\d+/sparql took more than 0.2 seconds"):
            place.send("GET")
        place.close()
