"""The curator's tool: everything that is wrong with a data folder, in one run, as findings."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg import rules
from kg.anchors import Source, read_sources
from kg.compare import find_disagreements, find_related, find_support
from kg.corpus import read_corpus
from kg.derived import write_comparisons, write_edges
from kg.errors import CheckError, Finding, NotFoundError, SourceError
from kg.model import Corpus, Document
from kg.names import Names, nearest
from kg.rdf import anchor_id, figure_id, write_corpus
from kg.settings import Settings
from kg.shapes import Result
from kg.slices import cut
from kg.verdicts import judge
from kg.vocabulary import Vocabulary, read_vocabulary


@dataclass(frozen=True)
class Verdict:
    """What a check saw and found."""

    vocabulary: Vocabulary
    corpus: Corpus
    findings: list[Finding]
    #: Sorted N-Quads of the corpus, empty when it has errors of form.
    quads: list[str]
    results: list[Result]
    #: How many anchors were proved against their text, and how many could not be for want of it.
    proved: int
    unproved: int

    @property
    def errors(self) -> list[Finding]:
        """The findings that refuse a build."""
        return [f for f in self.findings if f.severity == "error"]

    def refuse(self) -> None:
        """Raise CheckError when there are errors."""
        if self.errors:
            raise CheckError(self.errors)


def check(settings: Settings, document: str | None = None, shapes: bool = True) -> Verdict:
    """Check the data folder, or one document of it; shapes are applied only where the form is right."""
    vocabulary = read_vocabulary(settings.ontology, settings.base)
    corpus, findings = read_corpus(settings.data, vocabulary, settings.imports)
    sources, unreadable = read_sources(settings.sources)
    for path in unreadable:
        findings.append(Finding(str(path), 0, "", "encoding", "warning", "not UTF-8, so no document's text"))
    digests = {d.sha256 for d in corpus.documents.values()}
    for source in sources.values():
        if source.sha256 not in digests:
            hint = f"its SHA-256 is {source.sha256}; 'kg new' starts a document for it"
            findings.append(Finding(str(source.path), 0, "", "digest", "warning", "no document has this text", hint))
    proved = unproved = 0
    for doc in corpus.documents.values():
        here, count = list(_check_one(doc, sources, vocabulary)), sum(1 for c in doc.claims for _ in c.anchors)
        findings += here
        if doc.sha256 in sources:
            proved += count - sum(f.rule == "anchor" for f in here)
        else:
            unproved += count
    if not any(f.severity == "error" for f in findings):  # what could not be read would look unused
        findings += rules.check_entities(corpus, vocabulary)
    quads: list[str] = []
    results: list[Result] = []
    if not any(f.severity == "error" for f in findings):
        quads = _write(corpus, vocabulary, Names(settings.base))
        if shapes:
            names, memory = Names(settings.base), settings.builds / "verdicts"
            results = judge(cut(quads, names), settings.ontology / "shapes", memory, settings.engine)
            findings += _of_results(results, corpus, settings)
    if document is not None:
        findings = [f for f in findings if f"/{document}/" in f.file]
        if document not in corpus.documents and not findings:
            near = ", ".join(nearest(document, corpus.documents)) or ", ".join(corpus.documents)
            raise NotFoundError(f"there is no document {document!r}; nearest: {near}")
    findings = sorted(set(findings), key=lambda f: (f.severity != "error", f))
    return Verdict(vocabulary, corpus, findings, quads, results, proved, unproved)


def _write(corpus: Corpus, vocabulary: Vocabulary, names: Names) -> list[str]:
    """Return the quads of the corpus with all that is derived from it, sorted."""
    disagreements = [*find_disagreements(corpus, vocabulary), *corpus.disagreements]
    derived = write_edges(corpus.claims, vocabulary, names)
    derived |= write_comparisons(disagreements, find_support(corpus), find_related(corpus), vocabulary, names)
    return sorted({*write_corpus(corpus, vocabulary, names), *derived})


def _file(document: Document) -> str:
    """Return the file of a document's claims, as findings name it."""
    return f"{document.corpus}/{document.id}/claims.{'jsonl' if document.imported else 'toml'}"


