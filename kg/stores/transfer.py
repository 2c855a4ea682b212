"""Taking a build to a store elsewhere, from which the service then answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from kg.names import Names
from kg.stores.connect import Build
from kg.stores.loader import GraphStore


def transfer(build: Build, address: str, told: Callable[[str], None] = lambda step: None) -> int:
    """Put the graphs of a build into a graph store and return how many quads were sent.

    The description, which names the build, is removed first and put last: half of a build is known for what it is.
    """
    store = GraphStore(address)
    total, sent = 0, 0

    def tell(quads: int) -> None:
        nonlocal total
        total = sent + quads
        told(f"loading, {total} quads sent")

    try:
        store.remove(Names(build.manifest["base"]).graph("dataset"))
        for text in build.texts:
            store.load(_lines(text), tell)
            sent = total
    finally:
        store.close()
    return total


def _lines(text: Path) -> Iterator[str]:
    with text.open(encoding="utf-8") as lines:
        yield from lines
