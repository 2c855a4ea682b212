"""Lines in their order, each once, however many: what does not fit in memory waits in files."""

from __future__ import annotations

import os
import tempfile
import weakref
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from kg.errors import BuildError

#: How many lines stand in memory at once, and how many bytes of a file are read at once.
MOST, _BLOCK = 1_500_000, 1 << 20
#: How many lines are written, or merged with those of files, at once.
_TOGETHER = 4000


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
            self._lines = _order(self._lines)
            self._ordered = True
        return self._lines

    def __iter__(self) -> Iterator[str]:
        """Yield the lines in the order of their code points."""
        if self._files and (self._lines or len(self._files) > 1):
            merged = _merge([_divide(self._in_memory()), *(file.blocks() for file in self._files)])
            self._files = [_File(merged)]
            self._lines = []
        return chain.from_iterable(self._files[0].blocks()) if self._files else iter(self._in_memory())

    def __len__(self) -> int:
        """Return the number of lines."""
        if self._count is None:
            self._count = sum(1 for _ in self)
        return self._count


def _divide(lines: list[str]) -> Iterator[list[str]]:
    """Yield lines, some at a time."""
    yield from (lines[start : start + _TOGETHER] for start in range(0, len(lines), _TOGETHER))


def _order(lines: list[str]) -> list[str]:
    """Return lines in their order, each once."""
    lines.sort()  # most of it comes in runs that are in order already
    return [line for line, last in zip(lines, chain([""], lines), strict=False) if line != last]


def _merge(runs: Iterable[Iterator[list[str]]]) -> Iterator[str]:
    """Yield the lines of sorted runs, each read block by block, in their order: blocks are sorted many times as fast.

    >>> list(_merge([iter([["a", "c"], ["d"]]), iter([["b", "c"]])]))
    ['a', 'b', 'c', 'd']
    """
    heads = [(block, run) for run in runs for block in [next(run, [])] if block]
    while heads:
        # Beyond the last line of a block its run may go on.
        end = min(block[-1] for block, _ in heads)
        some, rest = list[str](), list[tuple[list[str], Iterator[list[str]]]]()
        for block, run in heads:
            cut = bisect_right(block, end)
            some += block[:cut]
            if left := block[cut:] or next(run, []):
                rest.append((left, run))
        heads = rest
        yield from _order(some)


class _File:
    """Lines in a file without a name, which goes with the process however that ends."""

    def __init__(self, lines: Iterable[str]) -> None:
        try:
            with tempfile.TemporaryFile() as file:
                rest = iter(lines)
                while some := "".join(islice(rest, _TOGETHER)):
                    file.write(some.encode())
                file.flush()
                self._descriptor = os.dup(file.fileno())
        except OSError as error:
            place = f"{tempfile.tempdir}: {error.strerror}"
            raise BuildError(f"the graph could not be sorted in {place}; TMPDIR names another folder") from error
        weakref.finalize(self, os.close, self._descriptor)

    def blocks(self) -> Iterator[list[str]]:
        """Yield the lines, some at a time."""
        position, rest = 0, b""
        while block := os.pread(self._descriptor, _BLOCK, position):
            position += len(block)
            whole, ended, rest = (rest + block).rpartition(b"\n")
            if ended:
                yield [f"{line}\n" for line in whole.decode().split("\n")]
