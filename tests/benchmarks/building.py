"""The build: from a data folder with its texts to a build in service: cold, unchanged, one document changed."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.build import build
from kg.stores.embedded import EmbeddedStore
from tests.benchmarks import material
from tests.benchmarks.harness import LARGEST, Plan, Result, in_turn
from tests.benchmarks.measure import Watch, measure


def cold(place: str, claims: int) -> dict[str, Any]:
    """Check and build into an empty folder."""
    settings = material.data(Path(place), claims)
    builds = Path(tempfile.mkdtemp(dir=place))
    stages: dict[str, float] = {}
    last: tuple[float, str] = (time.perf_counter(), "")

    def note(stage: str) -> None:
        nonlocal last
        now = time.perf_counter()
        stages[last[1]] = round(now - last[0], 3)
        last = (now, stage)

    try:
        with Watch() as watch:
            made = build(replace(settings, builds=builds), note)
        note("")
    finally:
        shutil.rmtree(builds)
    stages.pop("", None)
    return {**watch.told, "stages": stages, "quads": made.manifest["quads"], "digest": made.digest}


def again(place: str, claims: int, change: bool) -> dict[str, Any]:
    """Build once without counting it, change one document or nothing, and build again."""
    settings = material.data(Path(place), claims)
    home = Path(tempfile.mkdtemp(dir=place))
    try:
        shutil.copytree(settings.data, home / "data")
        mine = replace(settings, data=home / "data", builds=home / "builds")
        measured = measure("building:once", home=str(home), texts=str(settings.sources[0]))
        if change:
            file = sorted((home / "data").glob("*/*/claims.toml"))[-1]
            file.write_text(file.read_text(encoding="utf-8").replace("Of ", "Now of ", 1), encoding="utf-8")
        with Watch() as watch:
            made = build(mine)
    finally:
        shutil.rmtree(home)
    return {**watch.told, "digest": made.digest, "cold": measured.seconds}


def once(home: str, texts: str) -> dict[str, Any]:
    """Build a data folder."""
    folder = Path(home)
    settings = replace(
        material.SETTINGS, data=folder / "data", builds=folder / "builds", sources=(Path(texts),), engine="shacl"
    )
    with Watch() as watch:
        build(settings)
    return watch.told


def load(place: str, claims: int, where: str) -> dict[str, Any]:
    """Load the quads of a build into a store that answers."""
    file = material.quads(Path(place), claims)
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        with Watch() as watch:
            if where == "memory":
                count = len(EmbeddedStore.read([file]))
            elif where == "disk":
                store = EmbeddedStore.create(folder)
                store.read_in([file])
                count = len(store)
            else:
                plain = ox.Store()
                plain.load(path=str(file), format=ox.RdfFormat.N_QUADS)
                count = len(plain)
    finally:
        shutil.rmtree(folder)
    return {**watch.told, "quads": count, "rate": count / watch.seconds}


def run(plan: Plan) -> Iterator[Result]:
    """Compare cold builds with those that have little to do, and loads; beyond the largest size, one cold build."""
    place = str(plan.place)
    for size in plan.sizes:
        material.data(plan.place, size)
        ways = {"cold": partial(measure, "building:cold", place=place, claims=size)}
        if size <= LARGEST:
            for name, change in (("one document changed", True), ("nothing changed", False)):
                ways[name] = partial(measure, "building:again", place=place, claims=size, change=change)
        yield in_turn("build", "kg build", size, plan.runs if size <= LARGEST else 1, ways)
    for size in plan.up_to(LARGEST):
        material.quads(plan.place, size)
        yield in_turn("build", "load", size, plan.runs, {
            "into memory": partial(measure, "building:load", place=place, claims=size, where="memory"),
            "onto disk": partial(measure, "building:load", place=place, claims=size, where="disk"),
            "pyoxigraph Store.load": partial(measure, "building:load", place=place, claims=size, where="peer"),
        }, "a second, quads", lambda sample: sample.facts["rate"])  # fmt: skip
