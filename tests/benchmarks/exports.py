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


def dump(place: str, claims: int) -> dict[str, Any]:
    """Have the store on disk write N-Quads itself."""
    folder = Path(tempfile.mkdtemp(dir=place))
    store = ox.Store.read_only(str(material.built(Path(place), claims).builds / "current" / "store"))
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
                ways["the store's own dump"] = partial(measure, "exports:dump", place=place, claims=size)
            if suffix in ("trig", "jsonld") and size <= MOST:
                ways["rdflib"] = partial(measure, "exports:theirs", place=place, claims=size, suffix=suffix)
            yield in_turn("exports", suffix, size, plan.runs, ways)
