"""Reading a data folder: entities, works, documents and their claims become the model; faults become findings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg import names
from kg.corpus.documents import Known, Reading, read_curated
from kg.corpus.files import line_of, list_ids
from kg.corpus.imported import ImportReader
from kg.corpus.rows import DisagreementsFile, EntitiesFile, Row, WorksFile
from kg.errors import Finding
from kg.model import Corpus, Disagreement, Document, Entity, Match, Work
from kg.rdf.terms import WORK_TYPES
from kg.vocabulary import Vocabulary

_QUALITIES = ("exact", "close", "broad", "narrow")


class Reader(ImportReader):
    """Reads one data folder, and imported folders beside it, and gathers what is wrong with them.

    First what all documents share, then the documents, which may be read elsewhere and are taken, then the rest.
    """

    def __init__(self, folder: Path, vocabulary: Vocabulary, imports: Sequence[Path] = ()) -> None:
        super().__init__(folder, vocabulary)
        self.imports = imports
        self.entities: dict[str, Entity] = {}
        self.works: dict[str, Work] = {}
        self.documents: dict[str, Document] = {}
        self.curated = sorted(folder.glob("*/*/document.toml"))
        #: Documents by the digest of their text.
        self.by_text: dict[str, str] = {}
        self.disagreements: list[Disagreement] = []

    def read_shared(self) -> Known:
        """Read entities and works, and return what curated documents are read against."""
        if not self.folder.is_dir():
            self.report(self.folder, "missing", "there is no such folder", "KG_DATA names the folder of curated files")
        for file in sorted((self.folder / "entities").glob("*.toml")):
            self.read_entities(file)
        self.check_entities()
        if (works := self.folder / "works.toml").exists():
            self.read_works(works)
        faulty = {what: frozenset(found) for what, found in self.faulty.items()}
        return Known(self.folder, self.vocabulary, dict(self.entities), self.works, frozenset(self.unread), faulty)

    def read_imports(self) -> None:
        """Read imported documents, with the entities that they bring."""
        folders = self.imports if self.folder.is_dir() else ()
        for file in sorted(f for folder in folders for f in folder.glob("*/document.toml")):
            if not file.parent.name.startswith("."):  # what an import that was killed left behind
                self.read_import(file.parent)

    def take(self, file: Path, reading: Reading) -> None:
        """Take a curated document that was read."""
        self.findings += reading.findings
        self.faulty["claim"] |= reading.claims
        document, id_ = reading.document, file.parent.name
        if document is None:
            return
        if id_ in self.documents:
            self.report(file, "duplicate-id", f"document {id_!r} exists already", "rename the folder")
            return
        if other := self.by_text.get(document.sha256):
            self.report(file, "duplicate-text", f"document {other!r} has the same digest", "one text, one document")
        self.by_text.setdefault(document.sha256, id_)
        self.documents[id_] = document

    def finish(self) -> Corpus:
        """Read what stands between documents, and return all that was read."""
        if not self.folder.is_dir():
            return Corpus({}, {}, {})
        for folder in sorted(p for p in self.folder.glob("*/*") if p.is_dir()):
            if not (folder / "document.toml").exists():
                self.report(
                    folder / "document.toml", "missing", "the folder has no document.toml", "'kg new' writes one"
                )
        if not self.documents and not self.findings:
            self.report(self.folder, "missing", "there is no document", "KG_DATA names the folder above the corpora")
        for file in sorted(self.folder.glob("*/disagreements.toml")):
            self.read_disagreements(file)
        curated_first = dict(sorted(self.documents.items(), key=lambda item: item[1].imported is not None))
        return Corpus(self.entities, self.works, curated_first, tuple(self.disagreements))

    def read_entities(self, file: Path) -> None:
        """Read one file of entities."""
        table, text = self.load(file, EntitiesFile)
        self.note_unread(file, "entity", table, text)
        for index, row in enumerate(table.entity if table else ()):
            if row is None:
                continue
            place, line = f"entity {row.id}", line_of(text, "entity", index)
            if not names.ID_PATTERN.fullmatch(row.id):
                self.report(
                    file, "id", f"{row.id!r} is not in kebab-case", "small letters, digits, hyphens", place, line
                )
            if row.id in self.entities:
                self.report(file, "duplicate-id", f"entity {row.id!r} exists already", "merge the two", place, line)
                continue
            if row.id in self.vocabulary.states:
                self.report(file, "duplicate-id", f"{row.id!r} is a named state", "use that instead", place, line)
            self.check_token(file, place, line, "kind", row.kind, self.vocabulary.kinds)
            for match in row.match:
                self.check_token(file, place, line, "quality", match.quality, _QUALITIES)
            matches = [Match(m.id, m.label, m.quality, m.version) for m in row.match]
            matches += [Match(s.id, s.label, "see") for s in row.see]
            for identifier in matches:
                if names.expand(identifier.id, self.vocabulary.prefixes) is None:
                    hint = "declare its prefix in ontology/prefixes.ttl"
                    self.report(file, "identifier", f"unknown prefix in {identifier.id!r}", hint, place, line)
            self.entities[row.id] = Entity(
                row.id, row.kind, row.label, tuple(row.also), tuple(row.broader), row.generic, tuple(matches)
            )

    def note_unread(self, file: Path, what: str, table: Row | None, text: str) -> None:
        """Note which names a file with faults has: that nothing has them would be told wherever they are used."""
        if table is None:
            self.unread.add(what)
            told = f"no name of {what} is looked up while this file cannot be read"
            self.report(file, f"unknown-{what}", told, "correct the file, then check again", severity="info")
        elif self.counts[file]:
            self.faulty[what] |= list_ids(text)

    def check_entities(self) -> None:
        """Check that broader entities and named states name entities, and that no entity is above itself."""
        where = self.folder / "entities"
        for entity in self.entities.values():
            for broader in entity.broader:
                self.check_name(where, f"entity {entity.id}", 0, "entity", broader, self.entities)
            if entity.id in self._above(entity.id):
                self.report(where, "cycle", f"{entity.id!r} is broader than itself", "drop one 'broader'")

    def _above(self, entity: str) -> set[str]:
        seen: set[str] = set()
        todo = [entity]
        while todo:
            for broader in self.entities[todo.pop()].broader:
                if broader in self.entities and broader not in seen:
                    seen.add(broader)
                    todo.append(broader)
        return seen

    def read_works(self, file: Path) -> None:
        """Read the cited works."""
        table, text = self.load(file, WorksFile)
        self.note_unread(file, "work", table, text)
        for index, row in enumerate(table.work if table else ()):
            if row is None:
                continue
            place, line = f"work {row.id}", line_of(text, "work", index)
            if row.id in self.works:
                self.report(file, "duplicate-id", f"work {row.id!r} exists already", "merge the two", place, line)
            if not names.ID_PATTERN.fullmatch(row.id):
                self.report(
                    file, "id", f"{row.id!r} is not in kebab-case", "small letters, digits, hyphens", place, line
                )
            self.check_token(file, place, line, "type", row.type, WORK_TYPES)
            fields = row.model_dump()
            self.works[row.id] = Work(**{**fields, "creator": tuple(row.creator)})

    def read_disagreements(self, file: Path) -> None:
        """Read the disagreements that a curator found, of claims as `document/claim-id`."""
        table, text = self.load(file, DisagreementsFile)
        claims = {f"{d.id}/{c.label}": c for d in self.documents.values() for c in d.claims if c.label}
        for index, row in enumerate(table.disagreement if table else ()):
            if row is None:
                continue
            place, line = f"disagreement {index + 1}", line_of(text, "disagreement", index)
            kinds = self.vocabulary.values("disagreement")
            known = [self.check_name(file, place, line, "claim", name, claims) for name in row.between]
            if self.check_token(file, place, line, "kind", row.kind, kinds) and all(known):
                sides = tuple((claims[name],) for name in row.between)
                frame = sides[0][0].proposition.frame
                self.disagreements.append(Disagreement(row.kind, "soft", frame, sides, row.because, curated=True))


def read_corpus(folder: Path, vocabulary: Vocabulary, imports: Sequence[Path] = ()) -> tuple[Corpus, list[Finding]]:
    """Read a data folder and imported ones; return what could be read and everything that is wrong with it."""
    reader = Reader(folder, vocabulary, imports)
    known = reader.read_shared()
    reader.read_imports()
    for file in reader.curated:
        reader.take(file, read_curated(known, file))
    return reader.finish(), reader.findings
