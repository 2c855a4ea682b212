"""Taking the triples away: the whole graph or one document, in the standard formats, from the canonical N-Quads."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from kg.errors import NotFoundError
from kg.names import CG, DEFAULT_PREFIXES, Names
from kg.stores.base import DATASETS, GRAPHS

#: Formats by suffix; those of datasets keep the named graphs.
FORMATS = {**DATASETS, **GRAPHS}


def read_quads(path: Path) -> Iterator[ox.Quad]:
    """Yield the quads of an N-Quads file."""
    return iter(ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS))


def select_document(quads: Iterable[ox.Quad], document: str, names: Names) -> list[ox.Quad]:
    """Return the graph of one document and the propositions that it speaks of; raise NotFoundError for no document."""
    quads = list(quads)
    graphs = {ox.NamedNode(names.graph(part, document)) for part in ("document", "entities")}
    own = [q for q in quads if q.graph_name in graphs]
    if not own:
        raise NotFoundError(f"there is no document {document!r} in this build")
    shared = names.graph("propositions")
    by_subject: dict[str, list[ox.Quad]] = {}
    for quad in quads:
        if isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value == shared:
            by_subject.setdefault(str(quad.subject), []).append(quad)
    todo = {str(q.object) for q in own if q.predicate.value.startswith(CG)} & by_subject.keys()
    chosen: dict[str, list[ox.Quad]] = {}
    while todo:
        node = todo.pop()
        chosen[node] = by_subject[node]
        todo |= {str(q.object) for q in chosen[node]} & by_subject.keys() - chosen.keys()
    return own + [quad for node in sorted(chosen) for quad in chosen[node]]


def serialize(quads: Iterable[ox.Quad], suffix: str) -> bytes:
    r"""Return quads in the format of a suffix, in their order; formats without named graphs get the union.

    >>> quad = ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.Literal("o"), ox.NamedNode("a:g"))
    >>> serialize([quad], "nt")
    b'<a:s> <a:p> "o" .\n'
    """
    out = io.BytesIO()
    write_quads(quads, suffix, out)
    return out.getvalue()


def write_quads(quads: Iterable[ox.Quad], suffix: str, out: BinaryIO) -> None:
    """Write quads to a stream, as `serialize` gives them."""
    if suffix not in FORMATS:
        raise NotFoundError(f"there is no format {suffix!r}; there are {', '.join(FORMATS)}")
    rdf = ox.RdfFormat.from_media_type(FORMATS[suffix])
    prefixes = DEFAULT_PREFIXES if suffix in ("ttl", "trig", "rdf") else None
    items: Iterable[ox.Quad] | Iterable[ox.Triple] = quads
    if suffix in GRAPHS and suffix != "jsonld":
        items = dict.fromkeys(q.triple for q in quads)
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
