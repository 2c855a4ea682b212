"""Names of things: IRIs under the base, content digests, compact identifiers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

CG = "https://w3id.org/claimgraph/vocab#"
ID_PATTERN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
#: What stands in a path as it is.
_PLAIN = re.compile("[A-Za-z0-9_.~:@-]*")
#: What may not stand in a graph: characters that XML cannot carry (of a carriage return it makes another line end), and
#: those that turn the direction of a text.
UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def content_id(*fields: object) -> str:
    """Return the first 20 hexadecimal digits of the SHA-256 of the fields, in their order.

    >>> content_id("claim", ["a", "b"], None)
    '75b5a5e42bfb0eeddc0d'
    """
    told = "\x1e".join([f if type(f) is str else _flat(f) for f in fields])
    return hashlib.sha256(told.encode()).hexdigest()[:20]


def _flat(field: object) -> str:
    """Return one field as text; lists keep their order and their ends."""
    if field is None:
        return ""
    if isinstance(field, list | tuple):
        return "(" + "\x1f".join([f if type(f) is str else _flat(f) for f in field]) + ")"
    return str(field)


@dataclass(frozen=True)
class Names:
    """The IRIs of one graph, all under one base.

    >>> Names("https://w3id.org/claimgraph/").iri("entity", "ketamine")
    'https://w3id.org/claimgraph/entity/ketamine'
    """

    base: str

    def iri(self, *path: str) -> str:
        """Return the IRI of a resource, its path segments escaped."""
        return self.base + "/".join([part if _PLAIN.fullmatch(part) else quote(part, safe=":@") for part in path])

    def graph(self, *path: str) -> str:
        """Return the IRI of a named graph."""
        return self.iri("graph", *path)


def expand(curie: str, prefixes: Mapping[str, str]) -> str | None:
    """Return the IRI of a compact identifier, or None when its prefix is unknown.

    >>> expand("GO:0045202", {"GO": "http://purl.obolibrary.org/obo/GO_"})
    'http://purl.obolibrary.org/obo/GO_0045202'
    >>> expand("NOPE:1", {}) is None
    True
    """
    prefix, colon, local = curie.partition(":")
    return prefixes[prefix] + local if colon and local and prefix in prefixes else None


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the known names that are most like the given one, whatever the case of their letters.

    >>> nearest("Ketamin", ["ketamine", "glutamate"])
    ['ketamine']
    """
    from difflib import get_close_matches

    folded: dict[str, list[str]] = {}
    for one in known:
        folded.setdefault(one.casefold(), []).append(one)
    near = get_close_matches(name.casefold(), list(folded), n=count, cutoff=0.6)
    return [one for found in near for one in folded[found]][:count]


#: Prefixes of readable RDF; those of the ontologies stand in ontology/prefixes.ttl.
DEFAULT_PREFIXES = {
    "cg": CG,
    "cito": "http://purl.org/spar/cito/",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
