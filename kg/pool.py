"""Where work on many things is done: in this process, in processes beside it, or on a cluster.

A `Run` applies a pure function to tasks, with a context that all of them need, and yields what comes out in the order
of the tasks. However it is done, the same comes out.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children
from typing import Any, Protocol, TypeVar

from kg.stores.apart import APART
from kg.stores.isolation import end_with_parent

C = TypeVar("C")
T = TypeVar("T")
R = TypeVar("R")
#: How many tasks are on the way for each process: the next one waits where it will be done.
_AHEAD = 2
_context: Any = None


class Run(Protocol):
    """Does work on tasks, wherever that may be."""

    def __call__(self, work: Callable[[C, T], R], context: C, tasks: Iterable[T]) -> Iterator[R]:
        """Yield what the work makes of each task, in their order; tasks are taken as they are needed."""
        ...


class Future(Protocol):
    """What is being worked on."""

    def result(self) -> Any:
        """Return what came out, or raise what went wrong."""
        ...


def count_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def run_here(work: Callable[[C, T], R], context: C, tasks: Iterable[T]) -> Iterator[R]:
    """Do the work in this process."""
    return (work(context, task) for task in tasks)


def run_in_processes(work: Callable[[C, T], R], context: C, tasks: Iterable[T]) -> Iterator[R]:
    """Do the work in as many processes as there are processors; the context goes to each of them once."""
    count, others = count_processors(), active_children()
    with ProcessPoolExecutor(count, APART, _begin, (context,)) as pool:
        try:
            yield from in_order(lambda task: pool.submit(_work, work, task), tasks, _AHEAD * count)
        except BaseException:  # nobody waits any more for what is under way, which may take minutes
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(active_children()).difference(others):
                process.kill()
                process.join()
            raise


def in_order(submit: Callable[[T], Future], tasks: Iterable[T], ahead: int) -> Iterator[Any]:
    """Yield what comes out of tasks in their order, with so many on the way: none is taken before it can begin.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(2) as pool:
    ...     list(in_order(lambda word: pool.submit(str.upper, word), ["a", "b", "c"], 2))
    ['A', 'B', 'C']
    """
    waiting: deque[Future] = deque()
    for task in tasks:
        waiting.append(submit(task))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _begin(context: object) -> None:
    """Hold what all tasks of this process need; end with the process that asked, not by the keyboard before it."""
    global _context
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    _context = context


def _work(work: Callable[[Any, T], R], task: T) -> R:
    return work(_context, task)
