"""What takes long to make: made by a thread of its own as soon as it can be, while whoever needs it waits so long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from kg.errors import LimitError

Made = TypeVar("Made")


class Later(Generic[Made]):
    """Something that is made once; what went wrong is told to who waits, and tried again for who comes next."""

    def __init__(self, make: Callable[[], Made], told: str) -> None:
        self._make, self._told = make, told
        self._lock = threading.Lock()
        self._made: Future[Made] | None = None

    def start(self) -> Future[Made]:
        """Begin to make it, unless it is made or being made."""
        with self._lock:
            made = self._made
            if made is None or (made.done() and made.exception() is not None):
                made = self._made = Future()
                threading.Thread(target=self._run, args=(made,), daemon=True).start()
            return made

    def get(self, seconds: float) -> Made:
        """Return it, waiting at most so long; raise LimitError when it is not there by then.

        >>> Later(lambda: 6 * 7, "being worked out").get(5)
        42
        """
        try:
            return self.start().result(seconds)
        except TimeoutError:
            raise LimitError(f"busy: {self._told}; try again in a moment") from None

    def settle(self, seconds: float) -> None:
        """Wait, at most so long, until it is not being made."""
        with self._lock:
            made = self._made
        if made is not None:
            wait([made], seconds)

    def _run(self, made: Future[Made]) -> None:
        try:
            made.set_result(self._make())
        except BaseException as error:  # whoever waits must hear of it, whatever it was
            made.set_exception(error)
