"""Commands that ask the graph: query, search, stats; mcp lets an assistant ask."""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from kg.cli.terminal import Json, app, err, out, print_table, shorten
from kg.errors import NotFoundError, QueryError
from kg.settings import Settings

_FORMAT_HELP = "csv, tsv, json, xml; of graphs ttl, nt, jsonld, rdf"


@app.command()
def query(
    name: Annotated[str | None, typer.Argument(help="A named query, or SPARQL text; without it, all names.")] = None,
    parameters: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Its parameters.")] = None,
    format_: Annotated[str | None, typer.Option("--format", help=_FORMAT_HELP)] = None,
) -> None:
    """Ask a named query or a SPARQL text; a table on a terminal, any format with --format."""
    from kg.graph import open_build
    from kg.query import read_queries, read_table
    from kg.stores.base import GRAPHS, RESULTS, Question

    queries, settings = read_queries(), Settings.from_environment()
    if name is None:
        rows = [[q.name, " ".join(p.name for p in q.parameters), q.summary] for q in queries.values()]
        print_table(["query", "parameters", "summary"], rows)
        return
    if format_ and format_ not in {**RESULTS, **GRAPHS}:
        raise NotFoundError(f"there is no format {format_!r}; there are {', '.join({**RESULTS, **GRAPHS})}")
    whole = (RESULTS["json"], GRAPHS["ttl"])
    results, graph = (RESULTS.get(format_), GRAPHS.get(format_)) if format_ else whole
    with open_build(settings) as opened:
        if name.strip().isidentifier() or name.replace("-", "").isalnum():
            answer = opened.answer(name, results, graph, **dict(_split(p) for p in parameters or ()))
        else:
            answer = opened.store.query(Question(name, results, graph))
        if format_ is None and answer.media_type == RESULTS["json"]:
            table = read_table(answer)
            rows = [[shorten(row.get(c, ""), settings.base) for c in table.columns] for row in table.rows]
            print_table(table.columns, rows)
        else:
            sys.stdout.buffer.write(answer.body)


def _split(parameter: str) -> tuple[str, str]:
    key, equals, value = parameter.partition("=")
    if not equals:
        raise QueryError(f"a parameter is written key=value, not {parameter!r}")
    return key, value


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...")],
    kind: Annotated[list[str] | None, typer.Option(help="entity, document, work, claim or query; repeatable.")] = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many hits to print.")] = 20,
    as_json: Json = False,
) -> None:
    """Find entities, claims, documents, works and named queries by their words, the most fitting first."""
    from kg.query import read_queries
    from kg.search.find import open_index
    from kg.stores.connect import current_build

    settings = Settings.from_environment()
    index = open_index(current_build(settings), read_queries(), settings.deadline)
    hits = index.find(" ".join(words), count, 0, kind or ())
    for hit in hits.items:
        if as_json:
            typer.echo(json.dumps(asdict(hit), ensure_ascii=False))
        else:
            note = f" ({hit.note})" if hit.note else ""
            out.print(f"{hit.kind} {hit.id}{note}: {hit.title}", markup=False)
    for wrong, right in hits.searched.corrected.items():
        err.print(f"searched for {right!r} in place of {wrong!r}", markup=False)
    if hits.searched.any:
        err.print("nothing has all of the words; these have some of them", markup=False)
    if not as_json:
        out.print(f"{len(hits.items)} of {hits.total} found", markup=False)


@app.command()
def stats(as_json: Json = False) -> None:
    """Print the counts of claims by document, act, certainty and voice."""
    from kg.query import ask_table, read_queries
    from kg.stores.connect import connect, current_build

    settings = Settings.from_environment()
    store = connect(settings, current_build(settings))
    try:
        rows = ask_table(store, read_queries()["stats"].text).rows
    finally:
        store.close()
    counts: dict[str, Counter[str]] = {key: Counter() for key in ("document", "act", "certainty", "voice")}
    for row in rows:
        for key, counter in counts.items():
            counter[shorten(row[key], settings.base).removeprefix("document/")] += row["count"]
    if as_json:
        typer.echo(json.dumps(counts))
        return
    table = [[key, value, str(count)] for key, counter in counts.items() for value, count in counter.most_common()]
    print_table(["by", "value", "claims"], [*table, ["all", "", str(sum(counts["document"].values()))]])


@app.command()
def mcp() -> None:
    """Serve the build in service to an assistant, over standard input and output (Model Context Protocol)."""
    from kg.graph import open_build
    from kg.mcp.inquiries import Inquiries
    from kg.search.find import open_index
    from kg.stores.connect import current_build

    try:
        from kg.mcp.server import make_server
    except ModuleNotFoundError as error:
        raise NotFoundError(f"{error.name} is not installed: pip install 'claimgraph[mcp]'") from error
    settings = Settings.from_environment()
    build = current_build(settings)
    with open_build(settings, build) as graph:
        make_server(Inquiries(graph, open_index(build, graph.queries, settings.deadline))).run("stdio")
