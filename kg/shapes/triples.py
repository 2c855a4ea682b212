"""A graph of rdflib for pySHACL to look things up in: dictionaries in memory, in which a term stands once.

pySHACL asks for the objects of nodes by the hundred thousand. The graphs of rdflib answer through three generators each
time, and compare terms letter by letter where they are not the very same object.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator
from itertools import islice
from typing import Any

import pyoxigraph as ox
from pyshacl.consts import RDF_type, RDFS_subClassOf
from pyshacl.graph_abstraction import RdfLibDataGraph
from rdflib import RDF, BNode, Graph, Literal, URIRef
from rdflib.namespace import NamespaceManager
from rdflib.store import Store
from rdflib.term import Node

Triple = tuple[Node, Node, Node]
#: Objects by subject and predicate, or subjects by predicate and object.
Index = dict[Node, dict[Node, dict[Node, None]]]
_STRING = "http://www.w3.org/2001/XMLSchema#string"
#: What pySHACL itself names.
_NAMED = (RDF_type, RDFS_subClassOf)
_FIRST, _REST = RDF.first, RDF.rest


class Dictionaries(Store):
    """What holds the triples of one graph."""

    #: What pySHACL takes asks for it; all is in one graph here.
    context_aware = graph_aware = True

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self._graph = graph
        self.objects: Index = {}
        self._subjects: Index = {}

    def subjects(self, predicate: Node) -> dict[Node, dict[Node, None]]:
        """Return the subjects of a predicate by object: few predicates are followed backwards."""
        if predicate not in self._subjects:
            found = self._subjects[predicate] = {}
            for subject, held in self.objects.items():
                for value in held.get(predicate, ()):
                    found.setdefault(value, {})[subject] = None
        return self._subjects[predicate]

    def add(self, triple: Any, context: Any = None, quoted: bool = False) -> None:
        """Add a triple."""
        s, p, o = triple
        self.objects.setdefault(s, {}).setdefault(p, {})[o] = None
        self._subjects.pop(p, None)

    def remove(self, triple: Any, context: Any = None) -> None:
        """Remove the triples of a pattern."""
        for s, p, o in list(self.find(*triple)):
            del self.objects[s][p][o]
            self._subjects.pop(p, None)

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:
        """Yield the triples of a pattern as rdflib wants them, each with its graphs."""
        for triple in self.find(*triple_pattern):
            yield triple, iter((self._graph,))

    def find(self, subject: Node | None, predicate: Node | None, object_: Node | None) -> Iterator[Triple]:
        """Yield the triples of a pattern, in which None is anything."""
        if subject is None and predicate is not None:
            sought = self.subjects(predicate)
            for o in list(sought) if object_ is None else [object_]:
                yield from [(s, predicate, o) for s in sought.get(o, ())]
            return
        for s in list(self.objects) if subject is None else [subject]:
            found = self.objects.get(s, {})
            for p in list(found) if predicate is None else [predicate]:
                values: Collection[Node] = found.get(p, ())
                yield from [(s, p, o) for o in values if object_ is None or o == object_]

    def __len__(self, context: Any = None) -> int:
        """Return the number of triples."""
        return sum(len(values) for found in self.objects.values() for values in found.values())


class Prefixes(NamespaceManager):
    """Short names of terms, each made once: pySHACL writes whatever it reports in them."""

    def __init__(self) -> None:
        self._short: dict[str, str] = {}
        self._bound = set[tuple[str | None, str]]()
        super().__init__(Graph())

    def normalizeUri(self, rdfTerm: str) -> str:
        """Return the short name of a term."""
        if rdfTerm not in self._short:
            self._short[rdfTerm] = super().normalizeUri(rdfTerm)
        return self._short[rdfTerm]

    def bind(self, prefix: str | None, namespace: Any, *how: Any, **more: Any) -> None:
        """Bind a prefix, once: pySHACL binds its own for every node that it writes."""
        if (prefix, str(namespace)) not in self._bound:
            self._bound.add((prefix, str(namespace)))
            self._short.clear()
            super().bind(prefix, namespace, *how, **more)


class Triples(Graph):
    """A graph of rdflib whose triples stand in dictionaries."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self.held = Dictionaries(self)
        super().__init__(store=self.held)
        self.namespace_manager = Prefixes()
        for triple in triples:
            self.held.add(triple)

    def __bool__(self) -> bool:
        """Tell whether there is a triple; rdflib would count them."""
        return bool(self.held.objects)

    def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Any:
        """Return the objects of a subject and a predicate."""
        if subject is None or predicate is None:
            return super().objects(subject, predicate, unique)
        found = self.held.objects.get(subject)
        return iter(found.get(predicate, ())) if found else iter(())

    def subjects(self, predicate: Any = None, object: Any = None, unique: bool = False) -> Any:
        """Return the subjects of a predicate and an object."""
        if predicate is None or object is None or isinstance(object, list):
            return super().subjects(predicate, object, unique)
        return iter(self.held.subjects(predicate).get(object, ()))

    def items(self, list: Any) -> Generator[Node, None, None]:
        """Yield the members of a list; raise ValueError when it has no end."""
        objects, met, node = self.held.objects, set[Node](), list
        while (cell := objects.get(node)) is not None and node not in met:
            met.add(node)
            yield from islice(cell.get(_FIRST, ()), 1)
            node = next(iter(cell.get(_REST, ())), None)
        if node in met:
            raise ValueError(f"the list at {list} has no end")


class JudgedTriples(RdfLibDataGraph):
    """A graph that is judged, in the form that pySHACL wants."""

    def __init__(self, triples: Triples) -> None:
        super().__init__(triples.store, triples)
        self._triples = triples
        self._objects = triples.held.objects

    def __bool__(self) -> bool:
        """Tell whether there is a triple."""
        return bool(self._triples)

    def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Any:
        """Return the objects of a subject and a predicate."""
        if subject is None or predicate is None or isinstance(subject, list | tuple):
            return super().objects(subject, predicate, unique)
        found = self._objects.get(subject)
        return iter(found.get(predicate, ())) if found else iter(())


def read_triples(lines: Iterable[str], known: Iterable[Node] = ()) -> Triples:
    """Read lines of N-Triples in the form in which this package writes them.

    A term that is known is taken from there, so that it is found by what it is and not by its letters.

    >>> len(read_triples(['<urn:s> <urn:p> "o"@en .', '<urn:s> <urn:p> "o" .', '<urn:s> <urn:p> "o" .']))
    2
    """
    graph = Triples()
    terms: dict[str, Node] = {f"<{term}>": term for term in (*known, *_NAMED) if isinstance(term, URIRef)}
    objects = graph.held.objects
    for line in lines:
        texts = line.rstrip(" .\n").split(" ", 2)
        for text in texts:
            if text not in terms:
                terms[text] = _term(text)
        s, p, o = terms[texts[0]], terms[texts[1]], terms[texts[2]]
        try:
            objects[s][p][o] = None
        except KeyError:
            objects.setdefault(s, {}).setdefault(p, {})[o] = None
    return graph


def _term(text: str) -> Node:
    """Return the term that is written so in N-Triples."""
    if text[0] == "<" and "\\" not in text:
        return URIRef(text[1:-1])
    term: Any = next(iter(ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.N_TRIPLES))).object
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    return Literal(term.value, datatype=None if term.datatype.value == _STRING else URIRef(term.datatype.value))
