"""RDF terms as N-Quads text, and the namespaces that the graph is written in."""

from __future__ import annotations

import re

import pyoxigraph as ox

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCT = "http://purl.org/dc/terms/"
PRISM = "http://prismstandard.org/namespaces/basic/2.0/"
PROV = "http://www.w3.org/ns/prov#"
OA = "http://www.w3.org/ns/oa#"
FABIO = "http://purl.org/spar/fabio/"
CITO = "http://purl.org/spar/cito/"
#: Types of documents and works, and their FaBiO classes.
WORK_TYPES = {
    "journal-article": "JournalArticle",
    "review": "ReviewArticle",
    "blog-post": "BlogPost",
    "web-page": "WebPage",
}
VOID = "http://rdfs.org/ns/void#"
DCAT = "http://www.w3.org/ns/dcat#"
NP = "http://www.nanopub.org/nschema#"
NPX = "http://purl.org/nanopub/x/"
PAV = "http://purl.org/pav/"
#: The licence of the curated data.
LICENSE = "https://creativecommons.org/licenses/by/4.0/"


#: What stands in a literal as it is; the rest is left to the engine's own writer.
_PLAIN = re.compile("[ !#-\\[\\]-~\u00a0-\ud7ff\ue000-\ufffd]*")


def iri(value: str) -> str:
    """Return an IRI as an N-Quads term.

    >>> iri("http://example.org/a")
    '<http://example.org/a>'
    """
    return str(ox.NamedNode(value))


def literal(value: str, datatype: str = "", language: str = "") -> str:
    r"""Return a literal as an N-Quads term.

    >>> literal("a \"b\"", language="en")
    '"a \\"b\\""@en'
    """
    if not datatype and language in ("", "en") and _PLAIN.fullmatch(value):
        return f'"{value}"@en' if language else f'"{value}"'
    if language:
        return str(ox.Literal(value, language=language))
    return str(ox.Literal(value, datatype=ox.NamedNode(datatype))) if datatype else str(ox.Literal(value))


def integer(value: int) -> str:
    """Return an xsd:integer as an N-Quads term."""
    return f'"{value}"^^<{XSD}integer>'


TRUE = literal("true", XSD + "boolean")
FALSE = literal("false", XSD + "boolean")
