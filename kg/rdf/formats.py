"""Taking the triples away: the whole graph or one document, in the standard formats, from the canonical N-Quads."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from kg.errors import NotFoundError
from kg.names import CG, DEFAULT_PREFIXES, Names
from kg.rdf.lookup import open_quads, parse_lines
from kg.stores.base import DATASETS, GRAPHS

#: Formats by suffix; those of datasets keep the named graphs.
FORMATS = {**DATASETS, **GRAPHS}
#: Those without named graphs.
_PLAIN = GRAPHS.keys() - {"jsonld"}


def read_quads(path: Path) -> Iterator[ox.Quad]:
    """Yield the quads of an N-Quads file."""
    return iter(ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS))


def select_document(path: Path, document: str, names: Names) -> Iterator[ox.Quad]:
    """Return the quads of one document and of the propositions that it speaks of, in the order of the sorted N-Quads.

    Raise NotFoundError when there is no such document. Nothing but what is returned is held in memory.
    """
    own_graphs = tuple(f" <{names.graph(part, document)}> .\n".encode() for part in ("document", "entities"))
    shared = f" <{names.graph('propositions')}> .\n".encode()
    with open_quads(path) as quads:
        own = [line for line in quads if line.endswith(own_graphs)]
        if not own:
            raise NotFoundError(f"there is no document {document!r} in this build")
        chosen: dict[str, list[bytes]] = {}
        todo = _objects(quad for quad in parse_lines(own) if quad.predicate.value.startswith(CG))
        while todo:
            node = todo.pop()
            chosen[node] = [line for line in quads.find(node) if line.endswith(shared)]
            todo |= _objects(parse_lines(chosen[node])) - chosen.keys()
    return parse_lines(sorted([*own, *(line for lines in chosen.values() for line in lines)]))


def _objects(quads: Iterable[ox.Quad]) -> set[str]:
    return {quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)}


def serialize(quads: Iterable[ox.Quad], suffix: str) -> bytes:
    r"""Return quads in the format of a suffix, in their order; formats without named graphs get the union.

    >>> quad = ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.Literal("o"), ox.NamedNode("a:g"))
    >>> serialize([quad], "nt")
    b'<a:s> <a:p> "o" .\n'
    """
    out = io.BytesIO()
    if suffix in _PLAIN:
        quads = (ox.Quad(t.subject, t.predicate, t.object) for t in dict.fromkeys(q.triple for q in quads))
    write_quads(quads, suffix, out)
    return out.getvalue()


def write_quads(quads: Iterable[ox.Quad], suffix: str, out: BinaryIO) -> None:
    """Write quads to a stream; formats without named graphs get each triple once, if it stands together in all graphs.

    So it does in sorted N-Quads.
    """
    if suffix not in FORMATS:
        raise NotFoundError(f"there is no format {suffix!r}; there are {', '.join(FORMATS)}")
    rdf = ox.RdfFormat.from_media_type(FORMATS[suffix])
    prefixes = DEFAULT_PREFIXES if suffix in ("ttl", "trig", "rdf") else None
    items: Iterable[ox.Quad] | Iterable[ox.Triple] = quads
    if suffix in _PLAIN:
        items = (triple for triple, _ in groupby(q.triple for q in quads))
    ox.serialize(items, output=out, format=rdf, prefixes=prefixes)


def write_readable(lines: Iterable[str], folder: Path, names: Names) -> list[Path]:
    """Write each named graph as a TriG file of its own, in a fixed order; return the files, removing others."""
    graphs: dict[str, list[ox.Quad]] = {}
    for quad in ox.parse("".join(lines).encode(), format=ox.RdfFormat.N_QUADS):
        if isinstance(quad.graph_name, ox.NamedNode):
            graphs.setdefault(quad.graph_name.value, []).append(quad)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for graph, quads in sorted(graphs.items()):
        path = folder / (graph.removeprefix(names.graph("")).removeprefix("document/") + ".trig")
        path.write_bytes(serialize(quads, "trig"))
        written.append(path)
    for stale in set(folder.glob("*.trig")) - set(written):
        stale.unlink()
    return written
