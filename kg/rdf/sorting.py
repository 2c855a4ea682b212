"""Lines in their order, each once, however many: what does not fit in memory waits in files."""

from __future__ import annotations

import heapq
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from itertools import groupby

from kg.errors import BuildError

#: How many lines stand in memory at once, and how many bytes of a file are read at once.
MOST, _BLOCK = 1_500_000, 1 << 20


class Sorted:
    r"""Lines that are added in any order and read in theirs, as often as wanted.

    >>> lines = Sorted()
    >>> lines.add(["b\n", "a\n", "b\n"])
    >>> list(lines), len(lines)
    (['a\n', 'b\n'], 2)
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lines: list[str] = []
        self._ordered = True
        self._files: list[_File] = []
        self._count: int | None = None

    def add(self, lines: Iterable[str]) -> None:
        """Add lines, each with its line break."""
        self._lines.extend(lines)
        self._ordered, self._count = False, None
        if len(self._lines) > self._most:
            self._files.append(_File(self._in_memory()))
            self._lines, self._ordered = [], True

    def _in_memory(self) -> list[str]:
        if not self._ordered:
            self._lines.sort()  # most of it comes in runs that are in order already
            self._lines = [line for line, _ in groupby(self._lines)]
            self._ordered = True
        return self._lines

    def __iter__(self) -> Iterator[str]:
        """Yield the lines in the order of their code points."""
        if self._files and (self._lines or len(self._files) > 1):
            merged = heapq.merge(self._in_memory(), *self._files)
            self._files = [_File(line for line, _ in groupby(merged))]
            self._lines = []
        return iter(self._files[0]) if self._files else iter(self._in_memory())

    def __len__(self) -> int:
        """Return the number of lines."""
        if self._count is None:
            self._count = sum(1 for _ in self)
        return self._count


class _File:
    """Lines in a file without a name, which goes with the process however that ends."""

    def __init__(self, lines: Iterable[str]) -> None:
        try:
            with tempfile.TemporaryFile() as file:
                file.writelines(line.encode() for line in lines)
                file.flush()
                self._descriptor = os.dup(file.fileno())
        except OSError as error:
            place = f"{tempfile.tempdir}: {error.strerror}"
            raise BuildError(f"the graph could not be sorted in {place}; TMPDIR names another folder") from error
        weakref.finalize(self, os.close, self._descriptor)

    def __iter__(self) -> Iterator[str]:
        position, rest = 0, b""
        while block := os.pread(self._descriptor, _BLOCK, position):
            position += len(block)
            whole, ended, rest = (rest + block).rpartition(b"\n")
            yield from (f"{line}\n" for line in (whole.decode().split("\n") if ended else ()))
