"""Verdicts of the shapes, slice by slice: side by side in processes, remembered by the digest of all they depend on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rdflib import Graph

from kg.errors import NotFoundError, SettingsError
from kg.shapes import Result, read_shapes, validate_triples
from kg.slices import Slice
from kg.stores.isolation import end_with_parent

#: Judges N-Triples text by the shapes of a folder.
Engine = Callable[[str, Path], list[Result]]
#: From how many slices on processes are worth their start.
_WORTH = 4
#: How long a verdict that nothing asked for is kept.
_KEPT_SECONDS = 30 * 24 * 3600


@lru_cache(1)
def _read(folder: Path) -> Graph:
    return read_shapes(folder)


def judge_with_pyshacl(text: str, folder: Path) -> list[Result]:
    """Judge with pySHACL, the engine of record."""
    return validate_triples(text, _read(folder))


@lru_cache(1)
def _compile(folder: Path) -> object:
    import shacl

    return shacl.Shapes.from_text(_read(folder).serialize(format="nt"), "ntriples")


def judge_with_shacl(text: str, folder: Path) -> list[Result]:
    """Judge with the compiled engine of the package `shacl`; the shapes have names, so results name them too."""
    report = _compile(folder).validate_text(text, "ntriples")  # type: ignore[attr-defined]
    return sorted(
        Result(
            focus=_plain(found.focus_node),
            path=_plain(found.path) if (found.path or "").startswith("<") else "",
            component=found.component_iri,
            value=found.value_plain or "",
            shape=_plain(found.source_shape),
            severity={"Violation": "error", "Warning": "warning", "Info": "info"}.get(found.severity, "error"),
            message=" ".join(sorted(found.messages)),
        )
        for found in report.results
    )


def _plain(term: str | None) -> str:
    """Return the IRI of a term as it is written in N-Triples.

    >>> _plain("<http://example.org/a>")
    'http://example.org/a'
    """
    return (term or "").removeprefix("<").removesuffix(">")


ENGINES: dict[str, Engine] = {"pyshacl": judge_with_pyshacl, "shacl": judge_with_shacl}


def judge(slices: Iterable[Slice], shapes: Path, memory: Path, engine: str = "pyshacl") -> list[Result]:
    """Return the results on all slices, sorted, each once.

    A verdict is remembered in the folder `memory`, under the digest of the slice, the shapes and the engine, so that a
    changed document costs that document. A folder that cannot be written is done without.
    """
    basis = _basis(shapes, engine)
    wanted = {hashlib.sha256(f"{basis} {s.digest}".encode()).hexdigest(): s for s in slices}
    verdicts = {key: found for key in wanted if (found := _recall(memory / f"{key}.json")) is not None}
    missing = [key for key in wanted if key not in verdicts]
    for key, results in zip(missing, _judge_all([wanted[key].text for key in missing], shapes, engine), strict=True):
        verdicts[key] = results
        _remember(memory / f"{key}.json", results)
    _forget(memory)
    return sorted({r for key, found in verdicts.items() for r in found if r.focus not in wanted[key].partial})


def _basis(shapes: Path, engine: str) -> str:
    """Return what a verdict depends on besides the slice; raise when the engine is unknown or not installed."""
    if engine not in ENGINES:
        raise NotFoundError(f"there is no engine {engine!r}; there are {', '.join(ENGINES)}")
    try:
        release = version(engine)
    except PackageNotFoundError as error:
        raise SettingsError(f"the engine {engine!r} is not installed; pip install 'claimgraph[{engine}]'") from error
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(shapes.glob("*.ttl")))
    return f"{engine} {release} {hashlib.sha256(text.encode()).hexdigest()}"


def _judge_all(texts: Sequence[str], shapes: Path, engine: str) -> Iterable[list[Result]]:
    """Judge the largest first, in as many processes as there are processors, and return the results in order."""
    work = partial(_judge_one, engine, shapes)
    if len(texts) < _WORTH or engine != "pyshacl":
        return map(work, texts)
    order = sorted(range(len(texts)), key=lambda n: -len(texts[n]))
    found: dict[int, list[Result]] = {}
    size = min(len(os.sched_getaffinity(0)), len(texts))
    with ProcessPoolExecutor(size, multiprocessing.get_context("spawn"), end_with_parent) as processes:
        for number, results in zip(order, processes.map(work, [texts[n] for n in order]), strict=True):
            found[number] = results
    return [found[n] for n in range(len(texts))]


def _judge_one(engine: str, shapes: Path, text: str) -> list[Result]:
    return ENGINES[engine](text, shapes)


def _recall(path: Path) -> list[Result] | None:
    """Return a verdict that is remembered whole."""
    try:
        found = [Result(*row) for row in json.loads(path.read_text(encoding="utf-8"))]
        os.utime(path)
    except (OSError, ValueError, TypeError):
        return None
    return found


def _remember(path: Path, results: Iterable[Result]) -> None:
    """Write a verdict under its name by a rename, so that none is ever half there."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}.tmp")
        fresh.write_text(json.dumps([astuple(r) for r in results]), encoding="utf-8")
        fresh.rename(path)


def _forget(memory: Path) -> None:
    """Drop what nothing asked for in a long time."""
    with contextlib.suppress(OSError):
        for path in memory.glob("*"):
            if time.time() - path.stat().st_mtime > _KEPT_SECONDS:
                path.unlink()
