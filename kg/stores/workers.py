"""A pool of processes that answer queries: no query can stall, crash or exhaust the process that asks.

An embedded query can be neither timed nor cancelled, and a small hostile one ends its process. So each query runs in a
child that opened the build read-only, that has no network, a deadline, a memory limit and a limit to the size of an
answer, and that is killed and replaced when it goes over one. The one way in is `query`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from kg import errors
from kg.stores import isolation
from kg.stores.base import Answer, Question
from kg.stores.embedded import EmbeddedStore

#: No fork: the asking process has threads.
_CONTEXT = multiprocessing.get_context("spawn")
_START_SECONDS = 30.0
#: Queries that may be under way or waiting, for each worker; and those of strangers, who must leave threads to others.
_QUEUE, _STRANGERS = 16, 24
#: Into how many turns the deadline of a query is cut.
_SHARES = 10


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection


class WorkerPool:
    """Processes over one build."""

    def __init__(
        self, folder: Path, size: int = 2, deadline: float = 10.0, megabytes: int = 4096, max_result: int = 1 << 26
    ) -> None:
        self._arguments = (folder, megabytes, max_result)
        self._deadline = deadline
        #: Workers end with the thread that started them, so one thread that lives as long as the pool starts them all.
        self._starter = ThreadPoolExecutor(1, "worker-starter")
        self._places = threading.BoundedSemaphore(size * _QUEUE)
        #: Strangers' queries have places of their own and never take the last worker: runaway ones cannot starve ours.
        self._strangers = threading.BoundedSemaphore(min(size * _QUEUE, _STRANGERS))
        self._open = threading.BoundedSemaphore(max(1, size - 1))
        self._waiting, self._lock = 0, threading.Lock()
        #: Whether every worker proved that it has no network.
        self.isolated = True
        #: How many workers were killed or died at a query.
        self.replaced = 0
        self._idle: queue.Queue[_Worker] = queue.Queue()
        for worker in [self._start() for _ in range(size)]:
            self._await_ready(worker)
            self._idle.put(worker)

    def _start(self) -> _Worker:
        return self._starter.submit(self._start_process).result()

    def _start_process(self) -> _Worker:
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=_serve, args=(theirs, *self._arguments), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _await_ready(self, worker: _Worker) -> None:
        """Wait for the word that the store is open."""
        if not worker.pipe.poll(_START_SECONDS):
            self._stop(worker)
            raise errors.StoreError(f"a query worker was not ready within {_START_SECONDS:.0f} seconds")
        try:
            ready = worker.pipe.recv()
        except EOFError as error:
            raise errors.StoreError("a query worker ended while it opened the store") from error
        if isinstance(ready, errors.ClaimgraphError):
            self._stop(worker)
            raise ready
        self.isolated = self.isolated and ready is True

    def query(self, question: Question) -> Answer:
        """Answer a query within the deadline, or raise what went wrong."""
        places = self._places if question.trusted else self._strangers
        if not places.acquire(blocking=False):
            raise errors.LimitError("busy: too many queries are waiting; try again in a moment")
        try:
            return self._ask(question) if question.trusted else self._ask_as_stranger(question)
        finally:
            places.release()

    def _ask_as_stranger(self, question: Question) -> Answer:
        with self._lock:
            self._waiting += 1
        free = self._open.acquire(timeout=self._deadline)
        with self._lock:
            self._waiting -= 1
        if not free:
            raise errors.LimitError(f"busy: no worker was free within {self._deadline:g} seconds")
        try:
            return self._ask(question)
        finally:
            self._open.release()

    def _ask(self, question: Question) -> Answer:
        try:
            worker = self._idle.get(timeout=self._deadline)
        except queue.Empty:
            raise errors.LimitError(f"busy: no worker was free within {self._deadline:g} seconds") from None
        replace = True
        try:
            worker.pipe.send(question)
            self._await_answer(worker, question)
            answer = worker.pipe.recv()
            replace = False
        except (EOFError, OSError) as error:
            raise errors.LimitError("memory or stack: the query ended the process that worked on it") from error
        finally:
            if replace:
                self.replaced += 1
                self._stop(worker)
                worker = self._start()
                self._await_ready(worker)
            self._idle.put(worker)
        if isinstance(answer, errors.ClaimgraphError):
            raise answer
        if not isinstance(answer, Answer):
            raise errors.StoreError("a query worker sent what is no answer")
        return answer

    def _await_answer(self, worker: _Worker, question: Question) -> None:
        """Wait up to the deadline; a stranger's query has a tenth of it while others of its kind wait."""
        share = self._deadline / _SHARES
        for turn in range(1, _SHARES + 1):
            if worker.pipe.poll(share):
                return
            if self._waiting and not question.trusted:
                raise errors.LimitError(f"busy: the query took more than {turn * share:g} seconds while others waited")
        raise errors.LimitError(f"deadline: the query took more than {self._deadline:g} seconds")

    def load(self, lines: Iterable[str]) -> None:
        """Refuse: builds are immutable."""
        raise errors.StoreError("a build in service is read only; 'kg build' makes a new one")

    def close(self) -> None:
        """End all workers, those at work after their last answer."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._stop(self._idle.get_nowait())
        self._starter.shutdown()

    def _stop(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()


def _serve(pipe: Connection, folder: Path, megabytes: int, max_result: int) -> None:
    """Cut the process off, open the store and answer until the asking process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(5)  # the service that asks comes first, however busy its workers are
    isolation.limit(megabytes)
    isolated = isolation.cut_network()
    try:
        store = EmbeddedStore.open(folder, max_result)
    except errors.ClaimgraphError as error:
        pipe.send(error)
        return
    pipe.send(isolated)
    with contextlib.suppress(EOFError, OSError):
        while True:
            question: Question = pipe.recv()
            try:
                pipe.send(store.query(question))
            except errors.ClaimgraphError as error:
                pipe.send(error)
            except MemoryError:
                pipe.send(errors.LimitError("memory: the answer does not fit"))


def can_isolate() -> bool:
    """Tell, from a process of its own, whether workers on this system can be cut off from the network."""
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_tell, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        return bool(ours.poll(_START_SECONDS) and ours.recv())
    except EOFError:
        return False
    finally:
        process.kill()
        process.join()


def _tell(pipe: Connection) -> None:
    pipe.send(isolation.cut_network())
