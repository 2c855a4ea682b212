"""CX2 of the plain edges, for Cytoscape and NDEx."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO

from kg.exports.edges import read_edges
from kg.exports.format import Format
from kg.exports.origin import TITLE, Origin, origin_of
from kg.graph import Graph
from kg.stores.connect import Build

#: The types of CX2 by those of Python.
_TYPES = {str: "string", bool: "boolean", int: "long", float: "double"}


def write(graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
    """Write the edges as CX2: descriptor, metadata, declarations, attributes of the network, nodes, edges, status."""
    found, links = read_edges(graph, document)
    numbers = {node.id: number for number, node in enumerate(found)}
    nodes: list[dict[str, Any]] = [{"id": numbers[n.id], "v": {"name": n.id, **n.attributes}} for n in found]
    edges: list[dict[str, Any]] = [
        {
            "id": number,
            "s": numbers[e.source],
            "t": numbers[e.target],
            "v": {"name": e.id, "interaction": e.attributes["relation"], **e.attributes},
        }
        for number, e in enumerate(links)
    ]
    about = _about(origin_of(graph, document))
    declared = {
        "networkAttributes": _declare([about]),
        "nodes": _declare(n["v"] for n in nodes),
        "edges": _declare(e["v"] for e in edges),
    }
    aspects: dict[str, list[Any]] = {
        "attributeDeclarations": [declared],
        "networkAttributes": [about],
        "nodes": nodes,
        "edges": edges,
    }
    parts = [
        {"CXVersion": "2.0", "hasFragments": False},
        {"metaData": [{"name": name, "elementCount": len(rows)} for name, rows in aspects.items()]},
        *({name: rows} for name, rows in aspects.items()),
        {"status": [{"success": True, "error": ""}]},
    ]
    body = ",\n".join(json.dumps(part, ensure_ascii=False) for part in parts)
    out.write(f"[{body}]\n".encode())


def _about(origin: Origin) -> dict[str, str]:
    """Return the attributes of the network, under the names that NDEx shows."""
    fields = origin.fields
    ndex = {"name": TITLE, "version": fields["date"], "rights": fields["licence"], "reference": fields["citation"]}
    return ndex | fields


def _declare(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the declaration of each attribute that occurs.

    >>> _declare([{"name": "a", "sign": 1}, {"symmetric": True}])
    {'name': {'d': 'string'}, 'sign': {'d': 'long'}, 'symmetric': {'d': 'boolean'}}
    """
    found: dict[str, type] = {}
    for row in rows:
        for name, value in row.items():
            found.setdefault(name, type(value))
    return {name: {"d": _TYPES[kind]} for name, kind in found.items()}


FORMAT = Format(
    "cx2",
    "application/json",
    "cx2",
    "CX2 of what documents assert, for Cytoscape and NDEx.",
    "Asserted propositions as edges between states of entities, each with relation, sign, direction, means, scope, the"
    " surest certainty, documents, claims, the number of independent sources, and who denies or contests it.",
    "What GraphML loses: everything that is not plainly asserted; statements, phrases, anchors and figures. Layout and"
    " styles are not given.",
    write,
)
