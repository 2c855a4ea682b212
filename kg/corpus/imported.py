"""Reading imported data: a folder that `kg import` wrote becomes a document whose claims stand in records.

<folder>/document.toml   what was imported, from which file (by digest), under which licence
         entities.jsonl  what no curated entity stands for
         records.jsonl   the records of the source, with what each refers to
         claims.jsonl    what the records say, each once, naming its records
         chains.jsonl    the mechanisms that single records join
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from kg import names
from kg.corpus.claims import ClaimReader
from kg.corpus.files import may_be_unfit
from kg.corpus.rows import EntityRow, ImportedChainRow, ImportedRow, ImportFile, RecordRow, Row
from kg.model import Chain, Claim, Document, Entity, Imported, Match, Record

#: The corpus that all imported documents belong to.
CORPUS = "imported"
R = TypeVar("R", bound=Row)
_MAX_BYTES = 256 * 1024 * 1024
_MAX_FAULTS = 20


class ImportReader(ClaimReader):
    """Reads imported folders beside the curated ones."""

    documents: dict[str, Document]
    #: The files of curated documents.
    curated: list[Path]

    def read_import(self, folder: Path) -> None:
        """Read one imported document with its entities, records, claims and chains."""
        file = folder / "document.toml"
        row, _ = self.load(file, ImportFile)
        if row is None:
            return
        id_ = folder.name
        if not names.ID_PATTERN.fullmatch(id_):
            self.report(file, "id", f"folder {id_!r} is not in kebab-case", "small letters, digits, hyphens")
        if id_ in self.documents or id_ in {curated.parent.name for curated in self.curated}:
            self.report(file, "duplicate-id", f"document {id_!r} exists already", "import it with another --name")
            return
        for line, entity in self.load_lines(folder / "entities.jsonl", EntityRow):
            self.read_foreign(folder / "entities.jsonl", line, entity, id_)
        records = {r.id: r for _, r in self.load_lines(folder / "records.jsonl", RecordRow)}
        claims = self.read_lines(folder / "claims.jsonl", id_, records)
        self.documents[id_] = Document(
            id=id_,
            corpus=CORPUS,
            title=row.title,
            type="dataset",
            language=row.language,
            sha256=row.sha256,
            length=0,
            curated=row.imported,
            creator=tuple(row.creator),
            claims=tuple(claims.values()),
            chains=tuple(self.read_joined(folder / "chains.jsonl", id_, claims, records)),
            imported=Imported(row.format, row.by_hand, row.licence, tuple(_record(r) for r in records.values())),
        )

    def load_lines(self, file: Path, shape: type[R]) -> Iterator[tuple[int, R]]:
        """Yield the rows of a file of JSON lines with their line numbers; a file with many faults is given up."""
        faults = 0
        try:
            if file.stat().st_size > _MAX_BYTES:
                self.report(file, "too-large", f"over {_MAX_BYTES >> 20} MiB", "import a part of the source")
                return
            with file.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    try:
                        row = json.loads(line)
                        if may_be_unfit(line):
                            self.check_characters(file, "", number, row)
                        yield number, shape.model_validate(row)
                    except (ValidationError, ValueError, RecursionError) as error:
                        self.report(file, "row", _told(error), "import the source anew", line=number)
                        faults += 1
                    if faults >= _MAX_FAULTS:
                        return
        except UnicodeDecodeError:
            self.report(file, "encoding", "is not UTF-8", "import the source anew")
        except OSError as error:
            self.report(file, "unreadable", f"cannot be read: {error.strerror}", "import the source anew")

    def read_foreign(self, file: Path, line: int, row: EntityRow, document: str) -> None:
        """Read an entity that came with an import; of two imports that bring it, the first counts."""
        place = f"entity {row.id}"
        known = self.entities.get(row.id)
        if known:
            if not known.source:
                self.report(file, "duplicate-id", f"entity {row.id!r} is curated too", "import anew", place, line)
            return
        if not names.ID_PATTERN.fullmatch(row.id):
            self.report(file, "id", f"{row.id!r} is not in kebab-case", "import the source anew", place, line)
        self.check_token(file, place, line, "kind", row.kind, self.vocabulary.kinds)
        matches = tuple(Match(m.id, m.label, m.quality, m.version) for m in row.match)
        for match in matches:
            if names.expand(match.id, self.vocabulary.prefixes) is None:
                hint = "declare its prefix in ontology/imports.ttl, or import anew"
                self.report(file, "identifier", f"unknown prefix in {match.id!r}", hint, place, line)
        self.entities[row.id] = Entity(row.id, row.kind, row.label, tuple(row.also), matches=matches, source=document)

    def read_lines(self, file: Path, document: str, records: dict[str, RecordRow]) -> dict[str, Claim]:
        """Return the claims of an imported document by their names in the file."""
        claims: dict[str, Claim] = {}
        seen: set[str] = set()
        for line, row in self.load_lines(file, ImportedRow):
            place = f"claim {row.id}"
            for record in row.record:
                if record not in records:
                    self.check_name(file, place, line, "record", record, records)
            claim = self.read_imported(file, document, row, place, line)
            if claim and claim.id in seen:
                self.report(file, "duplicate-claim", "says what another line says", "import anew", place, line)
            elif claim:
                seen.add(claim.id)
                claims[row.id] = claim
        return claims

    def read_joined(
        self, file: Path, document: str, claims: dict[str, Claim], records: dict[str, RecordRow]
    ) -> Iterator[Chain]:
        """Yield the chains of an imported document."""
        for line, row in self.load_lines(file, ImportedChainRow) if file.exists() else ():
            place = f"chain {row.id}"
            for step in row.steps:
                if step not in claims:
                    self.check_name(file, place, line, "claim", step, claims)
            for record in row.record:
                if record not in records:
                    self.check_name(file, place, line, "record", record, records)
            if all(step in claims for step in row.steps):
                yield Chain(document, row.statement, tuple(claims[s] for s in row.steps), tuple(sorted(row.record)))


def _record(row: RecordRow) -> Record:
    return Record(row.id, tuple(row.references), row.origin, row.level, row.agent)


def _told(error: Exception) -> str:
    """Return the first fault of a row in a few words."""
    if isinstance(error, ValidationError):
        fault = error.errors()[0]
        return f"{'.'.join(str(part) for part in fault['loc']) or 'row'}: {fault['msg']}"
    return f"not a row of JSON: {error}"
