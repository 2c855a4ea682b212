"""Taking the graph away in the forms that other tools read: one module a form, all of them listed here."""

from kg.errors import NotFoundError
from kg.exports import annotations, citations, cx2, graphml, kgx, nanopub, package, rdf, sssom
from kg.exports.format import Format
from kg.names import nearest

FORMATS: tuple[Format, ...] = (
    *rdf.FORMATS,
    nanopub.FORMAT,
    annotations.FORMAT,
    *package.FORMATS,
    graphml.FORMAT,
    cx2.FORMAT,
    *kgx.FORMATS,
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
