"""Answers that are ready: a build never changes, so what was answered once holds for the same request to it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from api.outgoing import deliver
from api.sightings import REMEMBERED, Sighting

#: All that an answer from a build depends on: path, query, scheme, host, and what the client accepts.
Key = tuple[str, bytes, str, str, str]
#: Bytes that an answer takes besides its body and its address.
_EACH = 2048


@dataclass
class Prepared:
    """An answer as a route gave it, before anything of its request was added; and what was noted of it."""

    start: Message
    body: bytes
    seen: Sighting
    #: All headers that went out with it, but for the number of the request, once it was sent to a plain request.
    dressed: list[tuple[bytes, bytes]] | None = None

    async def send(self, send: Send, seen: Sighting) -> None:
        """Answer with it once more."""
        self._note(seen)
        await send({**self.start, "headers": list(self.start["headers"])})
        await send({"type": "http.response.body", "body": self.body})

    async def send_dressed(self, send: Send, seen: Sighting) -> None:
        """Answer a plain request with it as it went out before: making its headers again takes longer than the rest."""
        self._note(seen)
        seen.status, seen.started, seen.sent = 200, True, len(self.body)
        headers = [*(self.dressed or ()), (b"x-request-id", seen.request.encode())]
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        await deliver({"type": "http.response.body", "body": self.body}, send, start)

    def _note(self, seen: Sighting) -> None:
        seen.query, seen.name, seen.parameters = self.seen.query, self.seen.name, self.seen.parameters
        seen.rows, seen.outcome = self.seen.rows, REMEMBERED if self.seen.outcome else ""


class Shelf:
    """The answers of one build that were asked for last, bounded in the bytes that they take."""

    def __init__(self, max_bytes: int = 1 << 25, max_answer: int = 1 << 19) -> None:
        self._max_bytes, self._max_answer = max_bytes, max_answer
        self._answers: OrderedDict[Key, Prepared] = OrderedDict()
        self._bytes = 0

    @property
    def kept(self) -> list[Key]:
        """What there are answers to, the next to be dropped first."""
        return list(self._answers)

    def find(self, key: Key) -> Prepared | None:
        """Return the answer to a request, if it is there."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def keep(self, key: Key, answer: Prepared) -> None:
        """Keep an answer, and drop those that were not asked for longest."""
        if len(answer.body) > self._max_answer or key in self._answers:
            return
        self._answers[key] = answer
        self._bytes += _size(key, answer)
        while self._bytes > self._max_bytes:
            self._bytes -= _size(*self._answers.popitem(last=False))

    def keep_what_passes(self, scope: Scope, key: Key, seen: Sighting, send: Send) -> Send:
        """Return a send that keeps the answer which passes through it, if it is whole and made from a build."""
        begun: Message | None = None

        async def kept(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                may_keep = "digest" in scope["state"] and _may_keep(message)
                begun = {**message, "headers": list(message["headers"])} if may_keep else None
            elif message["type"] == "http.response.body" and begun is not None:
                if not message.get("more_body", False):
                    self.keep(key, Prepared(begun, message.get("body", b""), seen))
                begun = None
            await send(message)

        return kept


def make_key(scope: Scope, headers: Headers) -> Key:
    """Return what the answer to a request depends on."""
    asked = headers.get("host", ""), headers.get("accept", "")
    return (scope["path"], scope.get("query_string", b""), scope["scheme"], *asked)


def _may_keep(start: Message) -> bool:
    found = Headers(raw=start["headers"])
    return start["status"] == 200 and "set-cookie" not in found and "no-store" not in found.get("cache-control", "")


def _size(key: Key, answer: Prepared) -> int:
    return len(answer.body) + sum(map(len, key)) + _EACH
