"""What is derived from the claims, as RDF: the plain edges, disagreements, and the support of each proposition."""

from __future__ import annotations

from collections.abc import Iterable

from kg.model import Claim, Disagreement, Proposition, Support
from kg.names import Names
from kg.rdf.lines import TYPE, cg, skos
from kg.rdf.terms import TRUE, integer, literal
from kg.rdf.write import Quads
from kg.vocabulary import Vocabulary


def write_edges(claims: Iterable[Claim], vocabulary: Vocabulary, names: Names) -> list[str]:
    """Return a plain triple between variables for what some document asserts, as sorted lines of `graph/edges`.

    Left out are hypotheses and what a plain triple would misstate: no change, effects modified, comparisons.
    """
    quads = Quads(vocabulary, names)
    graph, variables = quads.graph("edges"), quads.variables
    for claim in claims:
        p = claim.proposition
        qualified = p.effect or p.dimension or p.without or p.direction == "no_change"
        if claim.act == "asserts" and claim.certainty != "hypothesised" and not qualified:
            quads.add(variables[p.subject.name], quads.relations[p.relation], variables[p.object.name], graph)
    return quads.sort()


def write_comparisons(
    disagreements: Iterable[Disagreement],
    support: Iterable[Support],
    related: Iterable[tuple[Proposition, Proposition]],
    vocabulary: Vocabulary,
    names: Names,
) -> list[str]:
    """Return disagreements, support and neighbours in scope as sorted lines of `graph/comparisons`."""
    quads = Quads(vocabulary, names)
    graph = quads.graph("comparisons")
    for one, other in related:
        quads.add(quads.node("proposition", one.id), skos["related"], quads.node("proposition", other.id), graph)
    for found in disagreements:
        node = quads.node("disagreement", found.id)
        quads.add(node, TYPE, cg["Disagreement"], graph)
        quads.add(node, cg["frame"], quads.add_frame(found.frame), graph)
        quads.add_value(node, "kind", "disagreement", found.kind, graph)
        quads.add_value(node, "hardness", "hardness", found.hardness, graph)
        quads.add_value(node, "reach", "reach", found.reach, graph)
        quads.add(node, cg["because"], literal(found.because, language="en"), graph)
        if found.curated:
            quads.add(node, cg["curated"], TRUE, graph)
        for claim in found.between:
            quads.add(node, cg["between"], quads.node("claim", claim.id), graph)
        for number, held in enumerate(found.sides, 1):
            side = f"{node[:-1]}#{number}>"
            quads.add(node, cg["side"], side, graph)
            quads.add(side, TYPE, cg["Side"], graph)
            for claim in held:
                quads.add(side, cg["holder"], quads.node("claim", claim.id), graph)
    for taken in support:
        node = quads.node("proposition", taken.proposition.id)
        for term, documents in (
            ("assertedIn", taken.asserted),
            ("deniedIn", taken.denied),
            ("questionedIn", taken.questioned),
        ):
            for document in documents:
                quads.add(node, cg[term], quads.documents[document], graph)
        quads.add(node, cg["independentSources"], integer(taken.independent), graph)
        if taken.proposition.sign:
            quads.add(node, cg["agreeingSources"], integer(taken.agreeing), graph)
        for lister, _ in taken.possibly_dependent:
            quads.add(node, cg["possiblyDependent"], quads.documents[lister], graph)
    return quads.sort()


def write_types(disagreements: Iterable[Disagreement], vocabulary: Vocabulary, names: Names) -> list[str]:
    """Return the quads that say of the claims that disagreements name that they are claims."""
    quads = Quads(vocabulary, names)
    for claim in {c.id: c for found in disagreements for c in found.between}.values():
        quads.add(quads.node("claim", claim.id), TYPE, cg["Claim"], quads.graph("document", claim.document))
    return quads.lines
