"""A store made from that of an older build: its files copied, then what changed. Loading anew takes many times as long.

Whatever does not come out as it should is told as None, and the store is loaded from the text.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.errors import StoreError
from kg.stores.connect import Build, verify_build
from kg.stores.embedded import EmbeddedStore

#: Up to which share of the quads may change, and how many builds may follow one another so: files pile up.
_SHARE, _MOST = 0.1, 20


def inherit(old: Build, folder: Path, texts: Iterable[Path]) -> EmbeddedStore | None:
    """Return a store in a new folder that holds the N-Quads of the texts, when the old build's is near to it."""
    if count_steps(old) >= _MOST or verify_build(old):
        return None
    gone, come, count = list[str](), list[str](), 0
    most = _SHARE * int(old.manifest["quads"])
    for text, known in zip(texts, old.texts, strict=True):
        with text.open(encoding="utf-8") as new, known.open(encoding="utf-8") as before:
            for line, is_new in _differ(before, new):
                (come if is_new else gone).append(line)
                if len(come) + len(gone) > most:
                    return None
        count += _count(text)
    shutil.copytree(old.folder / "store", folder)
    try:
        store = EmbeddedStore.create(folder)
        store.change(gone, come)
        if len(store) == count:
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


def _differ(before: Iterable[str], after: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield the lines that only one of two sorted texts has, and whether it is the second.

    >>> list(_differ(["a", "b", "d"], ["b", "c", "d"]))
    [('a', False), ('c', True)]
    """
    olds, news = iter(before), iter(after)
    old, new = next(olds, None), next(news, None)
    while old is not None or new is not None:
        if old == new:
            old, new = next(olds, None), next(news, None)
        elif new is None or (old is not None and old < new):
            assert old is not None
            yield old, False
            old = next(olds, None)
        else:
            yield new, True
            new = next(news, None)


def _count(text: Path) -> int:
    with text.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
