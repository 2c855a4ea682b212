"""Entity tags: a build never changes, so what an answer is made from makes a strong tag; who has it gets 304."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Scope, Send

_ROOT = Path(__file__).parents[1]
#: Where the files stand that make answers from a build; the sources of scripts are not among them.
_PLACES = (
    "api/*.py",
    "api/routes/*.py",
    "api/pages/*.py",
    "api/templates/*",
    "api/static/**/*.json",
    "kg/**/*.py",
    "kg/**/*.rq",
)
#: What a 304 does not say.
_OF_BODY = ("content-length", "content-type")


@cache
def program_digest() -> str:
    """Return a digest of the files that make answers from a build: another version may answer otherwise."""
    files = sorted(f for place in _PLACES for f in _ROOT.glob(place) if f.is_file())
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def tag_answer(scope: Scope, send: Send, headers: Headers, setting: str = "") -> Send:
    """Return a send that tags what is made from a build, and answers 304 to who has it already.

    The tag names the build, the program, the address, the format, and each header by which the answer varies.
    """
    unchanged = False
    scope["state"]["setting"] = setting

    async def tagged(message: Message) -> None:
        nonlocal unchanged
        if message["type"] == "http.response.start" and message["status"] == 200 and scope["method"] == "GET":
            found = MutableHeaders(scope=message)
            if scope["state"].get("digest") and "no-store" not in found.get("cache-control", ""):
                found["ETag"] = tag = _tag(scope, found, headers)
                # Kept, but asked for anew each time: the next build may answer otherwise.
                found.setdefault("Cache-Control", "no-cache")
                if is_known(tag, headers.getlist("if-none-match")):
                    unchanged = True
                    kept = [(n, value) for n, value in message["headers"] if n.lower().decode() not in _OF_BODY]
                    message = {**message, "status": 304, "headers": kept}
        elif unchanged and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return tagged


def answer_unchanged(request: Request, found: Headers) -> Response | None:
    """Return the 304 to a client that names the tag of these headers, so that the body need not be made.

    A star names none: whether there is anything to answer with may not be known yet.
    """
    tag, asked = _tag(request.scope, found, request.headers), request.headers.getlist("if-none-match")
    if "*" in asked or not is_known(tag, asked):
        return None
    kept = {name: value for name, value in found.items() if name not in _OF_BODY}
    return Response(status_code=304, headers={**kept, "ETag": tag, "Cache-Control": "no-cache"})


def _tag(scope: Scope, found: Headers, asked: Headers) -> str:
    varying = sorted(name.strip().lower() for name in found.get("vary", "").split(",") if name.strip())
    key = (
        scope["state"]["digest"] + scope["state"]["setting"],
        program_digest(),
        scope["path"],
        scope.get("query_string", b"").decode("latin-1"),
        found.get("content-type", ""),
        # The type tells already what Accept came to.
        [(name, asked.get(name, "")) for name in varying if name not in ("accept", "origin")],
    )
    return f'"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}"'


def is_known(tag: str, asked: list[str]) -> bool:
    """Tell whether If-None-Match names a tag, among others or weakened by a proxy that packed the answer.

    >>> is_known('"a"', ['"b", W/"a"']), is_known('"a"', ["*"]), is_known('"a"', ['"b"'])
    (True, True, False)
    """
    names = [name.strip().removeprefix("W/") for line in asked for name in line.split(",")]
    return tag in names or "*" in names
