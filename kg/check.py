"""The curator's tool: everything that is wrong with a data folder, in one run, as findings."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from kg.anchors import Source, read_sources
from kg.compare.derive import find_disagreements, find_related, find_support
from kg.corpus import rules
from kg.corpus.documents import Reading
from kg.corpus.folder import Reader
from kg.documents import Context, Prepared, name_file
from kg.errors import CheckError, Finding, NotFoundError, SourceError
from kg.garbage import put_off
from kg.model import Corpus, Document
from kg.names import Names, nearest
from kg.pool import Run
from kg.preparation import Preparation
from kg.progress import Progress, follow
from kg.rdf.derived import write_comparisons, write_edges, write_types
from kg.rdf.sorting import Sorted
from kg.rdf.write import anchor_id, figure_id, write_digest, write_document, write_propositions, write_shared
from kg.settings import Settings
from kg.shapes.portions import Known, Portions
from kg.shapes.slices import Slice, cut
from kg.shapes.validation import Result
from kg.shapes.verdicts import judge
from kg.vocabulary import Vocabulary, read_vocabulary

#: How many propositions are written at once.
_TOGETHER = 10_000
#: The columns of a label table that are read.
_LABELS = ("curie", "label", "obsolete", "replaced_by")


@dataclass(frozen=True)
class Verdict:
    """What a check saw and found."""

    vocabulary: Vocabulary
    corpus: Corpus
    findings: list[Finding]
    #: The N-Quads of the corpus, none when it has errors of form.
    quads: Sorted
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


@put_off()
def check(
    settings: Settings,
    document: str | None = None,
    shapes: bool = True,
    progress: Progress = lambda _: None,
    run: Run | None = None,
) -> Verdict:
    """Check the data folder, or one document of it; what concerns one document by itself is done by `run`.

    Shapes are applied only where the form is right.
    """
    vocabulary = read_vocabulary(settings.ontology, settings.base)
    reader = Reader(settings.data, vocabulary, settings.imports)
    context = Context(reader.read_shared(), settings.base)
    reader.read_imports()
    sources, unreadable = read_sources(settings.sources)
    if shapes and not _has_errors(reader.findings):
        shared = write_shared(Corpus(reader.entities, reader.works, {}), vocabulary, context.names).lines
        context = replace(context, shared=tuple(shared), engine=settings.engine, shapes=settings.ontology / "shapes")
    preparation, quads = Preparation(context, settings.builds, sources), Sorted()
    prepared: dict[Path, Prepared] = {}
    every = preparation.prepare_all(reader.curated, run)
    for file, one in follow(every, "checking documents", len(reader.curated), progress):
        quads.add(one.quads)
        prepared[file] = replace(one, quads=[])
    for file in reader.curated:
        one = prepared[file]
        reader.take(file, Reading(one.document, one.findings, one.claims))
    corpus, findings = reader.finish(), reader.findings
    findings += (Finding(str(p), 0, "", "encoding", "warning", "not UTF-8, so no document's text") for p in unreadable)
    if settings.data.is_dir():
        findings += _find_unused(sources, corpus)
    if not _has_errors(findings):  # what could not be read would look unused
        findings += rules.check_entities(corpus, vocabulary)
    results: list[Result] = []
    if not _has_errors(findings):
        results = _judge(quads, corpus, prepared.values(), preparation, settings, run, progress)
        findings += _of_results(results, corpus, settings)
    else:
        quads, sound = Sorted(), _find_sound(corpus, findings)
        if context.engine and sound:
            found = _judge(Sorted(), sound, prepared.values(), preparation, settings, run, progress)
            findings += _of_results(found, sound, settings)
    if document is not None:
        findings = [f for f in findings if f"/{document}/" in f.file]
        if document not in corpus.documents and not findings:
            near = ", ".join(nearest(document, corpus.documents)) or ", ".join(corpus.documents)
            raise NotFoundError(f"there is no document {document!r}; nearest: {near}")
    findings = sorted(set(findings), key=lambda f: (f.severity != "error", f))
    proved, unproved = (sum(getattr(one, key) for one in prepared.values()) for key in ("proved", "unproved"))
    return Verdict(vocabulary, corpus, findings, quads, results, proved, unproved)


def _find_unused(sources: Mapping[str, Source], corpus: Corpus) -> Iterator[Finding]:
    """Yield the texts that are no document's."""
    known = {document.sha256 for document in corpus.documents.values()}
    for digest in sources.keys() - known:
        hint = f"its SHA-256 is {digest}; 'kg new' starts a document for it"
        yield Finding(str(sources[digest].path), 0, "", "digest", "warning", "no document has this text", hint)


def _has_errors(findings: Iterable[Finding]) -> bool:
    return any(f.severity == "error" for f in findings)


def _find_sound(corpus: Corpus, findings: Iterable[Finding]) -> Corpus | None:
    """Return the corpus of the documents without errors, where only documents have any."""
    faulty = {tuple(f.file.split("/")[:-1]) for f in findings if f.severity == "error"}
    sound = {id_: d for id_, d in corpus.documents.items() if (d.corpus, id_) not in faulty}
    if not sound or any(folder[1:] == () or folder[-1] not in corpus.documents for folder in faulty):
        return None
    return Corpus(corpus.entities, corpus.works, sound)


