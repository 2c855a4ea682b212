"""What every request passes: host and origin, security headers, entity tags, one line in the log, metrics."""

from __future__ import annotations

import hashlib
import json
import logging
import time
import uuid
from collections.abc import Iterable
from http import HTTPStatus

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.settings import Settings

LOG = logging.getLogger("claimgraph.access")
SLOW_SECONDS = 2.0
#: Bytes that an address, and all headers together, may have.
MAX_ADDRESS, MAX_HEADERS = 32 * 1024, 32 * 1024
_SECURITY = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_ANY = ("*",)


class Metrics:
    """Counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("claimgraph_requests", "Requests answered", ["status"], registry=self.registry)
        self.seconds = Histogram("claimgraph_request_seconds", "Seconds to answer", registry=self.registry)

    def text(self) -> bytes:
        """Return all counters in the text format of Prometheus."""
        return generate_latest(self.registry) + generate_latest(REGISTRY)


class Guard:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.hosts = settings.hosts
        self.metrics = Metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        headers, started, request = Headers(scope=scope), time.perf_counter(), uuid.uuid4().hex[:12]
        seen: dict[str, int] = {"status": 500, "bytes": 0}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                self._dress(message, scope, headers, request)
            elif message["type"] == "http.response.body":
                seen["bytes"] += len(message.get("body", b""))
            await send(message)

        try:
            await self._route(scope, receive, answer, headers)
        finally:
            self._note(scope, seen, time.perf_counter() - started, request)

    async def _route(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        status, refusal = self._refuse(scope, headers)
        if refusal:
            body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": refusal}
            await JSONResponse(body, status, media_type="application/problem+json")(scope, receive, send)
        elif scope["path"] == "/metrics" and scope["method"] in ("GET", "HEAD"):
            await Response(self.metrics.text(), media_type="text/plain; version=0.0.4")(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            allowed = "GET, HEAD, POST, OPTIONS" if scope["path"] == "/sparql" else "GET, HEAD, OPTIONS"
            preflight = {"Allow": allowed, "Access-Control-Allow-Methods": allowed, "Access-Control-Max-Age": "86400"}
            preflight |= {"Access-Control-Allow-Headers": "Accept, Content-Type"}
            await Response(status_code=204, headers=preflight)(scope, receive, send)
        else:
            if scope["method"] == "HEAD":
                scope = {**scope, "method": "GET"}
                send = _without_body(send)
            await self.app(scope, receive, _conditional(scope, send, headers))

    def _refuse(self, scope: Scope, headers: Headers) -> tuple[int, str]:
        """Say why a request is not served: too large, another host's name, a page of another origin (DNS rebinding)."""
        if len(scope["path"]) + len(scope.get("query_string", b"")) > MAX_ADDRESS:
            return 414, f"the address is over {MAX_ADDRESS} bytes; post the query instead"
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
            return 431, f"the headers are over {MAX_HEADERS} bytes"
        if self.hosts == _ANY:
            return 200, ""
        host = _name(headers.get("host", ""))
        if host not in self.hosts:
            return 403, f"this service does not answer to the host name {host!r}; KG_HOSTS names those it answers to"
        origin = headers.get("origin")
        if origin is not None and _name(origin.partition("://")[2]) not in self.hosts and _is_local(self.hosts):
            return 403, "this service answers to pages of this machine alone; KG_HOSTS opens it"
        return 200, ""

    def _dress(self, message: Message, scope: Scope, headers: Headers, request: str) -> None:
        found = MutableHeaders(scope=message)
        for name, value in _SECURITY.items():
            found.setdefault(name, value)
        found["X-Request-Id"] = request
        if digest := scope["state"].get("digest"):
            found["X-Build-Digest"] = digest
        if not _is_local(self.hosts):
            found["Access-Control-Allow-Origin"] = "*"

    def _note(self, scope: Scope, seen: dict[str, int], seconds: float, request: str) -> None:
        """Write one line: the query only as a hash, since queries may hold what nobody else should read."""
        self.metrics.requests.labels(str(seen["status"])).inc()
        self.metrics.seconds.observe(seconds)
        query = scope.get("query_string", b"")
        line = {
            "request": request,
            "method": scope["method"],
            "path": scope["path"],
            "query": hashlib.sha256(query).hexdigest()[:12] if query else "",
            "status": seen["status"],
            "bytes": seen["bytes"],
            "ms": round(seconds * 1000, 1),
        }
        LOG.log(logging.WARNING if seconds > SLOW_SECONDS else logging.INFO, json.dumps(line))


def _name(authority: str) -> str:
    """Return the host of an authority, without its port.

    >>> _name("localhost:8000"), _name("[::1]:8000")
    ('localhost', '[::1]')
    """
    host, bracket, _ = authority.partition("]")
    return host + "]" if bracket else authority.partition(":")[0].lower()


def _is_local(hosts: Iterable[str]) -> bool:
    return set(hosts) <= {"localhost", "127.0.0.1", "[::1]"}


def _without_body(send: Send) -> Send:
    """Return a send that gives headers alone, as HEAD asks."""

    async def headers_only(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return headers_only


def _conditional(scope: Scope, send: Send, headers: Headers) -> Send:
    """Return a send that tags what is made from a build, and answers 304 to who has it already.

    A build never changes, so its digest, the address and the format make a strong tag.
    """
    unchanged = False

    async def tagged(message: Message) -> None:
        nonlocal unchanged
        if message["type"] == "http.response.start" and message["status"] == 200 and scope["method"] == "GET":
            found = MutableHeaders(scope=message)
            if digest := scope["state"].get("digest"):
                key = (
                    digest,
                    scope["path"],
                    scope.get("query_string", b"").decode("latin-1"),
                    found.get("content-type", ""),
                )
                found["ETag"] = tag = f'"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}"'
                asked = [one.strip() for one in headers.get("if-none-match", "").split(",")]
                if tag in asked or "*" in asked:
                    unchanged = True
                    dropped = (b"content-length", b"content-type")
                    kept = [(name, value) for name, value in message["headers"] if name.lower() not in dropped]
                    message = {**message, "status": 304, "headers": kept}
        elif unchanged:
            message = {**message, "body": b""}
        await send(message)

    return tagged
