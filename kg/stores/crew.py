"""Processes that answer queries over one build, without network, each replaced when it breaks a limit."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from kg import errors
from kg.stores import isolation
from kg.stores.base import Question
from kg.stores.embedded import EmbeddedStore

#: No fork: the asking process has threads.
_CONTEXT = multiprocessing.get_context("spawn")
_START_SECONDS, _RETRY_SECONDS = 30.0, 1.0


@dataclass(frozen=True)
class Opening:
    """What a worker opens, and the bytes that it may take."""

    folder: Path
    megabytes: int
    max_result: int


@dataclass
class Worker:
    """A process and the way to it."""

    process: BaseProcess
    pipe: Connection

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


class Crew:
    """Workers of one priority; the idle ones wait in a queue."""

    def __init__(self, opening: Opening, size: int, niceness: int) -> None:
        self._opening = opening
        #: Workers end with the thread that started them, so one thread that lives as long as the crew starts them all.
        #: It has their priority from the start: what replaces runaway queries must not hold up the others either.
        self._starter = ThreadPoolExecutor(1, "worker-starter", os.nice, (niceness,))
        self._idle: queue.Queue[Worker] = queue.Queue()
        self._closed = threading.Event()
        #: Whether every worker proved that it has no network.
        self.isolated = True
        #: How many workers were killed or died at a query.
        self.replaced = 0
        try:
            for worker in self._starter.submit(lambda: [self._start() for _ in range(size)]).result():
                self._await_ready(worker)
                self._idle.put(worker)
        except errors.ClaimgraphError:
            self.close()
            raise

    def take(self, seconds: float) -> Worker:
        """Return an idle worker; raise LimitError when none gets free in time."""
        try:
            return self._idle.get(timeout=seconds)
        except queue.Empty:
            raise errors.LimitError(f"busy: no worker was free within {seconds:g} seconds") from None

    def give_back(self, worker: Worker) -> None:
        """Let a worker wait for its next query."""
        self._idle.put(worker)

    def replace(self, worker: Worker) -> None:
        """End a worker and start another in its place, without waiting for it."""
        self.replaced += 1
        worker.process.kill()
        with contextlib.suppress(RuntimeError):  # the crew was closed meanwhile
            self._starter.submit(self._renew, worker)

    def close(self) -> None:
        """End all workers."""
        self._closed.set()
        self._starter.shutdown(cancel_futures=True)
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().stop()

    def _renew(self, worker: Worker) -> None:
        """Start a worker, again and again until one is ready: a crew never gets smaller."""
        worker.stop()
        while not self._closed.is_set():
            try:
                fresh = self._start()
                self._await_ready(fresh)
            except (errors.ClaimgraphError, OSError):
                self._closed.wait(_RETRY_SECONDS)
            else:
                self._idle.put(fresh)
                return

    def _start(self) -> Worker:
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(target=_serve, args=(theirs, self._opening), daemon=True)
        process.start()
        theirs.close()
        return Worker(process, ours)

    def _await_ready(self, worker: Worker) -> None:
        """Wait for the word that the store is open."""
        try:
            ready = worker.pipe.recv() if worker.pipe.poll(_START_SECONDS) else errors.StoreError("not ready in time")
        except (EOFError, OSError):
            ready = errors.StoreError("it ended while it opened the store")
        if isinstance(ready, errors.ClaimgraphError):
            worker.stop()
            raise errors.StoreError(f"a query worker cannot start: {ready}")
        self.isolated = self.isolated and ready is True


def _serve(pipe: Connection, opening: Opening) -> None:
    """Cut the process off, open the store and answer until the asking process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    isolation.limit(opening.megabytes)
    isolated = isolation.cut_network()
    try:
        store = EmbeddedStore.open(opening.folder, opening.max_result)
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
