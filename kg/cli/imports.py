"""The commands `kg import kgx`, `kg import drugmechdb` and `kg import nanopub`."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.errors import NotFoundError
from kg.settings import Settings

if TYPE_CHECKING:
    from kg.imports.foreign import Reading

app = typer.Typer(
    no_args_is_help=True,
    help="Take in what others made, as claims that stand in records; KG_IMPORTS then names the folder for a build.",
)
Into = Annotated[Path, typer.Option("--into", help="The folder of imports; each becomes a folder in it.")]
Name = Annotated[str, typer.Option("--name", help="What the imported document is called; by default after its source.")]
Title = Annotated[str, typer.Option("--title", help="Its title.")]
ByHand = Annotated[bool, typer.Option("--by-hand/--not-by-hand", help="Whether its makers curated it by hand.")]
Licence = Annotated[str, typer.Option("--licence", help="The address of its licence.")]
Day = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day of import; today.")]
AsJson = Annotated[bool, typer.Option("--json", help="What became of it, as JSON.")]
_CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"


@app.command()
def kgx(
    nodes: Annotated[Path, typer.Argument(help="The table of nodes: .tsv or .jsonl, gzipped or not.")],
    edges: Annotated[Path, typer.Argument(help="The table of edges.")],
    into: Into, name: Name = "", title: Title = "", by_hand: ByHand = False, licence: Licence = "", day: Day = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take in a KGX graph: nodes and edges in the words of the Biolink model."""
    from kg.imports.kgx import read_kgx

    _take(read_kgx(nodes, edges), into, name, title, by_hand, licence, day, as_json)


@app.command()
def drugmechdb(
    file: Annotated[Path, typer.Argument(help="Mechanism paths, one JSON object a line, gzipped or not.")],
    into: Into, name: Name = "", title: Title = "", by_hand: ByHand = True, licence: Licence = _CC0, day: Day = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take in DrugMechDB: mechanism paths from drug to disease, each with its links as claims and a stated chain."""
    from kg.imports.drugmechdb import read_drugmechdb

    _take(read_drugmechdb(file), into, name, title, by_hand, licence, day, as_json)


@app.command()
def nanopub(
    files: Annotated[list[Path], typer.Argument(help="Nanopublications in TriG, N-Quads or JSON-LD.")],
    into: Into, name: Name = "", title: Title = "", by_hand: ByHand = False, licence: Licence = "", day: Day = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take in nanopublications: what their assertions say in predicates that the table of the ontology knows."""
    from kg.imports.mapping import read_tables
    from kg.imports.nanopub import read_publications
    from kg.vocabulary import read_vocabulary

    settings = Settings.from_environment()
    tables = read_tables(read_vocabulary(settings.ontology, settings.base))
    _take(read_publications(files, tables), into, name, title, by_hand, licence, day, as_json)


def _take(
    reading: Reading,
    into: Path,
    name: str,
    title: str,
    by_hand: bool,
    licence: str,
    day: datetime | None,
    as_json: bool,
) -> None:
    """Write what was read, and tell what became of it."""
    from kg.imports.folder import Terms, report, write_import

    if licence and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", licence):
        raise NotFoundError(f"a licence is given by its address, not {licence!r}")
    title = title or reading.title
    name = name or re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    terms = Terms(title, by_hand, licence)
    made = write_import(reading, into, name, terms, day.date() if day else date.today(), Settings.from_environment())
    told = report(made)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for row in told["left_out"]:
        typer.echo(f"left out {row['statements']}: {row['predicate']}: {row['reason']}")
    for note, count in told["notes"].items():
        typer.echo(f"{count}: {note}")
    typer.echo(
        f"{into / name}: {told['taken']} of {told['statements']} statements are {told['claims']} claims in"
        f" {told['records']} records, {told['chains']} chains; {told['entities_new']} new entities,"
        f" {told['entities_joined']} joined to known ones"
    )
    typer.echo(f"KG_IMPORTS={into} kg build  takes them into the graph")
