"""Verdicts of the shapes, slice by slice: side by side in processes, remembered by the digest of all they depend on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import astuple
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

from kg.errors import NotFoundError, SettingsError
from kg.pool import Run, count_processors, run_here
from kg.shapes.engines import ENGINES
from kg.shapes.portions import Known
from kg.shapes.slices import Slice
from kg.shapes.validation import Result, read_text
from kg.stores.apart import APART
from kg.stores.isolation import end_with_parent

#: From how many slices on processes are worth the while.
_WORTH = 4
#: How many slices go to a process at once: what they share is judged once, and they all stand in memory.
_TOGETHER = 32
#: How long a verdict that nothing asked for is kept.
_KEPT_SECONDS = 30 * 24 * 3600
#: The engine and the folder of the shapes.
How = tuple[str, Path]
#: The results on each of some slices.
Judged = list[list[Result]]


class Verdicts:
    """What is remembered of slices, by their digests and by those of the shapes and the engine.

    A folder that cannot be written is done without.
    """

    def __init__(self, memory: Path, shapes: Path, engine: str) -> None:
        """Raise NotFoundError or SettingsError when there is no such engine, or none installed."""
        self._memory, self._basis = memory, _basis(shapes, engine)

    def recall(self, digest: str) -> list[Result] | None:
        """Return the results on a slice that was judged before."""
        path = self._path(digest)
        try:
            found = [Result(*row) for row in json.loads(path.read_text(encoding="utf-8"))]
            os.utime(path)
        except (OSError, ValueError, TypeError):
            return None
        return found

    def remember(self, digest: str, results: Iterable[Result]) -> None:
        """Write the results on a slice under its name by a rename, so that they are never half there."""
        with contextlib.suppress(OSError):
            self._memory.mkdir(parents=True, exist_ok=True)
            path = self._path(digest)
            fresh = path.with_suffix(f".{os.getpid()}.tmp")
            fresh.write_text(json.dumps([astuple(r) for r in results]), encoding="utf-8")
            fresh.rename(path)

    def forget(self) -> None:
        """Drop what nothing asked for in a long time."""
        with contextlib.suppress(OSError):
            for path in self._memory.glob("*"):
                if time.time() - path.stat().st_mtime > _KEPT_SECONDS:
                    path.unlink()

    def is_empty(self) -> bool:
        """Tell whether nothing is remembered."""
        return not any(self._memory.glob("*.json"))

    def _path(self, digest: str) -> Path:
        return self._memory / f"{hashlib.sha256(f'{self._basis} {digest}'.encode()).hexdigest()}.json"


def _basis(shapes: Path, engine: str) -> str:
    """Return what a verdict depends on besides the slice; raise when the engine is unknown or not installed."""
    if engine not in ENGINES:
        raise NotFoundError(f"there is no engine {engine!r}; there are {', '.join(ENGINES)}")
    try:
        release = version(engine)
    except PackageNotFoundError as error:
        raise SettingsError(f"the engine {engine!r} is not installed; pip install 'claimgraph[{engine}]'") from error
    return f"{engine} {release} {hashlib.sha256(read_text(shapes).encode()).hexdigest()}"


def judge(
    slices: Iterable[Slice | Known], shapes: Path, memory: Path, engine: str = "pyshacl", run: Run | None = None
) -> list[Result]:
    """Return the results on all slices, sorted, each once; `run` may judge elsewhere.

    A verdict is remembered in the folder `memory`, so that a changed document costs that document.
    """
    verdicts, found = Verdicts(memory, shapes, engine), set[Result]()
    with contextlib.ExitStack() as stack:
        # Where nothing is remembered there is much to do, and processes get ready while the first slices are cut.
        here = _here(stack, (engine, shapes)) if run is None and verdicts.is_empty() else None
        missing = _missing(slices, verdicts, found)
        most = _TOGETHER * count_processors()
        while some := list(islice(missing, most)):
            if run is None:
                run = run_here if len(some) < _WORTH else here or _here(stack, (engine, shapes))
            hands = _deal(some, count_processors())
            for hand, told in zip(hands, run(judge_slices, (engine, shapes), hands), strict=True):
                for one, results in zip(hand, told, strict=True):
                    found.update(results)
                    verdicts.remember(one.digest, results)
    verdicts.forget()
    return sorted(found)


def judge_slices(how: How, slices: Sequence[Slice]) -> Judged:
    """Return the results on each of some slices; whoever holds the slices and the shapes may call this anywhere."""
    engine, shapes = how
    return ENGINES[engine](slices, shapes)


def _missing(slices: Iterable[Slice | Known], verdicts: Verdicts, found: set[Result]) -> Iterator[Slice]:
    """Yield the slices without a verdict; add to what is found what is remembered of the others."""
    for one in slices:
        results = verdicts.recall(one.digest)
        if results is None:
            yield one if isinstance(one, Slice) else one.cut()
        else:
            found.update(results)


def _deal(slices: Sequence[Slice], players: int) -> list[list[Slice]]:
    """Deal slices into hands of about the same length of text, in their order."""
    share = sum(len(one.text) for one in slices) / players
    hands: list[list[Slice]] = [[]]
    length = 0
    for one in slices:
        if hands[-1] and length >= share * len(hands):
            hands.append([])
        hands[-1].append(one)
        length += len(one.text)
    return hands


def _here(stack: contextlib.ExitStack, how: How) -> Run:
    """Return what judges on this machine: `shacl` lets threads run side by side, pySHACL needs processes."""
    if count_processors() == 1:
        return run_here
    if how[0] != "pyshacl":
        threads = stack.enter_context(ThreadPoolExecutor(count_processors()))

        def run_in_threads(work: Callable[[Any, Any], Any], context: Any, tasks: Iterable[Any]) -> Iterator[Any]:
            return threads.map(lambda task: work(context, task), tasks)

        return run_in_threads
    others = stack.enter_context(ProcessPoolExecutor(count_processors() - 1, APART, end_with_parent))
    for _ in range(count_processors() - 1):
        others.submit(judge_slices, how, [])

    def run_beside(work: Callable[[Any, Any], Any], context: Any, tasks: Iterable[Any]) -> Iterator[Any]:
        mine, *rest = tasks
        theirs = [others.submit(work, context, hand) for hand in rest]
        yield work(context, mine)
        yield from (told.result() for told in theirs)

    return run_beside
