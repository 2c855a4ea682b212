"""Commands that compare documents and trace mechanisms: compare, mechanism."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from kg.cli.terminal import Json, app, out
from kg.errors import NotFoundError
from kg.settings import Settings


@app.command()
def compare(
    documents: Annotated[
        list[str] | None, typer.Argument(metavar="[DOCUMENT]...", help="All when none is named.")
    ] = None,
    entity: Annotated[str | None, typer.Option(help="Only questions with this entity on either side.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only questions with an entity of this kind.")] = None,
    frame: Annotated[
        str | None, typer.Option(help="Only this question: 'subject / family / object', as printed.")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Also questions that one document alone answers.")] = False,
    format_: Annotated[str, typer.Option("--format", help="text, markdown, latex, csv or json")] = "text",
) -> None:
    """Compare documents: questions by documents, then the disagreements with their reasons, most serious first."""
    import csv

    from kg.compare import matrix
    from kg.exports.origin import origin_of
    from kg.graph import open_build

    choice = {k: v for k, v in (("entity", entity), ("kind", kind), ("frame", frame)) if v}
    with open_build(Settings.from_environment()) as graph:
        made = graph.compare(documents or (), not whole, **choice)
        source = origin_of(graph).citation
    match format_:
        case "text":
            for line in made.lines:
                out.print(f"{line.subject} / {line.family} / {line.object}", markup=False)
                for document, cell in line.cells.items():
                    out.print(f"    {document}: {cell.text}", markup=False)
            for found in made.disagreements:
                out.print(f"{found['hardness_name']} {found['kind_name']}: {found['because']}", markup=False)
            out.print(f"{len(made.lines)} questions, {len(made.disagreements)} disagreements", markup=False)
        case "markdown":
            typer.echo(matrix.to_markdown(made, source), nl=False)
        case "latex":
            typer.echo(matrix.to_latex(made, source), nl=False)
        case "csv":
            csv.writer(sys.stdout).writerows(matrix.to_rows(made))
        case "json":
            typer.echo(json.dumps(asdict(made), ensure_ascii=False))
        case other:
            raise NotFoundError(f"there is no format {other!r}; there are text, markdown, latex, csv, json")


@app.command()
def mechanism(
    source: str,
    target: Annotated[str | None, typer.Argument(help="Without it: what the source raises or lowers.")] = None,
    upstream: Annotated[bool, typer.Option("--upstream", help="Without a target: what raises or lowers it.")] = False,
    document: Annotated[list[str] | None, typer.Option(help="Only claims of this document; may be repeated.")] = None,
    through: Annotated[
        list[str] | None, typer.Option(help="Only through entities of this kind; may be repeated.")
    ] = None,
    longest: Annotated[int, typer.Option(min=1, max=8, help="Hops of the longest path.")] = 5,
    count: Annotated[int, typer.Option(min=1, max=200, help="How many paths.")] = 10,
    stated_only: Annotated[bool, typer.Option("--stated-only", help="Leave out hedged claims.")] = False,
    hypotheses: Annotated[bool, typer.Option("--hypotheses", help="Let in hypotheses.")] = False,
    uncontested: Annotated[bool, typer.Option("--uncontested", help="Leave out contested hops.")] = False,
    narrower: Annotated[bool, typer.Option("--narrower", help="Let narrower terms match.")] = False,
    inverted: Annotated[bool, typer.Option("--inverted", help="Let in hops that are turned round.")] = False,
    associations: Annotated[bool, typer.Option("--associations", help="Let in bare associations.")] = False,
    generic: Annotated[bool, typer.Option("--generic", help="Let in generic entities.")] = False,
    as_json: Json = False,
) -> None:
    """Trace how one thing bears on another: signed paths over what documents assert, with the claims of every hop."""
    from kg.graph import open_build
    from kg.mechanisms.paths import Options

    options = Options(
        documents=frozenset(document or ()),
        through=frozenset(through or ()),
        longest=longest,
        count=count,
        hedged=not stated_only,
        hypothesised=hypotheses,
        contested=not uncontested,
        narrower=narrower,
        inverted=inverted,
        associations=associations,
        generic=generic,
    )
    with open_build(Settings.from_environment()) as graph:
        loaded = graph.mechanisms
        source, target = graph.resolve(source), graph.resolve(target) if target is not None else None
    if target is None:
        hops = loaded.neighbours(source, "upstream" if upstream else "downstream", options)
        for hop in () if as_json else hops:
            _print_hop(hop, "")
        _print_json([asdict(h) for h in hops], as_json, f"{len(hops)} hops")
        return
    paths = loaded.find(source, target, options)
    for path in () if as_json else paths:
        out.print(f"{path.standing}, {path.certainty}, {path.support} independent", markup=False)
        for hop in path.hops:
            _print_hop(hop, "    ")
        if path.join:
            told = "is a symptom of" if path.join.sources else "stands under"
            out.print(f"    {path.join.symptom} {told} {path.join.condition}", markup=False)
            _print_sources(path.join.sources, "    ")
    openings = loaded.list_openings(source, target, options)
    _print_json([asdict(p) for p in paths], as_json, "; ".join([f"{len(paths)} paths", *map(_tell_opening, openings)]))
    if paths.stopped:
        typer.echo(paths.stopped, err=True)


#: What lets more in, by field of the options, as it is asked for here.
_FLAGS = {"hypothesised": "--hypotheses"}


def _tell_opening(opening: Any) -> str:
    """Return how many paths one option more would open, as "3 more with --inverted"."""
    count = f"{opening.paths} or more" if opening.more else f"{opening.paths} more"
    return f"{count} with {_FLAGS.get(opening.option, '--' + opening.option)}"


def _print_json(found: list[Any], as_json: bool, summary: str) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        out.print(summary, markup=False)


def _print_hop(hop: Any, indent: str) -> None:
    """Print a hop with the states at both ends: what is lowered must not read as raised; then who says it."""
    scope = ", ".join(f"{key} {value}" for key, value in hop.scope)
    notes = (hop.certainty, hop.note, scope, "contested" if hop.contested else "")
    marks = "; ".join(note for note in notes if note and note != "stated")
    state = f"{hop.object.entity} {hop.aspect} {hop.object.state}".replace("  ", " ")
    subject = hop.subject.entity + ("" if hop.open_state else f" {hop.subject.state}")
    said = f"{indent}{subject} {hop.relation.replace('_', ' ')} -> {state}" + (f" ({marks})" if marks else "")
    out.print(said, markup=False, soft_wrap=True)
    _print_sources(hop.sources, indent)


def _print_sources(sources: Iterable[Any], indent: str) -> None:
    for source in sources:
        hedged = f" ({source.certainty})" if source.certainty != "stated" else ""
        out.print(f"{indent}    {source.document}: {source.statement}{hedged}", markup=False, soft_wrap=True)
