"""Commands of a curator: check, new, anchor, coverage."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from kg.cli.terminal import Engine, Json, app, err, out, print_findings, read_settings, show_progress
from kg.errors import NotFoundError, QueryError
from kg.settings import Settings


@app.command()
def check(
    document: Annotated[str | None, typer.Option(help="Only findings in this document.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Folder of label tables to compare identifiers with.")] = None,
    shapes: Annotated[bool, typer.Option(help="Apply the SHACL shapes.")] = True,
    engine: Engine = None,
    as_json: Json = False,
) -> None:
    """Tell everything that is wrong with the data, at once."""
    from kg.check import check as run
    from kg.check import check_labels

    settings = read_settings(engine)
    with show_progress() as progress:
        progress("checking")
        verdict = run(settings, document, shapes, progress)
        findings = [*verdict.findings, *(check_labels(verdict.corpus, labels) if labels else ())]
    print_findings(findings, as_json)
    severities = Counter(f.severity for f in findings)
    claims = sum(c.document == document or document is None for c in verdict.corpus.claims)
    where = document or f"{len(verdict.corpus.documents)} documents"
    # Standard output is for findings alone when a program reads it.
    (err if as_json else out).print(
        f"{claims} claims in {where}: {severities['error']} errors, "
        f"{severities['warning']} warnings; {verdict.proved} anchors proved in their texts"
        + (f", {verdict.unproved} not: KG_SOURCES names no folder with the text" if verdict.unproved else "")
    )
    raise typer.Exit(1 if findings else 0)


@app.command()
def new(
    document: Annotated[str, typer.Argument(help="corpus/document, in kebab-case")],
    text: Annotated[Path, typer.Option("--text", help="The source text, in UTF-8.")],
    title: Annotated[str, typer.Option(help="The title of the document.")] = "Untitled",
) -> None:
    """Start the folder of a new document, with the digest and length of its text."""
    import hashlib

    from kg.names import ID_PATTERN

    settings = Settings.from_environment()
    corpus, slash, name = document.partition("/")
    if not slash or not ID_PATTERN.fullmatch(corpus) or not ID_PATTERN.fullmatch(name):
        raise NotFoundError(f"{document!r} is not corpus/document in kebab-case, such as sleep/naps-and-memory")
    try:
        raw = text.read_bytes()
        length = len(raw.decode("utf-8"))
    except OSError as error:
        raise NotFoundError(f"{text} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NotFoundError(f"{text} is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    if not length or not title.strip() or corpus in ("entities", "graph"):
        raise NotFoundError("a document needs a text, a title, and a corpus not called 'entities' or 'graph'")
    folder = settings.data / corpus / name
    if any(settings.data.glob(f"*/{name}")):
        raise NotFoundError(f"a document {name!r} exists already; nothing was changed")
    digest = hashlib.sha256(raw).hexdigest()
    for other in settings.data.glob("*/*/document.toml"):
        if other.is_file() and digest.encode() in other.read_bytes():
            raise NotFoundError(f"the document {other.parent.name!r} has this text already; nothing was changed")
    begun = (
        f"title = {json.dumps(title, ensure_ascii=False)}\n"
        'type = "web-page"\nlanguage = "en"\n'
        f'sha256 = "{digest}"\nlength = {length}\n'
        f"cites = []\ncurated = {date.today().isoformat()}\n"
    )
    try:
        folder.mkdir(parents=True)
        (folder / "document.toml").write_text(begun, encoding="utf-8")
    except OSError as error:
        raise NotFoundError(f"{folder} cannot be written: {error.strerror}; KG_DATA names another folder") from error
    out.print(f"{folder}: document.toml is written; claims.toml is next (data/README.md tells how)", markup=False)


@app.command()
def anchor(document: str, phrase: str, as_json: Json = False) -> None:
    """Print where a phrase stands in a document's text, or the nearest places and how they differ."""
    from kg import anchors

    if not phrase.strip():
        raise QueryError("the phrase is empty; give some words as they stand in the text")
    _, text = _read_document(document)
    places = anchors.find(phrase, text)
    for place in places:
        _print_place(place, "", as_json)
    if not places:
        err.print(f"the phrase does not stand in {document!r}; nearest:", markup=False)
        for place in anchors.nearest(phrase, text):
            _print_place(place, anchors.difference(phrase, place.text), as_json)
        raise typer.Exit(1)


@app.command()
def coverage(document: str, as_json: Json = False) -> None:
    """List the sentences of a document's text that no anchor touches and no omission covers."""
    from kg.corpus.rules import uncovered

    found, text = _read_document(document)
    places = uncovered(found, text)
    for place in places:
        _print_place(place, "", as_json)
    if not as_json:
        out.print(f"{len(places)} sentences uncovered", markup=False)
    raise typer.Exit(1 if places else 0)


def _print_place(place: Any, note: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**asdict(place), **({"differs": note} if note else {})}, ensure_ascii=False))
    else:
        out.print(f"[{place.start}, {place.end}] {place.text}" + (f"  ({note})" if note else ""), markup=False)


def _read_document(name: str) -> tuple[Any, str]:
    """Return a document of the data folder and its text."""
    from kg.check import read_text
    from kg.corpus.folder import read_corpus
    from kg.names import nearest
    from kg.vocabulary import read_vocabulary

    settings = Settings.from_environment()
    corpus, _ = read_corpus(settings.data, read_vocabulary(settings.ontology, settings.base))
    if name not in corpus.documents:
        near = ", ".join(nearest(name, corpus.documents)) or ", ".join(corpus.documents) or "none"
        raise NotFoundError(f"there is no document {name!r}; nearest: {near}")
    return corpus.documents[name], read_text(corpus.documents[name], settings)
