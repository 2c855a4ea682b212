"""All long runs, one after the other, and the page that tells what they found.

python -m tests.robustness.report [--short | --kills N --examples N]
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kg.settings import Settings
from tests.robustness import fuzz, kill_build, schema, soak
from tests.robustness.service import DATA

PAGE = Path(__file__).parents[2] / "docs" / "ROBUSTNESS.md"
_LIBRARIES = ["fastapi", "hypothesis", "pyoxigraph", "pydantic", "rdflib", "schemathesis", "starlette", "uvicorn"]
_TEXT = """# Robustness

What was done to break the service and the build, and what came of it. This page is written by
`python -m tests.robustness.report`; every run uses the tiny invented corpus of `tests/corpus`, a real server process on
loopback, and a fixed seed. Short versions of all of them are tests (`tests/robustness/test_short.py`, and the killed
builds in `tests/kg/test_build.py`); an input that once failed is kept in `tests/robustness/seeds/` and tried first.

Machine: {machine}.

| run | command | extent | result | seconds |
|---|---|---|---|---|
{rows}

A fuzzed query or request fails with a status of 500 or more other than a 503 problem, an error that is neither
problem+json nor a page, a traceback in the log, or a dead server. A fuzzed file fails when the check raises anything,
or finds nothing wrong and still makes what is not RDF. Schemathesis looks for server errors and for statuses, media
types and bodies that the document does not state.

## Soak

Half of the {seconds:g} seconds with good clients alone ({clients} that read pages, {clients} that ask SPARQL queries of
their own), half with {attackers} attackers beside them who send without pause: queries that never end, deep braces,
malformed requests, headers that do not end, searches for words of 960 letters, mutated queries. The service has two
workers and a deadline of one second; half of the pages and all of the queries are new ones, which no memory of answers
can help. The attackers run on the same cores as the service.

| good requests | phase | requests | 5xx | unanswered | p50 ms | p95 ms |
|---|---|---|---|---|---|---|
{phases}

p95 attacked over alone: {ratios}. Answers to attackers, by status: {hostile}.

Memory levels in MiB, where what processes share is divided among them: {start} at the start, {end} at the end, and
between them the lowest and highest of each sixth of the time. What the lowest gain from one sixth to the next is kept:
answers that are remembered (up to 64 MiB and what it takes to find them), or lost. The highest show what runaway
queries take before they are ended.

| sixth | process that listens | all workers |
|---|---|---|
{levels}

Queries go in three lanes. Pages, resources and named queries keep a worker that no stranger's query may take. SPARQL
queries of strangers share the other workers, and while some wait, none has more than a tenth of the deadline. An
address that broke a limit within the last minute waits in a lane of its own, whose one worker has the lowest priority:
so a runaway query costs its sender a minute of patience and the others only what it takes to share the processor. Each
client of the soak has an address of its own on loopback. Who attacks from as many addresses as there are queries meets
the second rule only; a limit by address in the reverse proxy (`deploy/nginx.conf`) and more workers are the remedy.
"""


def _kill(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(DATA, Path(folder) / "data")
        base = replace(Settings(), data=Path(folder) / "data", builds=Path(folder) / "builds", workers=1)
        return dict(kill_build.run(base, count, seed=1))


def _machine() -> str:
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    system = f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}"
    return (
        f"{os.cpu_count()} cores, {round(pages / 2**30)} GiB of memory, {system};\n"
        f"Python {platform.python_version()};\n{libraries}"
    )


def _write(kills: int, examples: int, cases: int, seconds: int) -> tuple[str, bool]:
    """Run everything; return the page and whether all went well."""
    rows, started = [], time.monotonic()

    def note(run: str, command: str, extent: str, result: str) -> None:
        nonlocal started
        took, started = time.monotonic() - started, time.monotonic()
        rows.append(f"| {run} | `python -m tests.robustness.{command}` | {extent} | {result} | {took:.0f} |")
        print(rows[-1], flush=True)

    soaked = soak.run(seconds)
    told = soaked["failure of the service"] or "the service lived, no traceback"
    note("soak", f"soak --seconds {seconds}", f"{seconds} s, see below", told)
    generated, failure = schema.run(cases, seed=1)
    told = "failures: run the command to see them" if failure else "no failure"
    note("schemathesis", f"schema --examples {cases}", f"{generated} requests", told)
    found = fuzz.run(examples, seed=1)
    told = ", ".join(f"{kind}: {len(failures)} failures" for kind, failures in found.items())
    kept = len(list(fuzz.SEEDS.glob("*/*.bin")))
    note("fuzz", f"fuzz --examples {examples}", f"{examples} of each kind, {kept} kept seeds", told)
    killed = _kill(kills)
    told = f"{killed['lost']} builds in service lost, {killed['failed']} other builds failed, "
    told += f"{killed['left behind']} files left behind"
    extent = f"{kills} kills -9, {killed['killed at work']} of them while it worked, "
    extent += f"{killed['with a rival']} with another build beside it"
    note("killed builds", f"kill_build {kills}", extent, told)
    keys = ("requests", "5xx", "not answered", "p50 ms", "p95 ms")
    phases = [
        f"| {kind} | {phase} | {' | '.join(str(soaked[f'{phase}: {kind}'][key]) for key in keys)} |"
        for kind in ("pages", "SPARQL")
        for phase in ("alone", "attacked")
    ]
    ratios = ", ".join(f"{kind} {soaked[f'p95 attacked / alone: {kind}']}" for kind in ("pages", "SPARQL"))
    levels = [
        f"| {n}, {'alone' if n <= soak.SLICES / 2 else 'attacked'} | {s['web, lowest']} to {s['web, highest']} "
        f"| {s['workers, lowest']} to {s['workers, highest']} |"
        for n, s in enumerate(soaked["memory levels, MiB"], 1)
    ]
    hostile = ", ".join(f"{status} {n} times" for status, n in soaked["hostile requests, by status"].items())
    page = _TEXT.format(
        machine=_machine(), rows="\n".join(rows), seconds=seconds, clients=soak.GOOD_CLIENTS, attackers=soak.ATTACKERS,
        phases="\n".join(phases), ratios=ratios, hostile=hostile, start=soaked["memory at start, MiB"],
        end=soaked["memory at end, MiB"], levels="\n".join(levels),
    )  # fmt: skip
    failures = soak.list_failures(soaked)
    print("\n".join(failures))
    return page, not any([failures, failure, *found.values(), killed["lost"], killed["failed"], killed["left behind"]])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a quick run of everything")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--examples", type=int, default=3000)
    given = parser.parse_args()
    text, well = _write(10, 200, 10, 10) if given.short else _write(given.kills, given.examples, 20, 60)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    raise SystemExit(not well)
