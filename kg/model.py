"""The model: what documents claim, as frozen values whose names follow from their content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from kg.names import content_id


@dataclass(frozen=True, order=True, slots=True)
class Variable:
    """An entity with an aspect and a state, either of which may be open.

    >>> Variable("nmda-receptor", "activity", "decreased").name
    'nmda-receptor:activity:decreased'
    """

    entity: str
    aspect: str = ""
    state: str = ""

    @property
    def name(self) -> str:
        """The variable as curated files write it."""
        return ":".join((self.entity, self.aspect, self.state)).rstrip(":")


@dataclass(frozen=True, order=True, slots=True)
class Frame:
    """A question: how the subject bears on the object, within one family of relations."""

    subject: str
    family: str
    object: str

    @property
    def id(self) -> str:
        """The name of the frame."""
        return content_id("frame", self.subject, self.family, self.object)


@dataclass(frozen=True)
class Proposition:
    """One answer to a frame; its sign is the state of its subject times its direction."""

    frame: Frame
    subject: Variable
    relation: str
    object: Variable
    direction: str = ""
    sign: int = 0
    via: tuple[Variable, ...] = ()
    with_: tuple[Variable, ...] = ()
    without: tuple[Variable, ...] = ()
    baseline: str = ""
    effect: Variable | None = None
    dimension: str = ""
    agency: str = ""
    scope: tuple[tuple[str, str], ...] = ()

    @cached_property
    def id(self) -> str:
        """The name of the proposition."""
        return content_id(
            "proposition",
            self.subject.name,
            [v.name for v in self.via],
            [v.name for v in self.with_],
            [v.name for v in self.without],
            self.relation,
            self.object.name,
            self.direction,
            self.baseline,
            self.effect.name if self.effect else None,
            self.dimension,
            self.agency,
            [f"{key}={value}" for key, value in self.scope],
        )

    @property
    def variables(self) -> Iterator[Variable]:
        """All variables that the proposition speaks of."""
        yield from (self.subject, self.object, *self.via, *self.with_, *self.without)
        if self.effect:
            yield self.effect

    def entities(self, entity_scopes: frozenset[str]) -> Iterator[str]:
        """Yield the entities that the proposition names, those of its scope too."""
        yield from (v.entity for v in self.variables)
        yield from (value for key, value in self.scope if key in entity_scopes)
        if self.agency:
            yield self.agency


@dataclass(frozen=True, order=True, slots=True)
class Anchor:
    """A passage (start and end in code points) and the key phrase inside it."""

    start: int
    end: int
    exact: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, or a range, with what is counted and in whom; numbers as canonical decimal text."""

    unit: str
    counted: str
    value: str = ""
    low: str = ""
    high: str = ""
    population: str = ""
    about: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a source that others made: what an imported claim stands on in place of a passage."""

    id: str
    #: Publications and pages that the record names, as identifiers or addresses.
    references: tuple[str, ...] = ()
    #: Who first said it, how it was come by and by what sort of agent, in the words of the source.
    origin: str = ""
    level: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Claim:
    """One act of one document upon one proposition."""

    document: str
    act: str
    proposition: Proposition
    statement: str
    #: Where it stands in the text; an imported claim stands in records instead.
    anchor: Anchor | None
    certainty: str
    hedge: str = ""
    hedge_anchor: Anchor | None = None
    antecedents: tuple[Anchor, ...] = ()
    voice: str = "document"
    work: str = ""
    evidence: tuple[str, ...] = ()
    strength: str = ""
    frequency: str = ""
    extent: str = ""
    only: bool = False
    presented: str = ""
    assessment_of: str = ""
    finding: str = ""
    figures: tuple[Figure, ...] = ()
    #: The records of an imported document that say it; saying it again adds a record, not a claim.
    records: tuple[str, ...] = field(default=(), compare=False)
    #: Of the curated file, not of the claim: its place there, its name there, warnings that were looked at.
    label: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)
    acknowledged: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @cached_property
    def id(self) -> str:
        """The name of the claim: all of its content but our own statement, which may be reworded."""
        return content_id(
            "claim",
            self.document,
            self.act,
            self.proposition.id,
            [self.anchor.start, self.anchor.end, self.anchor.exact] if self.anchor else None,
            self.certainty,
            self.hedge,
            [self.hedge_anchor.start, self.hedge_anchor.end] if self.hedge_anchor else None,
            [[a.start, a.end, a.exact] for a in self.antecedents],
            self.voice,
            self.work,
            list(self.evidence),
            [self.strength, self.frequency, self.extent, self.only, self.presented],
            [self.assessment_of, self.finding],
            [[f.unit, f.counted, f.value, f.low, f.high, f.population, f.about] for f in self.figures],
        )

    @property
    def anchors(self) -> Iterator[Anchor]:
        """All places that the claim points to."""
        if self.anchor:
            yield self.anchor
        yield from self.antecedents
        if self.hedge_anchor:
            yield self.hedge_anchor


@dataclass(frozen=True)
class Chain:
    """Claims that one document joins, in order, into a mechanism."""

    document: str
    statement: str
    steps: tuple[Claim, ...]
    #: The records of an imported document that join the steps.
    records: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def id(self) -> str:
        """The name of the chain."""
        return content_id("chain", self.document, [c.id for c in self.steps])


@dataclass(frozen=True, slots=True)
class Omission:
    """A passage that claims nothing, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Imported:
    """What is known of data that others made, when its statements are taken over as claims."""

    #: How it was written: "kgx", "drugmechdb" or "nanopub".
    format: str
    #: Whether its makers curated it by hand.
    by_hand: bool
    licence: str
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Document:
    """A source text as it is known without having it, with what it claims."""

    id: str
    corpus: str
    title: str
    type: str
    language: str
    sha256: str
    length: int
    curated: date
    creator: tuple[str, ...] = ()
    publisher: str = ""
    issued: str = ""
    cites: tuple[str, ...] = ()
    omissions: tuple[Omission, ...] = ()
    claims: tuple[Claim, ...] = ()
    chains: tuple[Chain, ...] = ()
    imported: Imported | None = None


