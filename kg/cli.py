"""The command line: thin commands over the library."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as RichTable

from kg.errors import CheckError, ClaimgraphError, Finding, NotFoundError, QueryError, StoreError
from kg.imports.commands import app as imports
from kg.names import CG
from kg.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Claims you can check: build, check and ask a graph of what documents claim.",
    epilog="Exit codes: 0 clean, 1 findings, 2 could not run. Settings are environment variables; see the README.",
)
_out = Console(highlight=False, soft_wrap=True, emoji=False)
_err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
_FORMAT_HELP = "csv, tsv, json, xml; of graphs ttl, nt, jsonld, rdf"

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Engine = Annotated[str | None, typer.Option("--engine", help="What applies the shapes: pyshacl or shacl (KG_ENGINE).")]


def _settings(engine: str | None = None) -> Settings:
    settings = Settings.from_environment()
    return replace(settings, engine=engine) if engine else settings


def main() -> None:
    """Run the command line; errors become one sentence and exit code 2."""
    try:
        app()
    except CheckError as error:
        _print_findings(error.findings, False)
        _err.print(str(error), style="red", markup=False)
        sys.exit(1)
    except ClaimgraphError as error:
        _err.print(str(error), style="red", markup=False)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()


@contextmanager
def _progress() -> Iterator[Any]:
    """Show on a terminal what is being done; say nothing to a script."""
    with _err.status("starting") as status:
        yield lambda step: status.update(step)


def _print_findings(findings: Sequence[Finding], as_json: bool) -> None:
    for finding in findings:
        if as_json:
            typer.echo(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            style = {"error": "red", "warning": "yellow"}.get(finding.severity, "")
            _out.print(str(finding), style=style, markup=False)


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

    settings = _settings(engine)
    with _progress() as progress:
        progress("checking")
        verdict = run(settings, document, shapes, progress)
        findings = [*verdict.findings, *(check_labels(verdict.corpus, labels) if labels else ())]
    _print_findings(findings, as_json)
    severities = Counter(f.severity for f in findings)
    claims = sum(c.document == document or document is None for c in verdict.corpus.claims)
    where = document or f"{len(verdict.corpus.documents)} documents"
    # Standard output is for findings alone when a program reads it.
    (_err if as_json else _out).print(
        f"{claims} claims in {where}: {severities['error']} errors, "
        f"{severities['warning']} warnings; {verdict.proved} anchors proved in their texts"
        + (f", {verdict.unproved} not: KG_SOURCES names no folder with the text" if verdict.unproved else "")
    )
    raise typer.Exit(1 if findings else 0)


@app.command()
def build(
    write_graph: Annotated[bool, typer.Option("--write-graph", help="Also write data/graph/*.trig.")] = False,
    engine: Engine = None,
    dask: Annotated[str | None, typer.Option(help="A Dask scheduler whose workers apply the shapes.")] = None,
) -> None:
    """Check the data, build the graph and put it into service."""
    from kg.build import build as run
    from kg.build import write_graph as write

    settings = _settings(engine)
    with ExitStack() as stack:
        progress, judge = stack.enter_context(_progress()), None
        if dask:
            from kg.cluster import join_cluster

            judge = stack.enter_context(join_cluster(dask, settings))
        made = run(settings, progress, judge)
        if write_graph:
            progress("writing data/graph")
            write(settings, settings.data / "graph")
    counts = made.manifest
    _out.print(
        f"{counts['claims']} claims of {counts['documents']} documents, {counts['quads']} quads, digest {made.digest}",
        markup=False,
    )


@app.command()
def load(
    address: Annotated[str, typer.Argument(help="A Graph Store Protocol address, with its login if it wants one.")],
) -> None:
    """Load the build in service into a store elsewhere, to answer from with KG_ENDPOINT."""
    from kg.stores.connect import current_build
    from kg.stores.transfer import transfer

    made = current_build(Settings.from_environment())
    with _progress() as progress:
        quads = transfer(made, address, progress)
    _out.print(f"{quads} quads of the build {made.digest[:12]} loaded; KG_ENDPOINT names where to ask", markup=False)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve the graph over HTTP; build it first when there is no build."""
    import os

    from kg.stores.connect import current_build, verify_build

    settings = Settings.from_environment()
    if not os.path.lexists(settings.builds / "current"):
        _err.print("there is no build yet; building")
        build()
    found = current_build(settings)
    if changed := verify_build(found):
        told = f"{', '.join(changed[:3])}{' and others' if changed[3:] else ''}"
        raise StoreError(f"{found.folder} changed since it was built: {told}; 'kg build' makes a new one")
    os.environ["KG_BUILDS"] = str(settings.builds.resolve())
    # The only word from here to the service: `kg` never imports `api`, so it is run by its name.
    import importlib

    importlib.import_module("api.server").run(host, port)


