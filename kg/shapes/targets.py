"""The targets of shapes: which nodes a shape is about."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import RDF, RDFS, Graph, URIRef
from rdflib.term import Node

from kg.shapes.validation import SH

#: A target's sort, a predicate, and what it names.
Target = tuple[str, str]
_SORTS = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)


def targets_of(shapes: Graph, shape: Node) -> list[Target]:
    """Return the targets that a shape declares, sorted."""
    return sorted((str(sort), str(term)) for sort in _SORTS for term in shapes.objects(shape, sort))


def stand_alone(shapes: Graph) -> list[URIRef]:
    """Return the node shapes that apply to the nodes of their declared targets and to nothing else, sorted."""
    return sorted(
        shape
        for shape in {s for sort in _SORTS for s in shapes.subjects(sort, None)}
        if isinstance(shape, URIRef)
        and (shape, SH.path, None) not in shapes
        and (shape, SH.deactivated, None) not in shapes
        and (shape, RDF.type, RDFS.Class) not in shapes
        and next(shapes.subjects(None, shape), None) is None
    )


def find_nodes(graph: Graph, target: Target) -> set[Node]:
    """Return the nodes that a target names."""
    sort, term = URIRef(target[0]), URIRef(target[1])
    if sort == SH.targetClass:
        return {node for below in graph.transitive_subjects(RDFS.subClassOf, term) for node in _instances(graph, below)}
    if sort == SH.targetSubjectsOf:
        return set(graph.subjects(term))
    if sort == SH.targetObjectsOf:
        return set(graph.objects(None, term))
    return {term}


def _instances(graph: Graph, term: Node | None) -> Iterator[Node]:
    return graph.subjects(RDF.type, term)
