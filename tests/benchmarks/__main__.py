"""The one command: `python -m tests.benchmarks [--sizes 1000,10000] [--only build,serve] [--runs 5] [--write]`."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.harness import Plan, Result, note
from tests.benchmarks.report import as_json, as_page, machine, read_kept, table, targets

#: The benchmarks and their modules, in their order.
BENCHES = {
    "shapes": "shapes", "quads": "quads", "build": "building", "serve": "serving", "search": "searching",
    "paths": "paths", "exports": "exports",
}  # fmt: skip
#: The sizes of the page. The whole takes about two hours and 30 GB of disk, most of it for a million claims.
SIZES = {
    "shapes": (1_000, 10_000), "quads": (1_000, 10_000), "build": (1_000, 10_000, 1_000_000), "serve": (100_000,),
    "search": (10_000, 100_000), "paths": (10_000, 100_000), "exports": (1_000, 10_000),
}  # fmt: skip
_DOCS = Path(__file__).parents[2] / "docs"


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--sizes", help="numbers of claims (default: for each benchmark those of the page)")
    parser.add_argument("--only", default=",".join(BENCHES), help="which benchmarks (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="how often each way runs (default: %(default)s)")
    parser.add_argument("--place", type=Path, help="a folder that keeps corpora and builds for another run")
    parser.add_argument("--write", action="store_true", help="write docs/BENCHMARKS.md and docs/benchmarks.json")
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Run the benchmarks and tell what they found."""
    chosen = read_arguments(given)
    names = chosen.only.split(",")
    if unknown := set(names) - set(BENCHES):
        note(f"there is no benchmark {min(unknown)!r}; there are {', '.join(BENCHES)}")
        return 2
    on, results = machine(), list[Result]()
    with ExitStack() as stack:
        place = chosen.place or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claimgraph-bench-")))
        place.mkdir(parents=True, exist_ok=True)
        for name in BENCHES:
            if name in names:
                sizes = tuple(sorted(int(s) for s in chosen.sizes.split(","))) if chosen.sizes else SIZES[name]
                plan = Plan(sizes, chosen.runs, place.resolve())
                results += importlib.import_module(f"tests.benchmarks.{BENCHES[name]}").run(plan)
    if chosen.write:
        order = list(BENCHES)
        whole = sorted([*read_kept(_DOCS / "benchmarks.json", names), *results], key=lambda r: order.index(r.bench))
        (_DOCS / "benchmarks.json").write_text(as_json(on, whole), encoding="utf-8")
        (_DOCS / "BENCHMARKS.md").write_text(as_page(on, whole), encoding="utf-8")
    print(as_json(on, results) if chosen.json else f"{targets(results)}\n{table(results)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
