"""What is derived from the claims, as RDF: the plain edges, disagreements, and the support of each proposition."""

from __future__ import annotations

from collections.abc import Iterable

from kg.model import Claim, Disagreement, Proposition, Support
from kg.names import CG, Names
from kg.rdf import Quads
from kg.terms import RDF, SKOS, TRUE, integer, literal
from kg.vocabulary import Vocabulary


def write_edges(claims: Iterable[Claim], vocabulary: Vocabulary, names: Names) -> set[str]:
    """Return a plain triple between variables for what some document asserts, as lines of `graph/edges`.

    Left out are hypotheses and what a plain triple would misstate: no change, effects modified, comparisons.
    """
    quads, graph = Quads(vocabulary, names), names.graph("edges")
    for claim in claims:
        p = claim.proposition
        qualified = p.effect or p.dimension or p.without or p.direction == "no_change"
        if claim.act == "asserts" and claim.certainty != "hypothesised" and not qualified:
            subject, object_ = (names.iri("variable", v.name) for v in (p.subject, p.object))
            quads.add_link(subject, names.iri("relation", p.relation), object_, graph)
    return quads.lines


def write_comparisons(
    disagreements: Iterable[Disagreement],
    support: Iterable[Support],
    related: Iterable[tuple[Proposition, Proposition]],
    vocabulary: Vocabulary,
    names: Names,
) -> set[str]:
    """Return disagreements, support and neighbours in scope as lines of `graph/comparisons`."""
    quads, graph = Quads(vocabulary, names), names.graph("comparisons")
    for one, other in related:
        ends = (names.iri("proposition", p.id) for p in (one, other))
        quads.add_link(next(ends), SKOS + "related", next(ends), graph)
    for found in disagreements:
        node, frame = names.iri("disagreement", found.id), quads.add_frame(found.frame)
        quads.add_link(node, RDF + "type", CG + "Disagreement", graph)
        quads.add_link(node, CG + "frame", frame, graph)
        quads.add_value(node, "kind", "disagreement", found.kind, graph)
        quads.add_value(node, "hardness", "hardness", found.hardness, graph)
        quads.add_value(node, "reach", "reach", found.reach, graph)
        quads.add(node, CG + "because", literal(found.because, language="en"), graph)
        if found.curated:
            quads.add(node, CG + "curated", TRUE, graph)
        for claim in found.between:
            quads.add_link(node, CG + "between", names.iri("claim", claim.id), graph)
    for taken in support:
        node = names.iri("proposition", taken.proposition.id)
        for term, documents in (
            ("asserted", taken.asserted),
            ("denied", taken.denied),
            ("questioned", taken.questioned),
        ):
            for document in documents:
                quads.add_link(node, f"{CG}{term}In", names.iri("document", document), graph)
        quads.add(node, CG + "independentSources", integer(taken.independent), graph)
        for lister, _ in taken.possibly_dependent:
            quads.add_link(node, CG + "possiblyDependent", names.iri("document", lister), graph)
    return quads.lines
