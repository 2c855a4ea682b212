"""Reading a data folder: entities, works, documents and their claims become the model; faults become findings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg import names
from kg.errors import Finding
from kg.files import line_of
from kg.imported import ImportReader
from kg.model import Corpus, Disagreement, Document, Entity, Match, Omission, Work
from kg.rows import DisagreementsFile, DocumentFile, EntitiesFile, WorksFile
from kg.terms import WORK_TYPES
from kg.vocabulary import Vocabulary

_QUALITIES = ("exact", "close", "broad", "narrow")


class Reader(ImportReader):
    """Reads one data folder, and imported folders beside it, and gathers what is wrong with them."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, imports: Sequence[Path] = ()) -> None:
        super().__init__(folder, vocabulary)
        self.imports = imports
        self.entities: dict[str, Entity] = {}
        self.works: dict[str, Work] = {}
        self.documents: dict[str, Document] = {}
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
        for file in sorted(self.folder.glob("*/*/document.toml")):
            self.read_document(file)
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
        for index, row in enumerate(table.entity if table else ()):
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
            self.check_text(file, place, line, row.label, *row.also)
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
        for index, row in enumerate(table.work if table else ()):
            place, line = f"work {row.id}", line_of(text, "work", index)
            if row.id in self.works:
                self.report(file, "duplicate-id", f"work {row.id!r} exists already", "merge the two", place, line)
            if not names.ID_PATTERN.fullmatch(row.id):
                self.report(
                    file, "id", f"{row.id!r} is not in kebab-case", "small letters, digits, hyphens", place, line
                )
            self.check_text(file, place, line, row.title, row.subtitle, row.container, *row.creator)
            self.check_token(file, place, line, "type", row.type, WORK_TYPES)
            fields = row.model_dump()
            self.works[row.id] = Work(**{**fields, "creator": tuple(row.creator)})

    def read_document(self, file: Path) -> None:
        """Read a document with its claims."""
        id_, corpus = file.parent.name, file.parent.parent.name
        row, _ = self.load(file, DocumentFile)
        if row is None:
            return
        if not names.ID_PATTERN.fullmatch(id_):
            self.report(file, "id", f"folder {id_!r} is not in kebab-case", "small letters, digits, hyphens")
        if id_ in self.documents:
            self.report(file, "duplicate-id", f"document {id_!r} exists already", "rename the folder")
            return
        for other in self.documents.values():
            if other.sha256 == row.sha256:
                self.report(
                    file, "duplicate-text", f"document {other.id!r} has the same digest", "one text, one document"
                )
        self.check_text(file, "", 0, row.title, row.publisher, *row.creator)
        self.check_token(file, "", 0, "type", row.type, WORK_TYPES)
        if not names.ID_PATTERN.fullmatch(corpus):
            self.report(file, "id", f"folder {corpus!r} is not in kebab-case", "small letters, digits, hyphens")
        for work in row.cites:
            self.check_name(file, "cites", 0, "work", work, self.works)
        for omission in row.omission:
            if not 0 <= omission.at[0] < omission.at[1] <= row.length:
                self.report(file, "offsets", f"omission {omission.at} is not within the text", f"length {row.length}")
        claims, chains = self.read_claims(file.parent / "claims.toml", id_, row.length)
        self.documents[id_] = Document(
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
            omissions=tuple(Omission(o.at[0], o.at[1], o.reason) for o in row.omission),
            claims=claims,
            chains=chains,
        )

    def read_disagreements(self, file: Path) -> None:
        """Read the disagreements that a curator found, of claims as `document/claim-id`."""
        table, text = self.load(file, DisagreementsFile)
        claims = {f"{d.id}/{c.label}": c for d in self.documents.values() for c in d.claims if c.label}
        for index, row in enumerate(table.disagreement if table else ()):
            place, line = f"disagreement {index + 1}", line_of(text, "disagreement", index)
            kinds = self.vocabulary.values("disagreement")
            known = [self.check_name(file, place, line, "claim", name, claims) for name in row.between]
            self.check_text(file, place, line, row.because)
            if self.check_token(file, place, line, "kind", row.kind, kinds) and all(known):
                between = tuple(claims[name] for name in row.between)
                frame = between[0].proposition.frame
                self.disagreements.append(Disagreement(row.kind, "soft", frame, between, row.because, curated=True))


def read_corpus(folder: Path, vocabulary: Vocabulary, imports: Sequence[Path] = ()) -> tuple[Corpus, list[Finding]]:
    """Read a data folder and imported ones; return what could be read and everything that is wrong with it."""
    reader = Reader(folder, vocabulary, imports)
    return reader.read(), reader.findings
