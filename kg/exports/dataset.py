"""The description of a dataset in VoID and DCAT: what is in it, under which licence, and how to have it.

A build carries its statistics; in which formats it can be had, the service says that offers them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.names import CG, Names, content_id
from kg.rdf.formats import FORMATS as DUMPS
from kg.rdf.terms import DCAT, DCT, LICENSE, RDF, SKOS, VOID, XSD, integer, iri, literal

if TYPE_CHECKING:
    from kg.exports.format import Format
    from kg.model import Corpus
    from kg.vocabulary import Vocabulary

#: Subject, predicate and object; the object as N-Quads have it.
Row = tuple[str, str, str]
_TITLE = "Claimgraph"
_DESCRIPTION = (
    "Claims that documents make, each anchored to a passage of its source: who says so, in which words, how surely, and"
    " do the others agree?"
)
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_TYPE = f"<{RDF}type>"
_MATCHES = {f"<{SKOS}{quality}Match>" for quality in ("exact", "close", "broad", "narrow", "related")}
_EXAMPLES = tuple(CG + name for name in ("Claim", "Entity", "Document", "Disagreement"))


@dataclass
class Statistics:
    """What is counted of a graph: its distinct triples."""

    base: str
    triples: int = 0
    subjects: int = 0
    #: Subjects under the base.
    entities: int = 0
    objects: set[str] = field(default_factory=set)
    classes: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    #: By property and namespace: links to other ontologies.
    links: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    #: Lines of each named graph.
    graphs: Counter[str] = field(default_factory=Counter)


def count(lines: Iterable[str], prefixes: Mapping[str, str], base: str) -> Statistics:
    """Count what sorted N-Quads lines hold, each triple once, in however many graphs it stands.

    In their order all lines of a triple, and all triples of a subject, stand together.
    """
    found, own = Statistics(base), f"<{base}"
    # By the terms as they are written: what is cut off here is cut off millions of times.
    graphs, properties = defaultdict[str, int](int), defaultdict[str, int](int)
    last = node = ""
    for line in lines:
        triple, _, graph = line.rpartition(" <")
        graphs[graph] += 1
        if triple == last:
            continue
        last = triple
        subject, predicate, value = triple.split(" ", 2)
        found.triples += 1
        if subject != node:
            node = subject
            found.subjects += 1
            found.entities += subject.startswith(own)
        found.objects.add(value)
        properties[predicate] += 1
        if predicate == _TYPE:
            found.classes[value[1:-1]] += 1
            found.examples.setdefault(value[1:-1], subject[1:-1])
        elif predicate in _MATCHES:
            found.links[predicate[1:-1], find_namespace(value[1:-1], prefixes.values())] += 1
    found.graphs.update({graph[:-4]: number for graph, number in graphs.items()})
    found.properties.update({predicate[1:-1]: number for predicate, number in properties.items()})
    return found


def find_namespace(name: str, known: Iterable[str] = ()) -> str:
    """Return the longest known namespace of a name, or what goes up to its last mark.

    >>> find_namespace("http://purl.obolibrary.org/obo/GO_1", ["http://purl.obolibrary.org/obo/GO_"])
    'http://purl.obolibrary.org/obo/GO_'
    >>> find_namespace("http://example.org/a#b")
    'http://example.org/a#'
    """
    fitting = [namespace for namespace in known if name.startswith(namespace)]
    return max(fitting, key=len) if fitting else re.sub("[^/#]*$", "", name)


def describe(digest: str, day: str, lines: Iterable[str], corpus: Corpus, words: Vocabulary, names: Names) -> list[str]:
    """Return the description of a build as N-Quads; it quotes the digest and so is no part of what is counted."""
    found = count(lines, words.prefixes, names.base)
    node, graph = names.iri("dataset"), names.graph("dataset")
    rows = [
        (node, RDF + "type", iri(VOID + "Dataset")),
        (node, RDF + "type", iri(DCAT + "Dataset")),
        (node, DCT + "title", literal(_TITLE, language="en")),
        (node, DCT + "description", literal(_DESCRIPTION, language="en")),
        (node, DCT + "identifier", literal(digest)),
        (node, DCT + "license", iri(LICENSE)),
        (node, DCT + "modified", literal(day, XSD + "date")),
        (node, DCAT + "landingPage", iri(names.base)),
        (node, VOID + "uriSpace", literal(names.base)),
        (node, VOID + "sparqlEndpoint", iri(names.iri("sparql"))),
        (node, VOID + "triples", integer(found.triples)),
        (node, VOID + "entities", integer(found.entities)),
        (node, VOID + "distinctSubjects", integer(found.subjects)),
        (node, VOID + "distinctObjects", integer(len(found.objects))),
        (node, VOID + "classes", integer(len(found.classes))),
        (node, VOID + "properties", integer(len(found.properties))),
        *(row for graph, triples in found.graphs.items() for row in _part(node, "subset", graph, triples)),
        *_partitions(node, found),
        *_linksets(node, found),
        *_uses(corpus, words, names),
    ]
    rows += [(node, VOID + "exampleResource", iri(found.examples[c])) for c in _EXAMPLES if c in found.examples]
    namespaces = {find_namespace(name) for name in (*found.classes, *found.properties)}
    rows += [(node, VOID + "vocabulary", iri(namespace)) for namespace in namespaces]
    return sorted({f"<{s}> <{p}> {o} <{graph}> .\n" for s, p, o in rows})


def _partitions(node: str, found: Statistics) -> Iterator[Row]:
    for name, entities in found.classes.items():
        part = f"{node}/class/{content_id(name)}"
        yield from _part(node, "classPartition", part)
        yield part, VOID + "class", iri(name)
        yield part, VOID + "entities", integer(entities)
    for name, triples in found.properties.items():
        part = f"{node}/property/{content_id(name)}"
        yield from _part(node, "propertyPartition", part, triples)
        yield part, VOID + "property", iri(name)


def _linksets(node: str, found: Statistics) -> Iterator[Row]:
    for (predicate, namespace), triples in found.links.items():
        part, target = f"{node}/links/{content_id(predicate, namespace)}", f"{node}/target/{content_id(namespace)}"
        yield from _part(node, "subset", part, triples)
        yield part, RDF + "type", iri(VOID + "Linkset")
        yield part, VOID + "linkPredicate", iri(predicate)
        yield part, VOID + "subjectsTarget", iri(node)
        yield part, VOID + "objectsTarget", iri(target)
        yield target, RDF + "type", iri(VOID + "Dataset")
        yield target, VOID + "uriSpace", literal(namespace)


def _uses(corpus: Corpus, words: Vocabulary, names: Names) -> Iterator[Row]:
    """Yield how often each entity and each relation is used: over a large graph it takes long to count that again."""
    claims, documents = Counter[str](), Counter[str]()
    for document in corpus.documents.values():
        here = Counter(e for c in document.claims for e in {c.proposition.subject.entity, c.proposition.object.entity})
        claims += here
        documents.update(here.keys())
    for id_ in corpus.entities:
        yield names.iri("entity", id_), CG + "inClaims", integer(claims[id_])
        yield names.iri("entity", id_), CG + "inDocuments", integer(documents[id_])
    propositions = Counter(p.relation for p in corpus.propositions.values())
    for token in words.relations:
        yield names.iri("relation", token), CG + "inPropositions", integer(propositions[token])


def _part(node: str, link: str, part: str, triples: int | None = None) -> Iterator[Row]:
    yield node, VOID + link, iri(part)
    yield part, RDF + "type", iri(VOID + "Dataset")
    if triples is not None:
        yield part, VOID + "triples", integer(triples)


def describe_formats(formats: Iterable[Format], names: Names) -> list[str]:
    """Return, as N-Triples, in which formats the dataset can be had and where."""
    node = names.iri("dataset")
    rows: list[Row] = []
    for form in formats:
        address = names.iri("export", f"graph.{form.suffix}")
        rows += [
            (node, DCAT + "distribution", iri(address)),
            (address, RDF + "type", iri(DCAT + "Distribution")),
            (address, DCT + "title", literal(form.name)),
            (address, DCT + "description", literal(form.summary, language="en")),
            (address, DCT + "license", iri(LICENSE)),
            (address, DCAT + "accessURL", iri(address)),
            (address, DCAT + "downloadURL", iri(address)),
            # Only a type that is registered has an address.
            (address, DCT + "format", literal(form.media_type))
            if "/x-" in form.media_type
            else (address, DCAT + "mediaType", iri(_MEDIA_TYPES + form.media_type)),
        ]
        if form.suffix in DUMPS:
            rows.append((node, VOID + "dataDump", iri(address)))
    return [f"<{s}> <{p}> {o} .\n" for s, p, o in rows]
