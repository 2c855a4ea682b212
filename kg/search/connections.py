"""Connections to the search index of a build, for reading only, kept open between searches."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from kg.errors import LimitError, StoreError
from kg.search.index import FORM

#: After how many steps of SQLite the clock is looked at.
_STEPS = 500
#: How many connections to an index are kept open.
_MOST_IDLE = 8


@contextmanager
def lend_connection(path: Path, deadline: float) -> Iterator[sqlite3.Connection]:
    """Lend a connection to an index, for reading only, and let nothing on it run longer than the deadline."""
    try:
        status = path.stat()
    except OSError as error:
        raise StoreError(f"the build has no search index {path.name}; 'kg build' makes one") from error
    idle = _find_idle(path, status.st_ino, status.st_mtime_ns)
    until = time.monotonic() + deadline
    try:
        database = idle.take()
        database.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
        try:
            yield database
        finally:
            idle.give_back(database)
    except sqlite3.Error as error:
        if "interrupted" in str(error):
            told = f"deadline: the search took more than {deadline:g} seconds; fewer words are quicker"
            raise LimitError(told) from error
        raise StoreError(f"the search index {path} cannot be read ({error}); 'kg build' makes a new one") from error


class _Idle:
    """The connections to one index that nobody uses just now: to open one takes longer than most searches."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connections: list[sqlite3.Connection] = []

    def take(self) -> sqlite3.Connection:
        """Return a connection that nobody else has."""
        with suppress(IndexError):
            return self.connections.pop()
        address = f"file:{quote(str(self.path.absolute()))}?mode=ro&immutable=1"
        database = sqlite3.connect(address, uri=True, check_same_thread=False)
        if database.execute("PRAGMA user_version").fetchone()[0] == FORM:
            return database
        database.close()
        raise StoreError(f"the search index {self.path} is of another version; 'kg build' makes a new one")

    def give_back(self, database: sqlite3.Connection) -> None:
        """Keep a connection for the next search, or close it when enough are kept."""
        if len(self.connections) < _MOST_IDLE:
            self.connections.append(database)
        else:
            database.close()

    def __del__(self) -> None:
        for database in self.connections:
            database.close()


@lru_cache(maxsize=2)
def _find_idle(path: Path, file: int, written: int) -> _Idle:
    """Return the idle connections of one index file; a build that is made anew has another file."""
    return _Idle(path)
