"""Reading one curated document against the entities and works that are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.corpus.claims import ClaimReader
from kg.corpus.rows import DocumentFile
from kg.errors import Finding
from kg.model import Document, Entity, Omission, Work
from kg.names import ID_PATTERN
from kg.rdf.terms import WORK_TYPES
from kg.vocabulary import Vocabulary


@dataclass(frozen=True)
class Known:
    """What documents are read against: a function of the vocabulary and of the files that all documents share."""

    folder: Path
    vocabulary: Vocabulary
    entities: dict[str, Entity]
    works: dict[str, Work]
    #: What has names that could not be read; and names of what has faults, which are told where it stands.
    unread: frozenset[str] = frozenset()
    faulty: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What was read of a document, if anything, and all that is wrong with its files."""

    document: Document | None
    findings: list[Finding] = field(default_factory=list)
    #: Claims that its file names, those with faults too, as `document/claim-id`.
    claims: frozenset[str] = frozenset()


class DocumentReader(ClaimReader):
    """Reads a document with its claims."""

    def read_document(self, file: Path) -> Document | None:
        """Read a document with its claims."""
        id_, corpus = file.parent.name, file.parent.parent.name
        row, _ = self.load(file, DocumentFile)
        if row is None:
            return None
        if not ID_PATTERN.fullmatch(id_):
            self.report(file, "id", f"folder {id_!r} is not in kebab-case", "small letters, digits, hyphens")
        self.check_token(file, "", 0, "type", row.type, WORK_TYPES)
        if not ID_PATTERN.fullmatch(corpus):
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


def read_curated(known: Known, file: Path, given: Mapping[Path, bytes] | None = None) -> Reading:
    """Read the document of a `document.toml`; what is given is read in place of the files."""
    reader = DocumentReader(known.folder, known.vocabulary, given)
    reader.entities, reader.works, reader.unread = known.entities, known.works, set(known.unread)
    reader.faulty.update({what: set(names) for what, names in known.faulty.items()})
    document = reader.read_document(file)
    return Reading(document, reader.findings, frozenset(reader.faulty["claim"]))
