"""Requests to a store elsewhere: bounded in time and size, never led on to another host, and told when they fail."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx

from kg.errors import LimitError, StoreError


class _Login(httpx.Auth):
    """The login of an address, given when it is asked for and in the way that is asked for: Virtuoso wants a digest."""

    requires_response_body = True

    def __init__(self, user: str, password: str) -> None:
        self._digest = httpx.DigestAuth(user, password)
        self._plain = httpx.BasicAuth(user, password)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Ask without the login, then as the answer wants it."""
        response = yield request
        if response.status_code == 401:
            wants_digest = response.headers.get("www-authenticate", "").lower().startswith("digest")
            yield from (self._digest if wants_digest else self._plain).auth_flow(request)


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def told(self) -> str:
        """The beginning of the text, for a message; of a problem in JSON (RFC 9457) its detail."""
        text = self.body.decode("utf-8", "replace")
        if self.media_type == "application/problem+json":
            with suppress(ValueError):
                problem = json.loads(text)
                text = str(problem.get("detail") or text) if isinstance(problem, dict) else text
        return " ".join(text.split())[:200]


class Exchange:
    """A place at an address, which may hold a login: `http://user:password@host/sparql`."""

    def __init__(self, address: str, timeout: float, max_bytes: int) -> None:
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise StoreError(f"{address!r} is no address: {error}") from error
        login = _Login(url.username, url.password) if url.username else None
        self._url = url.copy_with(userinfo=b"")
        self._timeout, self._max_bytes = timeout, max_bytes
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, auth=login, trust_env=False)

    def __str__(self) -> str:
        """Return the address without the login, as messages name it."""
        return str(self._url)

    def send(self, method: str, **request: Any) -> Reply:
        """Send a request; raise LimitError for an answer too late or too large, StoreError for none, or for a refusal.

        What the other side says of the request itself (400, 404, 500) is left to who asked.
        """
        until = time.monotonic() + self._timeout
        body = bytearray()
        try:
            with self._client.stream(method, self._url, **request) as response:
                for part in response.iter_bytes():
                    body += part
                    if len(body) > self._max_bytes:
                        raise LimitError(
                            f"result size: the answer is over {self._max_bytes >> 20} MiB; ask for less, or use LIMIT"
                        )
                    if time.monotonic() > until:
                        raise httpx.ReadTimeout("the answer did not end")
        except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
            raise LimitError(f"deadline: {self} took more than {self._timeout:g} seconds") from error
        except httpx.HTTPError as error:
            raise StoreError(f"{self} cannot be reached: {error}") from error
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        reply = Reply(response.status_code, media_type, bytes(body), response.headers)
        if reply.status in (401, 403):
            raise StoreError(f"{self} refused ({reply.status}): put a login into the address, http://user:password@...")
        if 300 <= reply.status < 400:
            raise StoreError(f"{self} leads on to {response.headers.get('location')}: name that if it is right")
        return reply

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
