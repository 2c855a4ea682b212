"""Nanopublications: what their assertions say in predicates that the table knows, each publication as a record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyoxigraph as ox

from kg.errors import ForeignError
from kg.imports.foreign import Reading, Statement, hash_files
from kg.imports.mapping import BIOLINK, Tables
from kg.model import Record
from kg.names import CG
from kg.nanopubs.read import Nanopub, read_nanopubs
from kg.rdf.terms import DCT, PROV, RDF, RDFS, SKOS

#: What describes a thing and claims nothing.
_ABOUT = (RDF, RDFS + "label", RDFS + "comment", SKOS, DCT)
_SOURCES = (PROV + "wasDerivedFrom", PROV + "hadPrimarySource", "http://semanticscience.org/resource/SIO_000253")


def read_publications(paths: list[Path], tables: Tables) -> Reading:
    """Read files of nanopublications; raise ForeignError for the first that is none."""
    reading = Reading("nanopub", f"Nanopublications of {paths[0].stem}", hash_files(*paths))
    for path in paths:
        for nanopub in read_nanopubs(path):
            _add(nanopub, reading, tables, str(path))
    if not reading.records:
        raise ForeignError(str(paths[0]), "nanopub", "the files hold no nanopublication", "name others")
    return reading


def _add(nanopub: Nanopub, reading: Reading, tables: Tables, place: str) -> None:
    """Take one nanopublication in."""
    record = nanopub.iri.rstrip("/#").replace("#", "/").rpartition("/")[2]
    if record in reading.records:
        raise ForeignError(place, "duplicate-id", f"{nanopub.iri} stands above already", "name each file once")
    named = [q.object for q in nanopub.provenance if q.predicate.value in _SOURCES]
    sources = [o.value for o in named if isinstance(o, ox.NamedNode)]
    references = tuple(dict.fromkeys([nanopub.iri, *sources]))
    reading.records[record] = Record(record, references)
    if any(q.object == ox.NamedNode(CG + "Claim") for q in nanopub.assertion):
        reading.notes["publications of Claimgraph itself: import their document in their place"] += 1
        return
    labels = {
        q.subject.value: q.object.value
        for q in nanopub.assertion
        if q.predicate.value == RDFS + "label"
        and isinstance(q.subject, ox.NamedNode)
        and isinstance(q.object, ox.Literal)
    }
    for quad in nanopub.assertion:
        predicate, subject, object_ = quad.predicate.value, quad.subject, quad.object
        if not isinstance(subject, ox.NamedNode) or not isinstance(object_, ox.NamedNode):
            if not predicate.startswith(_ABOUT):
                reading.notes["triples with a literal or a node without a name: passed over"] += 1
        elif predicate == RDF + "type" and object_.value.startswith(BIOLINK):
            category = "biolink:" + object_.value.removeprefix(BIOLINK)
            _add_node(subject.value, labels, reading, tables, category)
        elif not predicate.startswith(_ABOUT) or predicate in tables.terms:
            ends = [_add_node(t.value, labels, reading, tables) for t in (subject, object_)]
            known = tables.terms.get(predicate, predicate)
            reading.statements.append(Statement(ends[0], known, ends[1], record))


def _add_node(iri: str, labels: Mapping[str, str], reading: Reading, tables: Tables, *categories: str) -> str:
    """Note a thing and return its compact identifier, or its IRI where no prefix is known."""
    fitting = [(ns, prefix) for prefix, ns in tables.vocabulary.prefixes.items() if iri.startswith(ns) and iri != ns]
    namespace, prefix = max(fitting, key=lambda found: len(found[0]), default=("", ""))
    id_ = f"{prefix}:{iri.removeprefix(namespace)}" if prefix else iri
    reading.add_node(id_, labels.get(iri, ""), *categories)
    return id_
