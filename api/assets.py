"""The static files, packed and kept by browsers; and the scripts and styles of the islands, found in the manifest.

The manifest is what the web build writes.

A template writes `{{ island("graph") }}` once, anywhere on the page; it yields the `<link>` and `<script>` of
`api/web/src/graph.js`, or nothing when the web build is missing, and the page works without. Islands:

    copy      <button data-copy="#id">: copies the text of that element
    docs      <div data-openapi="ADDRESS">: the documentation of the API
    graph     <div data-graph="ADDRESS or #ID of a <script type=application/json>">: draws nodes and edges
    htmx      hx-* attributes
    passage   <div data-passages>: links the marks of a text with the list of its claims
    sparql    <div data-sparql data-vocabulary="ADDRESS">: an editor in place of the textarea of the form that it holds;
              <div data-triples="ADDRESS" data-base="BASE">: draws N-Triples

The head of each source tells the form in full.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

BUILT = Path(__file__).with_name("static") / "built"
_ADDRESS = "/static/built/"
#: A file whose name has the hash of its content never changes; of others, ask each time.
_HASHED = re.compile(r"-[\w-]{8}\.\w+$")
_KEPT, _ASKED = "public, max-age=31536000, immutable", "no-cache"
#: What gets much smaller by packing.
_PACKED = {".css", ".js", ".json", ".svg", ".txt"}
_NO_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


class Assets(StaticFiles):
    """Static files; browsers keep what has a hash in its name, and get what packs well packed."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file, packed when that is understood and no part of it is asked for."""
        path, asked = Path(full_path), Headers(scope=scope)
        response = super().file_response(full_path, stat_result, scope, status_code)
        kept = {"Cache-Control": _KEPT if _HASHED.search(path.name) else _ASKED}
        if path.suffix in _PACKED:
            kept["Vary"] = "Accept-Encoding"
            accepted = asked.get("accept-encoding", "")
            packs = "gzip" in accepted and not _NO_GZIP.search(accepted) and "range" not in asked
            if packs and response.status_code == 200:
                # Another tag for other bytes.
                tag = response.headers["etag"].removesuffix('"') + '-gzip"'
                kept |= {"Content-Encoding": "gzip", "ETag": tag}
                body = pack_file(path, stat_result.st_mtime_ns)
                response = Response(body, status_code, media_type=response.headers.get("content-type"))
                if tag in [name.strip().removeprefix("W/") for name in asked.get("if-none-match", "").split(",")]:
                    response = NotModifiedResponse(response.headers)
        response.headers.update(kept)
        return response


@lru_cache(maxsize=64)
def pack_file(path: Path, written: int) -> bytes:
    """Return a file packed by gzip: once for as long as it stays as it was written."""
    return gzip.compress(path.read_bytes(), mtime=0)


def island(name: str) -> Markup:
    """Return the tags that load an island, or nothing when the web build is missing."""
    return tags(name, BUILT)


@cache
def tags(name: str, folder: Path) -> Markup:
    """Return the tags of the island in a folder that the web build wrote."""
    manifest = read_manifest(folder)
    entry = manifest.get(f"src/{name}.js")
    if entry is None:
        return Markup()
    styles = [Markup('<link rel="stylesheet" href="{}">').format(_ADDRESS + file) for file in entry.get("css", ())]
    script = Markup('<script type="module" src="{}"></script>').format(_ADDRESS + entry["file"])
    return Markup("\n").join([*styles, script])


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return which file was built from which source; empty when the web build is missing."""
    file = folder / "manifest.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
