"""Running the service: HTTP limits that uvicorn leaves open, and the word on isolation before it listens."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import ipaddress
import logging
import sys

import uvicorn
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.app import create_app
from api.deps import Service
from api.outgoing import PATIENCE
from kg.errors import SettingsError
from kg.stores.nursery import can_isolate

#: Seconds in which a request line and its headers must have come, after the connection or the answer before them.
HEADER_SECONDS = 10.0
#: Bytes that a request line and its headers may have.
MAX_HEADERS = 64 * 1024
MAX_CONNECTIONS = 512
#: The parameter M_ARENA_MAX of mallopt(3).
_ARENA_MAX = -8


class Impatient(H11Protocol):
    """The HTTP protocol of uvicorn, which closes a connection whose headers do not come in time, or that is too many.

    Uvicorn has a clock for connections that send nothing between two requests; the first byte stops it.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock with the connection."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self.app = turn_away
        self._given_up = False
        self._clock = self.loop.call_later(HEADER_SECONDS, self._look)

    def on_response_complete(self) -> None:
        """Start the clock anew for the next request."""
        self._clock.cancel()
        self._clock = self.loop.call_later(HEADER_SECONDS, self._look)
        super().on_response_complete()

    def _look(self) -> None:
        """Close a connection without a request under way; cut off who then does not read the rest of an answer.

        To close alone is to wait until all was read. A request under way whose connection is closing was given up.
        """
        waiting = self.cycle is None or self.cycle.response_complete
        if self._given_up or (self.transport.is_closing() and not waiting):
            self.transport.abort()
            return
        if waiting:
            self.transport.close()
            self._given_up = True
        self._clock = self.loop.call_later(PATIENCE if waiting else HEADER_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock with the connection."""
        self._clock.cancel()
        super().connection_lost(exc)


async def turn_away(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer that there are too many connections."""
    told = {
        "type": "about:blank", "title": "Service Unavailable", "status": 503, "limit": "busy",
        "detail": f"busy: {MAX_CONNECTIONS} connections are open; try again in a moment",
    }  # fmt: skip
    headers = {"Retry-After": "1", "Connection": "close"}
    await JSONResponse(told, 503, headers, "application/problem+json")(scope, receive, send)


def is_loopback(host: str) -> bool:
    """Tell whether an address is of this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _share_heaps() -> None:
    """Have glibc keep two heaps for all threads: with more, what large answers took piles up unused."""
    with contextlib.suppress(OSError, AttributeError, TypeError):  # another C library has no such setting
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)


def run(host: str, port: int) -> None:
    """Serve; raise SettingsError rather than listen beyond this machine while queries could reach the network."""
    _share_heaps()
    isolated = can_isolate()
    if not isolated and not is_loopback(host):
        raise SettingsError(
            f"query workers cannot be cut off from the network on this system, so {host} is not listened on; "
            "use 127.0.0.1, or a Linux that allows namespaces or seccomp"
        )
    logger = logging.getLogger("uvicorn.error")
    app = create_app()
    service: Service = app.state.service
    service.release(service.acquire())  # a broken build is told here, in one sentence
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=Impatient,
        h11_max_incomplete_event_size=MAX_HEADERS,
        timeout_keep_alive=5,
        server_header=False,
        access_log=False,
    )
    if not isolated:
        logger.warning("query workers are not cut off from the network on this system: only this machine is served")
    access = logging.getLogger("claimgraph.access")
    access.setLevel(logging.INFO)
    access.addHandler(logging.StreamHandler(sys.stdout))
    try:
        uvicorn.Server(config).run()
    except SystemExit as error:
        raise SettingsError(f"the service cannot listen on {host}:{port}; its log says why") from error
