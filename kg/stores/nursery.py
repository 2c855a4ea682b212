"""A process that prepares workers: it has no network, holds a build in memory where that fits, and forks each worker.

What is read once is shared by all workers, and a worker that was ended is there again in milliseconds. The process that
asks has threads and must not fork; this one has a single thread and does nothing else.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from kg import errors
from kg.stores import isolation
from kg.stores.apart import APART
from kg.stores.base import Question
from kg.stores.embedded import EmbeddedStore

_START_SECONDS = 120.0
_WORD = 16


@dataclass(frozen=True)
class Opening:
    """What workers open, and how much each may take."""

    #: The store on disk.
    folder: Path
    #: More memory than what is shared, in megabytes of address space; and the bytes of an answer.
    megabytes: int
    max_result: int
    #: N-Quads to hold in memory in place of the store on disk.
    texts: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Worker:
    """A process that answers, and the way to it."""

    #: A file descriptor of the process: a number of its own may be another's by now.
    process: int
    pipe: Connection

    def kill(self) -> None:
        """End the process; its own queries die with it."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.process, signal.SIGKILL)

    def close(self) -> None:
        """End the process and let go of it."""
        self.kill()
        self.pipe.close()
        os.close(self.process)


class Nursery:
    """The process that forks workers over one build; started again when it is gone."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._lock = threading.Lock()
        self._wire: socket.socket | None = None
        #: Whether it proved that it has no network.
        self.isolated = True

    def fork(self, niceness: int) -> Worker:
        """Return a new worker of a priority; raise StoreError when the store cannot be opened or the system refuses."""
        with self._lock:
            try:
                return self._fork(niceness)
            except (OSError, EOFError) as error:
                self._close()
                raise errors.StoreError(f"a query worker cannot start: {error}") from error
            except errors.ClaimgraphError:
                self._close()
                raise

    def close(self) -> None:
        """End the process, and with it the workers."""
        with self._lock:
            self._close()

    def _fork(self, niceness: int) -> Worker:
        wire = self._wire = self._wire or self._start()
        ours, theirs = APART.Pipe()
        try:
            socket.send_fds(wire, [f"{niceness}".encode().ljust(_WORD)], [theirs.fileno()])
            word, fds, _, _ = socket.recv_fds(wire, _WORD, 1)
        finally:
            theirs.close()
        if not word or not fds:
            ours.close()
            raise EOFError("the process that makes workers is gone")
        worker = Worker(fds[0], ours)
        try:
            found = ours.recv() if ours.poll(_START_SECONDS) else errors.StoreError("it was not ready in time")
        except EOFError:
            found = errors.StoreError("it ended while it opened the store")
        if isinstance(found, errors.ClaimgraphError):
            worker.close()
            raise found
        return worker

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        pipe, ready = APART.Pipe(duplex=False)
        process = APART.Process(target=_work, args=(theirs, ready, self._opening), daemon=True)
        process.start()
        theirs.close()
        ready.close()
        try:
            found = pipe.recv() if pipe.poll(_START_SECONDS) else errors.StoreError("it was not ready in time")
        except EOFError:
            found = errors.StoreError("it ended while it opened the store")
        finally:
            pipe.close()
        if isinstance(found, errors.ClaimgraphError):
            process.kill()
            process.join()
            ours.close()
            raise found
        self.isolated = self.isolated and found is True
        self._process = process
        return ours

    def _close(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None
            self._process.kill()
            self._process.join()


def _work(wire: socket.socket, ready: Connection, opening: Opening) -> None:
    """Fork a worker for each word that comes, until the asking process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the workers
    try:
        store = _open(opening)
        ready.send(isolation.cut_network())
    except errors.ClaimgraphError as error:
        ready.send(error)
        return
    ready.close()
    while True:
        word, fds, _, _ = socket.recv_fds(wire, _WORD, 1)
        if not fds:
            return
        parent, worker = os.getpid(), os.fork()
        if worker == 0:
            wire.close()
            isolation.end_with_parent(parent)
            _serve(Connection(fds[0]), store, opening, int(word))
            os._exit(0)
        os.close(fds[0])
        handle = os.pidfd_open(worker)
        socket.send_fds(wire, [b"born"], [handle])
        os.close(handle)


def _open(opening: Opening) -> EmbeddedStore | None:
    """Read what all workers share; a store on disk is opened by each, since its threads do not outlive a fork."""
    return EmbeddedStore.read(opening.texts, opening.max_result) if opening.texts else None


def _serve(pipe: Connection, store: EmbeddedStore | None, opening: Opening, niceness: int) -> None:
    """Answer until the asking process is gone."""
    os.nice(niceness)
    isolation.limit(opening.megabytes)
    isolation.go_first()
    with contextlib.suppress(EOFError, OSError):
        try:
            store = store or EmbeddedStore.open(opening.folder, opening.max_result)
        except errors.ClaimgraphError as error:
            pipe.send(error)
            return
        pipe.send(True)
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
    ours, theirs = APART.Pipe(duplex=False)
    process = APART.Process(target=_tell, args=(theirs,), daemon=True)
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