def _judge(
    lines: Sorted, corpus: Corpus, prepared: Iterable[Prepared], preparation: Preparation, settings: Settings,
    run: Run | None, progress: Progress,
) -> list[Result]:  # fmt: skip
    """Add to `lines` what is not prepared, and return what the shapes say of the corpus, if they are applied."""
    names, twins = Names(settings.base), _find_twins(corpus, preparation.vocabulary, Names(settings.base))
    written = {d.id: one for one in prepared if (d := one.document) and d is corpus.documents.get(d.id)}
    # Of a document that shares its text, the others are to be known when it is judged.
    done = {id_: one.verdicts or {} for id_, one in written.items() if id_ not in twins}
    rest = _cut(lines, corpus, preparation.vocabulary, names, preparation.portions, progress, done.keys())
    if preparation.portions is None:
        deque(rest, 0)
        return []
    memory = settings.builds / "verdicts"
    found = judge(rest, settings.ontology / "shapes", memory, settings.engine, run)
    return sorted({*found, *(r for verdicts in done.values() for told in verdicts.values() for r in told)})


def _write(corpus: Corpus, vocabulary: Vocabulary, names: Names) -> Sorted:
    """Return the quads of the corpus with all that is derived from it."""
    deque(_cut(lines := Sorted(), corpus, vocabulary, names), 0)
    return lines


def _cut(
    lines: Sorted, corpus: Corpus, vocabulary: Vocabulary, names: Names, portions: Portions | None = None,
    progress: Progress = lambda _: None, done: Collection[str] = (),
) -> Iterator[Slice | Known]:  # fmt: skip
    """Write the quads of the corpus, with all that is derived from it, and yield the slices that they are cut into.

    Documents that are done need neither. With no portions there are no slices.
    """
    lines.add(write_shared(corpus, vocabulary, names).lines)
    rest, twins = [d for d in corpus.documents.values() if d.id not in done], _find_twins(corpus, vocabulary, names)
    for document in follow(rest, "writing documents", len(rest), progress):
        lines.add(own := write_document(document, vocabulary, names).sort())
        if portions:
            graph, near = names.graph("document", document.id), partial(_write_taken_up, document, vocabulary, names)
            yield from portions.cut_document(graph, own, near, twins.get(document.id, ()))
    progress("comparing documents")
    propositions = iter(corpus.propositions.values())
    while some := list(islice(propositions, _TOGETHER)):
        lines.add(write_propositions(some, vocabulary, names).sort())
    lines.add(write_edges(corpus.claims, vocabulary, names))
    lines.add(write_comparisons((), find_support(corpus), find_related(corpus), vocabulary, names))
    disagreements = [*find_disagreements(corpus, vocabulary), *corpus.disagreements]
    lines.add(told := write_comparisons(disagreements, (), (), vocabulary, names))
    if portions:
        progress("applying the shapes")
        types = write_types(disagreements, vocabulary, names)
        del disagreements
        yield from portions.cut_rest(told, types)
        if portions.joined:
            yield from cut(lines, names)


def _write_taken_up(document: Document, vocabulary: Vocabulary, names: Names) -> list[str]:
    """Return the quads of the propositions that a document takes up."""
    found = {claim.proposition.id: claim.proposition for claim in document.claims}
    return write_propositions(found.values(), vocabulary, names).lines


def _find_twins(corpus: Corpus, vocabulary: Vocabulary, names: Names) -> dict[str, list[str]]:
    """Return, for each document that shares its text, the quads that say so of the others."""
    by_text: dict[str, list[str]] = defaultdict(list)
    for document in corpus.documents.values():
        by_text[document.sha256].append(document.id)
    several = [same for same in by_text.values() if len(same) > 1]
    return {
        id_: [write_digest(corpus.documents[other], vocabulary, names) for other in same if other != id_]
        for same in several for id_ in same
    }  # fmt: skip


def _of_results(results: Sequence[Result], corpus: Corpus, settings: Settings) -> Iterator[Finding]:
    """Turn results of the shapes into findings that name the curated file."""
    if not results:
        return
    names = Names(settings.base)
    places: dict[str, tuple[str, int, str]] = {}
    for claim in corpus.claims:
        place = (name_file(corpus.documents[claim.document]), claim.line, rules.claim_place(claim))
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


def _read_labels(path: Path) -> Iterator[list[str]]:
    """Yield the rows of a label table, as the columns that are compared; raise ValueError when it lacks one."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as text:
        table = csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
        if missing := set(_LABELS) - set(table.fieldnames or ()):
            raise ValueError(f"it has no column {', '.join(sorted(missing))}")
        for row in table:
            yield [row[column] or "" for column in _LABELS]


def check_labels(corpus: Corpus, folder: Path) -> list[Finding]:
    """Compare every recorded identifier with label tables (curie, label, synonyms, obsolete, replaced_by)."""
    if not any(folder.glob("*.tsv*")):
        raise NotFoundError(f"{folder} holds no label tables (*.tsv, *.tsv.gz)")
    wanted = {m.id: (m.label, e.id) for e in corpus.entities.values() if not e.source for m in e.matches}
    prefixes = {curie.partition(":")[0] for curie in wanted}
    found: dict[str, tuple[str, str, str]] = {}
    tables: set[str] = set()
    findings: list[Finding] = []
    for path in sorted([*folder.glob("*.tsv"), *folder.glob("*.tsv.gz")]):
        try:
            for curie, *told in _read_labels(path):
                prefix = curie.partition(":")[0]
                if prefix in prefixes:
                    tables.add(prefix)
                    if curie in wanted:
                        found[curie] = (told[0], told[1], told[2])
        except (OSError, EOFError, ValueError, zlib.error, csv.Error) as error:
            hint = f"a table has the columns {', '.join(_LABELS)}, in UTF-8: have it anew"
            findings.append(Finding(str(path), 0, "", "label", "error", f"cannot be read: {error}", hint))
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
