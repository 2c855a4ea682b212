"""Commands that take the graph away: export, release, diff."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from kg.cli.terminal import app, out, print_table, show_progress
from kg.settings import Settings


@app.command()
def export(
    format_: Annotated[str, typer.Option("--format", help="One of those that --list names.")] = "trig",
    document: Annotated[str | None, typer.Option(help="Only this document and what it speaks of.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file, or a folder for a package, not standard output.")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Only list the formats.")] = False,
    key: Annotated[Path | None, typer.Option(help="Nanopublications: sign with this RSA key (PEM, PKCS #8).")] = None,
    previous: Annotated[Path | None, typer.Option(help="Nanopublications: the export that this one follows.")] = None,
) -> None:
    """Write the graph of the build in service, the whole or one document, in one of many formats."""
    import shutil

    from kg.exports import FORMATS, get_format, nanopub
    from kg.exports.delivery import save, spool
    from kg.graph import open_build
    from kg.stores.connect import current_build

    if list_:
        print_table(["format", "ending", "summary"], [[f.name, f.suffix, f.summary] for f in FORMATS])
        return
    form, settings = get_format(format_), Settings.from_environment()
    if key or previous:
        form = nanopub.follow(form, key, previous)
    build = current_build(settings)
    with open_build(settings, build) as graph:
        if output:
            save(form, graph, build, document, output)
        else:
            with spool(form, graph, build, document) as body:
                shutil.copyfileobj(body, sys.stdout.buffer)


@app.command()
def release(
    directory: Annotated[Path, typer.Argument(help="A folder that is new or empty.")],
    without: Annotated[list[str] | None, typer.Option(help="A format to leave out; may be repeated.")] = None,
) -> None:
    """Write every export of the build in service as a dataset to publish: an RO-Crate with checksums and README."""
    from kg.graph import open_build
    from kg.release.folder import write_release
    from kg.stores.connect import current_build

    settings = Settings.from_environment()
    build = current_build(settings)
    with show_progress() as progress, open_build(settings, build) as graph:
        made = write_release(graph, build, directory, without or (), progress)
    out.print(f"{len(made.files)} files, {made.size} bytes, build {build.digest}: {directory}", markup=False)


@app.command()
def diff(
    a: Annotated[str, typer.Argument(help="A digest that is kept, a folder of a build or release, or N-Quads.")],
    b: Annotated[str, typer.Argument(help="The same; the build in service when it is not named.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell in words what differs between two builds: claims, documents, entities, disagreements; code 1 when any."""
    from kg.diff.changes import compare_builds, describe
    from kg.diff.sides import open_side

    settings = Settings.from_environment()
    found = compare_builds(open_side(a, settings), open_side(b or str(settings.builds), settings))
    if as_json:
        typer.echo(json.dumps({"same": found.same, **asdict(found)}, ensure_ascii=False, default=str))
    else:
        for line in describe(found):
            out.print(line, markup=False)
    raise typer.Exit(0 if found.same else 1)
