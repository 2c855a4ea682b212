"""From the model to RDF: N-Quads lines, every node with an IRI, so that the sorted text is canonical.

This module is the one definition of the mapping. It writes text, because that is what is hashed and validated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

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
from kg.names import Names, content_id, expand
from kg.rdf.lines import LABEL, SEE_ALSO, TYPE, Lines, Terms, cg, dct, fabio, oa, prov, skos
from kg.rdf.terms import CITO, FALSE, PRISM, TRUE, WORK_TYPES, XSD, integer, iri, literal
from kg.vocabulary import Vocabulary

_DATES = {4: "gYear", 7: "gYearMonth", 10: "date"}
_MATCHES = {q: skos[f"{q}Match"] for q in ("exact", "close", "broad", "narrow")}
#: How many lines are hashed at once.
_TOGETHER = 1000
_cito, _prism = Terms(CITO), Terms(PRISM)
#: Predicates, and classes with theirs, of what there is most of: such lines are written at once, not call by call.
_FRAME, _SUBJECT, _RELATION, _OBJECT, _SUBJECT_VARIABLE, _OBJECT_VARIABLE, _SIGN, _ENTITY, _DOCUMENT, _STATEMENT = (
    cg[name] for name in ("frame", "subject", "relation", "object", "subjectVariable", "objectVariable", "sign",
                          "entity", "document", "statement")
)  # fmt: skip
_SOURCE, _SELECTOR, _START, _END, _REFINED, _EXACT = (
    oa[name] for name in ("hasSource", "hasSelector", "start", "end", "refinedBy", "exact")
)
_DERIVED, _GENERATED, _NOTATION = prov["wasDerivedFrom"], prov["wasGeneratedBy"], skos["notation"]
_IS_CLAIM, _IS_PROPOSITION, _IS_FRAME, _IS_VARIABLE, _IS_ANCHOR = (
    f"{TYPE} {cg[name]}" for name in ("Claim", "Proposition", "Frame", "Variable", "Anchor")
)
_IS_SPECIFIC, _IS_POSITION, _IS_QUOTE = (
    f"{TYPE} {oa[name]}" for name in ("SpecificResource", "TextPositionSelector", "TextQuoteSelector")
)
#: Properties of a claim whose values are tokens: the property, the closed list, the field.
_TOKENS = (
    ("certainty", "certainty", "certainty"), ("voice", "voice", "voice"), ("strength", "strength", "strength"),
    ("frequency", "frequency", "frequency"), ("extent", "extent", "extent"), ("presented", "presented", "presented"),
    ("assessmentOf", "assessment-of", "assessment_of"), ("finding", "finding", "finding"),
)  # fmt: skip


class Quads(Lines):
    """The quads of models; each variable and frame is written once in a graph."""

    def __init__(self, vocabulary: Vocabulary, names: Names) -> None:
        super().__init__(vocabulary, names)
        self._frames: dict[str, str] = {}
        self._named: set[str] = set()
        self._propositions = self.graph("propositions")

    # Shared

    def add_vocabulary(self) -> None:
        """Add the ontology as its files give it."""
        graph = self.graph("vocabulary")
        self.lines += [f"{triple} {graph} .\n" for triple in self.vocabulary.triples]

    def add_entity(self, entity: Entity) -> None:
        """Add an entity with its identifiers; those that an import brought have a graph of their own."""
        graph = self.graph("entities", entity.source) if entity.source else self.graph("vocabulary")
        node = self.entities[entity.id]
        self.add(node, TYPE, cg["Entity"], graph)
        self.add(node, TYPE, skos["Concept"], graph)
        self.add(node, skos["notation"], literal(entity.id), graph)
        self.add(node, skos["prefLabel"], literal(entity.label, language="en"), graph)
        for label in entity.also:
            self.add(node, skos["altLabel"], literal(label, language="en"), graph)
        self.add_value(node, "kind", "kind", entity.kind, graph)
        for broader in entity.broader:
            self.add(node, skos["broader"], self.entities[broader], graph)
        if entity.generic:
            self.add(node, cg["generic"], TRUE, graph)
        judged = any(m.quality != "see" for m in entity.matches)
        self.add(node, cg["identified"], TRUE if judged else FALSE, graph)
        for match in entity.matches:
            target = expand(match.id, self.vocabulary.prefixes)
            if target is None:
                continue
            self.add(node, _MATCHES.get(match.quality, SEE_ALSO), f"<{target}>", graph)
            self.add(f"<{target}>", LABEL, literal(match.label), graph)
            self.add(f"<{target}>", skos["notation"], literal(match.id), graph)
            if match.version:
                self.add(f"<{target}>", dct["source"], literal(match.version), graph)

    def add_work(self, work: Work) -> None:
        """Add a cited work."""
        graph, node = self.graph("works"), self.works[work.id]
        self.add(node, TYPE, cg["Work"], graph)
        self.add(node, TYPE, fabio[WORK_TYPES.get(work.type, "Work")], graph)
        self.add(node, dct["identifier"], literal(work.id), graph)
        self.add(node, dct["title"], literal(work.title), graph)
        if work.subtitle:
            self.add(node, fabio["hasSubtitle"], literal(work.subtitle), graph)
        self.add_creators(node, work.creator, graph)
        if work.issued:
            self.add(node, dct["issued"], _date(work.issued), graph)
        if work.container:
            self.add(node, _prism["publicationName"], literal(work.container), graph)
        if work.doi:
            self.add(node, SEE_ALSO, f"<https://doi.org/{work.doi}>", graph)
        if work.url:
            self.add(node, SEE_ALSO, f"<{work.url}>", graph)

    def add_agent(self) -> None:
        """Add who curates."""
        agent, graph = self.node("agent", "claimgraph"), self.graph("works")
        self.add(agent, TYPE, prov["Agent"], graph)
        self.add(agent, LABEL, literal("Claimgraph"), graph)

    def add_creators(self, node: str, creators: Sequence[str], graph: str) -> None:
        """Add who wrote something, and in which order where they are several: a set of triples has none."""
        for creator in creators:
            self.add(node, dct["creator"], literal(creator), graph)
        if len(creators) > 1:
            order = "|".join(creator.replace("|", "%7C") for creator in creators)
            self.add(node, cg["creatorOrder"], literal(order), graph)

    def add_variable(self, variable: Variable) -> str:
        """Add a variable and return its node."""
        name = variable.name
        node = self.variables[name]
        if name not in self._named:
            self._named.add(name)
            end = f" {self._propositions} .\n"
            self.lines += (
                f"{node} {_IS_VARIABLE}{end}",
                f"{node} {_ENTITY} {self.entities[variable.entity]}{end}",
                f"{node} {_NOTATION} {literal(name)}{end}",
            )
            self.add_value(node, "aspect", "aspect", variable.aspect, self._propositions)
            self.add_value(node, "state", "state", variable.state, self._propositions)
        return node

    def add_frame(self, frame: Frame) -> str:
        """Add a frame and return its node."""
        key, graph = f"{frame.subject} {frame.family} {frame.object}", self._propositions
        if written := self._frames.get(key):
            return written
        self._frames[key] = node = self.node("frame", frame.id)
        end = f" {graph} .\n"
        self.lines += (
            f"{node} {_IS_FRAME}{end}",
            f"{node} {_SUBJECT} {self.entities[frame.subject]}{end}",
            f"{node} {_OBJECT} {self.entities[frame.object]}{end}",
        )
        self.add_value(node, "family", "family", frame.family, graph)
        return node

    def add_proposition(self, proposition: Proposition) -> None:
        """Add a proposition, once for all documents."""
        p, graph, end = proposition, self._propositions, f" {self._propositions} .\n"
        node = self.node("proposition", p.id)
        self.lines += (
            f"{node} {_IS_PROPOSITION}{end}",
            f"{node} {_FRAME} {self.add_frame(p.frame)}{end}",
            f"{node} {_SUBJECT} {self.entities[p.subject.entity]}{end}",
            f"{node} {_RELATION} {self.relations[p.relation]}{end}",
            f"{node} {_OBJECT} {self.entities[p.object.entity]}{end}",
            f"{node} {_SUBJECT_VARIABLE} {self.add_variable(p.subject)}{end}",
            f"{node} {_OBJECT_VARIABLE} {self.add_variable(p.object)}{end}",
            f"{node} {_SIGN} {integer(p.sign)}{end}",
        )
        self.add_value(node, "aspect", "aspect", p.object.aspect, graph)
        self.add_value(node, "direction", "direction", p.direction, graph)
        self.add_value(node, "baseline", "state", p.baseline, graph)
        for term, variables in (("via", p.via), ("with", p.with_), ("without", p.without)):
            for variable in variables:
                self.add(node, cg[term], self.add_variable(variable), graph)
        if p.via:
            self.add(node, cg["viaOrder"], literal(" > ".join(v.name for v in p.via)), graph)
        if p.effect:
            self.add(node, cg["effect"], self.add_variable(p.effect), graph)
        if p.dimension:
            self.add(node, cg["dimension"], literal(p.dimension), graph)
        if p.agency:
            self.add(node, cg["agency"], self.entities[p.agency], graph)
        for key, value in p.scope:
            named = key in self.vocabulary.entity_scopes
            term = cg["scope" + key.capitalize()]
            self.add(node, term, self.entities[value] if named else literal(value), graph)

    # Of one document

    def add_document(self, document: Document) -> None:
        """Add a document with its claims, chains and provenance, in its own graph."""
        graph, node = self.graph("document", document.id), self.documents[document.id]
        for cls in (cg["Document"], prov["Entity"], fabio[WORK_TYPES.get(document.type, "Work")]):
            self.add(node, TYPE, cls, graph)
        self.add(node, dct["identifier"], literal(document.id), graph)
        self.add(node, dct["title"], literal(document.title, language=document.language), graph)
        self.add(node, dct["language"], literal(document.language), graph)
        self.add_creators(node, document.creator, graph)
        if document.publisher:
            self.add(node, dct["publisher"], literal(document.publisher), graph)
        if document.issued:
            self.add(node, dct["issued"], _date(document.issued), graph)
        self.add(node, cg["sha256"], literal(document.sha256), graph)
        if document.imported:
            self.add_imported(document.imported, document, graph)
        else:
            self.add(node, cg["length"], integer(document.length), graph)
        for work in document.cites:
            self.add(node, _cito["cites"], self.works[work], graph)
        curation = f"{node[:-1]}/curation>"
        self.add(curation, TYPE, prov["Activity"], graph)
        self.add(curation, prov["used"], node, graph)
        self.add(curation, prov["wasAssociatedWith"], self.node("agent", "claimgraph"), graph)
        self.add(curation, dct["date"], literal(document.curated.isoformat(), XSD + "date"), graph)
        for claim in document.claims:
            self.add_claim(claim, document, graph, curation)
        for chain in document.chains:
            self.add_chain(chain, document, graph)

    def add_imported(self, imported: Imported, document: Document, graph: str) -> None:
        """Add what is known of imported data: that it is, how it was made, and its records."""
        node = self.documents[document.id]
        self.add(node, cg["imported"], TRUE, graph)
        self.add(node, cg["byHand"], TRUE if imported.by_hand else FALSE, graph)
        self.add(node, dct["format"], literal(imported.format), graph)
        if imported.licence:
            self.add(node, dct["license"], f"<{imported.licence}>", graph)
        for record in imported.records:
            self.add_record(record, document, graph)

    def record(self, document: Document, record: str) -> str:
        """Return the node of a record, which has the name that others gave it."""
        return f"<{self.names.iri('record', document.id, record)}>"

    def add_record(self, record: Record, document: Document, graph: str) -> None:
        """Add a record of imported data; what it refers to is a link where its prefix is known."""
        node = self.record(document, record.id)
        self.add(node, TYPE, cg["Record"], graph)
        self.add(node, cg["document"], self.documents[document.id], graph)
        self.add(node, dct["identifier"], literal(record.id), graph)
        for reference in record.references:
            self.add(node, dct["references"], _link(reference, self.vocabulary), graph)
        for name, told in (("origin", record.origin), ("level", record.level), ("agent", record.agent)):
            if told:
                self.add(node, cg[name], literal(told), graph)

    def add_claim(self, claim: Claim, document: Document, graph: str, curation: str) -> None:
        """Add a claim to the graph of its document."""
        node, source = self.node("claim", claim.id), self.documents[document.id]
        end = f" {graph} .\n"
        self.lines += (
            f"{node} {_IS_CLAIM}{end}",
            f"{node} {_DOCUMENT} {source}{end}",
            f"{node} {cg[claim.act]} {self.node('proposition', claim.proposition.id)}{end}",
            f"{node} {_STATEMENT} {literal(claim.statement, language='en')}{end}",
            f"{node} {_DERIVED} {source}{end}",
            f"{node} {_GENERATED} {curation}{end}",
        )
        for term, scheme, key in _TOKENS:
            if token := getattr(claim, key):
                self.add_value(node, term, scheme, token, graph)
        for kind in claim.evidence:
            self.add_value(node, "evidence", "evidence", kind, graph)
        if claim.hedge:
            self.add(node, cg["hedge"], literal(claim.hedge), graph)
        if claim.hedge_anchor:
            self.add(node, cg["hedgeAnchor"], self.add_anchor(claim.hedge_anchor, document, graph), graph)
        if claim.work:
            self.add(node, cg["citedWork"], self.works[claim.work], graph)
        if claim.only:
            self.add(node, cg["only"], TRUE, graph)
        if claim.anchor:
            self.add(node, cg["anchor"], self.add_anchor(claim.anchor, document, graph), graph)
        for record in claim.records:
            self.add(node, cg["record"], self.record(document, record), graph)
        for antecedent in claim.antecedents:
            self.add(node, cg["antecedent"], self.add_anchor(antecedent, document, graph), graph)
        for figure in claim.figures:
            self.add(node, cg["figure"], self.add_figure(figure, claim, graph), graph)

    def add_anchor(self, anchor: Anchor, document: Document, graph: str) -> str:
        """Add a passage, its key phrase refining it, and return its node."""
        node = self.node("anchor", anchor_id(anchor, document))
        position, quote = f"{node[:-1]}/position>", f"{node[:-1]}/quote>"
        end = f" {graph} .\n"
        self.lines += (
            f"{node} {_IS_ANCHOR}{end}",
            f"{node} {_IS_SPECIFIC}{end}",
            f"{node} {_SOURCE} {self.documents[document.id]}{end}",
            f"{node} {_SELECTOR} {position}{end}",
            f"{position} {_IS_POSITION}{end}",
            f"{position} {_START} {integer(anchor.start)}{end}",
            f"{position} {_END} {integer(anchor.end)}{end}",
            f"{position} {_REFINED} {quote}{end}",
            f"{quote} {_IS_QUOTE}{end}",
            f"{quote} {_EXACT} {literal(anchor.exact)}{end}",
        )
        return node

    def add_figure(self, figure: Figure, claim: Claim, graph: str) -> str:
        """Add a figure of a claim and return its node."""
        node = self.node("figure", figure_id(figure, claim))
        self.add(node, TYPE, cg["Figure"], graph)
        self.add_value(node, "unit", "unit", figure.unit, graph)
        self.add(node, cg["counted"], literal(figure.counted), graph)
        for term in ("value", "low", "high"):
            if number := getattr(figure, term):
                self.add(node, cg[term], literal(number, XSD + "decimal"), graph)
        if figure.population:
            self.add(node, cg["population"], self.entities[figure.population], graph)
        if figure.about:
            self.add(node, cg["about"], TRUE, graph)
        return node

    def add_chain(self, chain: Chain, document: Document, graph: str) -> None:
        """Add a stated chain with its steps."""
        node = self.node("chain", chain.id)
        self.add(node, TYPE, cg["Chain"], graph)
        self.add(node, cg["document"], self.documents[document.id], graph)
        self.add(node, cg["statement"], literal(chain.statement, language="en"), graph)
        for record in chain.records:
            self.add(node, cg["record"], self.record(document, record), graph)
        for position, claim in enumerate(chain.steps, 1):
            step = f"{node[:-1]}/{position}>"
            self.add(node, cg["step"], step, graph)
            self.add(step, TYPE, cg["ChainStep"], graph)
            self.add(step, cg["position"], integer(position), graph)
            self.add(step, cg["claim"], self.node("claim", claim.id), graph)


def _date(text: str) -> str:
    """Return a year, a month or a day, as its length tells."""
    return literal(text, XSD + _DATES[len(text)])


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
    """Return the quads of what documents refer to: vocabulary, entities, works."""
    quads = Quads(vocabulary, names)
    quads.add_vocabulary()
    for entity in corpus.entities.values():
        quads.add_entity(entity)
    for work in corpus.works.values():
        quads.add_work(work)
    quads.add_agent()
    return quads


def write_propositions(propositions: Iterable[Proposition], vocabulary: Vocabulary, names: Names) -> Quads:
    """Return the quads of propositions, which no single document owns."""
    quads = Quads(vocabulary, names)
    for proposition in propositions:
        quads.add_proposition(proposition)
    return quads


def write_document(document: Document, vocabulary: Vocabulary, names: Names) -> Quads:
    """Return the quads of one document."""
    quads = Quads(vocabulary, names)
    quads.add_document(document)
    return quads


def write_digest(document: Document, vocabulary: Vocabulary, names: Names) -> str:
    """Return the quad that names the text of a document by its digest."""
    quads = Quads(vocabulary, names)
    node, graph = quads.documents[document.id], quads.graph("document", document.id)
    quads.add(node, cg["sha256"], literal(document.sha256), graph)
    return quads.lines[0]


def write_corpus(corpus: Corpus, vocabulary: Vocabulary, names: Names) -> list[str]:
    """Return all quads of a corpus as sorted lines."""
    lines = write_shared(corpus, vocabulary, names).sort()
    lines += write_propositions(corpus.propositions.values(), vocabulary, names).sort()
    for document in corpus.documents.values():
        lines += write_document(document, vocabulary, names).sort()
    return sorted(lines)


def digest(lines: Iterable[str]) -> str:
    r"""Return the SHA-256 of sorted N-Quads lines: the name of a build.

    >>> digest(["<a:b> <a:c> <a:d> <a:e> .\n"])[:12]
    'd84fe0a3c05c'
    """
    sha, rest = hashlib.sha256(), iter(lines)
    while some := "".join(islice(rest, _TOGETHER)):
        sha.update(some.encode())
    return sha.hexdigest()


def triples_of(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines without their graph: N-Triples of the union."""
    for line in lines:
        yield line[: line.rindex(" <")] + " .\n"
