"""Taking the graph away in the forms that other tools read: one module a form, all of them listed here."""

from __future__ import annotations

from kg.errors import NotFoundError
from kg.exports import citations, cx2, graphml, package, rdf, sssom
from kg.exports.format import Format
from kg.names import nearest

FORMATS: tuple[Format, ...] = (
    *rdf.FORMATS,
    *package.FORMATS,
    graphml.FORMAT,
    cx2.FORMAT,
    *citations.FORMATS,
    sssom.FORMAT,
)


def get_format(name: str) -> Format:
    """Return a format by its name or by the ending of its files; raise NotFoundError with all that there are.

    >>> get_format("trig").media_type
    'application/trig'
    """
    for found in FORMATS:
        if name in (found.name, found.suffix):
            return found
    known = [f.name for f in FORMATS]
    near = f"; nearest: {', '.join(nearest(name, known))}" if nearest(name, known) else ""
    raise NotFoundError(f"there is no format {name!r}; there are {', '.join(known)}{near}")
