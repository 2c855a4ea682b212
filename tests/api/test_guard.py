import csv
import hashlib
import http.client
import io
import json
import logging
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from api import sightings
from api.app import create_app
from api.prepared import Key, Prepared, Shelf
from api.sightings import Sighting
from kg.settings import Settings
from kg.stores.connect import Build

LOCAL = "http://127.0.0.1"


@pytest.fixture(scope="module")
def client(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    with TestClient(create_app(built[0]), base_url=LOCAL) as made:
        yield made


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:8000"])
def test_another_hosts_name_is_refused(client: TestClient, host: str) -> None:
    response = client.get("/health", headers={"Host": host})
    assert response.status_code == 403
    assert "KG_HOSTS" in response.json()["detail"]


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:9", "[::1]:8000", "LOCALHOST"])
def test_the_names_of_this_machine_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 200


def test_pages_of_other_origins_are_refused_while_local_and_welcome_when_open(built: tuple[Settings, Build]) -> None:
    other = {"Origin": "http://other.example"}
    with TestClient(create_app(built[0]), base_url=LOCAL) as local:
        assert local.get("/health", headers=other).status_code == 403
        assert local.get("/health", headers={"Origin": "http://localhost:3000"}).status_code == 200
        assert "access-control-allow-origin" not in local.get("/health").headers
    public = replace(built[0], hosts=("graph.example",))
    with TestClient(create_app(public), base_url="http://graph.example") as opened:
        assert opened.get("/health", headers=other).headers["access-control-allow-origin"] == "*"
        assert opened.get("/entities", headers={"Host": "127.0.0.1"}).status_code == 403
        for path in ("/health", "/metrics"):
            assert opened.get(path, headers={"Host": "127.0.0.1:8000"}).status_code == 200, "this machine watches it"
            assert opened.get(path, headers={"Host": "other.example"}).status_code == 403


def test_every_answer_carries_security_headers_and_a_request_id(client: TestClient) -> None:
    for path in ("/", "/health", "/nowhere", "/static/style.css", "/metrics"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert re.fullmatch("[0-9a-f]{12}", headers["x-request-id"])


def test_entity_tags_name_build_address_and_format_and_give_304(client: TestClient) -> None:
    first = client.get("/entities/veltrine")
    again = client.get("/entities/veltrine", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    turtle = client.get("/entities/veltrine", headers={"Accept": "text/turtle", "If-None-Match": first.headers["etag"]})
    assert turtle.status_code == 200
    assert turtle.headers["etag"] != first.headers["etag"]
    assert client.get("/entities/somnin").headers["etag"] != first.headers["etag"]
    assert not first.headers["etag"].startswith("W/")
    assert "etag" not in client.get("/nowhere").headers


@pytest.mark.parametrize(
    "path", ["/", "/entities/veltrine.ttl", "/sparql?query=ASK%7B%7D", "/export/graph.nq", "/metrics"]
)
def test_head_gives_the_headers_of_get_and_no_body(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


def test_options_tell_what_is_allowed(client: TestClient) -> None:
    assert "POST" in client.options("/sparql").headers["allow"]
    assert "POST" not in client.options("/entities").headers["allow"]


def test_requests_are_logged_in_one_line_without_their_query(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="claimgraph.access"):
        client.get("/search?q=my-secret")
    line = json.loads(caplog.records[-1].message)
    assert (line["path"], line["status"], line["method"]) == ("/search", 200, "GET")
    assert line["query"] and "secret" not in caplog.text
    assert datetime.fromisoformat(line["time"]).utcoffset() == timedelta(0)


def test_metrics_count_requests(client: TestClient) -> None:
    def count() -> float:
        found = re.search(r'claimgraph_requests_total\{status="404"\} ([\d.]+)', client.get("/metrics").text)
        return float(found[1]) if found else 0

    before = count()
    client.get("/nowhere")
    assert count() == before + 1


def test_repeated_questions_are_answered_from_memory(client: TestClient) -> None:
    cached = client.app.state.service.acquire()  # type: ignore[attr-defined]
    client.get("/queries/figures")
    before = cached.store.hits
    client.get("/queries/figures?page=1")
    assert cached.store.hits > before
    client.app.state.service.release(cached)  # type: ignore[attr-defined]


def test_a_repeated_request_is_answered_as_the_first_was_with_a_number_of_its_own(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="claimgraph.access"):
        first, again = client.get("/claims?act=questions"), client.get("/claims?act=questions")
        client.get("/claims?act=questions", headers={"Accept": "text/csv"})
    own = {"x-request-id", "date"}
    assert again.content == first.content
    assert {k: v for k, v in again.headers.items() if k not in own} == {
        k: v for k, v in first.headers.items() if k not in own
    }
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    before, after, other = lines_of(caplog)
    assert {k: after[k] for k in ("query", "rows", "bytes", "status")} == {
        k: before[k] for k in ("query", "rows", "bytes", "status")
    }
    assert (before["outcome"], after["outcome"], other["status"]) == ("answered", "remembered", 200)
    assert client.head("/claims?act=questions").content == b""
    known = {"If-None-Match": first.headers["etag"]}
    assert client.get("/claims?act=questions", headers=known).status_code == 304
    other_host = client.get("/claims?act=questions", headers={"Host": "evil.example"})
    assert other_host.status_code == 403


def test_what_is_asked_for_again_and_again_is_still_looked_at(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    path = "/claims?act=denies"
    own = {"x-request-id", "date"}
    with caplog.at_level(logging.INFO, logger="claimgraph.access"):
        answers = [client.get(path) for _ in range(4)]
    told = [{k: v for k, v in answer.headers.items() if k not in own} for answer in answers]
    assert told == told[:1] * 4 and len({answer.headers["x-request-id"] for answer in answers}) == 4
    assert [answer.content for answer in answers] == [answers[0].content] * 4
    lines = lines_of(caplog)
    assert [line["outcome"] for line in lines] == ["answered", "remembered", "remembered", "remembered"]
    assert {(line["status"], line["bytes"], line["rows"]) for line in lines} == {
        (200, len(answers[0].content), lines[0]["rows"])
    }
    hits, requests = "claimgraph_cache_hits_total", 'claimgraph_requests_total{status="200"}'
    before = metric(client, hits), metric(client, requests)
    client.get(path)
    assert metric(client, hits) == before[0] + 1
    assert metric(client, requests) > before[1] + 1
    assert client.get(path, headers={"Origin": "http://elsewhere.example"}).status_code == 403
    mine = client.get(path, headers={"Origin": "http://localhost:3000"})
    assert mine.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "access-control-allow-origin" not in client.get(path).headers
    assert client.get(path, headers={"If-None-Match": answers[0].headers["etag"]}).status_code == 304
    assert client.get(path, headers={"X-Long": "x" * 40_000}).status_code == 431
    assert client.head(path).content == b""


def test_nothing_but_whole_answers_from_a_build_is_kept(client: TestClient) -> None:
    shelf = client.app.state.service.acquire().shelf  # type: ignore[attr-defined]
    for path in ("/health", "/nowhere", "/static/style.css", "/metrics", "/export/graph.nq", "/sparql?query=SELEC"):
        client.get(path)
        client.post("/sparql", data={"query": "ASK {}"})
        assert not [key for key in shelf.kept if f"{key[0]}?{key[1].decode()}".rstrip("?") == path]
        assert not [key for key in shelf.kept if key[0] == "/sparql" and not key[1]]


def test_the_shelf_drops_what_was_not_asked_for_longest() -> None:
    shelf = Shelf(max_bytes=3 * 3000, max_answer=1000)
    keys: list[Key] = [(f"/{n}", b"", "http", "", "") for n in range(5)]
    for key in keys[:3]:
        shelf.keep(key, Prepared({}, bytes(900), Sighting()))
    assert shelf.find(keys[0])
    shelf.keep(keys[3], Prepared({}, bytes(900), Sighting()))
    assert [shelf.find(key) is not None for key in keys] == [True, False, True, True, False]
    shelf.keep(keys[4], Prepared({}, bytes(1001), Sighting()))
    assert shelf.find(keys[4]) is None


@pytest.fixture(scope="module")
def address(built: tuple[Settings, Build]) -> Iterator[tuple[str, int]]:
    """A real server, with a short patience for headers and bodies, and few connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    code = "import api.server as s, api.routes.sparql as q; s.HEADER_SECONDS = q.BODY_SECONDS = 2"
    code += f"; s.MAX_CONNECTIONS = 150; s.run('127.0.0.1', {port})"
    import os

    env = {**os.environ, "KG_BUILDS": str(built[0].builds), "KG_WORKERS": "1", "KG_SOURCES": ""}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield "127.0.0.1", port
        process.kill()


def ask(address: tuple[str, int], request: bytes, wait: float = 5) -> bytes:
    with socket.create_connection(address, timeout=wait) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
            if b"\r\n\r\n" in answer and b"HTTP/1.1 4" in answer:
                break
    return answer


def test_a_connection_whose_headers_do_not_come_is_closed_and_others_are_served(address: tuple[str, int]) -> None:
    idle = [socket.create_connection(address) for _ in range(100)]
    for one in idle:
        one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    good = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    assert b"200 OK" in ask(address, good)
    for one in idle:
        one.settimeout(10)
        assert one.recv(100) == b"", "closed by the server"
        one.close()
    assert b"200 OK" in ask(address, good)


def test_the_clock_for_headers_starts_anew_after_each_answer(address: tuple[str, int]) -> None:
    client = http.client.HTTPConnection(*address, timeout=10)
    for _ in range(2):
        client.request("GET", "/health")
        assert client.getresponse().read()
    client.sock.settimeout(0.2)
    for _ in range(100):
        try:
            client.sock.sendall(b"G")
            assert client.sock.recv(100) == b"", "closed by the server"
        except TimeoutError:
            continue
        except ConnectionError:
            pass
        client.close()
        return
    pytest.fail("a byte now and then kept a connection open")


def test_a_body_that_does_not_come_is_given_up(address: tuple[str, int]) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\n"
    answer = ask(address, head + b"Content-Length: 100000\r\n\r\nA", wait=10)
    assert answer.startswith(b"HTTP/1.1 408") and b"connection: close" in answer.lower()


def test_a_connection_too_many_is_told_to_come_again(address: tuple[str, int]) -> None:
    idle = [socket.create_connection(address) for _ in range(150)]
    good = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    answer = ask(address, good)
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 1" in answer.lower() and b"application/problem+json" in answer
    for one in idle:
        one.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_what_is_no_request_or_too_large_is_refused(address: tuple[str, int], request_: bytes) -> None:
    try:
        answer = ask(address, request_)
    except ConnectionError:
        answer = b"HTTP/1.1 4"
    assert answer.startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    "hostile", ["{" * 3000 + "}" * 3000, "?a ?b ?c . " * 200, "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"]
)
def test_hostile_queries_end_with_a_problem_and_the_server_lives(address: tuple[str, int], hostile: str) -> None:
    body = f"SELECT (COUNT(*) AS ?n) WHERE {{ {hostile} }}".encode()
    head = "POST /sparql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\n"
    head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    answer = ask(address, head.encode() + body, wait=30)
    assert re.match(rb"HTTP/1.1 (200|400|503)", answer)
    assert b"200 OK" in ask(address, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")


def test_listening_beyond_this_machine_needs_isolation(monkeypatch: pytest.MonkeyPatch) -> None:
    import api.server
    from kg.errors import SettingsError

    monkeypatch.setattr(api.server, "can_isolate", lambda: False)
    with pytest.raises(SettingsError, match="network"):
        api.server.run("0.0.0.0", 1)


def test_builds_are_swapped_under_load_without_dropping_or_mixing_a_request(settings: Settings) -> None:
    import threading

    from kg.build import build

    claims = settings.data / "sleep/calm-nights/claims.toml"
    text = claims.read_text()
    digests = [build(settings).digest]
    faults: list[str] = []
    seen: set[str] = set()
    done = threading.Event()
    with TestClient(create_app(settings), base_url=LOCAL) as client:

        def load() -> None:
            while not done.is_set():
                response = client.get("/claims?size=1")
                digest = response.headers.get("x-build-digest", "")
                if response.status_code != 200 or response.json()["build"] != digest:
                    faults.append(response.text[:200])
                seen.add(digest)

        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(3):
            claims.write_text(text.replace("may be released", f"may {number} be released"))
            digests.append(build(settings).digest)
            assert client.get("/health").json()["build"] == digests[-1]
        done.set()
        for thread in threads:
            thread.join()
    assert faults == []
    assert seen >= {digests[0], digests[-1]}


# What is seen of requests


def lines_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.message) for record in caplog.records if record.name == "claimgraph.access"]


def test_a_query_has_one_hash_however_it_was_sent_and_its_rows_are_counted(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    text = "SELECT ?c WHERE { ?c a <https://w3id.org/claimgraph/vocab#Claim> } LIMIT 7 # my-secret"
    with caplog.at_level(logging.INFO, logger="claimgraph.access"):
        for accept in ("application/json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values"):
            client.get("/sparql", params={"query": text}, headers={"Accept": accept})
        client.post("/sparql", data={"query": text})
        client.post("/sparql", content=text, headers={"Content-Type": "application/sparql-query"})
    seen = lines_of(caplog)
    assert {line["query"] for line in seen} == {hashlib.sha256(text.encode()).hexdigest()[:12]}
    assert [line["rows"] for line in seen] == [7] * 6
    assert [line["outcome"] for line in seen] == ["answered"] * 5 + ["remembered"], (
        "JSON by default is another question"
    )
    assert "my-secret" not in caplog.text


def test_lists_tell_their_rows_and_a_named_query_one_hash(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="claimgraph.access"):
        client.get("/claims?act=denies")
        client.get("/queries/claims?act=denies")
        client.get("/queries/claims.tsv?act=denies")
        client.get("/claims?act=asserts")
    seen = lines_of(caplog)
    assert [line["rows"] for line in seen[:3]] == [2, 2, 2]
    assert len({line["query"] for line in seen[:3]}) == 1
    assert seen[3]["query"] != seen[0]["query"]
    assert not any("name" in line for line in seen), "names and parameters are told of slow queries alone"


def test_slow_queries_are_warnings_with_the_name_of_ours_and_never_a_strangers_text(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "SLOW_SECONDS", 0.0)
    with caplog.at_level(logging.INFO, logger="claimgraph.access"):
        client.get("/claims?act=denies")
        client.get("/queries/search?words=my-secret")
        client.get("/sparql", params={"query": "ASK { ?my ?secret 1 }"})
    ours, words, stranger = lines_of(caplog)
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert (ours["name"], ours["parameters"]) == ("claims", {"act": "denies"})
    assert words["name"] == "search"
    assert words["parameters"] == {"words": hashlib.sha256(b"my-secret").hexdigest()[:12]}
    assert stranger["slow"] and stranger["query"] and "name" not in stranger
    assert "secret" not in caplog.text


@pytest.fixture(scope="module")
def narrow(built: tuple[Settings, Build]) -> Iterator[TestClient]:
    """A service with small limits."""
    small = replace(built[0], deadline=1.0, max_result=1, workers=1)
    with TestClient(create_app(small), base_url=LOCAL) as made:
        yield made


RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
LONG = "SELECT (CONCAT(STR(?a), STR(?c), STR(?d)) AS ?z) WHERE { ?a ?b ?c . ?d ?e ?f } LIMIT 20000"


def metric(client: TestClient, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} ([\d.e+]+)$", client.get("/metrics").text, re.M)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize(
    ("query", "status", "limit"),
    [
        (RUNAWAY, 503, "deadline"),
        ("ASK { " + "{" * 3000 + "}" * 3000 + " }", 503, "memory or stack"),
        (LONG, 422, "result size"),
    ],
)
def test_a_broken_limit_is_named_in_problem_log_and_metrics(
    narrow: TestClient, caplog: pytest.LogCaptureFixture, query: str, status: int, limit: str
) -> None:
    counted, replaced = f'claimgraph_queries_total{{outcome="{limit}"}}', "claimgraph_workers_replaced_total"
    before, workers = metric(narrow, counted), metric(narrow, replaced)
    with caplog.at_level(logging.INFO, logger="claimgraph.access"):
        response = narrow.post("/sparql", data={"query": query})
    assert response.status_code == status, response.text
    assert response.json()["limit"] == limit
    assert "retry-after" not in response.headers, "to ask again is of no use"
    assert lines_of(caplog)[0]["outcome"] == limit
    assert metric(narrow, counted) == before + 1
    assert metric(narrow, replaced) == workers + (status == 503)


def test_who_finds_all_workers_at_work_is_told_to_come_back(narrow: TestClient) -> None:
    narrow.get("/health")
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda n: narrow.post("/sparql", data={"query": f"{RUNAWAY} # {n}"}), range(3)))
    busy = [r for r in found if r.json()["limit"] == "busy"]
    assert busy
    assert {(r.status_code, r.headers["retry-after"]) for r in busy} == {(503, "1")}
    assert metric(narrow, "claimgraph_queries_waiting") == metric(narrow, "claimgraph_queries_under_way") == 0


def test_answers_from_memory_are_counted(client: TestClient) -> None:
    client.get("/queries/counts")
    hits, remembered = "claimgraph_cache_hits_total", 'claimgraph_queries_total{outcome="remembered"}'
    before = metric(client, hits), metric(client, remembered)
    client.get("/queries/counts")
    assert metric(client, hits) > before[0]
    assert metric(client, hits) - before[0] == metric(client, remembered) - before[1]


def test_health_tells_the_store_and_is_a_problem_without_one(settings: Settings) -> None:
    from kg.build import build

    digest = build(settings).digest
    current = settings.builds / "current"
    with TestClient(create_app(settings), base_url=LOCAL) as client:
        well = client.get("/health")
        assert (well.json()["store"], well.json()["build"]) == ("open", digest)
        assert well.headers["cache-control"] == "no-store"
        assert "etag" not in well.headers
        target = current.readlink()
        current.unlink()
        ill = client.get("/health")
        assert (ill.status_code, ill.headers["retry-after"]) == (503, "1")
        assert "kg build" in ill.json()["detail"]
        current.symlink_to(target)
        assert client.get("/health").status_code == 200


def test_strangers_are_not_told_where_the_builds_are(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    from kg.build import build

    build(settings)
    with TestClient(create_app(replace(settings, hosts=("graph.example",))), base_url="http://graph.example") as client:
        (settings.builds / "current").unlink()
        response = client.get("/entities")
    assert response.status_code == 503
    assert str(settings.builds) not in response.text
    assert str(settings.builds) in caplog.text


def test_a_fault_of_the_service_is_a_problem_with_all_headers(
    built: tuple[Settings, Build], caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(built[0])

    def fail(request: Request) -> None:
        raise ZeroDivisionError

    app.router.routes.insert(0, Route("/fault", fail))
    with TestClient(app, base_url=LOCAL) as client:
        response = client.get("/fault")
        assert response.status_code == 500
        assert response.json()["status"] == 500
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-request-id"] in caplog.text
        assert "ZeroDivisionError" in caplog.text
        assert "ZeroDivisionError" not in response.text


# Pages of other sites, and what is kept


ROUTES = [
    "/",
    "/health",
    "/queries",
    "/entities",
    "/entities/veltrine",
    "/sparql?query=ASK%7B%7D",
    "/compare",
    "/shapes",
    "/metrics",
]
ROUTES += ["/export/graph.nq", "/static/style.css", "/openapi.json", "/.well-known/void", "/validation", "/ontology"]


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_knows_head_and_options_and_tells_methods(client: TestClient, path: str) -> None:
    get, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.headers.get("etag") == get.headers.get("etag")
    allowed = "GET, HEAD, POST, OPTIONS" if path.startswith("/sparql") else "GET, HEAD, OPTIONS"
    options = client.options(path)
    assert (options.status_code, options.headers["allow"]) == (204, allowed)
    for method in ("PUT", "DELETE", "PATCH"):
        refused = client.request(method, path)
        assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["detail"] == f"{method} is not answered here; there are {allowed}"


@pytest.mark.parametrize("origin", ["null", "", "file://", "http://evil.example", "http://127.0.0.1.evil.example"])
def test_a_page_from_nowhere_is_a_page_from_elsewhere(client: TestClient, origin: str) -> None:
    for response in (
        client.get("/health", headers={"Origin": origin}),
        client.options("/sparql", headers={"Origin": origin}),
    ):
        assert response.status_code == 403
        assert "access-control-allow-origin" not in response.headers


def test_pages_of_this_machine_may_read_answers(client: TestClient) -> None:
    response = client.get("/health", headers={"Origin": "http://localhost:3000"})
    assert response.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize("origin", ["null", "http://other.example"])
def test_an_open_service_lets_any_page_send_any_header(built: tuple[Settings, Build], origin: str) -> None:
    public = replace(built[0], hosts=("graph.example",))
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-foo, accept",
    }
    with TestClient(create_app(public), base_url="http://graph.example") as opened:
        told = opened.options("/sparql", headers=asked)
        assert told.status_code == 204
        assert told.headers["access-control-allow-origin"] == "*"
        assert "POST" in told.headers["access-control-allow-methods"]
        assert "*" in told.headers["access-control-allow-headers"].split(", ")
        assert "access-control-allow-credentials" not in told.headers
        for response in (
            opened.get("/health", headers={"Origin": origin}),
            opened.get("/nowhere", headers={"Origin": origin}),
        ):
            assert response.headers["access-control-allow-origin"] == "*"
            assert "X-Build-Digest" in response.headers["access-control-expose-headers"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other",W/{} ', "*"])
def test_a_tag_is_known_in_lists_and_when_weakened(client: TestClient, form: str) -> None:
    tag = client.get("/entities/veltrine").headers["etag"]
    again = client.get("/entities/veltrine", headers={"If-None-Match": form.format(tag)})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert "Accept" in again.headers["vary"]
    assert client.head("/entities/veltrine", headers={"If-None-Match": form.format(tag)}).status_code == 304


@pytest.mark.parametrize("path", ["/entities", "/entities/veltrine", "/sparql", "/.well-known/void"])
def test_tags_differ_by_format_and_address(client: TestClient, path: str) -> None:
    accepted = ["application/ld+json", "text/turtle", "application/n-triples", "application/rdf+xml", "text/html"]
    tags = {client.get(path, headers={"Accept": accept}).headers["etag"] for accept in accepted}
    assert len(tags) == len(accepted)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/queries",
        "/queries/counts",
        "/queries/counts.tsv",
        "/entities",
        "/entities/veltrine.ttl",
        "/compare",
        "/sparql",
        "/sparql?query=ASK%7B%7D",
        "/nowhere",
    ],
)
def test_what_is_negotiated_says_so(client: TestClient, path: str) -> None:
    assert "Accept" in client.get(path).headers["vary"]


def test_posted_queries_have_no_tag(client: TestClient) -> None:
    posted = client.post("/sparql", data={"query": "ASK {}"}, headers={"If-None-Match": "*"})
    assert posted.status_code == 200
    assert "etag" not in posted.headers


def test_tables_for_spreadsheets_hold_no_formulas() -> None:
    from api.answers import to_csv

    cells = ["=1", "+1", "-1", "@a", "\ta", "\ra", "\na", "＝1", "a=1", "", -1]
    rows = list(csv.reader(io.StringIO(to_csv([cells]), newline="")))
    assert [cell[:1] == "'" for cell in rows[0]] == [True] * 8 + [False] * 3


@pytest.mark.parametrize(
    ("given", "host"),
    [("Graph.Example.org", "graph.example.org"), ("graph.example:8180", "graph.example"), ("[::1]:80", "[::1]")],
)
def test_names_of_hosts_are_read_as_they_are_compared(given: str, host: str) -> None:
    assert Settings.from_environment({"KG_HOSTS": f"{given}, *"}).hosts == (host, "*")
