"""Large answers: in pieces, bounded together, and not for those who do not read."""

import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.testclient import TestClient

from api import outgoing
from api.guard import Guard
from api.metrics import Metrics
from api.outgoing import PIECE, Outgoing, deliver
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

    with pytest.raises(ClientDisconnect):
        asyncio.run(deliver({"type": "http.response.body", "body": bytes(PIECE + 1)}, send))


def test_large_answers_are_bounded_together_and_room_is_given_back() -> None:
    guard = Guard(Response(bytes(4 * PIECE)), Settings(), Metrics())
    guard.outgoing = Outgoing(6 * PIECE)
    client = TestClient(guard, base_url="http://127.0.0.1")
    assert client.get("/").status_code == 200
    assert guard.outgoing.held == 0, "what was read is given back"
    guard.outgoing.hold(4 * PIECE)
    refused = client.get("/")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert "large answers" in refused.json()["detail"]
    assert guard.outgoing.held == 4 * PIECE
