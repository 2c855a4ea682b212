"""Web Annotations: every passage that a claim points to, with the claim as what is said of it.

Offsets count Unicode code points from 0, the end not included: as the graph has them, and as the W3C model demands. The
model demands its context by address too, so that is what stands in the file; whoever reads it as RDF without a network
takes the same with the context inside (`CONTEXT`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from kg.exports.format import Format
from kg.exports.origin import TITLE, Origin, origin_of
from kg.exports.tables import read_rows
from kg.graph import Graph
from kg.names import CG
from kg.rdf.terms import DCT, OA, RDF, RDFS
from kg.stores.base import GRAPHS
from kg.stores.connect import Build

W3C = "http://www.w3.org/ns/anno.jsonld"
_AS = "https://www.w3.org/ns/activitystreams#"
#: Terms of ours, beside those of the W3C.
_OURS = {"sha256": f"{CG}sha256", "build": f"{DCT}identifier", "citation": f"{DCT}bibliographicCitation"}
_IRI = {"@type": "@id"}
#: The terms that are used here, as the context of the W3C has them, and ours.
CONTEXT: dict[str, Any] = {
    "id": "@id",
    "type": "@type",
    "Annotation": f"{OA}Annotation",
    "AnnotationCollection": f"{_AS}OrderedCollection",
    "AnnotationPage": f"{_AS}OrderedCollectionPage",
    "Software": f"{_AS}Application",
    "SpecificResource": f"{OA}SpecificResource",
    "TextPositionSelector": f"{OA}TextPositionSelector",
    "TextQuoteSelector": f"{OA}TextQuoteSelector",
    "TextualBody": f"{OA}TextualBody",
    "describing": f"{OA}describing",
    "identifying": f"{OA}identifying",
    "tagging": f"{OA}tagging",
    "body": {"@id": f"{OA}hasBody", **_IRI},
    "target": {"@id": f"{OA}hasTarget", **_IRI},
    "source": {"@id": f"{OA}hasSource", **_IRI},
    "selector": {"@id": f"{OA}hasSelector", **_IRI},
    "refinedBy": {"@id": f"{OA}refinedBy", **_IRI},
    "motivation": {"@id": f"{OA}motivatedBy", "@type": "@vocab"},
    "purpose": {"@id": f"{OA}hasPurpose", "@type": "@vocab"},
    "start": {"@id": f"{OA}start", "@type": "http://www.w3.org/2001/XMLSchema#nonNegativeInteger"},
    "end": {"@id": f"{OA}end", "@type": "http://www.w3.org/2001/XMLSchema#nonNegativeInteger"},
    "exact": f"{OA}exact",
    "value": f"{RDF}value",
    "format": "http://purl.org/dc/elements/1.1/format",
    "language": "http://purl.org/dc/elements/1.1/language",
    "label": f"{RDFS}label",
    "rights": {"@id": f"{DCT}rights", **_IRI},
    "generator": {"@id": f"{_AS}generator", **_IRI},
    "first": {"@id": f"{_AS}first", **_IRI},
    "partOf": {"@id": f"{_AS}partOf", **_IRI},
    "items": {"@id": f"{_AS}items", "@type": "@id", "@container": "@list"},
    "total": {"@id": f"{_AS}totalItems", "@type": "http://www.w3.org/2001/XMLSchema#nonNegativeInteger"},
    "startIndex": {"@id": f"{_AS}startIndex", "@type": "http://www.w3.org/2001/XMLSchema#nonNegativeInteger"},
    **_OURS,
}


def write(graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
    """Write the annotations of all documents, or of one, as a collection with the context of the W3C by address."""
    out.write((json.dumps(annotate(graph, document), ensure_ascii=False, indent=1) + "\n").encode())


def annotate(graph: Graph, document: str | None, inline: bool = False) -> dict[str, Any]:
    """Return the collection of annotations, its one page inside, and the context by address or inside too."""
    origin = origin_of(graph, document)
    path = ("document", document, "annotations") if document else ("annotations",)
    name = graph.names.iri(*path)
    items = list(_annotate_all(graph, document))
    return {
        "@context": CONTEXT if inline else [W3C, _OURS],
        "id": name,
        "type": "AnnotationCollection",
        "label": f"{TITLE}: the passages of {document or 'all documents'}",
        "rights": origin.licence,
        "build": origin.digest,
        "citation": origin.citation,
        "generator": _generator(origin, graph.names.iri("agent", "claimgraph")),
        "total": len(items),
        "first": {
            "id": f"{name}#page", "type": "AnnotationPage", "partOf": name, "startIndex": 0, "items": items,
        },
    }  # fmt: skip


def _generator(origin: Origin, agent: str) -> dict[str, str]:
    return {"id": agent, "type": "Software", "label": origin.fields["versions"]}


def _annotate_all(graph: Graph, document: str | None) -> Iterator[dict[str, Any]]:
    claims = {row["claim"]: row for row in read_rows(graph, "claims", document).rows}
    for place in read_rows(graph, "anchors", document).rows:
        source = graph.names.iri("document", place["document"])
        yield _annotate(claims[place["claim"]], place, source)


def _annotate(claim: dict[str, Any], place: dict[str, Any], source: str) -> dict[str, Any]:
    """Return one annotation: the claim in our words, its act and certainty as tags, so that none reads as a fact."""
    anchor = place["anchor"]
    key = anchor.rpartition("/")[2]
    tags = [claim["act"], claim["certainty"], *([place["role"]] if place["role"] != "claim" else [])]
    return {
        "id": f"{claim['claim']}#{place['role']}-{key}",
        "type": "Annotation",
        "motivation": "describing",
        "body": [
            {"type": "SpecificResource", "purpose": "identifying", "source": claim["claim"]},
            {
                "type": "TextualBody", "purpose": "describing", "format": "text/plain", "language": "en",
                "value": claim["statement"],
            },
            *({"type": "TextualBody", "purpose": "tagging", "value": tag} for tag in tags),
        ],
        "target": {
            "id": anchor,
            "type": "SpecificResource",
            "source": {"id": source, "sha256": place["source_sha256"]},
            "selector": {
                "id": f"{anchor}/position", "type": "TextPositionSelector",
                "start": place["start"], "end": place["end"],
                "refinedBy": {"id": f"{anchor}/quote", "type": "TextQuoteSelector", "exact": place["exact"]},
            },
        },
    }  # fmt: skip


FORMAT = Format(
    "annotations",
    GRAPHS["jsonld"],
    "annotations.jsonld",
    "Web Annotations of every passage, for annotation tools and readers.",
    "Each passage (and each antecedent and hedge) with document, digest, offsets in code points and key phrase; the"
    " claim as its address and in our words; act, certainty and role of the passage as tags.",
    "Propositions, figures and everything else of a claim, which stand at its address; claims that were imported, since"
    " they have no passage.",
    write,
)
