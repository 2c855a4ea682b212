"""From models to quads: as N-Quads text, and into an rdflib Dataset through the same definition of the mapping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import rdflib

from kg import rdf
from kg.model import Corpus
from kg.names import Names
from kg.terms import PROV, RDF, RDFS, XSD
from tests.benchmarks import material
from tests.benchmarks.harness import Plan, Result, in_turn
from tests.benchmarks.measure import Watch, measure


def ours(claims: int) -> dict[str, Any]:
    """Write the sorted text."""
    corpus, words = material.invent(claims), material.vocabulary()
    with Watch() as watch:
        lines = rdf.write_corpus(corpus, words, material.NAMES)
    return {**watch.told, "quads": len(lines)}


@dataclass
class RdflibQuads(rdf.Quads):
    """The quads of a corpus in an rdflib Dataset."""

    dataset: rdflib.Dataset = field(default_factory=rdflib.Dataset)

    def add(self, subject: str, predicate: str, term: Any, graph: str) -> None:
        """Add one quad, whose term is one of rdflib."""
        self.dataset.graph(rdflib.URIRef(graph)).add((rdflib.URIRef(subject), rdflib.URIRef(predicate), term))

    def add_link(self, subject: str, predicate: str, object_: str, graph: str) -> None:
        """Add one quad whose object is an IRI."""
        self.add(subject, predicate, rdflib.URIRef(object_), graph)

    def add_vocabulary(self) -> None:
        """Add the ontology."""
        terms = {t: _term(t) for triple in self.vocabulary.triples for t in triple}
        graph = self.dataset.graph(rdflib.URIRef(self.names.graph("vocabulary")))
        for triple in self.vocabulary.triples:
            graph.add(tuple(terms[t] for t in triple))


def _term(term: Any) -> Any:
    if not hasattr(term, "datatype"):
        return rdflib.URIRef(term.value)
    return _literal(term.value, "" if term.language else term.datatype.value, term.language or "")


def _literal(value: str, datatype: str = "", language: str = "") -> rdflib.Literal:
    if language:
        return rdflib.Literal(value, lang=language)
    return rdflib.Literal(value, datatype=rdflib.URIRef(datatype) if datatype else None)


def fill_dataset(corpus: Corpus, names: Names) -> rdflib.Dataset:
    """Return an rdflib Dataset of the corpus; the module that writes terms is changed for good."""
    given: dict[str, object] = {
        "literal": _literal, "integer": lambda number: _literal(str(number), XSD + "integer"), "iri": rdflib.URIRef,
        "TRUE": _literal("true", XSD + "boolean"), "FALSE": _literal("false", XSD + "boolean"),
    }  # fmt: skip
    vars(rdf).update(given)
    found = RdflibQuads(material.vocabulary(), names)
    found.add_vocabulary()
    for entity in corpus.entities.values():
        found.add_entity(entity)
    for work in corpus.works.values():
        found.add_work(work)
    agent, works = names.iri("agent", "claimgraph"), names.graph("works")
    found.add_link(agent, RDF + "type", PROV + "Agent", works)
    found.add(agent, RDFS + "label", _literal("Claimgraph"), works)
    for proposition in {c.proposition.id: c.proposition for c in corpus.claims}.values():
        found.add_proposition(proposition)
    for document in corpus.documents.values():
        found.add_document(document)
    return found.dataset


def theirs(claims: int) -> dict[str, Any]:
    """Fill a Dataset of rdflib."""
    corpus = material.invent(claims)
    with Watch() as watch:
        dataset = fill_dataset(corpus, material.NAMES)
    return {**watch.told, "quads": sum(len(graph) for graph in dataset.graphs())}


def run(plan: Plan) -> Iterator[Result]:
    """Compare the two up to 10,000 claims; text alone beyond."""
    for size in plan.sizes:
        ways = {"claimgraph": partial(measure, "quads:ours", claims=size)}
        if size <= 10_000:
            ways["rdflib Dataset"] = partial(measure, "quads:theirs", claims=size)
        yield in_turn("quads", "models to quads", size, plan.runs, ways)
