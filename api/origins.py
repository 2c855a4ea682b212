"""Who may ask from where: hosts and origins that are answered, methods of a path, and what browsers are told."""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Scope

#: Host names for "any".
ANY = ("*",)
_LOCAL = {"localhost", "127.0.0.1", "[::1]"}
#: What is watched from this machine, by its own names, also where the service has another.
_WATCHED = {"/health", "/metrics"}
#: What pages of other sites may read of an answer's headers.
_EXPOSED = "ETag, Link, Retry-After, X-Build-Digest, X-Request-Id"


def refuse_origin(hosts: Collection[str], headers: Headers, path: str = "") -> str:
    """Say why a request is not answered: it asks another host, or for a page of elsewhere (DNS rebinding)."""
    host = name_host(headers.get("host", ""))
    if tuple(hosts) != ANY and host not in hosts and not (host in _LOCAL and path in _WATCHED):
        return f"this service does not answer to the host name {host!r}; KG_HOSTS names those it answers to"
    origin = headers.get("origin")
    if origin is not None and is_local(hosts) and name_host(origin.partition("://")[2]) not in hosts:
        return "this service answers to pages of this machine alone; KG_HOSTS opens it"
    return ""


def tell_origin(found: MutableHeaders, hosts: Collection[str], headers: Headers) -> None:
    """Tell a browser which pages may read an answer: all when the service is open, else those of this machine."""
    origin = headers.get("origin")
    if is_local(hosts):
        found.add_vary_header("Origin")
        if origin is None or refuse_origin(hosts, headers):
            return
    found["Access-Control-Allow-Origin"] = origin if origin and is_local(hosts) else "*"
    found["Access-Control-Expose-Headers"] = _EXPOSED


def answer_options(scope: Scope) -> Response:
    """Tell what a path allows; no header of a page of another site is refused, since none has a meaning here."""
    allowed = list_methods(scope)
    told = {
        "Allow": allowed,
        "Access-Control-Allow-Methods": allowed,
        "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match, *",
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers=told)


def list_methods(scope: Scope) -> str:
    """Return the methods that the path of a request knows, as the header Allow has them."""
    routes: list[BaseRoute] = scope["app"].router.routes
    methods = ["GET", "HEAD"]
    asked = {**scope, "method": "POST"}
    if any(r.matches(asked)[0] is Match.FULL for r in routes if not isinstance(r, Mount)):
        methods.append("POST")
    return ", ".join([*methods, "OPTIONS"])


def name_host(authority: str) -> str:
    """Return the host of an authority, without its port.

    >>> name_host("localhost:8000"), name_host("[::1]:8000")
    ('localhost', '[::1]')
    """
    host, bracket, _ = authority.partition("]")
    return host + "]" if bracket else authority.partition(":")[0].lower()


def is_local(hosts: Collection[str]) -> bool:
    """Tell whether a service answers to names of this machine alone."""
    return set(hosts) <= _LOCAL