@app.command()
def builds(
    verify: Annotated[bool, typer.Option("--verify", help="Hash every file and compare with the manifest.")] = False,
    as_json: Json = False,
) -> None:
    """List the builds that are kept, the newest first; the one in service is marked."""
    from kg.stores.connect import list_builds, list_faults, verify_build

    settings = Settings.from_environment()
    kept, faults = list_builds(settings), list_faults(settings)
    current = (settings.builds / "current").resolve()
    changed = {b.digest: verify_build(b) if verify else [] for b in kept}
    for found in kept:
        in_service = found.folder.resolve() == current
        row = {"digest": found.digest, "in_service": in_service, "changed": changed[found.digest]}
        if as_json:
            typer.echo(json.dumps({**found.manifest, **row, "files": len(found.manifest["files"])}))
            continue
        told = f": changed or missing: {', '.join(changed[found.digest])}" if changed[found.digest] else ""
        mark = "* " if row["in_service"] else "  "
        _out.print(
            f"{mark}{found.digest} {found.manifest['claims']} claims, {found.manifest['date']}{told}", markup=False
        )
    for fault in faults:
        _err.print(fault, style="red", markup=False)
    raise typer.Exit(1 if faults or any(changed.values()) else 0)


@app.command()
def rollback(
    digest: Annotated[str, typer.Argument(help="The digest of a build that is kept, or its beginning.")],
) -> None:
    """Put an older build back into service."""
    from kg.build import put_in_service
    from kg.stores.connect import find_build

    settings = Settings.from_environment()
    found = find_build(settings, digest)
    put_in_service(settings, found.folder)
    _out.print(f"in service: {found.digest}", markup=False)


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
        _print_table(["query", "parameters", "summary"], rows)
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
            rows = [[_short(row.get(c, ""), settings.base) for c in table.columns] for row in table.rows]
            _print_table(table.columns, rows)
        else:
            sys.stdout.buffer.write(answer.body)


def _split(parameter: str) -> tuple[str, str]:
    key, equals, value = parameter.partition("=")
    if not equals:
        raise QueryError(f"a parameter is written key=value, not {parameter!r}")
    return key, value


def _short(value: Any, base: str) -> str:
    return str(value).removeprefix(CG).removeprefix(base)


