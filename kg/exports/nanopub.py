"""Nanopublications: one for each claim, named after its content, signed with a key, following up on earlier ones."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import pyoxigraph as ox

from kg.errors import BuildError, NotFoundError, QueryError
from kg.exports.format import Format
from kg.exports.origin import origin_of
from kg.exports.publication import DRAFT, Publication, Published, Publisher, read_published
from kg.graph import Graph
from kg.names import DEFAULT_PREFIXES, Names
from kg.nanopubs.read import Nanopub, check_nanopub, read_nanopubs, take_apart
from kg.nanopubs.trusty import make_code
from kg.rdf.lookup import open_quads
from kg.rdf.terms import NP, NPX, PAV
from kg.stores.base import DATASETS
from kg.stores.connect import Build

_PREFIXES = {**DEFAULT_PREFIXES, "np": NP, "npx": NPX, "pav": PAV}
#: Stands for a code that is not known yet: as long as one, so that nothing else can look like it.
_BLANK = "RA" + "0" * 43


def write(
    graph: Graph,
    build: Build,
    out: BinaryIO,
    document: str | None,
    key: Path | None = None,
    previous: Path | None = None,
) -> None:
    """Write a nanopublication for each claim; with a key, signed; with an earlier export, as what follows on it."""
    origin = origin_of(graph, document)
    secret = _read_key(key) if key else ""
    published = _read_previous(previous, graph.names, document) if previous else {}
    out.write("".join(f"# {line}\n" for line in origin.lines).encode())
    with open_quads(build.quads) as quads:
        publisher = Publisher(quads, graph.names, origin)
        for nanopub in _follow_up(publisher, document, published, secret):
            prefixes = {**_PREFIXES, "this": nanopub.iri, "sub": nanopub.iri + "/"}
            out.write(b"\n")
            ox.serialize(nanopub.quads, output=out, format=ox.RdfFormat.TRIG, prefixes=prefixes)


def _follow_up(
    publisher: Publisher, document: str | None, published: dict[str, Published], secret: str
) -> Iterator[Nanopub]:
    """Yield all nanopublications: what is unchanged as it was published, what changed, what is new, what is gone."""
    if not published:
        for publication in publisher.publish(document):
            yield _name(publication, [], publisher.names, secret)
        return
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


def _match(fresh: Iterable[Publication], published: Mapping[str, Published]) -> dict[str, Published]:
    """Return, for each new claim, the one that is gone from its place, where there is just one of both there."""
    current = {p.claim: p for p in fresh}
    new = _by_place(p for p in current.values() if p.claim not in published)
    gone = _by_place(old for claim, old in published.items() if claim not in current)
    return {
        claims[0].claim: gone[place][0]
        for place, claims in new.items()
        if place and len(claims) == len(gone.get(place, ())) == 1
    }


T = TypeVar("T", Publication, Published)


def _by_place(items: Iterable[T]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for item in items:
        found[item.place].append(item)
    return found


def _name(publication: Publication, replaced: Iterable[str], names: Names, secret: str) -> Nanopub:
    """Return a publication under its lasting name: ours, or for a signed one that which all signed ones have."""
    this, term, info = (ox.NamedNode(n) for n in (DRAFT, NPX + "supersedes", DRAFT + "pubinfo"))
    quads = [*publication.quads, *(ox.Quad(this, term, ox.NamedNode(old), info) for old in replaced)]
    if secret:
        return _sign(quads, secret)
    code = make_code(_rename(quads, names.iri("np", _BLANK)), _BLANK)
    return take_apart(_rename(quads, names.iri("np", code)))


def _rename(quads: Iterable[ox.Quad], name: str) -> list[ox.Quad]:
    """Return quads in which the draft name is another."""

    def change(term: Any) -> Any:
        if not isinstance(term, ox.NamedNode) or not term.value.startswith(DRAFT):
            return term
        rest = term.value.removeprefix(DRAFT)
        return ox.NamedNode(f"{name}/{rest}" if rest else name)

    return [ox.Quad(change(q.subject), q.predicate, change(q.object), change(q.graph_name)) for q in quads]


def _sign(quads: Iterable[ox.Quad], secret: str) -> Nanopub:
    """Return quads signed with an RSA key, under a name at https://w3id.org/np/, and checked."""
    import nanopub_sign

    text = io.BytesIO()
    ox.serialize(quads, output=text, format=ox.RdfFormat.TRIG)
    try:
        signed = nanopub_sign.Nanopub(text.getvalue().decode()).sign(nanopub_sign.NpProfile(private_key=secret)).rdf()
    except Exception as error:  # the library raises nothing narrower
        raise BuildError(f"a nanopublication could not be signed: {error}") from error
    done = list(ox.parse(signed, format=ox.RdfFormat.TRIG))
    if findings := check_nanopub(done):
        raise BuildError(f"a nanopublication could not be signed: {findings[0].message}")
    return take_apart(done)


def _read_key(path: Path) -> str:
    """Return a private key as the library that signs takes it; raise NotFoundError when it cannot be had."""
    try:
        import nanopub_sign  # noqa: F401
    except ImportError as error:
        raise NotFoundError(
            "signing is done by nanopub-sign, which is not installed: pip install 'claimgraph[nanopub]'"
        ) from error
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise NotFoundError(f"the key {path} cannot be read: {error}") from error
    key = re.search("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----", text)
    if key is None:
        raise NotFoundError(
            f"{path} is not an RSA key in PKCS #8; 'openssl genpkey -algorithm RSA -out key.pem' makes one"
        )
    return "".join(key[1].split())


def _read_previous(path: Path, names: Names, document: str | None) -> dict[str, Published]:
    """Return the claims of an earlier export, or of one document in it."""
    only = names.iri("document", document) if document else None
    found = (read_published(nanopub) for nanopub in read_nanopubs(path))
    return {old.claim: old for old in found if old and only in (None, old.document)}


FORMAT = Format(
    "nanopub",
    DATASETS["trig"],
    "nanopub.trig",
    "Nanopublications in TriG: one for each claim, with a Trusty URI; signed when the command line is given a key.",
    "Each claim with act, certainty, cue, voice, strength, figures and its proposition as the assertion; document with"
    " digest, passages, cited work, records and curation as the provenance; licence, build and version as the info.",
    "Labels and identifiers of entities and relations, which stand at their addresses; chains and disagreements. The"
    " time of creation is the beginning of the day of curation. No bare triple is asserted, not even of a plain claim:"
    " it would lose state, means and scope.",
    write,
)


def follow(form: Format, key: Path | None, previous: Path | None) -> Format:
    """Return the format of signed nanopublications, or of those that follow on earlier ones; no other has such."""
    if form.name != FORMAT.name:
        raise QueryError(f"a key and a previous export go with {FORMAT.name!r}, not with {form.name!r}")
    return replace(form, write=partial(write, key=key, previous=previous))
