"""The canonical N-Quads of a build as a file to look things up in: its lines are sorted, so that halving finds them."""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox


class SortedQuads:
    """Sorted N-Quads; nothing of them is held in memory."""

    def __init__(self, path: Path, text: mmap.mmap) -> None:
        self._path, self._text = path, text

    def __iter__(self) -> Iterator[bytes]:
        """Yield all lines."""
        with self._path.open("rb") as file:  # a map that is read as a whole stays in memory as a whole
            yield from file

    def find(self, subject: str) -> list[bytes]:
        """Return the lines of a subject, given by its IRI."""
        wanted = f"<{subject}> ".encode()
        low, high = 0, len(self._text)
        while low < high:
            start = self._text.rfind(b"\n", low, (low + high) // 2) + 1 or low
            if self._text[start : start + len(wanted)] < wanted:
                low = self._text.find(b"\n", start) + 1
            else:
                high = start
        found = []
        while self._text[low : low + len(wanted)] == wanted:
            end = self._text.find(b"\n", low) + 1
            found.append(self._text[low:end])
            low = end
        return found


@contextmanager
def open_quads(path: Path) -> Iterator[SortedQuads]:
    """Open sorted N-Quads, each line with its end."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        yield SortedQuads(path, text)


def graph_of(line: bytes) -> str:
    r"""Return the IRI of the graph of a line.

    >>> graph_of(b'<a:s> <a:p> "o <x> ." <a:g> .\n')
    'a:g'
    """
    return line[line.rindex(b" <") + 2 : -4].decode()


def parse_lines(lines: Iterable[bytes]) -> Iterator[ox.Quad]:
    """Yield the quads of lines."""
    return iter(ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS))
