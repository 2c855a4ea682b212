"""Large answers: in pieces, bounded together, and not for those who do not read."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from api import outgoing, server
from api.deps import Service
from api.guard import Guard
from api.outgoing import PIECE, UNTOLD, Outgoing, deliver
from kg.settings import Settings


def test_a_large_body_goes_in_pieces_and_whole() -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    body = bytes(range(256)) * 1000
    asyncio.run(deliver({"type": "http.response.body", "body": body}, send))
    assert b"".join(m["body"] for m in sent) == body
    assert max(len(m["body"]) for m in sent) == PIECE
    assert [m["more_body"] for m in sent] == [True] * (len(sent) - 1) + [False]


def test_who_does_not_read_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "PATIENCE", 0.05)

    async def send(message: Any) -> None:
        await asyncio.sleep(30)

    for size in (0, 1, PIECE, PIECE + 1):
        with pytest.raises(ClientDisconnect):
            asyncio.run(deliver({"type": "http.response.body", "body": bytes(size)}, send))


def test_answers_of_a_size_that_is_not_told_are_counted_too() -> None:
    guard = Guard(StreamingResponse(iter([b"a", b"b"])), Service(Settings()))
    guard.outgoing = Outgoing(UNTOLD)
    client = TestClient(guard, base_url="http://127.0.0.1")
    assert client.get("/").text == "ab"
    assert guard.outgoing.held == 0
    guard.outgoing.hold(1)
    assert client.get("/").status_code == 503
    assert guard.outgoing.held == 1


def test_large_answers_are_bounded_together_and_room_is_given_back() -> None:
    guard = Guard(Response(bytes(4 * PIECE)), Service(Settings()))
    guard.outgoing = Outgoing(6 * PIECE)
    client = TestClient(guard, base_url="http://127.0.0.1")
    assert client.get("/").status_code == 200
    assert guard.outgoing.held == 0, "what was read is given back"
    guard.outgoing.hold(4 * PIECE)
    refused = client.get("/")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert "large answers" in refused.json()["detail"]
    assert guard.outgoing.held == 4 * PIECE


PIECES = 200


async def pour(scope: Scope, receive: Receive, send: Send) -> None:
    """Send 12 MB, more than any buffer takes."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for left in reversed(range(PIECES)):
        await deliver({"type": "http.response.body", "body": bytes(PIECE), "more_body": left > 0}, send)


@contextmanager
def listen(app: Any) -> Iterator[tuple[uvicorn.Server, int]]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = uvicorn.Config(app, http=server.Impatient, lifespan="off", access_log=False, log_level="critical")
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [taken]})
        thread.start()
        yield running, taken.getsockname()[1]
        running.should_exit = True
        thread.join()


@pytest.mark.parametrize("taken", [0, (PIECES - 1) * PIECE], ids=["nothing", "all but the last"])
def test_the_connection_of_who_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.setattr(outgoing, "PATIENCE", 0.5)
    monkeypatch.setattr(server, "PATIENCE", 0.5)
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.5)
    with listen(pour) as (running, port), socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        read = 0
        while read <= taken:
            read += len(client.recv(PIECE))
        assert running.server_state.connections
        for _ in range(300):
            if not running.server_state.connections:
                break
            time.sleep(0.1)
        assert not running.server_state.connections
