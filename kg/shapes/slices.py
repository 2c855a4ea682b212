"""The graph cut into slices that can be validated each by itself: a document with what it needs of the shared graphs.

A slice holds its own nodes and, from the shared graphs, whatever they lead to. So the shapes say of a node in its slice
what they say of it in the whole graph, and the work grows with the documents alone. The vocabulary and the works have
slices of their own, which answer for them. Of nodes that a slice holds only in part (the claims that a disagreement
names, by their type; a document of the same text, by its digest) and of nodes of other documents, results mean nothing
here, and are dropped.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from operator import itemgetter

from kg.names import CG, Names
from kg.rdf.sorting import Sorted
from kg.rdf.terms import RDF

#: The triples of each node.
Nodes = Mapping[str, list[str]]
_TYPE = f" <{RDF}type> "
_CLAIM = f"{_TYPE}<{CG}Claim>"
_SHA256 = f" <{CG}sha256> "
#: About how many nodes are validated at once where they are not a document; from how many on a document is cut too.
_BATCH, _LARGE = 400, 4000
#: How many lines are looked at at once.
_TOGETHER = 100_000


@dataclass(frozen=True)
class Slice:
    """Triples to validate together."""

    name: str
    #: Sorted N-Triples.
    text: str
    #: The nodes that another slice answers for.
    partial: frozenset[str] = frozenset()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all that it holds."""
        partial = "".join(f"# {node}\n" for node in sorted(self.partial))
        return hashlib.sha256(f"{self.text}{partial}".encode()).hexdigest()

    @property
    def whole(self) -> frozenset[str]:
        """The nodes that results are wanted on."""
        return frozenset(line[1 : line.index("> ")] for line in self.text.splitlines()) - self.partial


def cut(lines: Iterable[str], names: Names) -> Iterator[Slice]:
    """Cut N-Quads lines into slices that together hold every node that shapes may be about.

    What documents share is held in memory, the documents themselves one at a time.
    """
    documents, shared, comparisons, apart = _sort_out(lines, names)
    # What is only counted for a proposition has no type and no shape: it would make a document hang on all others.
    disagreements = {n: triples for n, triples in comparisons.items() if any(_TYPE in t for t in triples)}
    elsewhere, twins = _survey(documents, shared, disagreements, names)
    met: set[str] = set()
    for graph, nodes in _read(documents):
        for number, part in enumerate(divide(nodes)):
            linked = {o for triples in part.values() for o in objects(triples)}
            foreign = {n: elsewhere[n] for n in linked if n in elsewhere and n not in nodes}
            found = follow({**part, **foreign}, shared)
            met |= found.keys()
            yield join(f"{graph} {number}", part, found, {**twins.get(graph, {}), **foreign}, apart)
    for label, batch in gather(disagreements):
        found = follow(batch, shared)
        met |= found.keys()
        claims = [n for triples in batch.values() for n in objects(triples) if n in elsewhere]
        partial = {n: [t for t in elsewhere[n] if _TYPE in t] for n in claims}
        yield join(f"{names.graph('comparisons')} {label}", batch, found, partial, apart)
    for label, batch in gather({n: shared[n] for n in shared.keys() - (met - apart)}):
        yield join(f"{names.graph('vocabulary')} {label}", batch, follow(batch, shared))


def _sort_out(lines: Iterable[str], names: Names) -> tuple[Sorted, Nodes, Nodes, Set[str]]:
    """Return the lines of documents, each after its graph, and the nodes of the shared graphs and of comparisons.

    The last are the shared nodes that are judged by themselves: whatever leads to them, shapes say the same.
    """
    home, comparing, edges = f"{names.graph('document')}/", names.graph("comparisons"), names.graph("edges")
    documents = Sorted()
    shared: dict[str, list[str]] = defaultdict(list)
    comparisons: dict[str, list[str]] = defaultdict(list)
    apart, rest, used = set[str](), iter(lines), names.graph("propositions")
    while some := list(islice(rest, _TOGETHER)):
        told: list[str] = []
        for line in some:
            triple, _, graph = line.rstrip(" .\n").rpartition(" <")
            if graph.startswith(home):
                told.append(f"{graph[:-1]}\t{triple}\n")
            elif graph[:-1] != edges:  # plain triples between variables: nothing that a shape is about
                nodes, node = comparisons if graph[:-1] == comparing else shared, triple[1 : triple.index("> ")]
                nodes[node].append(triple)
                if nodes is shared and graph[:-1] != used:
                    apart.add(node)
        documents.add(told)
    return documents, shared, comparisons, apart


