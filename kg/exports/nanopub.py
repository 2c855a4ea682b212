"""Nanopublications: one for each claim, named after its content, signed with a key, following up on earlier ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyoxigraph as ox

from kg.errors import BuildError, NotFoundError
from kg.export import read_quads
from kg.exports.format import Format
from kg.exports.origin import origin_of
from kg.exports.publication import DRAFT, Publication, Published, Publisher, read_published
from kg.graph import Graph
from kg.names import DEFAULT_PREFIXES, Names
from kg.nanopubs import Nanopub, check_nanopub, read_nanopubs, take_apart
from kg.stores.base import DATASETS
from kg.stores.connect import Build
from kg.terms import NP, NPX, PAV
from kg.trusty import make_code

_PREFIXES = {**DEFAULT_PREFIXES, "np": NP, "npx": NPX, "pav": PAV}
#: Stands for a code that is not known yet: as long as one, so that nothing else can look like it.
_BLANK = "RA" + "0" * 43


def write(
    graph: Graph, build: Build, out: BinaryIO, document: str | None, key: Path | None = None, previous: Path | None = None
) -> None:
    """Write a nanopublication for each claim; with a key, signed; with an earlier export, as what follows on it."""
    origin = origin_of(graph, document)
    publisher = Publisher(read_quads(build.quads), graph.names, origin)
    secret = _read_key(key) if key else ""
    published = _read_previous(previous, graph.names, document) if previous else {}
    out.write("".join(f"# {line}\n" for line in origin.lines).encode())
    for nanopub in _follow_up(publisher, document, published, secret):
        prefixes = {**_PREFIXES, "this": nanopub.iri, "sub": nanopub.iri + "/"}
        out.write(b"\n")
        ox.serialize(nanopub.quads, output=out, format=ox.RdfFormat.TRIG, prefixes=prefixes)


def _follow_up(
    publisher: Publisher, document: str | None, published: dict[str, Published], secret: str
) -> Iterator[Nanopub]:
    """Yield all nanopublications: what is unchanged as it was published, what changed, what is new, what is gone."""
    fresh = list(publisher.publish(document))
    changed = _match(fresh, published)
    for publication in fresh:
        old = published.get(publication.claim) or changed.get(publication.claim)
        if old and old.content == publication.content and bool(old.nanopub.key) == bool(secret):
            yield old.nanopub
        else:
            replaced = [old.nanopub.iri] if old else []
            yield _name(publication, replaced, publisher.names, secret)
    kept = {p.claim for p in fresh} | {old.claim for old in changed.values()}
    for claim in sorted(published.keys() - kept):
        yield _name(publisher.retract(published[claim]), [], publisher.names, secret)


def _match(fresh: Iterable[Publication], published: dict[str, Published]) -> dict[str, Published]:
    """Return, for claims that are new, the one that is gone from the same place, where there is one of each there."""
    fresh = [p for p in fresh if p.claim not in published and p.place]
    gone = [published[c] for c in published.keys() - {p.claim for p in fresh} if published[c].place]
    return {}


def _name(publication: Publication, replaced: Iterable[str], names: Names, secret: str) -> Nanopub:
    """Return a publication under its lasting name: ours, or when it is signed the one that all signed ones have."""
    info = ox.NamedNode(DRAFT + "pubinfo")
    this, term = ox.NamedNode(DRAFT), ox.NamedNode(NPX + "supersedes")
    quads = [*publication.quads, *(ox.Quad(this, term, ox.NamedNode(old), info) for old in replaced)]
    if secret:
        return _sign(quads, secret)
    code = make_code(_rename(quads, names.iri("np", _BLANK)), _BLANK)
    return take_apart(_rename(quads, names.iri("np", code)))


def _rename(quads: Iterable[ox.Quad], name: str) -> list[ox.Quad]:
    """Return quads in which the draft name is another."""

    def change[T](term: T) -> T:
        return term

    return []


def _read_key(path: Path) -> str:
    return ""


def _sign(quads: Iterable[ox.Quad], secret: str) -> Nanopub:
    raise NotImplementedError
