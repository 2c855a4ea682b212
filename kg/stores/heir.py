"""A store made from that of an older build: its files copied, then what changed. Loading anew takes many times as long.

Whatever does not come out as it should is told as None, and the store is loaded from the text.
"""

from __future__ import annotations

import shutil
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from kg.errors import StoreError
from kg.stores.connect import Build, verify_build
from kg.stores.embedded import EmbeddedStore

#: Up to which share of the quads may change, and how many builds may follow one another so: files pile up.
_SHARE, _MOST = 0.1, 20
#: How many lines are compared at once.
_TOGETHER = 10_000


def inherit(old: Build, folder: Path, texts: Sequence[Path]) -> EmbeddedStore | None:
    """Return a store in a new folder that holds the N-Quads of the texts, when the old build's is near to it."""
    if count_steps(old) >= _MOST or verify_build(old):
        return None
    gone, come = list[bytes](), list[bytes]()
    most = _SHARE * int(old.manifest["quads"])
    for text, known in zip(texts, old.texts, strict=True):
        with text.open("rb") as new, known.open("rb") as before:
            for line, is_new in _differ(before, new):
                (come if is_new else gone).append(line)
                if len(come) + len(gone) > most:
                    return None
    shutil.copytree(old.folder / "store", folder)
    try:
        store = EmbeddedStore.create(folder)
        store.change((line.decode() for line in gone), (line.decode() for line in come))
        if len(store) == sum(_count(text) for text in texts):
            return store
        store.close()
    except StoreError:
        pass
    shutil.rmtree(folder)
    return None


def count_steps(build: Build) -> int:
    """Return how many builds lie between this one and the last whose store was loaded from the text."""
    found = build.manifest.get("inherited")
    return found if isinstance(found, int) else 0


def _count(text: Path) -> int:
    with text.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _differ(before: Iterable[bytes], after: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the lines that only one of two sorted texts has, and whether it is the second.

    >>> list(_differ([b"a", b"b", b"d"], [b"b", b"c", b"d"]))
    [(b'a', False), (b'c', True)]
    """
    olds, news = iter(before), iter(after)
    old, new = list(islice(olds, _TOGETHER)), list(islice(news, _TOGETHER))
    while old and new:
        if old != new:
            # What is beyond the last line that both have read may still come in the other.
            end = min(old[-1], new[-1])
            here, there = bisect_right(old, end), bisect_right(new, end)
            yield from _compare(old[:here], new[:there])
            old, new = old[here:], new[there:]
        else:
            old, new = [], []
        old += islice(olds, _TOGETHER - len(old))
        new += islice(news, _TOGETHER - len(new))
    yield from ((line, False) for line in chain(old, olds))
    yield from ((line, True) for line in chain(new, news))


def _compare(old: list[bytes], new: list[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the lines that only one of two sorted lists has, in their order."""
    gone, come = set(old), set(new)
    yield from sorted((line, line in come) for line in gone ^ come)
