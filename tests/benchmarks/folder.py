"""Invented corpora written as a data folder, or made straight into the model without a file in between."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from kg.corpus.folder import Reader
from kg.corpus.rows import ClaimRow
from kg.model import Anchor, Chain, Claim, Corpus, Document, Entity, Match, Omission, Work
from kg.vocabulary import Vocabulary
from tests.benchmarks.corpus import Invention, Made, Row


def toml(value: object) -> str:
    """Return a value as TOML.

    >>> toml({"at": [1, 2], "told": True})
    '{ "at" = [1, 2], "told" = true }'
    """
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def tables(name: str, rows: Iterable[Row]) -> str:
    """Return rows as an array of tables."""
    return "".join(f"[[{name}]]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in row.items()) + "\n" for row in rows)


def write_data(folder: Path, invention: Invention, texts: Path | None = None) -> None:
    """Write a data folder, and the texts into another when it is given."""
    for made in invention.documents():
        write_document(folder, made)
        if texts is not None:
            texts.mkdir(parents=True, exist_ok=True)
            (texts / f"{made.id}.txt").write_text(made.text, encoding="utf-8")
    (folder / "entities").mkdir(parents=True, exist_ok=True)
    for kind, rows in invention.entities().items():
        (folder / "entities" / f"{kind.lower()}.toml").write_text(tables("entity", rows), encoding="utf-8")
    (folder / "works.toml").write_text(tables("work", invention.works()), encoding="utf-8")


def write_document(folder: Path, made: Made) -> None:
    """Write one document into a data folder."""
    home = folder / made.corpus / made.id
    home.mkdir(parents=True, exist_ok=True)
    about = "".join(f"{key} = {toml(value)}\n" for key, value in made.document.items())
    (home / "document.toml").write_text(about, encoding="utf-8")
    told = tables("claim", made.claims) + tables("chain", made.chains)
    (home / "claims.toml").write_text(told, encoding="utf-8")


def read_documents(invention: Invention, vocabulary: Vocabulary) -> Iterator[Document]:
    """Yield the documents of an invention as the reader of a data folder would."""
    reader = Reader(Path(), vocabulary)
    for made in invention.documents():
        claims = tuple(_claim(reader, made.id, row) for row in made.claims)
        by_label = {c.label: c for c in claims}
        row: dict[str, Any] = dict(made.document)
        row["omissions"] = tuple(Omission(o["at"][0], o["at"][1], o["reason"]) for o in row.pop("omission"))
        row |= {"cites": tuple(row["cites"]), "creator": tuple(row["creator"]), "claims": claims}
        chains = (Chain(made.id, c["statement"], tuple(by_label[s] for s in c["steps"])) for c in made.chains)
        yield Document(id=made.id, corpus=made.corpus, chains=tuple(chains), **row)


def read_corpus(invention: Invention, vocabulary: Vocabulary) -> Corpus:
    """Return the model of an invention."""
    documents = {d.id: d for d in read_documents(invention, vocabulary)}
    entities = (_entity(row) for rows in invention.entities().values() for row in rows)
    works = (Work(**{**row, "creator": tuple(row["creator"])}) for row in invention.works())
    return Corpus({e.id: e for e in entities}, {w.id: w for w in works}, documents)


def _claim(reader: Reader, document: str, row: Row) -> Claim:
    read = ClaimRow.model_validate(row)
    claim = reader.make_claim(document, read, 0)
    return replace(
        claim,
        anchor=_anchor(read.at, read.phrase),
        hedge_anchor=_anchor(read.cue_at, read.cue) if read.cue_at else None,
        antecedents=tuple(_anchor(a.at, a.phrase) for a in read.antecedents),
    )


def _anchor(at: list[int], phrase: str) -> Anchor:
    return Anchor(at[0], at[1], phrase)


def _entity(row: Row) -> Entity:
    also, broader = (tuple(row.get(key, ())) for key in ("also", "broader"))
    matches = tuple(Match(**m) for m in row["match"])
    return Entity(row["id"], row["kind"], row["label"], also, broader, row.get("generic", False), matches)
