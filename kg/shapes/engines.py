"""What applies the shapes to slices of the graph: pySHACL, the engine of record, or the compiled package `shacl`.

pySHACL is given several slices at once, since what they share is then judged once, and shapes of another form that
find the same: the nodes to judge bear a mark, and a property shape is about the mark of its node shape, so that it is
asked once for all nodes and not once a node. Queries are asked once too (`kg/constraints.py`). Tests hold the results
against those of `pyshacl.validate` on the whole graph with the shapes as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kg.shapes.constraints import Constraint, ask, split
from kg.shapes.slices import Slice
from kg.shapes.targets import Target, find_nodes, stand_alone, targets_of
from kg.shapes.validation import SH, Result, read_shapes, validate_graph

#: Judges slices by the shapes of a folder, each as if alone.
Engine = Callable[[Sequence[Slice], Path], list[list[Result]]]
_STRING = "http://www.w3.org/2001/XMLSchema#string"
_SEVERITIES = {"Violation": "error", "Warning": "warning", "Info": "info"}


def judge_with_pyshacl(slices: Sequence[Slice], folder: Path) -> list[list[Result]]:
    """Judge slices together with pySHACL, the engine of record."""
    text = "".join(sorted({line for one in slices for line in one.text.splitlines(keepends=True)}))
    left = frozenset[str]().union(*(one.partial for one in slices)).difference(*(one.whole for one in slices))
    return _share(find_with_pyshacl(text, folder, left), slices)


def find_with_pyshacl(text: str, folder: Path, left: Set[str] = frozenset()) -> set[Result]:
    """Return what pySHACL finds wrong in N-Triples text, except with the nodes that are left out."""
    shapes, marks, constraints = _prepare(folder)
    graph = _load(text.encode())
    found = set(ask(constraints, text.encode(), graph))
    for target, mark in marks.items():
        for node in find_nodes(graph, target):
            if str(node) not in left:
                graph.add((node, mark, node))
    return found.union(validate_graph(graph, shapes))


@lru_cache(1)
def _prepare(folder: Path) -> tuple[Graph, dict[Target, URIRef], list[Constraint]]:
    shapes, constraints = split(read_shapes(folder))
    return *widen(shapes), constraints


def widen(shapes: Graph) -> tuple[Graph, dict[Target, URIRef]]:
    """Return shapes that are about the nodes that bear a mark, with the marks of the targets that they were about.

    A property shape bears the mark of its node shape. Shapes that other shapes lead to are left as they are, and so are
    property shapes that look at those beside them.
    """
    wide, marks = Graph(), dict[Target, URIRef]()
    for triple in shapes:
        wide.add(triple)
    for shape in stand_alone(shapes):
        parts = list(shapes.objects(shape, SH.property))
        if any((part, SH.qualifiedValueShapesDisjoint, None) in shapes for part in parts):
            continue
        wide.remove((shape, SH.property, None))
        for sort, term in targets_of(shapes, shape):
            wide.remove((shape, URIRef(sort), URIRef(term)))
            mark = marks.setdefault((sort, term), URIRef(f"urn:mark:{len(marks)}"))
            for part in (shape, *parts):
                wide.add((part, SH.targetSubjectsOf, mark))
    return wide, marks


def _load(text: bytes) -> Graph:
    """Read N-Triples into a graph of rdflib; its own parser takes several times as long."""
    graph, terms = Graph(), dict[Any, Node]()
    add = graph.store.add
    for triple in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
        s, p, o = (
            terms[t] if t in terms else terms.setdefault(t, _term(t))
            for t in (triple.subject, triple.predicate, triple.object)
        )
        add((s, p, o), graph)
    return graph


def _term(term: Any) -> Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=None if term.datatype.value == _STRING else URIRef(term.datatype.value))


def _share(results: Iterable[Result], slices: Sequence[Slice]) -> list[list[Result]]:
    """Return for each slice the results on the nodes that it holds whole; what a query finds is about its value."""
    judged = [one.whole for one in slices]
    known, queries = frozenset().union(*judged), str(SH.SPARQLConstraintComponent)
    by_node: dict[str, list[Result]] = {}
    for result in results:
        about = result.value if result.component == queries and result.value in known else result.focus
        by_node.setdefault(about, []).append(result)
    return [sorted(r for node in nodes & by_node.keys() for r in by_node[node]) for nodes in judged]


@lru_cache(1)
def _compile(folder: Path) -> Any:
    import shacl

    return shacl.Shapes.from_text(read_shapes(folder).serialize(format="nt"), "ntriples")


def judge_with_shacl(slices: Sequence[Slice], folder: Path) -> list[list[Result]]:
    """Judge slices one by one with the compiled engine of the package `shacl`."""
    return [_share(find_with_shacl(one.text, folder), [one])[0] for one in slices]


def find_with_shacl(text: str, folder: Path) -> set[Result]:
    """Return what `shacl` finds wrong in N-Triples text; our shapes have names, so results name them too."""
    return {
        Result(
            focus=_plain(found.focus_node),
            path=_plain(found.path) if (found.path or "").startswith("<") else "",
            component=found.component_iri,
            value=found.value_plain or "",
            shape=_plain(found.source_shape),
            severity=_SEVERITIES.get(found.severity, "error"),
            message=" ".join(sorted(found.messages)),
        )
        for found in _compile(folder).validate_text(text, "ntriples").results
    }


def _plain(term: str | None) -> str:
    """Return the IRI of a term as it is written in N-Triples.

    >>> _plain("<http://example.org/a>")
    'http://example.org/a'
    """
    return term[1:-1] if term and term.startswith("<") else term or ""


ENGINES: dict[str, Engine] = {"pyshacl": judge_with_pyshacl, "shacl": judge_with_shacl}
