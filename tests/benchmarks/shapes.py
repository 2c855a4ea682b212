"""SHACL: slices judged by either engine beside plain `pyshacl.validate` on the same triples; with faults sown in.

The peer is pySHACL as a user would call it: shapes as they are written, triples parsed by rdflib. What is judged
has faults of several sorts, so that the ways can be seen to find the same.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from kg.check import _write as write_all
from kg.names import CG
from kg.rdf.write import triples_of
from kg.shapes import verdicts
from kg.shapes.engines import ENGINES
from kg.shapes.slices import Slice, cut
from kg.shapes.validation import Result as Found
from kg.shapes.validation import read_shapes, validate_triples
from tests.benchmarks import material
from tests.benchmarks.harness import Plan, Result, in_turn
from tests.benchmarks.measure import Watch, measure

#: The largest corpus that pySHACL is given whole, and by slices.
WHOLE, BY_SLICES = 1_000, 10_000
_SHAPES = material.SETTINGS.ontology / "shapes"
#: What is taken from every so-manieth claim: its certainty, voice, statement or place.
_FAULTS = ("certainty", "voice", "statement", "anchor", "wasDerivedFrom")
_EVERY = 50


def faulty(claims: int) -> list[str]:
    """Return the sorted quads of a corpus with a fault in every fiftieth claim."""
    lines = write_all(material.invent(claims), material.vocabulary(), material.NAMES)
    kept, turn = [], dict.fromkeys(_FAULTS, 0)
    for line in lines:
        predicate = line.split(" ", 2)[1][1:-1].rpartition("#")[2]
        if predicate in turn and f"<{material.NAMES.base}claim/" in line:
            turn[predicate] += 1
            if turn[predicate] % _EVERY == _FAULTS.index(predicate):
                continue
        kept.append(line)
    return kept


def told(results: Iterable[Found]) -> dict[str, Any]:
    """Return how many results there are, and a digest of what engines must agree on."""
    rows = sorted({(r.focus, r.path, r.component, r.severity) for r in results})
    return {"results": len(rows), "digest": hashlib.sha256(repr(rows).encode()).hexdigest()[:16]}


def whole(claims: int) -> dict[str, Any]:
    """Judge the whole graph at once with pySHACL."""
    text, shapes = "".join(sorted(set(triples_of(faulty(claims))))), read_shapes(_SHAPES)
    with Watch() as watch:
        results = validate_triples(text, shapes)
    return {**watch.told, **told(results)}


def sliced(claims: int, engine: str) -> dict[str, Any]:
    """Judge slice by slice, nothing remembered; then again after one document changed, the others remembered."""
    lines, memory = faulty(claims), Path(tempfile.mkdtemp())
    try:
        with Watch() as watch:
            results = verdicts.judge(cut(lines, material.NAMES), _SHAPES, memory, engine)
        before = len(list(memory.iterdir()))
        changed = next(n for n, line in enumerate(lines) if f'> <{CG}statement> "' in line)
        lines[changed] = lines[changed].replace('"', '"Now ', 1)
        with Watch() as again:
            verdicts.judge(cut(lines, material.NAMES), _SHAPES, memory, engine)
        anew = len(list(memory.iterdir())) - before
    finally:
        shutil.rmtree(memory)
    again_facts = {"slices": before, "judged anew": anew, "again": again.seconds, "again_cpu": again.cpu}
    return {**watch.told, **told(results), **again_facts}


def one_by_one(claims: int, engine: str = "", documents: int = 12) -> dict[str, Any]:
    """Judge some documents one after another in one process, by an engine or by plain pySHACL.

    The first is a rehearsal and does not count: shapes are read and compiled once.
    """
    home, shapes = f"{material.NAMES.graph('document')}/", read_shapes(_SHAPES)
    slices: list[Slice] = [s for s in cut(faulty(claims), material.NAMES) if s.name.startswith(home)]

    def judge(one: Slice) -> list[Found]:
        return ENGINES[engine]([one], _SHAPES)[0] if engine else validate_triples(one.text, shapes)

    judge(slices[0])
    results: list[Found] = []
    with Watch() as watch:
        for one in slices[1 : documents + 1]:
            results += judge(one)
    shared = {name: value / documents for name, value in watch.told.items()}
    return {**shared, **told(results)}


def run(plan: Plan) -> Iterator[Result]:
    """Compare a document, the whole, and the growth."""
    small = min(plan.sizes)
    yield in_turn("shapes", "one document", small, plan.runs, {
        "shacl": partial(measure, "shapes:one_by_one", claims=small, engine="shacl"),
        "pyshacl": partial(measure, "shapes:one_by_one", claims=small),
    })  # fmt: skip
    for size in plan.sizes:
        ways = {"slices, shacl": partial(measure, "shapes:sliced", claims=size, engine="shacl")}
        if size <= BY_SLICES:
            ways["slices, pyshacl"] = partial(measure, "shapes:sliced", claims=size, engine="pyshacl")
        if size <= WHOLE:
            ways["pyshacl.validate, whole graph"] = partial(measure, "shapes:whole", claims=size)
        yield in_turn("shapes", "all", size, plan.runs, ways)
