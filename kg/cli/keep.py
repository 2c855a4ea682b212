"""Commands that make builds and keep them in service: build, builds, rollback, load, serve."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Annotated

import typer

from kg.cli.terminal import Engine, Json, app, err, out, read_settings, show_progress
from kg.errors import StoreError
from kg.settings import Settings


@app.command()
def build(
    write_graph: Annotated[bool, typer.Option("--write-graph", help="Also write data/graph/*.trig.")] = False,
    engine: Engine = None,
    dask: Annotated[
        str | None, typer.Option(help="A Dask scheduler whose workers read, check and judge the documents.")
    ] = None,
) -> None:
    """Check the data, build the graph and put it into service."""
    from kg.build import build as run
    from kg.build import write_graph as write

    settings = read_settings(engine)
    with ExitStack() as stack:
        progress, judge = stack.enter_context(show_progress()), None
        if dask:
            from kg.shapes.cluster import join_cluster

            judge = stack.enter_context(join_cluster(dask, settings))
        made = run(settings, progress, judge)
        if write_graph:
            progress("writing data/graph")
            write(settings, settings.data / "graph")
    counts = made.manifest
    out.print(
        f"{counts['claims']} claims of {counts['documents']} documents, {counts['quads']} quads, digest {made.digest}",
        markup=False,
    )


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
        out.print(
            f"{mark}{found.digest} {found.manifest['claims']} claims, {found.manifest['date']}{told}", markup=False
        )
    for fault in faults:
        err.print(fault, style="red", markup=False)
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
    out.print(f"in service: {found.digest}", markup=False)


@app.command()
def load(
    address: Annotated[str, typer.Argument(help="A Graph Store Protocol address, with its login if it wants one.")],
) -> None:
    """Load the build in service into a store elsewhere, to answer from with KG_ENDPOINT."""
    from kg.stores.connect import current_build
    from kg.stores.transfer import transfer

    made = current_build(Settings.from_environment())
    with show_progress() as progress:
        quads = transfer(made, address, progress)
    out.print(f"{quads} quads of the build {made.digest[:12]} loaded; KG_ENDPOINT names where to ask", markup=False)


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
        err.print("there is no build yet; building")
        build()
    found = current_build(settings)
    if changed := verify_build(found):
        told = f"{', '.join(changed[:3])}{' and others' if changed[3:] else ''}"
        raise StoreError(f"{found.folder} changed since it was built: {told}; 'kg build' makes a new one")
    os.environ["KG_BUILDS"] = str(settings.builds.resolve())
    # The only word from here to the service: `kg` never imports `api`, so it is run by its name.
    import importlib

    importlib.import_module("api.server").run(host, port)