def _print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on a terminal, tab-separated lines to a script."""
    if not _out.is_terminal:
        for row in [columns, *rows]:
            typer.echo("\t".join(row))
        return
    table = RichTable(*columns)
    for row in rows:
        table.add_row(*row)
    _out.print(table, markup=False, soft_wrap=False)
    _out.print(f"{len(rows)} rows")


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...")],
    kind: Annotated[list[str] | None, typer.Option(help="entity, document, work, claim or query; repeatable.")] = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many hits to print.")] = 20,
    as_json: Json = False,
) -> None:
    """Find entities, claims, documents, works and named queries by their words, the most fitting first."""
    from kg.query import read_queries
    from kg.search import open_index
    from kg.stores.connect import current_build

    settings = Settings.from_environment()
    index = open_index(current_build(settings), read_queries(), settings.deadline)
    hits = index.find(" ".join(words), count, 0, kind or ())
    for hit in hits.items:
        if as_json:
            typer.echo(json.dumps(asdict(hit), ensure_ascii=False))
        else:
            note = f" ({hit.note})" if hit.note else ""
            _out.print(f"{hit.kind} {hit.id}{note}: {hit.title}", markup=False)
    for wrong, right in hits.searched.corrected.items():
        _err.print(f"searched for {right!r} in place of {wrong!r}", markup=False)
    if hits.searched.any:
        _err.print("nothing has all of the words; these have some of them", markup=False)
    if not as_json:
        _out.print(f"{len(hits.items)} of {hits.total} found", markup=False)


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

    from kg import matrix
    from kg.exports.origin import origin_of
    from kg.graph import open_build

    choice = {k: v for k, v in (("entity", entity), ("kind", kind), ("frame", frame)) if v}
    with open_build(Settings.from_environment()) as graph:
        made = graph.compare(documents or (), not whole, **choice)
        source = origin_of(graph).citation
    match format_:
        case "text":
            for line in made.lines:
                _out.print(f"{line.subject} / {line.family} / {line.object}", markup=False)
                for document, cell in line.cells.items():
                    _out.print(f"    {document}: {cell.text}", markup=False)
            for found in made.disagreements:
                _out.print(f"{found['hardness_name']} {found['kind_name']}: {found['because']}", markup=False)
            _out.print(f"{len(made.lines)} questions, {len(made.disagreements)} disagreements", markup=False)
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
    from kg.mechanisms import Options

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
        _out.print(f"{path.standing}, {path.certainty}, {path.support} independent", markup=False)
        for hop in path.hops:
            _print_hop(hop, "    ")
        if path.join:
            told = "is a symptom of" if path.join.sources else "stands under"
            _out.print(f"    {path.join.symptom} {told} {path.join.condition}", markup=False)
            _print_sources(path.join.sources, "    ")
    _print_json([asdict(p) for p in paths], as_json, f"{len(paths)} paths")


def _print_json(found: list[Any], as_json: bool, summary: str) -> None:
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        _out.print(summary, markup=False)


def _print_hop(hop: Any, indent: str) -> None:
    """Print a hop with the states at both ends: what is lowered must not read as raised; then who says it."""
    scope = ", ".join(f"{key} {value}" for key, value in hop.scope)
    notes = (hop.certainty, hop.note, scope, "contested" if hop.contested else "")
    marks = "; ".join(note for note in notes if note and note != "stated")
    state = f"{hop.object.entity} {hop.aspect} {hop.object.state}".replace("  ", " ")
    subject = hop.subject.entity + ("" if hop.open_state else f" {hop.subject.state}")
    said = f"{indent}{subject} {hop.relation.replace('_', ' ')} -> {state}" + (f" ({marks})" if marks else "")
    _out.print(said, markup=False, soft_wrap=True)
    _print_sources(hop.sources, indent)


def _print_sources(sources: Iterable[Any], indent: str) -> None:
    for source in sources:
        hedged = f" ({source.certainty})" if source.certainty != "stated" else ""
        _out.print(f"{indent}    {source.document}: {source.statement}{hedged}", markup=False, soft_wrap=True)


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
        _print_table(["format", "ending", "summary"], [[f.name, f.suffix, f.summary] for f in FORMATS])
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


app.add_typer(imports, name="import")


@app.command()
def release(
    directory: Annotated[Path, typer.Argument(help="A folder that is new or empty.")],
    without: Annotated[list[str] | None, typer.Option(help="A format to leave out; may be repeated.")] = None,
) -> None:
    """Write every export of the build in service as a dataset to publish: an RO-Crate with checksums and README."""
    from kg.graph import open_build
    from kg.release import write_release
    from kg.stores.connect import current_build

    settings = Settings.from_environment()
    build = current_build(settings)
    with _progress() as progress, open_build(settings, build) as graph:
        made = write_release(graph, build, directory, without or (), progress)
    _out.print(f"{len(made.files)} files, {made.size} bytes, build {build.digest}: {directory}", markup=False)


@app.command()
def diff(
    a: Annotated[str, typer.Argument(help="A digest that is kept, a folder of a build or release, or N-Quads.")],
    b: Annotated[str, typer.Argument(help="The same; the build in service when it is not named.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell in words what differs between two builds: claims, documents, entities, disagreements; code 1 when any."""
    from kg.diff import compare_builds, describe
    from kg.sides import open_side

    settings = Settings.from_environment()
    found = compare_builds(open_side(a, settings), open_side(b or str(settings.builds), settings))
    if as_json:
        typer.echo(json.dumps({"same": found.same, **asdict(found)}, ensure_ascii=False, default=str))
    else:
        for line in describe(found):
            _out.print(line, markup=False)
    raise typer.Exit(0 if found.same else 1)


