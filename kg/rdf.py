"""From the model to RDF: N-Quads lines, every node with an IRI, so that the sorted text is canonical.

This module is the one definition of the mapping. It writes text, because that is what is hashed and validated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kg.model import (
    Anchor,
    Chain,
    Claim,
    Corpus,
    Document,
    Entity,
    Figure,
    Frame,
    Imported,
    Proposition,
    Record,
    Variable,
    Work,
)  # fmt: skip
from kg.names import CG, Names, content_id, expand
from kg.terms import (
    CITO,
    DCT,
    FABIO,
    FALSE,
    OA,
    PRISM,
    PROV,
    RDF,
    RDFS,
    SKOS,
    TRUE,
    WORK_TYPES,
    XSD,
    integer,
    iri,
    literal,
)
from kg.vocabulary import Vocabulary

_DATES = {4: "gYear", 7: "gYearMonth", 10: "date"}
_MATCHES = {"exact": "exactMatch", "close": "closeMatch", "broad": "broadMatch", "narrow": "narrowMatch"}


@dataclass
class Quads:
    """A growing set of N-Quads lines."""

    vocabulary: Vocabulary
    names: Names
    lines: set[str] = field(default_factory=set)

    def add(self, subject: str, predicate: str, term: str, graph: str) -> None:
        """Add one quad; subject, predicate and graph are IRIs, the term is written already."""
        self.lines.add(f"<{subject}> <{predicate}> {term} <{graph}> .\n")

    def add_link(self, subject: str, predicate: str, object_: str, graph: str) -> None:
        """Add one quad whose object is an IRI."""
        self.lines.add(f"<{subject}> <{predicate}> <{object_}> <{graph}> .\n")

    def add_value(self, subject: str, predicate: str, scheme: str, token: str, graph: str) -> None:
        """Add the value that a token stands for, when there is one."""
        if token:
            self.add_link(subject, CG + predicate, self.vocabulary.values(scheme)[token], graph)

    # Shared

    def add_vocabulary(self) -> None:
        """Add the ontology as its files give it."""
        graph = self.names.graph("vocabulary")
        self.lines.update(f"{t.subject} {t.predicate} {t.object} <{graph}> .\n" for t in self.vocabulary.triples)

    def add_entity(self, entity: Entity) -> None:
        """Add an entity with its identifiers; those that an import brought have a graph of their own."""
        graph = self.names.graph("entities", entity.source) if entity.source else self.names.graph("vocabulary")
        node = self.names.iri("entity", entity.id)
        for cls in (CG + "Entity", SKOS + "Concept"):
            self.add_link(node, RDF + "type", cls, graph)
        self.add(node, SKOS + "notation", literal(entity.id), graph)
        self.add(node, SKOS + "prefLabel", literal(entity.label, language="en"), graph)
        for label in entity.also:
            self.add(node, SKOS + "altLabel", literal(label, language="en"), graph)
        self.add_link(node, CG + "kind", self.vocabulary.values("kind")[entity.kind], graph)
        for broader in entity.broader:
            self.add_link(node, SKOS + "broader", self.names.iri("entity", broader), graph)
        if entity.generic:
            self.add(node, CG + "generic", TRUE, graph)
        judged = [m for m in entity.matches if m.quality != "see"]
        self.add(node, CG + "identified", TRUE if judged else FALSE, graph)
        for match in entity.matches:
            target = expand(match.id, self.vocabulary.prefixes)
            if target is None:
                continue
            term = SKOS + _MATCHES[match.quality] if match.quality in _MATCHES else RDFS + "seeAlso"
            self.add_link(node, term, target, graph)
            self.add(target, RDFS + "label", literal(match.label), graph)
            self.add(target, SKOS + "notation", literal(match.id), graph)
            if match.version:
                self.add(target, DCT + "source", literal(match.version), graph)

    def add_work(self, work: Work) -> None:
        """Add a cited work."""
        graph, node = self.names.graph("works"), self.names.iri("work", work.id)
        for cls in (CG + "Work", FABIO + WORK_TYPES.get(work.type, "Work")):
            self.add_link(node, RDF + "type", cls, graph)
        self.add(node, DCT + "identifier", literal(work.id), graph)
        self.add(node, DCT + "title", literal(work.title), graph)
        if work.subtitle:
            self.add(node, FABIO + "hasSubtitle", literal(work.subtitle), graph)
        self.add_creators(node, work.creator, graph)
        if work.issued:
            self.add(node, DCT + "issued", literal(work.issued, XSD + _DATES[len(work.issued)]), graph)
        if work.container:
            self.add(node, PRISM + "publicationName", literal(work.container), graph)
        if work.doi:
            self.add_link(node, RDFS + "seeAlso", "https://doi.org/" + work.doi, graph)
        if work.url:
            self.add_link(node, RDFS + "seeAlso", work.url, graph)

    def add_creators(self, node: str, creators: Sequence[str], graph: str) -> None:
        """Add who wrote something, and in which order where they are several: a set of triples has none."""
        for creator in creators:
            self.add(node, DCT + "creator", literal(creator), graph)
        if len(creators) > 1:
            order = "|".join(creator.replace("|", "%7C") for creator in creators)
            self.add(node, CG + "creatorOrder", literal(order), graph)

    def add_variable(self, variable: Variable, graph: str) -> str:
        """Add a variable and return its IRI."""
        node = self.names.iri("variable", variable.name)
        self.add_link(node, RDF + "type", CG + "Variable", graph)
        self.add_link(node, CG + "entity", self.names.iri("entity", variable.entity), graph)
        self.add(node, SKOS + "notation", literal(variable.name), graph)
        self.add_value(node, "aspect", "aspect", variable.aspect, graph)
        self.add_value(node, "state", "state", variable.state, graph)
        return node

    def add_frame(self, frame: Frame) -> str:
        """Add a frame and return its IRI."""
        graph, node = self.names.graph("propositions"), self.names.iri("frame", frame.id)
        self.add_link(node, RDF + "type", CG + "Frame", graph)
        self.add_link(node, CG + "subject", self.names.iri("entity", frame.subject), graph)
        self.add_value(node, "family", "family", frame.family, graph)
        self.add_link(node, CG + "object", self.names.iri("entity", frame.object), graph)
        return node

    def add_proposition(self, proposition: Proposition) -> None:
        """Add a proposition, once for all documents."""
        p, graph = proposition, self.names.graph("propositions")
        node = self.names.iri("proposition", p.id)
        self.add_link(node, RDF + "type", CG + "Proposition", graph)
        self.add_link(node, CG + "frame", self.add_frame(p.frame), graph)
        self.add_link(node, CG + "subject", self.names.iri("entity", p.subject.entity), graph)
        self.add_link(node, CG + "relation", self.names.iri("relation", p.relation), graph)
        self.add_link(node, CG + "object", self.names.iri("entity", p.object.entity), graph)
        self.add_link(node, CG + "subjectVariable", self.add_variable(p.subject, graph), graph)
        self.add_link(node, CG + "objectVariable", self.add_variable(p.object, graph), graph)
        self.add_value(node, "aspect", "aspect", p.object.aspect, graph)
        self.add_value(node, "direction", "direction", p.direction, graph)
        self.add_value(node, "baseline", "state", p.baseline, graph)
        self.add(node, CG + "sign", integer(p.sign), graph)
        for term, variables in (("via", p.via), ("with", p.with_), ("without", p.without)):
            for variable in variables:
                self.add_link(node, CG + term, self.add_variable(variable, graph), graph)
        if p.via:
            self.add(node, CG + "viaOrder", literal(" > ".join(v.name for v in p.via)), graph)
        if p.effect:
            self.add_link(node, CG + "effect", self.add_variable(p.effect, graph), graph)
        if p.dimension:
            self.add(node, CG + "dimension", literal(p.dimension), graph)
        if p.agency:
            self.add_link(node, CG + "agency", self.names.iri("entity", p.agency), graph)
        for key, value in p.scope:
            term = CG + "scope" + key.capitalize()
            if key in self.vocabulary.entity_scopes:
                self.add_link(node, term, self.names.iri("entity", value), graph)
            else:
                self.add(node, term, literal(value), graph)

    # Of one document

    def add_document(self, document: Document) -> None:
        """Add a document with its claims, chains and provenance, in its own graph."""
        graph, node = self.names.graph("document", document.id), self.names.iri("document", document.id)
        for cls in (CG + "Document", PROV + "Entity", FABIO + WORK_TYPES.get(document.type, "Work")):
            self.add_link(node, RDF + "type", cls, graph)
        self.add(node, DCT + "identifier", literal(document.id), graph)
        self.add(node, DCT + "title", literal(document.title, language=document.language), graph)
        self.add(node, DCT + "language", literal(document.language), graph)
        self.add_creators(node, document.creator, graph)
        if document.publisher:
            self.add(node, DCT + "publisher", literal(document.publisher), graph)
        if document.issued:
            self.add(node, DCT + "issued", literal(document.issued, XSD + _DATES[len(document.issued)]), graph)
        self.add(node, CG + "sha256", literal(document.sha256), graph)
        if document.imported:
            self.add_imported(document.imported, document, graph)
        else:
            self.add(node, CG + "length", integer(document.length), graph)
        for work in document.cites:
            self.add_link(node, CITO + "cites", self.names.iri("work", work), graph)
        curation = self.names.iri("document", document.id, "curation")
        self.add_link(curation, RDF + "type", PROV + "Activity", graph)
        self.add_link(curation, PROV + "used", node, graph)
        self.add_link(curation, PROV + "wasAssociatedWith", self.names.iri("agent", "claimgraph"), graph)
        self.add(curation, DCT + "date", literal(document.curated.isoformat(), XSD + "date"), graph)
        for claim in document.claims:
            self.add_claim(claim, document)
        for chain in document.chains:
            self.add_chain(chain, document)

    def add_imported(self, imported: Imported, document: Document, graph: str) -> None:
        """Add what is known of imported data: that it is, how it was made, and its records."""
        node = self.names.iri("document", document.id)
        self.add(node, CG + "imported", TRUE, graph)
        self.add(node, CG + "byHand", TRUE if imported.by_hand else FALSE, graph)
        self.add(node, DCT + "format", literal(imported.format), graph)
        if imported.licence:
            self.add_link(node, DCT + "license", imported.licence, graph)
        for record in imported.records:
            self.add_record(record, document, graph)

    def add_record(self, record: Record, document: Document, graph: str) -> None:
        """Add a record of imported data; what it refers to is a link where its prefix is known."""
        node = self.names.iri("record", document.id, record.id)
        self.add_link(node, RDF + "type", CG + "Record", graph)
        self.add_link(node, CG + "document", self.names.iri("document", document.id), graph)
        self.add(node, DCT + "identifier", literal(record.id), graph)
        for reference in record.references:
            self.add(node, DCT + "references", _link(reference, self.vocabulary), graph)
        for name, told in (("origin", record.origin), ("level", record.level), ("agent", record.agent)):
            if told:
                self.add(node, CG + name, literal(told), graph)

    def add_claim(self, claim: Claim, document: Document) -> None:
        """Add a claim to the graph of its document."""
        graph, node = self.names.graph("document", document.id), self.names.iri("claim", claim.id)
        source = self.names.iri("document", document.id)
        self.add_link(node, RDF + "type", CG + "Claim", graph)
        self.add_link(node, CG + "document", source, graph)
        self.add_link(node, CG + claim.act, self.names.iri("proposition", claim.proposition.id), graph)
        self.add(node, CG + "statement", literal(claim.statement, language="en"), graph)
        for term, scheme, token in (
            ("certainty", "certainty", claim.certainty),
            ("voice", "voice", claim.voice),
            ("strength", "strength", claim.strength),
            ("frequency", "frequency", claim.frequency),
            ("extent", "extent", claim.extent),
            ("presented", "presented", claim.presented),
            ("assessmentOf", "assessment-of", claim.assessment_of),
            ("finding", "finding", claim.finding),
        ):
            self.add_value(node, term, scheme, token, graph)
        for kind in claim.evidence:
            self.add_value(node, "evidence", "evidence", kind, graph)
        if claim.hedge:
            self.add(node, CG + "hedge", literal(claim.hedge), graph)
        if claim.hedge_anchor:
            self.add_link(node, CG + "hedgeAnchor", self.add_anchor(claim.hedge_anchor, document), graph)
        if claim.work:
            self.add_link(node, CG + "citedWork", self.names.iri("work", claim.work), graph)
        if claim.only:
            self.add(node, CG + "only", TRUE, graph)
        if claim.anchor:
            self.add_link(node, CG + "anchor", self.add_anchor(claim.anchor, document), graph)
        for record in claim.records:
            self.add_link(node, CG + "record", self.names.iri("record", document.id, record), graph)
        for antecedent in claim.antecedents:
            self.add_link(node, CG + "antecedent", self.add_anchor(antecedent, document), graph)
        for figure in claim.figures:
            self.add_link(node, CG + "figure", self.add_figure(figure, claim, graph), graph)
        self.add_link(node, PROV + "wasDerivedFrom", source, graph)
        self.add_link(node, PROV + "wasGeneratedBy", self.names.iri("document", document.id, "curation"), graph)

    def add_anchor(self, anchor: Anchor, document: Document) -> str:
        """Add a passage, its key phrase refining it, and return its IRI."""
        graph = self.names.graph("document", document.id)
        key = anchor_id(anchor, document)
        node, position, quote = (self.names.iri("anchor", key, *part) for part in ((), ("position",), ("quote",)))
        for cls in (CG + "Anchor", OA + "SpecificResource"):
            self.add_link(node, RDF + "type", cls, graph)
        self.add_link(node, OA + "hasSource", self.names.iri("document", document.id), graph)
        self.add_link(node, OA + "hasSelector", position, graph)
        self.add_link(position, RDF + "type", OA + "TextPositionSelector", graph)
        self.add(position, OA + "start", integer(anchor.start), graph)
        self.add(position, OA + "end", integer(anchor.end), graph)
        self.add_link(position, OA + "refinedBy", quote, graph)
        self.add_link(quote, RDF + "type", OA + "TextQuoteSelector", graph)
        self.add(quote, OA + "exact", literal(anchor.exact), graph)
        return node

    def add_figure(self, figure: Figure, claim: Claim, graph: str) -> str:
        """Add a figure of a claim and return its IRI."""
        node = self.names.iri("figure", figure_id(figure, claim))
        self.add_link(node, RDF + "type", CG + "Figure", graph)
        self.add_value(node, "unit", "unit", figure.unit, graph)
        self.add(node, CG + "counted", literal(figure.counted), graph)
        for term in ("value", "low", "high"):
            if number := getattr(figure, term):
                self.add(node, CG + term, literal(number, XSD + "decimal"), graph)
        if figure.population:
            self.add_link(node, CG + "population", self.names.iri("entity", figure.population), graph)
        if figure.about:
            self.add(node, CG + "about", TRUE, graph)
        return node

    def add_chain(self, chain: Chain, document: Document) -> None:
        """Add a stated chain with its steps."""
        graph, node = self.names.graph("document", document.id), self.names.iri("chain", chain.id)
        self.add_link(node, RDF + "type", CG + "Chain", graph)
        self.add_link(node, CG + "document", self.names.iri("document", document.id), graph)
        self.add(node, CG + "statement", literal(chain.statement, language="en"), graph)
        for record in chain.records:
            self.add_link(node, CG + "record", self.names.iri("record", document.id, record), graph)
        for position, claim in enumerate(chain.steps, 1):
            step = self.names.iri("chain", chain.id, str(position))
            self.add_link(node, CG + "step", step, graph)
            self.add_link(step, RDF + "type", CG + "ChainStep", graph)
            self.add(step, CG + "position", integer(position), graph)
            self.add_link(step, CG + "claim", self.names.iri("claim", claim.id), graph)


def _link(reference: str, vocabulary: Vocabulary) -> str:
    """Return a reference as a link where it is an address or its prefix is known, else as text."""
    web = reference.startswith(("http://", "https://"))
    try:
        return iri(reference if web else expand(reference, vocabulary.prefixes) or "")
    except ValueError:
        return literal(reference)


def anchor_id(anchor: Anchor, document: Document) -> str:
    """Return the name of an anchor, which follows from the digest of the text."""
    return content_id("anchor", document.sha256, anchor.start, anchor.end, anchor.exact)


def figure_id(figure: Figure, claim: Claim) -> str:
    """Return the name of a figure, which follows from its claim."""
    f = figure
    return content_id("figure", claim.id, f.unit, f.counted, f.value, f.low, f.high, f.population, f.about)


def write_shared(corpus: Corpus, vocabulary: Vocabulary, names: Names) -> Quads:
    """Return the quads that no single document owns: vocabulary, works, propositions."""
    quads = Quads(vocabulary, names)
    quads.add_vocabulary()
    for entity in corpus.entities.values():
        quads.add_entity(entity)
    for work in corpus.works.values():
        quads.add_work(work)
    agent, graph = names.iri("agent", "claimgraph"), names.graph("works")
    quads.add_link(agent, RDF + "type", PROV + "Agent", graph)
    quads.add(agent, RDFS + "label", literal("Claimgraph"), graph)
    for proposition in {claim.proposition.id: claim.proposition for claim in corpus.claims}.values():
        quads.add_proposition(proposition)
    return quads


def write_document(document: Document, vocabulary: Vocabulary, names: Names) -> Quads:
    """Return the quads of one document."""
    quads = Quads(vocabulary, names)
    quads.add_document(document)
    return quads


def write_corpus(corpus: Corpus, vocabulary: Vocabulary, names: Names) -> list[str]:
    """Return all quads of a corpus as sorted lines."""
    lines = write_shared(corpus, vocabulary, names).lines
    for document in corpus.documents.values():
        lines |= write_document(document, vocabulary, names).lines
    return sorted(lines)


def digest(lines: Iterable[str]) -> str:
    r"""Return the SHA-256 of sorted N-Quads lines: the name of a build.

    >>> digest(["<a:b> <a:c> <a:d> <a:e> .\n"])[:12]
    'd84fe0a3c05c'
    """
    sha = hashlib.sha256()
    for line in lines:
        sha.update(line.encode())
    return sha.hexdigest()


def triples_of(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines without their graph: N-Triples of the union."""
    for line in lines:
        yield line[: line.rindex(" <")] + " .\n"
