"""Writing an imported folder: beside its place first, then by one rename, so that nothing half-written is ever seen."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kg.corpus.folder import read_corpus
from kg.errors import CheckError, ForeignError
from kg.imports.foreign import Reading
from kg.imports.mapping import read_tables
from kg.imports.settle import Settled, settle
from kg.names import ID_PATTERN
from kg.settings import Settings
from kg.vocabulary import read_vocabulary


@dataclass(frozen=True)
class Terms:
    """What the file itself does not say of imported data."""

    title: str
    #: Whether its makers curated it by hand.
    by_hand: bool
    licence: str = ""
    creator: tuple[str, ...] = ()


def write_import(reading: Reading, into: Path, name: str, terms: Terms, day: date, settings: Settings) -> Settled:
    """Map what was read, write it as `<into>/<name>` in place of an older import of that name; return the counts."""
    if not ID_PATTERN.fullmatch(name):
        raise ForeignError(name, "name", "is not in kebab-case", "choose small letters, digits and hyphens")
    vocabulary = read_vocabulary(settings.ontology, settings.base)
    others = [folder for folder in (into, *settings.imports) if folder.is_dir()]
    corpus, findings = read_corpus(settings.data, vocabulary, others)
    if errors := [f for f in findings if f.severity == "error" and not f.file.startswith(str(into / name))]:
        raise CheckError(errors)
    known = [e for e in corpus.entities.values() if e.source != name]
    made = settle(reading, known, read_tables(vocabulary))
    if not made.claims:
        told = [f"{count} {predicate}: {reason}" for (predicate, reason), count in made.unmapped.most_common(3)]
        told += [f"{count} {note}" for note, count in made.notes.most_common(3)]
        why = f" ({'; '.join(told)})" if told else ""
        remedy = "see ontology/imports.ttl for what is taken over"
        message = f"none of {made.read} statements is taken over, of {len(made.records)} records{why}"
        raise ForeignError(reading.title, "nothing", message, remedy)
    head = {
        "title": terms.title, "format": reading.format, "language": "en", "sha256": reading.sha256, "imported": day,
        "by_hand": terms.by_hand, "licence": terms.licence, "creator": list(terms.creator),
    }  # fmt: skip
    _write(into, name, head, made)
    return made


def _write(into: Path, name: str, head: dict[str, Any], made: Settled) -> None:
    target, fresh = into / name, into / f".{name}.{os.getpid()}.tmp"
    old = into / f".{name}.{os.getpid()}.old"
    try:
        fresh.mkdir(parents=True)
        for file, lines in (
            ("entities", made.entities), ("records", made.records), ("claims", made.claims), ("chains", made.chains),
        ):  # fmt: skip
            _write_lines(fresh / f"{file}.jsonl", lines)
        (fresh / "report.json").write_text(json.dumps(report(made), indent=1, ensure_ascii=False) + "\n", "utf-8")
        (fresh / "document.toml").write_text("".join(_toml(k, v) for k, v in head.items() if v != ""), "utf-8")
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    except OSError as error:
        place = str(error.filename or into)
        raise ForeignError(place, "unwritable", str(error.strerror), "name a folder that can be written") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def _write_lines(file: Path, lines: Iterable[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _toml(key: str, value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
    return f"{key} = {text}\n"


def report(made: Settled) -> dict[str, Any]:
    """Return what became of a source: what was kept, and what was left out, with reasons and counts."""
    return {
        "statements": made.read,
        "taken": made.taken,
        "claims": len(made.claims),
        "chains": len(made.chains),
        "records": len(made.records),
        "entities_new": len(made.entities),
        "entities_joined": made.joined,
        "left_out": [
            {"predicate": predicate, "reason": reason, "statements": count}
            for (predicate, reason), count in sorted(made.unmapped.items(), key=lambda item: (-item[1], item[0]))
        ],
        "notes": dict(sorted(made.notes.items())),
    }
