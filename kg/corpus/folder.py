"""Reading a data folder: entities, works, documents and their claims become the model; faults become findings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg import names
from kg.corpus.files import line_of, list_ids
from kg.corpus.imported import ImportReader
from kg.corpus.readings import Readings
from kg.corpus.rows import DisagreementsFile, DocumentFile, EntitiesFile, Row, WorksFile
from kg.errors import Finding
from kg.model import Corpus, Disagreement, Document, Entity, Match, Omission, Work
from kg.progress import Progress, follow
from kg.rdf.terms import WORK_TYPES
from kg.vocabulary import Vocabulary

_QUALITIES = ("exact", "close", "broad", "narrow")


class Reader(ImportReader):
    """Reads one data folder, and imported folders beside it, and gathers what is wrong with them."""

    def __init__(
        self, folder: Path, vocabulary: Vocabulary, imports: Sequence[Path] = (), memory: Path | None = None,
        progress: Progress = lambda _: None,
    ) -> None:  # fmt: skip
        super().__init__(folder, vocabulary)
        self.imports = imports
        self.memory = memory
        self.progress = progress
        self.entities: dict[str, Entity] = {}
        self.works: dict[str, Work] = {}
        self.documents: dict[str, Document] = {}
        #: Documents by the digest of their text.
        self.by_text: dict[str, str] = {}
        self.disagreements: list[Disagreement] = []

    def read(self) -> Corpus:
        """Read the whole folder."""
        if not self.folder.is_dir():
            self.report(self.folder, "missing", "there is no such folder", "KG_DATA names the folder of curated files")
            return Corpus({}, {}, {})
        for file in sorted((self.folder / "entities").glob("*.toml")):
            self.read_entities(file)
        self.check_entities()
        if (works := self.folder / "works.toml").exists():
            self.read_works(works)
        readings = Readings(self.memory, (self.vocabulary.statements, self.entities, sorted(self.works)))
        files = sorted(self.folder.glob("*/*/document.toml"))
        for file in follow(files, "reading documents", len(files), self.progress):
            self.read_curated(file, readings)
        readings.forget()
        for file in sorted(f for folder in self.imports for f in folder.glob("*/document.toml")):
            if not file.parent.name.startswith("."):  # what an import that was killed left behind
                self.read_import(file.parent)
        for folder in sorted(p for p in self.folder.glob("*/*") if p.is_dir()):
            if not (folder / "document.toml").exists():
                self.report(
                    folder / "document.toml", "missing", "the folder has no document.toml", "'kg new' writes one"
                )
        if not self.documents and not self.findings:
            self.report(self.folder, "missing", "there is no document", "KG_DATA names the folder above the corpora")
        for file in sorted(self.folder.glob("*/disagreements.toml")):
            self.read_disagreements(file)
        return Corpus(self.entities, self.works, self.documents, tuple(self.disagreements))

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

    def read_curated(self, file: Path, readings: Readings) -> None:
        """Read a document, or recall what was read of the same files."""
        id_, corpus = file.parent.name, file.parent.parent.name
        key = readings.key(f"{corpus}/{id_}", file, file.with_name("claims.toml"))
        before = len(self.findings)
        document = readings.recall(id_, key)
        if document is None:
            document = self.read_document(file)
            if document and len(self.findings) == before:
                readings.remember(document, key)
        if document is None:
            return
        if id_ in self.documents:
            self.report(file, "duplicate-id", f"document {id_!r} exists already", "rename the folder")
            return
        if other := self.by_text.get(document.sha256):
            self.report(file, "duplicate-text", f"document {other!r} has the same digest", "one text, one document")
        self.by_text.setdefault(document.sha256, id_)
        self.documents[id_] = document

    def read_document(self, file: Path) -> Document | None:
        """Read a document with its claims."""
        id_, corpus = file.parent.name, file.parent.parent.name
        row, _ = self.load(file, DocumentFile)
        if row is None:
            return None
        if not names.ID_PATTERN.fullmatch(id_):
            self.report(file, "id", f"folder {id_!r} is not in kebab-case", "small letters, digits, hyphens")
        self.check_token(file, "", 0, "type", row.type, WORK_TYPES)
        if not names.ID_PATTERN.fullmatch(corpus):
            self.report(file, "id", f"folder {corpus!r} is not in kebab-case", "small letters, digits, hyphens")
        for work in row.cites:
            self.check_name(file, "cites", 0, "work", work, self.works)
        omissions = [omission for omission in row.omission if omission]
        for omission in omissions:
            if not 0 <= omission.at[0] < omission.at[1] <= row.length:
                self.report(file, "offsets", f"omission {omission.at} is not within the text", f"length {row.length}")
        claims, chains = self.read_claims(file.parent / "claims.toml", id_, row.length)
        return Document(
            id=id_,
            corpus=corpus,
            title=row.title,
            type=row.type,
            language=row.language,
            sha256=row.sha256,
            length=row.length,
            curated=row.curated,
            creator=tuple(row.creator),
            publisher=row.publisher,
            issued=row.issued,
            cites=tuple(sorted(row.cites)),
            omissions=tuple(Omission(o.at[0], o.at[1], o.reason) for o in omissions),
            claims=claims,
            chains=chains,
        )

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


def read_corpus(
    folder: Path, vocabulary: Vocabulary, imports: Sequence[Path] = (), memory: Path | None = None,
    progress: Progress = lambda _: None,
) -> tuple[Corpus, list[Finding]]:  # fmt: skip
    """Read a data folder and imported ones; return what could be read and everything that is wrong with it.

    What is read of documents is remembered in the folder `memory`.
    """
    reader = Reader(folder, vocabulary, imports, memory, progress)
    return reader.read(), reader.findings
