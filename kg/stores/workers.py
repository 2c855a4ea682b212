"""A pool of processes that answer queries: no query can stall, crash or exhaust the process that asks.

An embedded query can be neither timed nor cancelled, and a small hostile one ends its process. So each query runs in a
child that opened the build read-only, that has a deadline and a memory limit, and that is killed and replaced when it
goes over one. The one way in is `query`.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import resource
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from kg import errors
from kg.stores.base import Answer, Question
from kg.stores.embedded import EmbeddedStore

#: No fork: the asking process has threads.
_CONTEXT = multiprocessing.get_context("spawn")
_START_SECONDS = 30.0


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection


class WorkerPool:
    """Processes over one build."""

    def __init__(self, folder: Path, size: int = 2, deadline: float = 10.0, megabytes: int = 4096) -> None:
        self._arguments = (folder, megabytes)
        self._deadline = deadline
        self._idle: queue.Queue[_Worker] = queue.Queue()
        for worker in [self._start() for _ in range(size)]:
            self._await_ready(worker)
            self._idle.put(worker)

    def _start(self) -> _Worker:
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
            fault = worker.pipe.recv()
        except EOFError as error:
            raise errors.StoreError("a query worker ended while it opened the store") from error
        if isinstance(fault, errors.ClaimgraphError):
            self._stop(worker)
            raise fault

    def query(self, question: Question) -> Answer:
        """Answer a query within the deadline, or raise what went wrong."""
        try:
            worker = self._idle.get(timeout=self._deadline)
        except queue.Empty:
            raise errors.LimitError(f"busy: no worker was free within {self._deadline:g} seconds") from None
        replace = True
        try:
            worker.pipe.send(question)
            if not worker.pipe.poll(self._deadline):
                raise errors.LimitError(f"deadline: the query took more than {self._deadline:g} seconds")
            answer = worker.pipe.recv()
            replace = False
        except (EOFError, OSError) as error:
            raise errors.LimitError("memory or stack: the query ended the process that worked on it") from error
        finally:
            if replace:
                self._stop(worker)
                worker = self._start()
                self._await_ready(worker)
            self._idle.put(worker)
        if isinstance(answer, errors.ClaimgraphError):
            raise answer
        if not isinstance(answer, Answer):
            raise errors.StoreError("a query worker sent what is no answer")
        return answer

    def load(self, lines: Iterable[str]) -> None:
        """Refuse: builds are immutable."""
        raise errors.StoreError("a build in service is read only; 'kg build' makes a new one")

    def close(self) -> None:
        """End all workers, those at work after their last answer."""
        while True:
            try:
                self._stop(self._idle.get_nowait())
            except queue.Empty:
                return

    def _stop(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()


def _serve(pipe: Connection, folder: Path, megabytes: int) -> None:
    """Open the store and answer until the asking process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        store = EmbeddedStore.open(folder)
    except errors.ClaimgraphError as error:
        pipe.send(error)
        return
    pipe.send(None)
    with contextlib.suppress(EOFError, OSError):
        while True:
            question: Question = pipe.recv()
            try:
                pipe.send(store.query(question))
            except errors.ClaimgraphError as error:
                pipe.send(error)
            except MemoryError:
                pipe.send(errors.LimitError("memory: the answer does not fit"))
