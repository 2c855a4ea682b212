"""GraphML of the plain edges, for Gephi, yEd, igraph and networkx."""

from __future__ import annotations

from typing import BinaryIO

import networkx as nx

from kg.exports.edges import read_edges
from kg.exports.format import Format
from kg.exports.origin import origin_of
from kg.graph import Graph
from kg.stores.connect import Build


def write(graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
    """Write the edges as a directed graph with parallel edges; attributes of the graph say which build it is of."""
    nodes, edges = read_edges(graph, document)
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    made.graph.update(origin_of(graph, document).fields)
    for node in nodes:
        made.add_node(node.id, **node.attributes)
    for edge in edges:
        made.add_edge(edge.source, edge.target, key=edge.id, **edge.attributes)
    nx.write_graphml_xml(made, out, named_key_ids=True)


FORMAT = Format(
    "graphml",
    "application/graphml+xml",
    "graphml",
    "GraphML of what documents assert, for Gephi, yEd, igraph and networkx.",
    "Asserted propositions as edges between states of entities, each with relation, sign, direction, means, scope, the"
    " surest certainty, documents, claims, the number of independent sources, and who denies or contests it.",
    "Denials, questions, recommendations, assessments, hypotheses, lack of change, comparisons and modified effects:"
    " an edge would turn them into plain facts. Statements, phrases, anchors and figures.",
    write,
)
