"""What a run found, as JSON and as the page of the repository."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Collection, Iterable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.benchmarks.harness import LARGEST, Result, exponent
from tests.benchmarks.targets import TARGETS, Results

_PACKAGES = ("claimgraph", "pyoxigraph", "oxigraph", "pyshacl", "shacl", "rdflib", "rdflib-endpoint", "networkx")
_HEAD = """# Benchmarks

What Claimgraph costs, beside what a user would take instead. This page is written by

```sh
.venv/bin/pip install -q -e ".[bench]" && .venv/bin/python -m tests.benchmarks --write
```

The corpora are invented (`tests/benchmarks/corpus.py`): documents of 25 claims, entities by Zipf's law, propositions
that are taken up again, every feature that a claim may have. Each figure is a median; our way and the peer's run in
turn, each time in a fresh process. The whole takes about two hours and 30 GB of disk, most of it for a million claims:
`--only` runs benchmarks one by one, the figures of the others stay; `--sizes` names other sizes. Of absolute times
little holds on another machine, of ratios most. All figures, run by run, stand in [benchmarks.json](benchmarks.json).
"""


def machine() -> dict[str, str]:
    """Return what the figures depend on."""
    memory = next(
        (line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal")), "0"
    )
    found = {
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(memory) / 1024**2:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "load when it began": f"{os.getloadavg()[0]:.1f}",
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def as_json(on: dict[str, str], results: Iterable[Result]) -> str:
    """Return everything, run by run."""
    told = {"machine": on, "results": [asdict(result) for result in results]}
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def read_kept(file: Path, names: Collection[str]) -> list[Result]:
    """Return what an earlier run found of other benchmarks than these: each is a comparison of its own."""
    rows = json.loads(file.read_text(encoding="utf-8"))["results"] if file.is_file() else []
    return [Result(**row) for row in rows if row["bench"] not in names]


def as_page(on: dict[str, str], results: list[Result]) -> str:
    """Return the page."""
    parts = [_HEAD, "## Machine\n", f"{'; '.join(f'{name} {value}' for name, value in on.items())}.\n"]
    parts += ["## Targets\n", targets(results), "## Figures\n"]
    for bench in dict.fromkeys(r.bench for r in results):
        mine = [r for r in results if r.bench == bench]
        runs = min((len(values) for r in mine for values in r.runs.values() if r.size <= LARGEST), default=1)
        once = f", of one run beyond {LARGEST:,} claims" if any(r.size > LARGEST for r in mine) else ""
        parts += [f"### {bench}\n", f"Medians of {runs} runs{once}.\n", table(mine)]
    return "\n".join(parts)


def targets(results: list[Result]) -> str:
    """Return the targets with what they came to."""
    rows = ["| target | bound | measured | verdict |", "|---|---:|---:|---|"]
    for target in TARGETS:
        found, verdict = target.verdict(Results(results))
        bound = f"{'at most' if target.at_most else 'at least'} {figure(target.bound)}"
        rows.append(f"| {target.name} | {bound} | {'' if found is None else figure(found)} | {verdict} |")
    return "\n".join(rows) + "\n"


def table(results: list[Result]) -> str:
    """Return the figures of one benchmark: a row for each thing and size, and how each way grows."""
    rows = ["| what | claims | way | median | times ours | memory | grows by |", "|---|---:|---|---:|---:|---:|---:|"]
    for result in results:
        ours = next(iter(result.medians), None)
        for way, median in result.medians.items():
            ratio = result.ratio(str(ours), way) if way != ours else None
            same = [r for r in results if r.what == result.what and way in r.medians and r.medians[way]]
            power = exponent([(r.size, r.medians[way]) for r in same]) if result is same[-1] else None
            cells = [
                result.what, f"{result.size:,}", way, f"{figure(median)} {result.unit}",
                "" if ratio is None else figure(ratio),
                f"{result.megabytes[way]:,.0f} MB" if result.megabytes.get(way) else "",
                "" if power is None else f"{power:.2f}",
            ]  # fmt: skip
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def figure(value: float) -> str:
    """Return a number with three digits that mean something.

    >>> figure(0.01234), figure(12.345), figure(123456.7)
    ('0.0123', '12.3', '123,457')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
