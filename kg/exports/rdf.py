"""RDF: the graph itself, with the build that it is of in a comment, or beside it where there are no comments."""

from __future__ import annotations

import io
import shutil
from functools import partial
from itertools import chain
from typing import BinaryIO, cast

import pyoxigraph as ox

from kg.exports.format import Format
from kg.exports.origin import Origin, origin_of
from kg.graph import Graph
from kg.rdf.formats import FORMATS as MEDIA_TYPES
from kg.rdf.formats import read_quads, select_document, write_quads
from kg.stores.base import GRAPHS
from kg.stores.connect import Build

_QUADS = "Everything: claims, propositions, vocabulary, works, disagreements, validation, each in its named graph."
_TRIPLES = "Every triple: claims, propositions, vocabulary, works, disagreements, validation."
_UNION = "Which graph a triple stands in; the links from claims to documents stay."
_ALL = "Nothing."
#: What RDF/XML begins with.
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>'


def write(suffix: str, graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
    """Write the quads of the build, or those of one document and the propositions that it speaks of."""
    origin = origin_of(graph, document)
    if suffix == "nq" and document is None:
        # The canonical text, to the byte: its SHA-256 is the digest of the build.
        with build.quads.open("rb") as file:
            shutil.copyfileobj(file, out)
        return
    quads = read_quads(build.quads) if document is None else select_document(build.quads, document, graph.names)
    if suffix == "jsonld":
        write_quads(chain(quads, _description(graph)), suffix, out)
    elif suffix == "rdf":
        # A comment of XML may not come before the declaration.
        out.write(_DECLARATION + b"\n<!--\n" + _comment(origin, "").replace(b"--", b"- -") + b"-->")
        write_quads(quads, suffix, cast(BinaryIO, _Tail(out, len(_DECLARATION))))
    else:
        out.write(_comment(origin, "# "))
        write_quads(quads, suffix, out)


class _Tail:
    """A stream that passes on all but the first bytes."""

    def __init__(self, out: BinaryIO, left_out: int) -> None:
        self.out, self.left_out = out, left_out

    def write(self, data: bytes) -> int:
        """Pass on what is not left out."""
        self.out.write(data[self.left_out :])
        self.left_out = max(0, self.left_out - len(data))
        return len(data)

    def flush(self) -> None:
        """Pass on that all is written."""
        self.out.flush()


def _comment(origin: Origin, mark: str) -> bytes:
    return "".join(f"{mark}{line}\n" for line in origin.lines).encode()


def _description(graph: Graph) -> list[ox.Quad]:
    """Return the description of the build, which names its digest: JSON-LD has no comments."""
    node = ox.NamedNode(graph.names.graph("dataset"))
    described = graph.serialize("dataset", GRAPHS["nt"]).body
    triples = ox.parse(io.BytesIO(described), format=ox.RdfFormat.N_TRIPLES)
    return sorted((ox.Quad(t.subject, t.predicate, t.object, node) for t in triples), key=str)


def _format(suffix: str, name: str) -> Format:
    media_type, in_graphs = MEDIA_TYPES[suffix], suffix not in GRAPHS or suffix == "jsonld"
    kept, lost = (_QUADS, _ALL) if in_graphs else (_TRIPLES, _UNION)
    return Format(suffix, media_type, suffix, f"{name}: the graph itself.", kept, lost, partial(write, suffix))


FORMATS = (
    _format("nq", "N-Quads, the canonical text that the digest names"),
    _format("trig", "TriG"),
    _format("ttl", "Turtle"),
    _format("nt", "N-Triples"),
    _format("jsonld", "JSON-LD"),
    _format("rdf", "RDF/XML"),
)
