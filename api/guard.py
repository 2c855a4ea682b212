"""What every request passes: limits, host and origin, security headers, entity tags, one line in the log, metrics."""

from __future__ import annotations

import re
import time
from urllib.parse import unquote_to_bytes

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import sightings
from api.deps import Service
from api.origins import answer_options, list_methods, refuse_origin, tell_origin
from api.outgoing import PIECE, UNTOLD, Outgoing, deliver
from api.prepared import Prepared, make_key
from api.problems import FAULTS, problem
from api.sightings import REMEMBERED, Sighting
from api.tags import tag_answer
from kg.errors import LimitError

#: Bytes that an address, and all headers together, may have.
MAX_ADDRESS, MAX_HEADERS = 32 * 1024, 32 * 1024
#: What of an address may be no UTF-8.
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]|%[89A-Fa-f]")
#: Headers that turn an answer.
_TURNING = {b"origin", b"if-none-match"}
#: The header with the number of a request.
_NUMBER = b"x-request-id"
#: The status, in the log alone, of a request whose client left before it was answered.
_GONE = 499
_SECURITY = {
    b"content-security-policy": b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
}


class Guard:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app = app
        self.service = service
        self.hosts = service.settings.hosts
        #: What an answer depends on besides the build.
        self.setting = repr(service.settings.sources)
        self.metrics = service.metrics
        self.outgoing = Outgoing()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        headers, started, seen = Headers(scope=scope), time.perf_counter(), sightings.begin()
        opened = self.service.peek() if scope["method"] == "GET" else None
        ready = opened.shelf.find(make_key(scope, headers)) if opened is not None else None

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._hold(message, seen)
                seen.status, seen.started = message["status"], True
                self._dress(message, scope, headers, seen)
                if ready is not None and message["status"] == 200 and _is_plain(scope):
                    ready.dressed = [(n, value) for n, value in message["headers"] if n != _NUMBER]
            elif message["type"] == "http.response.body":
                message = {**message, "body": b""} if scope["method"] == "HEAD" else message
                seen.sent += len(message.get("body", b""))
            await deliver(message, send)

        try:
            if ready is not None and ready.dressed is not None and _is_plain(scope):
                # All else that it depends on is in its key, and was looked at when it was first asked for.
                await self._repeat(ready, send, seen)
            else:
                await self._route(scope, receive, answer, headers, seen)
        except LimitError as error:
            await problem(Request(scope), 503, str(error), {"Retry-After": "1"})(scope, receive, answer)
        except ClientDisconnect:
            seen.status = _GONE
        except Exception:
            FAULTS.exception("request %s failed", seen.request)
            if seen.started:
                raise
            failed = problem(Request(scope), 500, "the service failed on this request; its log tells more")
            await failed(scope, receive, answer)
        finally:
            self.outgoing.let_go(seen.held)
            seconds = time.perf_counter() - started
            self.metrics.requests.labels(str(seen.status)).inc()
            self.metrics.seconds.observe(seconds)
            seen.write(scope["method"], scope["path"], scope.get("query_string", b""), seconds)

    async def _route(self, scope: Scope, receive: Receive, send: Send, headers: Headers, seen: Sighting) -> None:
        status, refusal = _refuse_size(scope)
        if not refusal:
            status, refusal = 403, refuse_origin(self.hosts, headers, scope["path"])
        if refusal:
            await problem(Request(scope), status, refusal)(scope, receive, send)
        elif scope["path"] == "/metrics" and scope["method"] in ("GET", "HEAD"):
            await Response(self.metrics.text(), media_type="text/plain; version=0.0.4")(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await answer_options(scope)(scope, receive, send)
        else:
            if scope["method"] == "HEAD":
                scope = {**scope, "method": "GET"}
            await self._answer(scope, receive, tag_answer(scope, send, headers, self.setting), headers, seen)

    async def _repeat(self, ready: Prepared, send: Send, seen: Sighting) -> None:
        """Answer as before."""
        if len(ready.body) > PIECE:
            self._make_room(len(ready.body), seen)
        await ready.send_dressed(send, seen)
        self._count(seen)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, headers: Headers, seen: Sighting) -> None:
        """Answer with what is ready for the build in service, or ask the application and keep what it says."""
        opened = self.service.peek() if scope["method"] == "GET" else None
        if opened is None:
            await self.app(scope, receive, send)
            return
        key = make_key(scope, headers)
        ready = opened.shelf.find(key)
        if ready is None:
            await self.app(scope, receive, opened.shelf.keep_what_passes(scope, key, seen, send))
            return
        scope["state"]["digest"] = opened.build.digest
        await ready.send(send, seen)
        self._count(seen)

    def _count(self, seen: Sighting) -> None:
        """Count an answer that was ready as that of a query, if it is one."""
        if seen.outcome:
            self.metrics.hits.inc()
            self.metrics.queries.labels(REMEMBERED).inc()

    def _hold(self, message: Message, seen: Sighting) -> None:
        """Make room for a large answer, or refuse it before its first byte: slow readers must not fill the memory."""
        told = Headers(raw=message["headers"]).get("content-length")
        size = int(told) if told else UNTOLD if message["status"] == 200 else 0
        if size > PIECE:
            self._make_room(size, seen)

    def _make_room(self, size: int, seen: Sighting) -> None:
        if not self.outgoing.hold(size):
            raise LimitError("busy: too many large answers wait for their readers; try again in a moment")
        seen.held = size

    def _dress(self, message: Message, scope: Scope, headers: Headers, seen: Sighting) -> None:
        has = {name.lower() for name, _ in message["headers"]}
        message["headers"] = [*message["headers"], *((n, v) for n, v in _SECURITY.items() if n not in has)]
        found = MutableHeaders(scope=message)
        found["X-Request-Id"] = seen.request
        if digest := scope["state"].get("digest"):
            found["X-Build-Digest"] = digest
        if message["status"] == 405:
            found["Allow"] = list_methods(scope)
        tell_origin(found, self.hosts, headers)


def _is_plain(scope: Scope) -> bool:
    """Tell whether a request names nothing that its answer depends on besides the key of what is ready."""
    size, told = 0, set[bytes]()
    for name, value in scope["headers"]:
        size += len(name) + len(value)
        told.add(name)
    return size <= MAX_HEADERS and told.isdisjoint(_TURNING)


def _refuse_size(scope: Scope) -> tuple[int, str]:
    """Say why an address or headers are not read: too large, or no UTF-8, which would be guessed at further in."""
    address = scope.get("raw_path", b"") or scope["path"].encode()
    if len(address) + len(scope.get("query_string", b"")) > MAX_ADDRESS:
        return 414, f"the address is over {MAX_ADDRESS} bytes; post the query instead"
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
        return 431, f"the headers are over {MAX_HEADERS} bytes"
    whole = address + b"?" + scope.get("query_string", b"")
    try:
        if _BEYOND_ASCII.search(whole):  # unquoting takes as long as a small query
            unquote_to_bytes(whole).decode("utf-8")
    except UnicodeDecodeError:
        return 400, "the address is not UTF-8"
    return 200, ""
