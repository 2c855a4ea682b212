"""Entity tags: a build never changes, so what an answer is made from makes a strong tag; who has it gets 304."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
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

    async def tagged(message: Message) -> None:
        nonlocal unchanged
        if message["type"] == "http.response.start" and message["status"] == 200 and scope["method"] == "GET":
            found = MutableHeaders(scope=message)
            digest = scope["state"].get("digest")
            if digest and "no-store" not in found.get("cache-control", ""):
                found["ETag"] = tag = _tag(digest + setting, scope, found, headers)
                # Kept, but asked for anew each time: the next build may answer otherwise.
                found.setdefault("Cache-Control", "no-cache")
                if is_known(tag, headers.getlist("if-none-match")):
                    unchanged = True
                    dropped = (b"content-length", b"content-type")
                    kept = [(name, value) for name, value in message["headers"] if name.lower() not in dropped]
                    message = {**message, "status": 304, "headers": kept}
        elif unchanged and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return tagged


def _tag(made_from: str, scope: Scope, found: Headers, asked: Headers) -> str:
    varying = sorted(name.strip().lower() for name in found.get("vary", "").split(",") if name.strip())
    key = (
        made_from,
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
