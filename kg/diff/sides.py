"""The two sides of a comparison of builds: their N-Quads, the lines in which they differ, and nodes by name.

Canonical N-Quads are sorted, so two builds are read side by side, line by line, and only what differs is kept: the
memory that is needed follows the differences, not the builds.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kg.errors import NotFoundError, StoreError
from kg.names import CG
from kg.settings import Settings
from kg.stores.connect import find_build, read_build

#: What is said of a node: the values of each property, short: without the base, without namespaces of properties.
Node = dict[str, tuple[str, ...]]
_GRAPH = re.compile(rb" <([^>]+/)graph/[^>]+> \.$")
#: Graphs that say of a node nothing that is its own.
_SILENT = ("edges", "validation")


@dataclass(frozen=True)
class Side:
    """One of the two builds: what it is called, its digest, its base, its N-Quads."""

    name: str
    digest: str
    base: str
    path: Path


def open_side(name: str, settings: Settings) -> Side:
    """Return the side that a name means: a folder of a build or release, an N-Quads file, or a digest that is kept."""
    path = Path(name)
    if path.is_dir():
        if (path / "claimgraph.nq").is_file():
            return _open_file(path / "claimgraph.nq", name)
        found = next((f for f in (path, path / "current") if (f / "manifest.json").is_file()), None)
        if found is None:
            raise NotFoundError(f"{name} is neither a build, a folder of builds nor a release")
        build = read_build(found.resolve())
    elif path.is_file():
        return _open_file(path, name)
    else:
        build = find_build(settings, name)
    return Side(name, build.digest, build.manifest["base"], build.quads)


def _open_file(path: Path, name: str) -> Side:
    """Return a side over a file, with the base that its graphs begin with."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    for line in _lines(path):
        if found := _GRAPH.search(line.rstrip()):
            return Side(name, digest, found[1].decode(), path)
        break
    raise StoreError(f"{path} is no N-Quads of a build: 'kg export --format nq' writes them")


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            if line.startswith(b"<"):
                yield line.rstrip() + b"\n"


def _sorted_lines(path: Path) -> Iterable[bytes]:
    """Return the lines in order: read one by one when the file is canonical, sorted in memory when it is not."""
    last = b""
    for line in _lines(path):
        if line < last:
            return sorted(set(_lines(path)))
        last = line
    return _lines(path)


def find_differences(a: Side, b: Side) -> tuple[list[ox.Quad], list[ox.Quad]]:
    """Return the quads that only the one and only the other has; raise StoreError when their bases differ."""
    if a.base != b.base:
        raise StoreError(
            f"{a.name} has the base {a.base}, {b.name} has {b.base}: 'kg build' one with KG_BASE of the other"
        )
    only_a, only_b = split_lines(_sorted_lines(a.path), _sorted_lines(b.path))
    # One quad may be written in two ways.
    here, there = _parse(only_a), _parse(only_b)
    shared = set(here) & set(there)
    return [q for q in here if q not in shared], [q for q in there if q not in shared]


def split_lines(a: Iterable[bytes], b: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return the lines that only the first, and only the second, of two sorted texts has.

    >>> split_lines([b"1", b"2", b"4"], [b"2", b"3", b"4"])
    ([b'1'], [b'3'])
    """
    only_a: list[bytes] = []
    only_b: list[bytes] = []
    left, right = iter(a), iter(b)
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if one == other:
            one, other = next(left, None), next(right, None)
        elif other is None or (one is not None and one < other):
            only_a.append(one or b"")
            one = next(left, None)
        else:
            only_b.append(other)
            other = next(right, None)
    return only_a, only_b


def _parse(lines: Iterable[bytes]) -> list[ox.Quad]:
    try:
        return list(ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS))
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"what differs is not N-Quads: {error}") from error


def read_nodes(side: Side, names: Collection[str]) -> dict[str, Node]:
    """Return what a side says of the nodes with these names, such as `claim/...`."""
    wanted = {f"<{side.base}{name}>".encode() for name in names}
    if not wanted:
        return {}
    silent = tuple(f" <{side.base}graph/{graph}> .\n".encode() for graph in _SILENT)
    lines = [
        line for line in _lines(side.path) if line[: line.index(b"> ") + 1] in wanted and not line.endswith(silent)
    ]
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for quad in _parse(lines):
        node = found[local(quad.subject, side.base)]
        node[re.split("[#/]", quad.predicate.value)[-1]].append(local(quad.object, side.base))
    return {name: {key: tuple(sorted(set(values))) for key, values in node.items()} for name, node in found.items()}


def local(term: object, base: str) -> str:
    """Return a term as short text: an IRI without the base or our vocabulary, a literal without its type.

    >>> local(ox.NamedNode("http://e.org/entity/a"), "http://e.org/"), local(ox.Literal("5"), "")
    ('entity/a', '5')
    """
    value = str(getattr(term, "value", term))
    return value.removeprefix(CG).removeprefix(base) if isinstance(term, ox.NamedNode) else value
