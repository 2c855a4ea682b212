"""Documents are prepared the same wherever that is done, and what is remembered of them is used."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from kg.check import Verdict, check
from kg.documents import Context, Task, prepare
from kg.pool import Run, in_order, run_here, run_in_processes
from kg.settings import Settings


def told(verdict: Verdict) -> tuple[object, ...]:
    return (
        list(verdict.quads), verdict.findings, verdict.results, verdict.corpus, verdict.proved, verdict.unproved
    )  # fmt: skip


def spoil(settings: Settings) -> None:
    """Leave faults of several sorts in three documents."""
    first, second, third = sorted(settings.data.glob("*/*/claims.toml"))[:3]
    first.write_text(first.read_text().replace("[[claim]]", "[[claim]]\nnonsense = 1", 1))
    second.write_text(f"{second.read_text()}\n[[")
    third.unlink()


class Counting:
    """Does the work here, and counts what is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, work: Callable[..., Any], context: Any, tasks: Iterable[Any]) -> Iterator[Any]:
        for some in tasks:
            self.asked += [one.file.parent.name if isinstance(one, Task) else one.name for one in some]
            yield work(context, some)


@pytest.mark.parametrize("spoilt", [False, True])
def test_documents_are_prepared_the_same_wherever_that_is_done(larger: Settings, spoilt: bool, tmp_path: Path) -> None:
    if spoilt:
        spoil(larger)

    def run_in(name: str, run: Run | None) -> tuple[object, ...]:
        return told(check(Settings(**{**vars(larger), "builds": tmp_path / name}), run=run))

    here = run_in("here", run_here)
    assert here == run_in("processes", run_in_processes) == run_in("default", None)
    assert here == run_in("here", None), "what is recalled is what was prepared"
    assert bool(here[0]) is not spoilt


def test_only_documents_that_changed_are_prepared_anew(larger: Settings) -> None:
    documents = {file.parent.name for file in larger.data.glob("*/*/document.toml")}
    first, again = Counting(), Counting()
    check(larger, run=first)
    assert documents <= set(first.asked)
    check(larger, run=again)
    assert again.asked == []
    changed = sorted(larger.data.glob("*/*/claims.toml"))[0]
    changed.write_text(f"{changed.read_text()}\n# a remark\n")
    check(larger, run=again)
    assert again.asked == [changed.parent.name]
    for verdict in (larger.builds / "verdicts").glob("[0-9a-f]*.json"):
        verdict.unlink()
    check(larger, run=again)
    assert documents <= set(again.asked[1:]), "what was read is judged again when no verdict is remembered"


def test_a_worker_reads_no_file_of_the_data_folder(larger: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_blind(work: Callable[..., Any], context: Any, tasks: Iterable[Any]) -> Iterator[Any]:
        for some in tasks:
            with monkeypatch.context() as patched:
                if work is prepare:
                    patched.setattr(Path, "read_bytes", lambda file: pytest.fail(f"{file} was read"))
                    patched.setattr(Path, "is_file", lambda file: pytest.fail(f"{file} was looked for"))
                    patched.setattr(Path, "exists", lambda file: pytest.fail(f"{file} was looked for"))
                found = work(context, some)
            yield found

    assert not check(larger, run=run_blind).errors


def test_what_goes_wrong_in_a_process_is_raised_here() -> None:
    assert list(run_in_processes(divmod, 7, [2, 3])) == [(3, 1), (2, 1)]
    with pytest.raises(ZeroDivisionError):
        list(run_in_processes(divmod, 7, [1, 0]))
    assert {pid != os.getpid() for pid in run_in_processes(_whose, None, [1, 2])} == {True}


def _whose(_context: object, _task: int) -> int:
    return os.getpid()


def test_who_stops_waiting_leaves_no_process_behind() -> None:
    before = set(active_children())
    results = run_in_processes(_nap, None, [0, 3600, 3600, 3600, 3600])
    assert next(results) == 0
    assert set(active_children()) > before
    results.close()  # type: ignore[attr-defined]
    assert set(active_children()) == before


def _nap(_context: object, seconds: int) -> int:
    time.sleep(seconds)
    return seconds


def test_no_task_is_taken_before_it_can_begin() -> None:
    taken: list[int] = []

    class Done:
        def __init__(self, task: int) -> None:
            self.task = task

        def result(self) -> int:
            return self.task

    def tasks() -> Iterator[int]:
        for task in range(9):
            taken.append(task)
            yield task

    results = in_order(Done, tasks(), 3)
    assert next(results) == 0
    assert taken == [0, 1, 2]
    assert list(results) == list(range(1, 9))


def test_a_context_without_an_engine_applies_no_shapes(settings: Settings) -> None:
    from kg.corpus.folder import Reader
    from kg.vocabulary import read_vocabulary

    reader = Reader(settings.data, read_vocabulary(settings.ontology, settings.base))
    known = reader.read_shared()
    (one,) = prepare(Context(known, settings.base), [Task(reader.curated[0])])
    assert one.document and one.quads
    assert one.verdicts is None
