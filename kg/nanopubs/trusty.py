"""Trusty URIs of RDF: a name that holds the hash of what it names, so that whoever has both can check.

The module is `RA` of https://trustyuri.net: SHA-256 of the sorted quads, in which the name itself is left blank.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

import pyoxigraph as ox

_CODE = re.compile(r"(?<![A-Za-z0-9_-])RA[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")


def find_code(name: str) -> str:
    """Return the code that a trusty name ends with, or nothing when it is no such name.

    >>> find_code("http://example.org/np/RA47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")
    'RA47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
    >>> find_code("http://example.org/np/1")
    ''
    """
    last: str = (_CODE.findall(name) or [""])[-1]
    return last if last and name.endswith(last) else ""


def normalize(quads: Iterable[ox.Quad], code: str) -> str:
    r"""Return quads as the text that is hashed and signed: sorted, a term on a line, the code blanked out.

    >>> quad = ox.Quad(ox.NamedNode("a:s"), ox.NamedNode("a:p"), ox.Literal("o", language="EN"), ox.NamedNode("a:CODE"))
    >>> normalize([quad], "CODE")
    'a: \na:s\na:p\n@en o\n'
    """
    ordered = sorted(set(quads), key=lambda quad: _order(quad, code))
    terms = (term for q in ordered for term in (q.graph_name, q.subject, q.predicate, q.object))
    return "".join(f"{_write(term, code)}\n" for term in terms)


def make_code(quads: Iterable[ox.Quad], code: str) -> str:
    """Return the code of quads that name themselves by a code, true or made up, which is left out of the hash."""
    digest = hashlib.sha256(normalize(quads, code).encode()).digest()
    return "RA" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _order(quad: ox.Quad, code: str) -> tuple[str | int, ...]:
    """Return what quads are sorted by: graph, subject, predicate; links before literals; label, language, datatype."""
    place = tuple(_write(term, code) for term in (quad.graph_name, quad.subject, quad.predicate))
    value = quad.object
    if not isinstance(value, ox.Literal):
        return (*place, 0, _write(value, code))
    kind = (1, value.language.lower()) if value.language else (0, value.datatype.value)
    return (*place, 1, value.value, *kind)


def _write(term: object, code: str) -> str:
    if isinstance(term, ox.NamedNode):
        return term.value.replace(code, " ") if code else term.value
    if isinstance(term, ox.Literal):
        text = term.value.replace("\\", "\\\\").replace("\n", "\\n")
        return f"@{term.language.lower()} {text}" if term.language else f"^{term.datatype.value} {text}"
    return "" if isinstance(term, ox.DefaultGraph) else str(term)