@dataclass(frozen=True)
class Work:
    """A publication that documents cite."""

    id: str
    title: str
    type: str
    subtitle: str = ""
    creator: tuple[str, ...] = ()
    issued: str = ""
    container: str = ""
    doi: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An identifier of an entity in an ontology; a quality of "see" makes no judgement."""

    id: str
    label: str
    quality: str
    version: str = ""


@dataclass(frozen=True)
class Entity:
    """Something that claims are about."""

    id: str
    kind: str
    label: str
    also: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    generic: bool = False
    matches: tuple[Match, ...] = ()
    #: The imported document that it came with; nothing when it was curated here.
    source: str = ""


@dataclass(frozen=True)
class Disagreement:
    """Claims that do not fit together, or only seem not to, and why."""

    kind: str
    hardness: str
    frame: Frame
    #: The claims by what they hold; a composed answer brings all claims of its chain.
    sides: tuple[tuple[Claim, ...], ...]
    because: str
    curated: bool = False

    @cached_property
    def between(self) -> tuple[Claim, ...]:
        """All claims that take part, in the order of documents and places."""
        claims = {c.id: c for side in self.sides for c in side}
        return tuple(sorted(claims.values(), key=lambda c: (c.document, list(c.anchors)[:1], c.id)))

    @cached_property
    def id(self) -> str:
        """The name of the disagreement."""
        return content_id("disagreement", self.kind, self.frame.id, sorted({c.id for c in self.between}))

    @property
    def reach(self) -> str:
        """Whether it lies within one document or between several."""
        return "within" if len({c.document for c in self.between}) == 1 else "between"


@dataclass(frozen=True)
class Support:
    """Who takes a proposition up, and how many sources that independently makes."""

    proposition: Proposition
    asserted: tuple[str, ...]
    denied: tuple[str, ...]
    questioned: tuple[str, ...]
    independent: int
    #: The number of independent sources that say the same of its question, by this or another proposition.
    agreeing: int
    #: Pairs of documents of which one lists a work that the other rests on.
    possibly_dependent: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Corpus:
    """Everything that was read from the curated files."""

    entities: dict[str, Entity]
    works: dict[str, Work]
    documents: dict[str, Document]
    #: Those that a curator found, where no rule can.
    disagreements: tuple[Disagreement, ...] = ()

    @property
    def claims(self) -> Iterator[Claim]:
        """All claims, document by document, in the order of the files."""
        for document in self.documents.values():
            yield from document.claims

    @property
    def propositions(self) -> dict[str, Proposition]:
        """All propositions by their names, each once."""
        return {claim.proposition.id: claim.proposition for claim in self.claims}