def _read(documents: Sorted) -> Iterator[tuple[str, Nodes]]:
    """Yield the graph of each document with its nodes."""
    for graph, lines in groupby((line.split("\t", 1) for line in documents), itemgetter(0)):
        nodes: dict[str, list[str]] = defaultdict(list)
        for _, line in lines:
            nodes[line[1 : line.index("> ")]].append(line[:-1])
        yield graph, nodes


def _survey(
    documents: Sorted, shared: Nodes, disagreements: Nodes, names: Names
) -> tuple[Nodes, dict[str, dict[str, list[str]]]]:
    """Return the nodes of documents that lines elsewhere lead to, and for each graph the documents of the same text.

    Of these documents there is the digest alone; of what only a disagreement leads to, the type.
    """
    wanted = {o for triples in disagreements.values() for o in objects(triples) if o not in shared}
    linked: set[str] = set()
    by_text: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for graph, nodes in _read(documents):
        for node, triples in nodes.items():
            led_to = (o for o in objects(triples) if o.startswith(names.base))
            linked.update(o for o in led_to if o not in nodes and o not in shared)
            for triple in triples:
                if _SHA256 in triple:
                    by_text[triple.rpartition(" ")[2]].append((graph, node, triple))
    elsewhere: dict[str, list[str]] = {}
    for _, nodes in _read(documents):
        elsewhere |= {n: triples for n, triples in nodes.items() if n in linked}
        elsewhere |= {n: [t for t in nodes[n] if _TYPE in t] for n in nodes if n in wanted and n not in linked}
    twins: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for same in by_text.values():
        for graph, _, _ in same:
            twins[graph] |= {node: [triple] for other, node, triple in same if other != graph}
    return elsewhere, twins


def objects(triples: Iterable[str]) -> Iterator[str]:
    """Yield the IRIs that triples lead to; what ends like one may be the datatype of a literal."""
    for triple in triples:
        if triple[-1] == ">":
            found = triple[triple.rindex(" ") + 1 : -1]
            if found[0] == "<" and '"' not in found:
                yield found[1:]


def follow(nodes: Nodes, shared: Nodes) -> dict[str, list[str]]:
    """Return the shared nodes that the given ones lead to, through each other."""
    found: dict[str, list[str]] = {node: shared[node] for node in nodes if node in shared}
    todo = [o for triples in [*nodes.values(), *found.values()] for o in objects(triples)]
    while todo:
        node = todo.pop()
        if node not in found and node in shared:
            found[node] = shared[node]
            todo += objects(shared[node])
    return found


def divide(nodes: Nodes) -> Iterator[Nodes]:
    """Yield a document whole or, when it is large, so many claims at a time with whatever they lead to in it."""
    if len(nodes) <= _LARGE:
        yield nodes
        return
    claims = {n: triples for n, triples in nodes.items() if any(t.endswith(_CLAIM) for t in triples)}
    met: set[str] = set()
    for chosen in (claims, None, nodes):
        rest = {n: triples for n, triples in nodes.items() if n not in met}
        # What leads to a node goes with it: a step of a chain alone would seem to belong to none.
        led_to = {o for triples in rest.values() for o in objects(triples)} if chosen is None else set()
        for _, batch in _batches({n: t for n, t in (chosen or rest).items() if n in rest and n not in led_to}):
            met |= (part := follow(batch, nodes)).keys()
            yield part


def gather(nodes: Nodes) -> Iterator[tuple[str, Nodes]]:
    """Yield so many nodes at a time that nothing leads to, with all that they lead to; then those of rings."""
    led_to = {o for triples in nodes.values() for o in objects(triples)}
    met: set[str] = set()
    for kind, roots in ("tree", nodes.keys() - led_to), ("ring", nodes.keys() & led_to):
        for number, batch in _batches({n: nodes[n] for n in roots - met}):
            met |= (part := follow(batch, nodes)).keys()
            yield f"{kind} {number}", part


def _batches(nodes: Nodes) -> Iterator[tuple[int, dict[str, list[str]]]]:
    """Yield about so many nodes at a time, by the digest of each, so that one more does not shift all others."""
    count = 1
    while count * _BATCH < len(nodes):
        count *= 2
    batches: list[dict[str, list[str]]] = [{} for _ in range(count)]
    for node in sorted(nodes):
        batches[zlib.crc32(node.encode()) % count][node] = nodes[node]
    yield from ((number, batch) for number, batch in enumerate(batches) if batch)


def join(name: str, own: Nodes, found: Nodes, partial: Nodes | None = None, apart: Set[str] = frozenset()) -> Slice:
    """Return a slice of nodes, of what they lead to and of what it holds in part; others answer for what is apart."""
    triples = {t for nodes in (own, found, partial or {}) for part in nodes.values() for t in part}
    others = frozenset(partial or ()) | (found.keys() & apart)
    return Slice(name, "".join(f"{t} .\n" for t in sorted(triples)), others)
