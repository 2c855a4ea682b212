import json
import logging
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from api.app import create_app
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
        assert opened.get("/health", headers={"Host": "127.0.0.1"}).status_code == 403


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
    client.get("/queries/figures")
    assert cached.store.hits > before
    client.app.state.service.release(cached)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def address(built: tuple[Settings, Build]) -> Iterator[tuple[str, int]]:
    """A real server, with a short patience for headers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    code = f"import api.server as s; s.HEADER_SECONDS = 1; s.run('127.0.0.1', {port})"
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
    time.sleep(2)
    for one in idle:
        one.settimeout(2)
        assert one.recv(100) == b"", "closed by the server"
        one.close()
    assert b"200 OK" in ask(address, good)


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
