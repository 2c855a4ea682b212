"""How many may do the same costly thing at once; who comes beyond that is told to come again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kg.errors import LimitError


class Places:
    """So many places for one kind of work."""

    def __init__(self, most: int, told: str) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._told = f"busy: {most} {told}; try again in a moment"

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Hold a place; raise LimitError when there is none."""
        if not self._free.acquire(blocking=False):
            raise LimitError(self._told)
        try:
            yield
        finally:
            self._free.release()
