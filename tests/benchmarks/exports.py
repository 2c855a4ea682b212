"""Exports: the formats of `kg export` beside what writes the same elsewhere."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import rdflib

from kg.exports import get_format
from kg.exports.delivery import save
from kg.graph import open_build
from kg.stores.connect import current_build
from tests.benchmarks import material
from tests.benchmarks.harness import Plan, Result, in_turn
from tests.benchmarks.measure import Watch, measure

#: The largest corpus that rdflib writes.
MOST = 10_000
_SUFFIXES = ("nq", "trig", "ttl", "jsonld")


def ours(place: str, claims: int, suffix: str) -> dict[str, Any]:
    """Write the whole graph to a file."""
    settings, folder = material.built(Path(place), claims), Path(tempfile.mkdtemp(dir=place))
    build = current_build(settings)
    try:
        with open_build(settings, build) as graph, Watch() as watch:
            written = save(get_format(suffix), graph, build, None, folder / f"graph.{suffix}")
            size = sum(path.stat().st_size for path in written)
    finally:
        shutil.rmtree(folder)
    return {**watch.told, "bytes": size}


def dump(place: str, claims: int, memory: bool) -> dict[str, Any]:
    """Have the store write N-Quads itself: what it holds in memory, or on disk."""
    folder, build = Path(tempfile.mkdtemp(dir=place)), current_build(material.built(Path(place), claims))
    store = ox.Store() if memory else ox.Store.read_only(str(build.folder / "store"))
    for text in build.texts if memory else ():
        store.load(path=str(text), format=ox.RdfFormat.N_QUADS)
    try:
        with Watch() as watch:
            store.dump(str(folder / "graph.nq"), format=ox.RdfFormat.N_QUADS)
            size = (folder / "graph.nq").stat().st_size
    finally:
        shutil.rmtree(folder)
    return {**watch.told, "bytes": size}


def theirs(place: str, claims: int, suffix: str) -> dict[str, Any]:
    """Have rdflib write its Dataset, which was read before."""
    dataset, folder = rdflib.Dataset(), Path(tempfile.mkdtemp(dir=place))
    dataset.parse(str(material.quads(Path(place), claims)), format="nquads")
    names = {"trig": "trig", "jsonld": "json-ld", "nq": "nquads"}
    try:
        with Watch() as watch:
            dataset.serialize(str(folder / "graph"), format=names[suffix])
            size = (folder / "graph").stat().st_size
    finally:
        shutil.rmtree(folder)
    return {**watch.told, "bytes": size}


def run(plan: Plan) -> Iterator[Result]:
    """Compare format by format; rdflib only up to a size that it manages."""
    place = str(plan.place)
    for size in plan.sizes:
        material.built(plan.place, size)
        for suffix in _SUFFIXES:
            ways = {"claimgraph": partial(measure, "exports:ours", place=place, claims=size, suffix=suffix)}
            if suffix == "nq":
                for name, memory in (("the store's own dump", True), ("the store's own dump, from disk", False)):
                    ways[name] = partial(measure, "exports:dump", place=place, claims=size, memory=memory)
            if (suffix == "trig" and size <= MOST) or (suffix == "jsonld" and size < MOST):
                ways["rdflib"] = partial(measure, "exports:theirs", place=place, claims=size, suffix=suffix)
            yield in_turn("exports", suffix, size, plan.runs, ways)
