"""From models to quads: as N-Quads text, and into an rdflib Dataset, which is given every term and need map nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pyoxigraph as ox
import rdflib

from kg.garbage import put_off
from kg.model import Corpus
from kg.rdf.write import write_document, write_propositions, write_shared
from kg.vocabulary import Vocabulary
from tests.benchmarks import material
from tests.benchmarks.harness import Plan, Result, in_turn
from tests.benchmarks.measure import Watch, measure

#: The text of a term, and of a literal also its datatype and language.
Term = tuple[str, str | None, str | None] | str


def ours(claims: int) -> dict[str, Any]:
    """Write the text from the model, unsorted as a Dataset is, with the search for cycles put off as builds have it.

    The reader has named every claim to find doubles.
    """
    corpus, words = material.invent(claims), material.vocabulary()
    assert all(claim.id for claim in corpus.claims)
    with put_off(), Watch() as watch:
        parts = list(_write(corpus, words))
    return {**watch.told, "quads": sum(part.count("\n") for part in parts)}


def _write(corpus: Corpus, words: Vocabulary) -> Iterator[str]:
    yield "".join(write_shared(corpus, words, material.NAMES).lines)
    yield "".join(write_propositions(corpus.propositions.values(), words, material.NAMES).lines)
    for document in corpus.documents.values():
        yield "".join(write_document(document, words, material.NAMES).lines)


def theirs(claims: int) -> dict[str, Any]:
    """Fill a Dataset of rdflib with terms of its own; what each quad says is known before the time is taken."""
    corpus, words = material.invent(claims), material.vocabulary()
    text = "".join(_write(corpus, words))
    known = [
        (q.subject.value, q.predicate.value, _told(q.object), q.graph_name.value)
        for q in ox.parse(text.encode(), format=ox.RdfFormat.N_QUADS)
        if isinstance(q.graph_name, ox.NamedNode) and isinstance(q.subject, ox.NamedNode)
    ]
    with Watch() as watch:
        dataset = rdflib.Dataset()
        graphs = {name: dataset.graph(rdflib.URIRef(name)) for name in {graph for *_, graph in known}}
        for subject, predicate, term, graph in known:
            value = rdflib.URIRef(term) if isinstance(term, str) else rdflib.Literal(*_arguments(term))
            graphs[graph].add((rdflib.URIRef(subject), rdflib.URIRef(predicate), value))
    return {**watch.told, "quads": sum(len(graph) for graph in dataset.graphs())}


def _told(term: object) -> Term:
    if isinstance(term, ox.Literal):
        return term.value, term.language, None if term.language else term.datatype.value
    assert isinstance(term, ox.NamedNode)
    return term.value


def _arguments(term: tuple[str, str | None, str | None]) -> tuple[str, str | None, rdflib.URIRef | None]:
    value, language, datatype = term
    plain = datatype is None or datatype.endswith("#string")
    return value, language, None if plain else rdflib.URIRef(datatype or "")


def run(plan: Plan) -> Iterator[Result]:
    """Compare the two up to 10,000 claims; text alone beyond."""
    for size in plan.sizes:
        ways = {"claimgraph": partial(measure, "quads:ours", claims=size)}
        if size <= 10_000:
            ways["rdflib Dataset"] = partial(measure, "quads:theirs", claims=size)
        yield in_turn("quads", "models to quads", size, plan.runs, ways)
