"""The built scripts and styles of the islands, found in the manifest that the web build writes.

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

import json
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

BUILT = Path(__file__).with_name("static") / "built"
_ADDRESS = "/static/built/"


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
