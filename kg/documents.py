"""What is done for each curated document by itself: read, proved in its text, written as quads, judged by the shapes.

A function of the files, of the text and of what all documents share, so that it may be done anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from kg.corpus import rules
from kg.corpus.documents import Known, Reading, read_curated
from kg.errors import Finding
from kg.garbage import put_off
from kg.model import Document
from kg.names import Names
from kg.rdf.write import write_document, write_propositions
from kg.shapes.engines import ENGINES
from kg.shapes.portions import Portions
from kg.shapes.slices import Slice
from kg.shapes.validation import Result
from kg.vocabulary import Vocabulary


@dataclass(frozen=True)
class Context:
    """What all documents share."""

    known: Known
    base: str
    #: The quads of vocabulary, entities and works.
    shared: tuple[str, ...] = ()
    #: The engine that applies the shapes of a folder; none where they are not to be applied.
    engine: str = ""
    shapes: Path = Path()

    @cached_property
    def names(self) -> Names:
        """The names of all that is written."""
        return Names(self.base)

    @cached_property
    def portions(self) -> Portions:
        """What cuts documents."""
        return Portions(self.shared, self.names)


@dataclass(frozen=True)
class Task:
    """A document to be prepared: its files, or what was read of them before."""

    file: Path
    given: Mapping[Path, bytes] | None = None
    document: Document | None = None
    #: Source texts by digest, that of the document among them where it is at hand.
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """A document, what is wrong with it, and what it is in RDF."""

    document: Document | None
    findings: list[Finding]
    #: Its reading: claims that it names, those with faults too, and whether it found nothing wrong.
    claims: frozenset[str] = frozenset()
    faultless: bool = True
    #: How many anchors were proved against the text, and how many could not be for want of it.
    proved: int = 0
    unproved: int = 0
    #: Its sorted N-Quads, none when it has errors.
    quads: list[str] = field(default_factory=list)
    #: What the shapes say of each of its slices, by the digest of that; None where they were not applied.
    verdicts: dict[str, list[Result]] | None = None


def prepare(context: Context, tasks: Sequence[Task]) -> list[Prepared]:
    """Prepare some documents; pySHACL judges what they share once."""
    with put_off():
        found = [_prepare(context, task) for task in tasks]
        return list(_judge(context, found)) if context.engine else found


def _prepare(context: Context, task: Task) -> Prepared:
    """Read a document, check it and write its quads."""
    vocabulary = context.known.vocabulary
    reading = Reading(task.document) if task.document else read_curated(context.known, task.file, task.given)
    document, faultless = reading.document, not reading.findings
    if document is None:
        return Prepared(None, reading.findings, reading.claims, faultless)
    text = task.texts.get(document.sha256)
    wrong = list(check_document(document, text, vocabulary))
    findings = [*reading.findings, *wrong]
    count = sum(1 for claim in document.claims for _ in claim.anchors)
    proved = count - sum(f.rule == "anchor" for f in wrong) if text is not None else 0
    unproved = count if text is None else 0
    sound = all(f.severity != "error" for f in findings)
    quads = write_document(document, vocabulary, context.names).sort() if sound else []
    return Prepared(document, findings, reading.claims, faultless, proved, unproved, quads)


def check_document(document: Document, text: str | None, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield what the rules for curators find in a document, and in its text where that is at hand."""
    file = name_file(document)
    if text is not None:
        yield from rules.check_anchors(file, document, text, vocabulary)
    yield from rules.check_claims(file, document, text, vocabulary)
    yield from rules.check_document(file, document, vocabulary)


def name_file(document: Document) -> str:
    """Return the file of a document's claims, as findings name it."""
    return f"{document.corpus}/{document.id}/claims.{'jsonl' if document.imported else 'toml'}"


def _judge(context: Context, found: Sequence[Prepared]) -> Iterator[Prepared]:
    """Cut the quads of documents into slices, and say what the shapes say of each."""
    slices = [_cut(context, one) for one in found]
    told = iter(ENGINES[context.engine]([one for some in slices for one in some or ()], context.shapes))
    for one, some in zip(found, slices, strict=True):
        verdicts = None if some is None else {part.digest: next(told) for part in some}
        yield replace(one, verdicts=verdicts)


def _cut(context: Context, one: Prepared) -> list[Slice] | None:
    """Return the slices of a document, or None when it leads to other documents."""
    if one.document is None or not one.quads:
        return None
    taken_up = {claim.proposition.id: claim.proposition for claim in one.document.claims}
    near = write_propositions(taken_up.values(), context.known.vocabulary, context.names).lines
    graph = context.names.graph("document", one.document.id)
    return context.portions.cut(graph, one.quads, near)
