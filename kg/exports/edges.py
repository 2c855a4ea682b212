"""The plain edges: what documents assert, as states of entities and propositions between them.

An edge has no place for a denial, so only what may be said plainly is one: asserted, no hypothesis, and no modified
effect, comparison, lack or lack of change. It still carries how surely it is said, by whom, and who contests it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from kg.exports.tables import read_rows
from kg.graph import Graph

#: What an edge takes over from its proposition, when it is there.
_TAKEN = (
    "family", "direction", "sign", "baseline", "via", "with", "agency", "region", "population", "condition", "species",
    "route", "after", "place", "dose", "time", "onset", "duration", "setting", "since", "independent_sources",
    "contested", "denied_in", "questioned_in",
)  # fmt: skip


@dataclass(frozen=True)
class Node:
    """A state of an entity."""

    #: The variable: entity, aspect and state, joined by colons.
    id: str
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Edge:
    """A proposition that some document asserts, with the claims that do."""

    id: str
    source: str
    target: str
    attributes: dict[str, Any]


def read_edges(graph: Graph, document: str | None = None) -> tuple[list[Node], list[Edge]]:
    """Return the nodes and edges of a graph, or those that one document asserts."""
    claims = defaultdict(list)
    surest_first = list(graph.vocabulary.values("certainty"))
    for row in read_rows(graph, "claims", document).rows:
        if row["act"] == "asserts" and row["certainty"] != "hypothesised":
            claims[row["proposition"]].append(row)
    symmetric = {row["relation"]: row["symmetric"] for row in read_rows(graph, "relations").rows}
    entities = {row["entity"]: row for row in read_rows(graph, "entities").rows}
    nodes: dict[str, Node] = {}
    edges = []
    for row in read_rows(graph, "propositions", document).rows:
        said = claims[row["proposition"]]
        if not row["edge"] or not said:
            continue
        ends = [
            _node(row["subject"], row.get("subject_aspect"), row.get("subject_state"), entities),
            _node(row["object"], row.get("object_aspect"), row.get("object_state"), entities),
        ]
        nodes |= {node.id: node for node in ends}
        attributes = {
            "relation": row["relation"],
            "symmetric": symmetric[row["relation"]],
            "certainty": min((c["certainty"] for c in said), key=surest_first.index),
            "documents": _join(c["document"] for c in said),
            "claims": _join(c["claim"] for c in said),
            **{name: row[name] for name in _TAKEN if name in row},
        }
        edges.append(Edge(row["proposition"], ends[0].id, ends[1].id, attributes))
    return [nodes[name] for name in sorted(nodes)], edges


def _node(entity: str, aspect: str | None, state: str | None, entities: dict[str, dict[str, Any]]) -> Node:
    """Return the node of a variable; its name says the state, so that less of a thing never reads as the thing."""
    known = entities[entity]
    words = [known["label"], *(f"({word})" for word in (" ".join(w for w in (aspect, state) if w),) if word)]
    attributes = {
        "label": " ".join(words),
        "entity": entity,
        "kind": known["kind"],
        "aspect": aspect,
        "state": state,
        "identifiers": known.get("exact_match"),
    }
    name = f"{entity}:{aspect or ''}:{state or ''}".rstrip(":")
    return Node(name, {key: value for key, value in attributes.items() if value is not None})


def _join(values: Any) -> str:
    return "|".join(sorted(set(values)))
