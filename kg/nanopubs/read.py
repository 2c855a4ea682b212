"""Nanopublications of anybody: read from a file, taken apart and checked, without any network.

A nanopublication is four graphs: a head that names the other three, an assertion, where it comes from (provenance),
and what is to be said of the publication itself (its info).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from kg.errors import Finding, ForeignError
from kg.nanopubs.signatures import is_signed
from kg.nanopubs.trusty import find_code, make_code, normalize
from kg.rdf.terms import NP, NPX, RDF, XSD
from kg.stores.trial import find_fault

Quads = tuple[ox.Quad, ...]
#: The links of a head, in the order of the parts.
PARTS = ("hasAssertion", "hasProvenance", "hasPublicationInfo")
_MAX_BYTES = 256 << 20
_SUFFIXES = {
    ".trig": ox.RdfFormat.TRIG,
    ".nq": ox.RdfFormat.N_QUADS,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".json": ox.RdfFormat.JSON_LD,
}
_NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)"
_DATE, _TIME, _ZONE = r"-?\d{4,}-\d\d-\d\d", r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?", r"(Z|[+-]\d\d:\d\d)?"
#: How the values of datatypes are written.
_FORMS = {
    XSD + "integer": r"[+-]?\d+",
    XSD + "boolean": "true|false|0|1",
    XSD + "decimal": _NUMBER,
    XSD + "double": rf"{_NUMBER}([eE][+-]?\d+)?|[+-]?INF|NaN",
    XSD + "float": rf"{_NUMBER}([eE][+-]?\d+)?|[+-]?INF|NaN",
    XSD + "date": _DATE + _ZONE,
    XSD + "time": _TIME + _ZONE,
    XSD + "dateTime": f"{_DATE}T{_TIME}{_ZONE}",
}


@dataclass(frozen=True)
class Nanopub:
    """A nanopublication that passed the check, in its parts."""

    iri: str
    head: Quads
    assertion: Quads
    provenance: Quads
    pubinfo: Quads

    @property
    def quads(self) -> Quads:
        """All of it."""
        return (*self.head, *self.assertion, *self.provenance, *self.pubinfo)

    @property
    def key(self) -> str:
        """The public key that it is signed with, or nothing."""
        return next((_text(q.object) for q in self.pubinfo if q.predicate.value == NPX + "hasPublicKey"), "")


def read_nanopubs(path: Path) -> Iterator[Nanopub]:
    """Yield the nanopublications of a TriG, N-Quads or JSON-LD file; raise ForeignError for the first that is wrong."""
    for quads in split_nanopubs(read_file(path)):
        if findings := check_nanopub(quads, str(path)):
            first = findings[0]
            raise ForeignError(f"{path}: {first.place or 'nanopublication'}", first.rule, first.message, first.hint)
        yield take_apart(quads)


def read_file(path: Path) -> list[ox.Quad]:
    """Return the quads of a file; raise ForeignError when it is too large, not there, or not RDF."""
    form = _SUFFIXES.get(path.suffix)
    if form is None:
        told = f"the ending {path.suffix} is" if path.suffix else "a name without an ending: it is"
        told = f"{told} none of {', '.join(_SUFFIXES)}"
        raise ForeignError(str(path), "format", told, "have it as TriG")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ForeignError(str(path), "too-large", f"over {_MAX_BYTES >> 20} MiB", "take a part of it")
        with path.open("rb"):
            fault = find_fault(path, form)
        if fault:
            raise ForeignError(str(path), "syntax", fault, "have it written anew")
        return list(ox.parse(path=str(path), format=form))
    except OSError as error:
        raise ForeignError(str(path), "unreadable", f"cannot be read: {error.strerror}", "name a file") from error
    except (SyntaxError, ValueError) as error:
        raise ForeignError(str(path), "syntax", str(error), "have it written anew") from error


def split_nanopubs(quads: Iterable[ox.Quad]) -> list[list[ox.Quad]]:
    """Return the quads of each nanopublication; graphs that no head names go with the first, whose check tells."""
    quads = list(quads)
    owner: dict[str, int] = {}
    heads = {str(q.graph_name): str(q.subject) for q in quads if _is_nanopub(q)}
    numbers = {head: number for number, head in enumerate(heads)}
    for quad in quads:
        head = str(quad.graph_name)
        if str(quad.subject) == heads.get(head) and quad.predicate.value in _LINKS:
            owner.setdefault(str(quad.object), numbers[head])
    owner |= numbers
    groups: list[list[ox.Quad]] = [[] for _ in heads or [""]]
    for quad in quads:
        groups[owner.get(str(quad.graph_name), 0)].append(quad)
    return groups


_LINKS = frozenset(NP + part for part in PARTS)


def _is_nanopub(quad: ox.Quad) -> bool:
    return quad.predicate.value == RDF + "type" and quad.object == ox.NamedNode(NP + "Nanopublication")


def take_apart(quads: Iterable[ox.Quad]) -> Nanopub:
    """Return the parts of a nanopublication that is known to be right."""
    quads = list(quads)
    typed = next(q for q in quads if _is_nanopub(q))
    links = {q.predicate.value: q.object for q in quads if q.graph_name == typed.graph_name}
    graphs = [typed.graph_name, *(links[NP + part] for part in PARTS)]
    head, *parts = (tuple(q for q in quads if q.graph_name == graph) for graph in graphs)
    return Nanopub(_text(typed.subject), head, *parts)


def check_nanopub(quads: Iterable[ox.Quad], file: str = "") -> list[Finding]:
    """Return all that is wrong with the quads of one nanopublication: its form, links, values, hash and signature."""
    quads = list(dict.fromkeys(quads))
    typed = [q for q in quads if _is_nanopub(q)]
    if len(typed) != 1:
        return [_finding(file, "", "head", f"{len(typed)} heads of nanopublications", "a head types one as such")]
    node, head = typed[0].subject, typed[0].graph_name
    named: dict[str, list[str]] = {part: [] for part in PARTS}
    for quad in quads:
        if quad.graph_name == head and quad.subject == node and quad.predicate.value in _LINKS:
            named[quad.predicate.value.removeprefix(NP)].append(_text(quad.object))
    name = _text(node)
    faults = [*_check_graphs(quads, name, _text(head), named)]
    if not faults:
        whole = take_apart(quads)
        faults = [*_check_links(whole), *_check_values(whole), *_check_hash(whole), *_check_signature(whole)]
    return [_finding(file, name, *fault) for fault in faults]


Fault = tuple[str, str, str]


def _check_graphs(quads: list[ox.Quad], name: str, head: str, named: dict[str, list[str]]) -> Iterator[Fault]:
    for part, graphs in named.items():
        if len(graphs) != 1:
            yield "head", f"{len(graphs)} graphs by {part}", "a head names one of each"
    names = [name, head, *(graph for graphs in named.values() for graph in graphs)]
    if len(set(names)) < len(names):
        yield "names", "graphs share a name", "give each graph, and the whole, a name of its own"
    filled = {_text(q.graph_name) for q in quads}
    for graph in sorted(set(names[2:]) - filled):
        yield "empty", f"the graph {graph} is empty", "say something in it"
    for graph in sorted(filled - set(names[1:])):
        yield "extra-graph", f"the graph {graph or 'without a name'} is no part", "leave it out"
    for graph in names[1:]:
        if not graph.startswith(name):
            yield "names", f"the name of {graph} does not begin with that of the whole", "name it after the whole"


def _check_links(whole: Nanopub) -> Iterator[Fault]:
    assertion = whole.assertion[0].graph_name
    if not any(assertion in (q.subject, q.object) for q in whole.provenance):
        yield "provenance", "the provenance does not speak of the assertion", "say where the assertion comes from"
    if not any(_text(q.subject) == whole.iri for q in whole.pubinfo):
        yield "pubinfo", "the publication info does not speak of the nanopublication", "say who made it, and when"


def _check_values(whole: Nanopub) -> Iterator[Fault]:
    for quad in whole.assertion:
        if isinstance(quad.object, ox.Literal) and not is_typed_well(quad.object):
            yield "datatype", f"{quad.object} is not a value of its datatype", "write it as XML Schema has it"


def is_typed_well(value: ox.Literal) -> bool:
    """Tell whether a literal is written as its datatype, if it is a well-known one, demands.

    >>> is_typed_well(ox.Literal("1757-02-31", datatype=ox.NamedNode(XSD + "date")))
    False
    """
    form = _FORMS.get(value.datatype.value)
    if form is None:
        return True
    text = value.value.strip()
    if not re.fullmatch(form, text, re.ASCII):
        return False
    day = re.match(r"\d{4}-\d\d-\d\d", text) if "date" in value.datatype.value else None
    try:
        return not day or bool(date.fromisoformat(day[0]))
    except ValueError:
        return False


def _check_hash(whole: Nanopub) -> Iterator[Fault]:
    code = find_code(whole.iri)
    if code and any(isinstance(term, ox.BlankNode) for q in whole.quads for term in (q.subject, q.object)):
        yield "blank-node", "a trusty name cannot cover blank nodes", "give them names"
    elif code and (true := make_code(whole.quads, code)) != code:
        yield "hash", f"the content has the hash {true}", "it was changed: have it from its publisher again"


def _check_signature(whole: Nanopub) -> Iterator[Fault]:
    made = [q for q in whole.pubinfo if q.predicate.value == NPX + "hasSignature"]
    if not made:
        return
    told = {q.predicate.value.removeprefix(NPX): _text(q.object) for q in whole.pubinfo if q.subject == made[0].subject}
    code = find_code(whole.iri)
    if len(made) != 1 or told.get("hasSignatureTarget") != whole.iri or not code:
        yield "signature", "the signature is not one of this nanopublication, by a trusty name", "have it signed anew"
        return
    text = normalize((q for q in whole.quads if q != made[0]), code)
    if not is_signed(text, _text(made[0].object), told.get("hasPublicKey", ""), told.get("hasAlgorithm", "")):
        yield "signature", "the signature is not true", "trust it as an unsigned one, without it, or not at all"


def _finding(file: str, name: str, rule: str, message: str, hint: str) -> Finding:
    return Finding(file, 0, name, rule, "error", message, hint)


def _text(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal | ox.BlankNode) else ""
