"""A pool of processes that answer queries: no query can stall, crash or exhaust the process that asks.

An embedded query can be neither timed nor cancelled, and a small hostile one ends its process. So each query runs in a
child that has no network, a deadline, a memory limit and a limit to the size of an answer, and that is killed and
replaced when it goes over one. The one way in is `query`. There are three lanes:

- named queries, which are ours, may use every worker;
- strangers' queries leave one worker to ours, and none has more than a tenth of the deadline while others wait;
- queries from an address that broke a limit within the last minute have a worker of the lowest priority.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kg import errors
from kg.stores.base import Answer, Question
from kg.stores.crew import Crew
from kg.stores.nursery import Nursery, Opening, Worker
from kg.stores.penalties import Penalties

#: Niceness of workers: the service that asks comes first, and who broke a limit last.
_NICE, _NICEST = 5, 19
#: Queries that may be under way or waiting: ours for each worker, strangers', and those of who broke a limit. Together
#: strangers must leave threads of the service to others.
_OURS, _STRANGERS, _PENALISED = 16, 16, 8
#: Into how many turns the deadline of a query is cut.
_SHARES = 10


class _Lane:
    """Who waits for the same workers: how many may, how many of them may be at work, how many wait now."""

    def __init__(self, places: int, at_work: int) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._at_work = threading.BoundedSemaphore(at_work)
        self._lock = threading.Lock()
        self.waiting = 0

    @contextmanager
    def enter(self, seconds: float) -> Iterator[None]:
        """Hold a place at work; raise LimitError when too many wait, or none gets free in time."""
        if not self._places.acquire(blocking=False):
            raise errors.LimitError("busy: too many queries are waiting; try again in a moment")
        try:
            self._wait(seconds)
            try:
                yield
            finally:
                self._at_work.release()
        finally:
            self._places.release()

    def _wait(self, seconds: float) -> None:
        with self._lock:
            self.waiting += 1
        free = self._at_work.acquire(timeout=seconds)
        with self._lock:
            self.waiting -= 1
        if not free:
            raise errors.LimitError(f"busy: no worker was free within {seconds:g} seconds")


class WorkerPool:
    """Processes over one build."""

    def __init__(
        self,
        folder: Path,
        size: int = 2,
        deadline: float = 10.0,
        megabytes: int = 4096,
        max_result: int = 1 << 26,
        texts: tuple[Path, ...] = (),
    ) -> None:
        self._nursery = Nursery(Opening(folder, megabytes, max_result, texts))
        self._deadline = deadline
        self._penalties = Penalties()
        self._ours = _Lane(size * _OURS, size * _OURS)
        self._strangers = _Lane(_STRANGERS, max(1, size - 1))
        self._penalised = _Lane(_PENALISED, 1)
        self._crew = Crew(self._nursery, size, _NICE)
        #: Started when first needed.
        self._last_crew: Crew | None = None
        self._lock = threading.Lock()

    @property
    def isolated(self) -> bool:
        """Whether workers proved that they have no network."""
        return self._nursery.isolated

    @property
    def replaced(self) -> int:
        """How many workers were killed or died at a query."""
        return sum(crew.replaced for crew in self._crews)

    @property
    def waiting(self) -> int:
        """How many queries wait for a worker now."""
        return sum(lane.waiting for lane in (self._ours, self._strangers, self._penalised))

    @property
    def _crews(self) -> list[Crew]:
        return [self._crew, *([self._last_crew] if self._last_crew else [])]

    def query(self, question: Question) -> Answer:
        """Answer a query within the deadline, or raise what went wrong."""
        lane, crew = self._ours, self._crew
        if not question.trusted:
            lane = self._strangers
            if self._penalties.holds(question.client):
                lane, crew = self._penalised, self._open_last_crew()
        with lane.enter(self._deadline):
            return self._ask(question, lane, crew)

    def _open_last_crew(self) -> Crew:
        with self._lock:
            if self._last_crew is None:
                self._last_crew = Crew(self._nursery, 1, _NICEST)
            return self._last_crew

    def _ask(self, question: Question, lane: _Lane, crew: Crew) -> Answer:
        worker = crew.take(self._deadline)
        answered = False
        try:
            worker.pipe.send(question)
            self._await_answer(worker, question, lane)
            answer = worker.pipe.recv()
            answered = True
        except (EOFError, OSError) as error:
            raise errors.LimitError("memory or stack: the query ended the process that worked on it") from error
        finally:
            if answered:
                crew.give_back(worker)
            else:
                self._penalties.add(question.client)
                crew.replace(worker)
        if isinstance(answer, errors.ClaimgraphError):
            raise answer
        if not isinstance(answer, Answer):
            raise errors.StoreError("a query worker sent what is no answer")
        return answer

    def _await_answer(self, worker: Worker, question: Question, lane: _Lane) -> None:
        """Wait up to the deadline; a stranger's query has a tenth of it while others of its kind wait."""
        share = self._deadline / _SHARES
        for turn in range(1, _SHARES + 1):
            if worker.pipe.poll(share):
                return
            if lane.waiting and not question.trusted:
                raise errors.LimitError(f"busy: the query took more than {turn * share:g} seconds while others waited")
        raise errors.LimitError(f"deadline: the query took more than {self._deadline:g} seconds")

    def load(self, lines: Iterable[str]) -> None:
        """Refuse: builds are immutable."""
        raise errors.StoreError("a build in service is read only; 'kg build' makes a new one")

    def close(self) -> None:
        """End all workers."""
        for crew in self._crews:
            crew.close()
        self._nursery.close()