def _check_one(document: Document, sources: dict[str, Source], vocabulary: Vocabulary) -> Iterator[Finding]:
    if document.imported:  # the rules are for curators: nobody words or acknowledges anything here
        return
    file = _file(document)
    source = sources.get(document.sha256)
    if source:
        yield from rules.check_anchors(file, document, source.text, vocabulary)
    yield from rules.check_claims(file, document, source.text if source else None, vocabulary)
    yield from rules.check_document(file, document, vocabulary)


def _of_results(results: Sequence[Result], corpus: Corpus, settings: Settings) -> Iterator[Finding]:
    """Turn results of the shapes into findings that name the curated file."""
    names = Names(settings.base)
    places: dict[str, tuple[str, int, str]] = {}
    for claim in corpus.claims:
        place = (_file(corpus.documents[claim.document]), claim.line, rules.claim_place(claim))
        for kind, id_ in (("claim", claim.id), ("proposition", claim.proposition.id)):
            places.setdefault(names.iri(kind, id_), place)
        for anchor in claim.anchors:
            places.setdefault(names.iri("anchor", anchor_id(anchor, corpus.documents[claim.document])), place)
        for figure in claim.figures:
            places.setdefault(names.iri("figure", figure_id(figure, claim)), place)
    for result in results:
        unknown = ("graph", 0, result.focus.removeprefix(settings.base))
        file, line, place_ = places.get(result.value) or places.get(result.focus) or unknown
        rule = "shape " + result.shape.rpartition("#")[2]
        yield Finding(file, line, place_, rule, "error" if result.severity == "error" else "warning", result.message)


def read_text(document: Document, settings: Settings) -> str:
    """Return the text of a document; raise SourceError, saying where to put it, when it is not at hand."""
    sources, _ = read_sources(settings.sources)
    if document.sha256 not in sources:
        raise SourceError(
            f"the text of {document.id!r} is not at hand: put it into a folder that KG_SOURCES names "
            f"(any file name ending in .txt; SHA-256 {document.sha256})"
        )
    return sources[document.sha256].text


def check_labels(corpus: Corpus, folder: Path) -> list[Finding]:
    """Compare every recorded identifier with label tables (curie, label, synonyms, obsolete, replaced_by)."""
    if not any(folder.glob("*.tsv*")):
        raise NotFoundError(f"{folder} holds no label tables (*.tsv, *.tsv.gz)")
    wanted = {m.id: (m.label, e.id) for e in corpus.entities.values() if not e.source for m in e.matches}
    prefixes = {curie.partition(":")[0] for curie in wanted}
    found: dict[str, tuple[str, str, str]] = {}
    tables: set[str] = set()
    for path in sorted([*folder.glob("*.tsv"), *folder.glob("*.tsv.gz")]):
        reader = gzip.open if path.suffix == ".gz" else open
        with reader(path, "rt", encoding="utf-8") as table:
            for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
                prefix = row["curie"].partition(":")[0]
                if prefix in prefixes:
                    tables.add(prefix)
                    if row["curie"] in wanted:
                        found[row["curie"]] = (row["label"], row["obsolete"], row["replaced_by"])
    findings = []
    for curie, (label, entity) in sorted(wanted.items()):
        if curie.partition(":")[0] not in tables:
            continue
        place, file = f"entity {entity}", "entities"
        if curie not in found:
            findings.append(Finding(file, 0, place, "label", "warning", f"{curie} is not in the label tables"))
        elif found[curie][1] == "1":
            message, hint = f"{curie} is obsolete", f"replaced by {found[curie][2] or 'nothing'}"
            findings.append(Finding(file, 0, place, "label", "warning", message, hint))
        elif found[curie][0] != label:
            message = f"{curie} is labelled {found[curie][0]!r}, recorded as {label!r}"
            findings.append(Finding(file, 0, place, "label", "warning", message, "correct the label or the identifier"))
    return findings
