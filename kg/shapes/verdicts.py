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
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path

from kg.errors import NotFoundError, SettingsError
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
#: The results on each of some slices.
Judged = list[list[Result]]
#: Applies a function to each of some things, in order, wherever that may be.
Run = Callable[[Callable[[Sequence[Slice]], Judged], Iterable[Sequence[Slice]]], Iterable[Judged]]


def judge(
    slices: Iterable[Slice | Known], shapes: Path, memory: Path, engine: str = "pyshacl", run: Run | None = None
) -> list[Result]:
    """Return the results on all slices, sorted, each once.

    A verdict is remembered in the folder `memory`, under the digest of the slice, the shapes and the engine, so that a
    changed document costs that document. A folder that cannot be written is done without. `run` may map elsewhere.
    """
    basis, found = _basis(shapes, engine), set[Result]()
    with contextlib.ExitStack() as stack:
        # Where nothing is remembered there is much to do, and processes get ready while the first slices are cut.
        here = _here(stack, engine, shapes) if run is None and not any(memory.glob("*.json")) else None
        missing = _missing(slices, basis, memory, found)
        most = _TOGETHER * _processors()
        while some := list(islice(missing, most)):
            if run is None:
                run = map if len(some) < _WORTH else here or _here(stack, engine, shapes)
            hands = _deal([one for _, one in some], _processors())
            keys = {id(one): key for key, one in some}
            for hand, verdicts in zip(hands, run(partial(judge_slices, engine, shapes), hands), strict=True):
                for one, results in zip(hand, verdicts, strict=True):
                    found.update(results)
                    _remember(memory / f"{keys[id(one)]}.json", results)
    _forget(memory)
    return sorted(found)


def judge_slices(engine: str, shapes: Path, slices: Sequence[Slice]) -> Judged:
    """Return the results on each of some slices; whoever holds the slices and the shapes may call this anywhere."""
    return ENGINES[engine](slices, shapes)


def _basis(shapes: Path, engine: str) -> str:
    """Return what a verdict depends on besides the slice; raise when the engine is unknown or not installed."""
    if engine not in ENGINES:
        raise NotFoundError(f"there is no engine {engine!r}; there are {', '.join(ENGINES)}")
    try:
        release = version(engine)
    except PackageNotFoundError as error:
        raise SettingsError(f"the engine {engine!r} is not installed; pip install 'claimgraph[{engine}]'") from error
    return f"{engine} {release} {hashlib.sha256(read_text(shapes).encode()).hexdigest()}"


def _missing(
    slices: Iterable[Slice | Known], basis: str, memory: Path, found: set[Result]
) -> Iterator[tuple[str, Slice]]:
    """Yield the slices without a verdict, under their keys; add to what is found what is remembered of the others."""
    for one in slices:
        results = _recall(memory / f"{_key(basis, one)}.json")
        if results is None:
            cut = one if isinstance(one, Slice) else one.cut()
            yield _key(basis, cut), cut
        else:
            found.update(results)


def _key(basis: str, one: Slice | Known) -> str:
    return hashlib.sha256(f"{basis} {one.digest}".encode()).hexdigest()


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


def _here(stack: contextlib.ExitStack, engine: str, shapes: Path) -> Run:
    """Return what maps on this machine: `shacl` lets threads run side by side, pySHACL needs processes."""
    if _processors() == 1:
        return map
    if engine != "pyshacl":
        return stack.enter_context(ThreadPoolExecutor(_processors())).map
    others = stack.enter_context(ProcessPoolExecutor(_processors() - 1, APART, end_with_parent))
    for _ in range(_processors() - 1):
        others.submit(judge_slices, engine, shapes, [])

    def run(function: Callable[[Sequence[Slice]], Judged], hands: Iterable[Sequence[Slice]]) -> Iterator[Judged]:
        mine, *rest = hands
        theirs = [others.submit(function, hand) for hand in rest]
        yield function(mine)
        yield from (told.result() for told in theirs)

    return run


def _processors() -> int:
    return len(os.sched_getaffinity(0))


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
