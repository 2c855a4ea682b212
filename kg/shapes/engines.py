"""What applies the shapes to slices of the graph: pySHACL, the engine of record, or the compiled package `shacl`.

pySHACL is given several slices at once, since what they share is then judged once, and its shapes are asked about many
nodes at once (`kg/shapes/crowds.py`), as are queries (`kg/shapes/constraints.py`). Tests hold the results against those
of `pyshacl.validate` on the whole graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from functools import lru_cache
from pathlib import Path
from typing import Any

from rdflib import Graph

from kg.garbage import put_off
from kg.shapes.constraints import Constraint, ask, split
from kg.shapes.crowds import Crowds
from kg.shapes.slices import Slice
from kg.shapes.triples import read_triples
from kg.shapes.validation import SH, Result, read_report, read_shapes, read_text

#: Judges slices by the shapes of a folder, each as if alone.
Engine = Callable[[Sequence[Slice], Path], list[list[Result]]]
_SEVERITIES = {"Violation": "error", "Warning": "warning", "Info": "info"}


def judge_with_pyshacl(slices: Sequence[Slice], folder: Path) -> list[list[Result]]:
    """Judge slices together with pySHACL, the engine of record."""
    lines = {line for one in slices for line in one.text.splitlines(keepends=True)}
    judged = [one.whole for one in slices]
    left = frozenset[str]().union(*(one.partial for one in slices)).difference(*judged)
    return _share(_find(lines, folder, left), judged)


def find_with_pyshacl(text: str, folder: Path) -> set[Result]:
    """Return what pySHACL finds wrong in N-Triples text."""
    return _find(text.splitlines(keepends=True), folder)


def _find(lines: Iterable[str], folder: Path, left: Set[str] = frozenset()) -> set[Result]:
    shapes, crowds, constraints = _prepare(folder, read_text(folder))
    with put_off():
        triples = read_triples(lines, crowds.graph.all_nodes())
        report, text = crowds.judge(triples, left)
        found = set(read_report(report, text, shapes))
        return found.union(ask(constraints, "".join(lines).encode(), triples))


@lru_cache(1)
def _prepare(folder: Path, text: str) -> tuple[Graph, Crowds, list[Constraint]]:
    shapes, constraints = split(read_shapes(folder))
    return shapes, Crowds(shapes), constraints


def _share(results: Iterable[Result], judged: Sequence[Set[str]]) -> list[list[Result]]:
    """Return for each slice the results on the nodes that it holds whole; what a query finds is about its value."""
    known, queries = frozenset().union(*judged), str(SH.SPARQLConstraintComponent)
    by_node: dict[str, list[Result]] = {}
    for result in results:
        about = result.value if result.component == queries and result.value in known else result.focus
        by_node.setdefault(about, []).append(result)
    return [sorted(r for node in nodes & by_node.keys() for r in by_node[node]) for nodes in judged]


@lru_cache(1)
def _compile(folder: Path, text: str) -> Any:
    import shacl

    return shacl.Shapes.from_text(read_shapes(folder).serialize(format="nt"), "ntriples")


def judge_with_shacl(slices: Sequence[Slice], folder: Path) -> list[list[Result]]:
    """Judge slices one by one with the compiled engine of the package `shacl`."""
    return [_share(find_with_shacl(one.text, folder), [one.whole])[0] for one in slices]


def find_with_shacl(text: str, folder: Path) -> set[Result]:
    """Return what `shacl` finds wrong in N-Triples text; our shapes have names, so results name them too."""
    return {
        Result(
            focus=_plain(found.focus_node),
            path=_plain(found.path) if (found.path or "").startswith("<") else "",
            component=found.component_iri,
            value=found.value_plain or "",
            shape=_plain(found.source_shape),
            severity=_SEVERITIES.get(found.severity, "error"),
            message=" ".join(sorted(found.messages)),
        )
        for found in _compile(folder, read_text(folder)).validate_text(text, "ntriples").results
    }


def _plain(term: str | None) -> str:
    """Return the IRI of a term as it is written in N-Triples.

    >>> _plain("<http://example.org/a>")
    'http://example.org/a'
    """
    return term[1:-1] if term and term.startswith("<") else term or ""


ENGINES: dict[str, Engine] = {"pyshacl": judge_with_pyshacl, "shacl": judge_with_shacl}
