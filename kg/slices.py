"""The graph cut into slices that can be validated each by itself: a document with what it needs of the shared graphs.

A slice holds its own nodes and, from the shared graphs, whatever they lead to. So the shapes say of a node in its slice
what they say of it in the whole graph, and the work grows with the documents alone. Of nodes that a slice holds only in
part (the claims that a disagreement names, by their type) results mean nothing, and are dropped.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.names import CG, Names
from kg.terms import RDF

#: The triples of each node.
Nodes = Mapping[str, list[str]]
_OBJECT = re.compile(r" <([^>]*)>$")
_TYPE = f" <{RDF}type> "
_CLAIM = f"{_TYPE}<{CG}Claim>"
#: How many nodes are validated at once where they are not a document, and from how many on a document is cut too.
_BATCH, _LARGE = 400, 4000


@dataclass(frozen=True)
class Slice:
    """Triples to validate together."""

    name: str
    #: Sorted N-Triples.
    text: str
    #: The nodes that it holds only in part.
    partial: frozenset[str] = frozenset()

    @property
    def digest(self) -> str:
        """The SHA-256 of the triples."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def cut(lines: Iterable[str], names: Names) -> Iterator[Slice]:
    """Cut N-Quads lines into slices that together hold every node that shapes may be about."""
    graphs: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        triple, _, graph = line.rstrip(" .\n").rpartition(" <")
        graphs[graph[:-1]][triple[1 : triple.index("> ")]].append(triple)
    graphs.pop(names.graph("edges"), None)  # plain triples between variables: nothing that a shape is about
    comparisons = graphs.pop(names.graph("comparisons"), {})
    documents = {graph: nodes for graph, nodes in graphs.items() if graph.startswith(names.graph("document") + "/")}
    shared: dict[str, list[str]] = defaultdict(list)
    for graph, nodes in graphs.items():
        for node, triples in nodes.items() if graph not in documents else ():
            shared[node] += triples
    met: set[str] = set()
    for graph, nodes in sorted(documents.items()):
        for number, part in enumerate(_parts(nodes)):
            found = _follow(part, shared)
            met |= found.keys()
            yield _join(f"{graph} {number}", part, found)
    types = _types(documents)
    # What is only counted for a proposition has no type and no shape: it would make a document hang on all others.
    disagreements = {n: triples for n, triples in comparisons.items() if any(_TYPE in t for t in triples)}
    for number, batch in enumerate(_batches(disagreements)):
        found = _follow(batch, shared)
        met |= found.keys()
        partial = {n: types[n] for triples in batch.values() for n in _objects(triples) if n in types}
        yield _join(f"{names.graph('comparisons')} {number}", batch, found, partial)
    for number, batch in enumerate(_batches({n: shared[n] for n in shared.keys() - met})):
        yield _join(f"{names.graph('vocabulary')} {number}", batch, _follow(batch, shared))


def _objects(triples: Iterable[str]) -> Iterator[str]:
    """Yield the IRIs that triples lead to."""
    for triple in triples:
        if found := _OBJECT.search(triple):
            yield found[1]


def _follow(nodes: Nodes, shared: Nodes) -> dict[str, list[str]]:
    """Return the shared nodes that the given ones lead to, through each other."""
    found: dict[str, list[str]] = {node: shared[node] for node in nodes if node in shared}
    todo = [o for triples in [*nodes.values(), *found.values()] for o in _objects(triples)]
    while todo:
        node = todo.pop()
        if node not in found and node in shared:
            found[node] = shared[node]
            todo += _objects(shared[node])
    return found


def _parts(nodes: Nodes) -> Iterator[Nodes]:
    """Yield a document whole or, when it is large, so many claims at a time with whatever they lead to in it."""
    if len(nodes) <= _LARGE:
        yield nodes
        return
    claims = {n: triples for n, triples in nodes.items() if any(t.endswith(_CLAIM) for t in triples)}
    met: set[str] = set()
    for chosen in (claims, None, nodes):
        rest = {n: triples for n, triples in nodes.items() if n not in met}
        # What leads to a node goes with it: a step of a chain alone would seem to belong to none.
        led_to = {o for triples in rest.values() for o in _objects(triples)} if chosen is None else set()
        for batch in _batches({n: t for n, t in (chosen or rest).items() if n in rest and n not in led_to}):
            met |= (part := _follow(batch, nodes)).keys()
            yield part


def _types(documents: Mapping[str, Nodes]) -> dict[str, list[str]]:
    """Return the types of all nodes of documents."""
    return {node: [t for t in triples if _TYPE in t] for nodes in documents.values() for node, triples in nodes.items()}


def _batches(nodes: Nodes) -> Iterator[dict[str, list[str]]]:
    ordered = sorted(nodes)
    for start in range(0, len(ordered), _BATCH):
        yield {node: nodes[node] for node in ordered[start : start + _BATCH]}


def _join(name: str, own: Nodes, found: Nodes, partial: Nodes | None = None) -> Slice:
    triples = {t for nodes in (own, found, partial or {}) for part in nodes.values() for t in part}
    return Slice(name, "".join(f"{t} .\n" for t in sorted(triples)), frozenset(partial or ()))
