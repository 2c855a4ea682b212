"""JSON-LD that people can read: short names for our terms, each resource once, and the context inside.

The context follows from the ontology: a class or property of ours goes by its own name, everything else by a prefix.
Version 1 of it may gain names and never changes one. An answer carries the part that it uses, so that it can be read
without a network, years from now too; `/context/v1.jsonld` has the whole for those who write JSON-LD themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import pyoxigraph as ox

from kg.names import CG, DEFAULT_PREFIXES
from kg.rdf.terms import DCAT, NP, NPX, PAV, PRISM, RDF, RDFS, XSD

#: Where the whole context is, below the base.
CONTEXT_PATH = "context/v1.jsonld"
_OWL = "http://www.w3.org/2002/07/owl#"
_KINDS = {_OWL + "Class": "class", _OWL + "ObjectProperty": "link", _OWL + "DatatypeProperty": "value"}
_MORE = {"dcat": DCAT, "np": NP, "npx": NPX, "owl": _OWL, "pav": PAV, "prism": PRISM, "rdf": RDF}
_PREFIXES = dict(sorted({**DEFAULT_PREFIXES, **_MORE}.items()))
#: Datatypes whose values JSON has itself.
_NATIVE = {XSD + "integer", XSD + "boolean"}

Context = dict[str, Any]


def make_context(triples: Iterable[ox.Triple]) -> Context:
    """Return the context of an ontology: keywords, prefixes, then its classes and properties by their names.

    >>> claim = ox.Triple(ox.NamedNode(CG + "Claim"), ox.NamedNode(RDF + "type"), ox.NamedNode(_OWL + "Class"))
    >>> make_context([claim])["Claim"]
    'https://w3id.org/claimgraph/vocab#Claim'
    """
    kinds: dict[str, str] = {}
    ranges: dict[str, str] = {}
    for triple in triples:
        subject, predicate, value = (_iri(t) for t in (triple.subject, triple.predicate, triple.object))
        if predicate == RDF + "type" and value in _KINDS and subject.startswith(CG):
            kinds[subject] = _KINDS[value]
        elif predicate == RDFS + "range":
            ranges[subject] = value
    terms: Context = {}
    for name, kind in sorted(kinds.items()):
        type_ = "@id" if kind == "link" else ranges.get(name, "")
        coerced = kind == "link" or (type_.startswith(XSD) and type_ != XSD + "string")
        terms[name.removeprefix(CG)] = {"@id": name, "@type": type_} if kind != "class" and coerced else name
    return {"id": "@id", "type": "@type", **_PREFIXES, **terms}


def write_jsonld(triples: Iterable[ox.Triple], context: Context) -> bytes:
    """Return triples as JSON-LD, a resource at a time, with as much of a context inside as they use."""
    names = _Names(context)
    nodes: dict[str, dict[str, Any]] = {}
    for triple in dict.fromkeys(triples):
        subject = _iri(triple.subject)
        node = nodes.setdefault(subject, {"id": names.compact(subject)})
        if triple.predicate.value == RDF + "type":
            key, value = "type", names.shorten(_iri(triple.object))
        else:
            key = names.shorten(triple.predicate.value)
            value = names.write(triple.object, context.get(key))
        node.setdefault(key, []).append(value)
    graph = [{key: _one(value) for key, value in node.items()} for node in nodes.values()]
    used = {name: meaning for name, meaning in context.items() if name in names.used or name in ("id", "type")}
    return (json.dumps({"@context": used, "@graph": graph}, ensure_ascii=False, indent=1) + "\n").encode()


class _Names:
    """Short names, and which of them were used."""

    def __init__(self, context: Context) -> None:
        self.terms = {m["@id"] if isinstance(m, Mapping) else m: n for n, m in context.items() if n not in _PREFIXES}
        self.used: set[str] = set()

    def shorten(self, name: str) -> str:
        """Return a property or class by its name in the context, else as `compact` does."""
        term = self.terms.get(name)
        if term is None:
            return self.compact(name)
        self.used.add(term)
        return term

    def compact(self, name: str) -> str:
        """Return an IRI with a prefix, where what follows is plain, or as it is."""
        for prefix, namespace in _PREFIXES.items():
            rest = name.removeprefix(namespace)
            if rest != name and rest and not set(rest) & set("/#?:"):
                self.used.add(prefix)
                return f"{prefix}:{rest}"
        return name

    def write(self, term: object, meaning: object) -> Any:
        """Return the object of a triple, as short as the meaning of its property allows."""
        wanted = meaning.get("@type", "") if isinstance(meaning, Mapping) else ""
        if not isinstance(term, ox.Literal):
            name = self.compact(_iri(term))
            return name if wanted == "@id" else {"id": name}
        if term.language:
            return {"@value": term.value, "@language": term.language}
        datatype = term.datatype.value
        if datatype == XSD + "string":
            return {"@value": term.value} if wanted else term.value
        if datatype == wanted:
            return _native(term.value, datatype) if datatype in _NATIVE else term.value
        return {"@value": term.value, "@type": self.compact(datatype)}


def _native(text: str, datatype: str) -> Any:
    """Return a number or truth value as JSON has it, if it can be had back from there as it was.

    >>> _native("12", XSD + "integer"), _native("012", XSD + "integer"), _native("true", XSD + "boolean")
    (12, '012', True)
    """
    if datatype == XSD + "boolean":
        return text == "true" if text in ("true", "false") else text
    return int(text) if re.fullmatch("0|-?[1-9][0-9]{0,14}", text) else text


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _iri(term: object) -> str:
    """Return the IRI of a node, or the label of a blank one."""
    return term.value if isinstance(term, ox.NamedNode) else str(term) if isinstance(term, ox.BlankNode) else ""
