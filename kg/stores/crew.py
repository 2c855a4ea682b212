"""Workers of one priority: idle ones wait in a queue, and one that broke a limit is replaced."""

from __future__ import annotations

import contextlib
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

from kg import errors
from kg.stores.nursery import Nursery, Worker

_RETRY_SECONDS = 1.0


class Crew:
    """So many workers of one nursery."""

    def __init__(self, nursery: Nursery, size: int, niceness: int) -> None:
        self._nursery, self._niceness = nursery, niceness
        self._renewals = ThreadPoolExecutor(1, "worker-renewal")
        self._idle: queue.Queue[Worker] = queue.Queue()
        self._closed = threading.Event()
        #: How many workers were killed or died at a query.
        self.replaced = 0
        for _ in range(size):
            self._idle.put(nursery.fork(niceness))

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
        worker.close()
        with contextlib.suppress(RuntimeError):  # the crew was closed meanwhile
            self._renewals.submit(self._renew)

    def close(self) -> None:
        """End all workers."""
        self._closed.set()
        self._renewals.shutdown(cancel_futures=True)
        with contextlib.suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()

    def _renew(self) -> None:
        """Start a worker, again and again until one is there: a crew never gets smaller."""
        while not self._closed.is_set():
            try:
                self._idle.put(self._nursery.fork(self._niceness))
            except errors.ClaimgraphError:
                self._closed.wait(_RETRY_SECONDS)
            else:
                return
