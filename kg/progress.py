"""What is being done and how long it may still take, told step by step while a long list is worked through."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, TypeVar

T = TypeVar("T")
#: Is told each step in words.
Progress = Callable[[str], None]
#: How many seconds lie between two words.
_PAUSE = 0.5


def follow(items: Iterable[T], step: str, total: int, progress: Progress) -> Iterator[T]:
    """Yield the items, telling now and then how many of about so many there were, and how long the others will take.

    >>> list(follow("ab", "reading", 2, print))
    ['a', 'b']
    """
    started = told = time.monotonic()
    for done, item in enumerate(items):
        if not done:  # what comes before the first item would be taken for the pace of all
            started = told = time.monotonic()
        yield item
        now = time.monotonic()
        if now - told >= _PAUSE:
            told = now
            left = (now - started) / (done + 1) * max(0, total - done - 1)
            progress(f"{step}: {done + 1:,} of about {total:,}, {_tell(left)} left")


class Watched:
    """A file that is read elsewhere, which tells now and then how far that is, and how long the rest will take."""

    def __init__(self, file: BinaryIO, step: str, progress: Progress) -> None:
        self._file, self._step, self._progress = file, step, progress
        self._size, self._read = max(1, os.fstat(file.fileno()).st_size), 0
        self._started = self._told = time.monotonic()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        some = self._file.read(size)
        self._read += len(some)
        now = time.monotonic()
        if now - self._told >= _PAUSE:
            self._told = now
            left = (now - self._started) * (self._size / self._read - 1)
            self._progress(f"{self._step}: {self._read / self._size:.0%}, {_tell(left)} left")
        return some


def _tell(seconds: float) -> str:
    """Return a time in round words.

    >>> _tell(42), _tell(100), _tell(7200)
    ('42 seconds', '2 minutes', '2.0 hours')
    """
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