@app.command()
def mcp() -> None:
    """Serve the build in service to an assistant, over standard input and output (Model Context Protocol)."""
    from kg.graph import open_build
    from kg.inquiries import Inquiries
    from kg.search import open_index
    from kg.stores.connect import current_build

    try:
        from kg.mcp import make_server
    except ModuleNotFoundError as error:
        raise NotFoundError(f"{error.name} is not installed: pip install 'claimgraph[mcp]'") from error
    settings = Settings.from_environment()
    build = current_build(settings)
    with open_build(settings, build) as graph:
        make_server(Inquiries(graph, open_index(build, graph.queries, settings.deadline))).run("stdio")


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
        _err.print(f"the phrase does not stand in {document!r}; nearest:", markup=False)
        for place in anchors.nearest(phrase, text):
            _print_place(place, anchors.difference(phrase, place.text), as_json)
        raise typer.Exit(1)


@app.command()
def coverage(document: str, as_json: Json = False) -> None:
    """List the sentences of a document's text that no anchor touches and no omission covers."""
    from kg.rules import uncovered

    found, text = _read_document(document)
    places = uncovered(found, text)
    for place in places:
        _print_place(place, "", as_json)
    if not as_json:
        _out.print(f"{len(places)} sentences uncovered", markup=False)
    raise typer.Exit(1 if places else 0)


def _print_place(place: Any, note: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**asdict(place), **({"differs": note} if note else {})}, ensure_ascii=False))
    else:
        _out.print(f"[{place.start}, {place.end}] {place.text}" + (f"  ({note})" if note else ""), markup=False)


def _read_document(name: str) -> tuple[Any, str]:
    """Return a document of the data folder and its text."""
    from kg.check import read_text
    from kg.corpus import read_corpus
    from kg.names import nearest
    from kg.vocabulary import read_vocabulary

    settings = Settings.from_environment()
    corpus, _ = read_corpus(settings.data, read_vocabulary(settings.ontology, settings.base))
    if name not in corpus.documents:
        near = ", ".join(nearest(name, corpus.documents)) or ", ".join(corpus.documents) or "none"
        raise NotFoundError(f"there is no document {name!r}; nearest: {near}")
    return corpus.documents[name], read_text(corpus.documents[name], settings)


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
    _out.print(f"{folder}: document.toml is written; claims.toml is next (data/README.md tells how)", markup=False)


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
            counter[_short(row[key], settings.base).removeprefix("document/")] += row["count"]
    if as_json:
        typer.echo(json.dumps(counts))
        return
    table = [[key, value, str(count)] for key, counter in counts.items() for value, count in counter.most_common()]
    _print_table(["by", "value", "claims"], [*table, ["all", "", str(sum(counts["document"].values()))]])


if __name__ == "__main__":
    main()
