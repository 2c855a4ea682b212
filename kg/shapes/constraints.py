"""Constraints of shapes that are queries (`sh:sparql`): each asked once for all nodes, by the text the shape has.

SHACL asks such a query anew for every node that a shape is about. Where the node stands in a triple pattern of the
query, asking once and keeping the rows of those nodes finds the same. Other queries are left to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox
from rdflib import Graph
from rdflib.term import Node

from kg.shapes.targets import Target, find_nodes, stand_alone, targets_of
from kg.shapes.validation import SEVERITIES, SH, Result

_COMPONENT = str(SH.SPARQLConstraintComponent)
#: What a query may mean something else by, or not be told, when it is asked once.
_OTHER = re.compile(r"(?i)\b(union|minus|service|values|graph|bind)\b|[?$](path|shapesgraph|currentshape|failure)\b")
_NESTED = re.compile(r"\([^()]*\)|\{[^{}]*\}")


@dataclass(frozen=True)
class Constraint:
    """A query of a shape, with what the shape is about."""

    shape: str
    severity: str
    message: str
    select: str
    prefixes: Mapping[str, str]
    targets: tuple[Target, ...]


def is_asked_once(select: str) -> bool:
    """Tell whether a query finds the same when it is asked once for all nodes.

    >>> is_asked_once("SELECT $this { $this <urn:a> ?a FILTER (?a > 1) }")
    True
    >>> is_asked_once("SELECT $this { FILTER NOT EXISTS { $this <urn:a> ?a } }")
    False
    """
    body = select[select.find("{") + 1 : select.rfind("}")]
    while (outer := _NESTED.sub("", body)) != body:
        body = outer
    plain = not _OTHER.search(select) and len(re.findall(r"(?i)\bselect\b", select)) == 1
    return plain and re.search(r"[?$]this\b", body) is not None


def split(shapes: Graph) -> tuple[Graph, list[Constraint]]:
    """Return shapes without the queries that can be asked once, and these queries."""
    rest, found = Graph(), list[Constraint]()
    rest.namespace_manager = shapes.namespace_manager
    for triple in shapes:
        rest.add(triple)
    for shape in stand_alone(shapes):
        for query in sorted(shapes.objects(shape, SH.sparql), key=str):
            if constraint := _read(shapes, shape, query):
                found.append(constraint)
                rest.remove((shape, SH.sparql, query))
    return rest, found


def _read(shapes: Graph, shape: Node, query: Node) -> Constraint | None:
    """Return a query of a shape when it can be asked once."""
    select = str(shapes.value(query, SH.select) or "")
    messages = [str(m) for node in (query, shape) for m in shapes.objects(node, SH.message)]
    if not is_asked_once(select) or len(messages) != 1 or "{" in messages[0]:
        return None
    if (query, SH.deactivated, None) in shapes:
        return None
    severity = SEVERITIES.get(str(shapes.value(shape, SH.severity)), "error")
    prefixes, targets = _prefixes(shapes, query), tuple(targets_of(shapes, shape))
    return Constraint(str(shape), severity, messages[0], select, prefixes, targets)


def _prefixes(shapes: Graph, query: Node) -> dict[str, str]:
    declared = [d for o in shapes.objects(query, SH.prefixes) for d in shapes.objects(o, SH.declare)]
    return {str(shapes.value(d, SH.prefix)): str(shapes.value(d, SH.namespace)) for d in declared}


def ask(constraints: Iterable[Constraint], text: bytes, graph: Graph) -> Iterator[Result]:
    """Yield what the constraints find wrong in N-Triples, which are given as text and as a graph of rdflib."""
    store = ox.Store()
    store.load(text, format=ox.RdfFormat.N_TRIPLES)
    for constraint in constraints:
        rows: Any = store.query(constraint.select, prefixes=dict(constraint.prefixes))
        valued = "value" in {variable.value for variable in rows.variables}
        nodes: set[str] | None = None
        for row in rows:
            if nodes is None:
                nodes = {str(node) for target in constraint.targets for node in find_nodes(graph, target)}
            focus = row["this"].value
            if focus in nodes:
                value = row["value"].value if valued and row["value"] is not None else focus
                yield Result(focus, "", _COMPONENT, value, constraint.shape, constraint.severity, constraint.message)
