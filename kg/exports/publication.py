"""What a nanopublication says: each claim as three sets of triples, its name still open; and what retracts one.

The assertion holds the claim and its proposition as our vocabulary states them: who asserts, denies or questions what,
and how surely. The bare triple of subject, relation and object is never in it, not even where a claim is stated
plainly: assertions are gathered up without the rest, and the bare triple would lose the state of the subject ("less of
it"), the means and the scope, and would turn "this document says so" into "it is so".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import pyoxigraph as ox

from kg.exports.origin import TITLE, Origin
from kg.names import CG, Names
from kg.nanopubs.read import PARTS, Nanopub
from kg.rdf.lookup import SortedQuads, graph_of, parse_lines
from kg.rdf.terms import CITO, DCT, NP, NPX, OA, PAV, PROV, RDF, RDFS, XSD

#: What a nanopublication calls itself before it has a name; the library that signs knows it as such.
DRAFT = "http://purl.org/nanopub/temp/claim/"
#: Links of a claim that say where it comes from, and what is followed from there.
_ORIGINS = {CG + t for t in ("anchor", "hedgeAnchor", "antecedent", "record", "citedWork")}
_FOLLOWED = {OA + "hasSelector", OA + "refinedBy", PROV + "wasAssociatedWith"}
_LEFT_OUT = {CITO + "cites", CG + "length"}
_GRAPHS = ("assertion", "provenance", "pubinfo")
_CLAIM = f"> <{RDF}type> <{CG}Claim> <".encode()
#: How many nodes are remembered while claims are published.
_KEPT = 1 << 12


@dataclass(frozen=True)
class Publication:
    """What is to be published, in triples that call it by its draft name."""

    #: The claim that it is of; a retraction is of none.
    claim: str
    document: str
    assertion: frozenset[ox.Triple]
    provenance: frozenset[ox.Triple]
    pubinfo: frozenset[ox.Triple]

    @property
    def place(self) -> str:
        """The passage that the claim stands on: claims of one place may be forms of one another."""
        return place_of(self.claim, self.provenance)

    @cached_property
    def content(self) -> frozenset[str]:
        """What is said and where from, whatever it is called: two of the same content are the same."""
        return _nameless([*self.assertion, *self.provenance], DRAFT)

    @property
    def quads(self) -> list[ox.Quad]:
        """All of it, with its head, in a fixed order."""
        this, head = ox.NamedNode(DRAFT), ox.NamedNode(DRAFT + "Head")
        links = [_link(DRAFT, NP + part, DRAFT + graph) for part, graph in zip(PARTS, _GRAPHS, strict=True)]
        links.append(_link(DRAFT, RDF + "type", NP + "Nanopublication"))
        quads = [ox.Quad(t.subject, t.predicate, t.object, head) for t in links]
        for graph, triples in zip(_GRAPHS, (self.assertion, self.provenance, self.pubinfo), strict=True):
            node = ox.NamedNode(this.value + graph)
            quads += [ox.Quad(t.subject, t.predicate, t.object, node) for t in sorted(triples, key=str)]
        return quads


@dataclass(frozen=True)
class Published:
    """A claim as an earlier export published it."""

    claim: str
    document: str
    nanopub: Nanopub

    @property
    def place(self) -> str:
        """The passage that the claim stood on."""
        return place_of(self.claim, (q.triple for q in self.nanopub.provenance))

    @cached_property
    def content(self) -> frozenset[str]:
        """What was said and where from, whatever it was called."""
        parts = (*self.nanopub.assertion, *self.nanopub.provenance)
        return _nameless([q.triple for q in parts], self.nanopub.iri + "/")


def read_published(nanopub: Nanopub) -> Published | None:
    """Return the claim of a nanopublication that we made, or nothing for any other, such as a retraction."""
    claim = next((q.subject for q in nanopub.assertion if q.object == ox.NamedNode(CG + "Claim")), None)
    about = {q.predicate.value: q.object for q in nanopub.assertion if q.subject == claim}
    document = about.get(CG + "document")
    if not isinstance(claim, ox.NamedNode) or not isinstance(document, ox.NamedNode):
        return None
    return Published(claim.value, document.value, nanopub)


def place_of(claim: str, provenance: Iterable[ox.Triple]) -> str:
    """Return the anchor that provenance gives a claim, or nothing."""
    node, term = ox.NamedNode(claim), ox.NamedNode(CG + "anchor")
    return next((str(t.object) for t in provenance if t.subject == node and t.predicate == term), "")


class Publisher:
    """Makes publications of the claims of a build."""

    def __init__(self, quads: SortedQuads, names: Names, origin: Origin) -> None:
        self.quads, self.names, self.origin = quads, names, origin
        self._shared = names.graph("propositions")
        #: Many claims lead to the same nodes.
        self._find = lru_cache(maxsize=_KEPT)(self._look_up)

    def publish(self, document: str | None) -> Iterator[Publication]:
        """Yield what there is to publish: all claims, or those of one document."""
        graph = f" <{self.names.graph('document', document)}> .\n".encode() if document else b" .\n"
        for line in self.quads:
            if _CLAIM in line and line.endswith(graph):
                node = line[1 : line.index(b">")].decode()
                if source := self._one(node, CG + "document"):
                    yield self._publish_claim(node, source)

    def _look_up(self, node: str) -> tuple[list[ox.Triple], bool]:
        """Return the triples of a node, and whether it is of the propositions, which documents share.

        Propositions, works, and what single documents say are looked at; not the vocabulary, and nothing that is
        derived.
        """
        kept, documents = {self._shared, self.names.graph("works")}, self.names.graph("document") + "/"
        graphs = [(line, graph_of(line)) for line in self.quads.find(node)]
        lines = [line for line, graph in graphs if graph in kept or graph.startswith(documents)]
        return [quad.triple for quad in parse_lines(lines)], any(graph == self._shared for _, graph in graphs)

    def _triples(self, node: str) -> list[ox.Triple]:
        return self._find(node)[0]

    def _one(self, node: str, predicate: str) -> str:
        return next((_value(t.object) for t in self._triples(node) if t.predicate.value == predicate), "")

    def _is_shared(self, node: str) -> bool:
        return self._find(node)[1]

    def _publish_claim(self, claim: str, document: str) -> Publication:
        own = self._triples(claim)
        provenance = [t for t in own if t.predicate.value in _ORIGINS]
        assertion = [t for t in own if t.predicate.value not in _ORIGINS and not t.predicate.value.startswith(PROV)]
        meant = {t.object.value for t in assertion if isinstance(t.object, ox.NamedNode)}
        assertion += self._follow([n for n in meant if self._is_shared(n)], lambda t: self._is_shared(_value(t.object)))
        assertion += [t for n in meant if n.startswith(self.names.iri("figure", "")) for t in self._triples(n)]
        curation = self._one(claim, PROV + "wasGeneratedBy")
        starts = [*(_value(t.object) for t in provenance), document, curation]
        provenance += [
            t
            for t in self._follow(starts, lambda t: t.predicate.value in _FOLLOWED)
            if t.predicate.value not in _LEFT_OUT
        ]
        curated = {t.predicate.value: _value(t.object) for t in self._triples(curation)}
        agent = curated[PROV + "wasAssociatedWith"]
        provenance += [
            _link(DRAFT + "assertion", PROV + "wasDerivedFrom", document),
            _link(DRAFT + "assertion", PROV + "wasGeneratedBy", curation),
            _link(DRAFT + "assertion", PROV + "wasAttributedTo", agent),
        ]
        told = next(t.object for t in own if t.predicate.value == CG + "statement")
        info = [
            *self._describe(agent, curated[DCT + "date"]),
            ox.Triple(ox.NamedNode(DRAFT), ox.NamedNode(RDFS + "label"), told),
            _link(DRAFT, NPX + "hasNanopubType", CG + "Claim"),
        ]
        return Publication(claim, document, frozenset(assertion), frozenset(provenance), frozenset(info))

    def retract(self, old: Published) -> Publication:
        """Return what takes back a claim that this build does not have any more."""
        agent = self.names.iri("agent", "claimgraph")
        assertion = [_link(agent, NPX + "retracts", old.nanopub.iri)]
        provenance = [_link(DRAFT + "assertion", PROV + "wasAttributedTo", agent)]
        info = self._describe(agent, self.origin.date)
        return Publication("", old.document, frozenset(assertion), frozenset(provenance), frozenset(info))

    def _follow(self, starts: Iterable[str], is_followed: Callable[[ox.Triple], bool]) -> list[ox.Triple]:
        """Return the triples of some nodes and of those that they lead to."""
        found: dict[str, list[ox.Triple]] = {}
        todo = list(starts)
        while todo:
            node = todo.pop()
            if node not in found:
                found[node] = self._triples(node)
                todo += [_value(t.object) for t in found[node] if is_followed(t)]
        return [t for triples in found.values() for t in triples]

    def _describe(self, agent: str, day: str) -> list[ox.Triple]:
        """Return what is said of every publication: who made it, from which build, under which licence."""
        tool, dataset = DRAFT + "software", self.names.iri("dataset")
        version = self.origin.versions.get("claimgraph", "")
        return [
            # Tools of nanopublications look for a time; the data has a day, and this is its beginning. Some of them
            # write Z in this way before they compute the hash, and would find another one.
            _literal(DRAFT, DCT + "created", f"{day}T00:00:00+00:00", XSD + "dateTime"),
            _link(DRAFT, DCT + "creator", agent),
            _link(DRAFT, DCT + "license", self.origin.licence),
            _link(DRAFT, PROV + "wasDerivedFrom", dataset),
            _literal(dataset, DCT + "identifier", self.origin.digest),
            _link(DRAFT, PAV + "createdWith", tool),
            _link(tool, RDF + "type", PROV + "SoftwareAgent"),
            _literal(tool, RDFS + "label", TITLE),
            _literal(tool, PAV + "version", version),
        ]


def _nameless(triples: Iterable[ox.Triple], name: str) -> frozenset[str]:
    return frozenset(str(t).replace(f"<{name}", "<") for t in triples)


def _link(subject: str, predicate: str, object_: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(object_))


def _literal(subject: str, predicate: str, value: str, datatype: str = XSD + "string") -> ox.Triple:
    value_ = ox.Literal(value, datatype=ox.NamedNode(datatype))
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value_)


def _value(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else ""
