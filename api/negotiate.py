"""Which format to answer in: suffix of the path, then `?format=`, then `Accept`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from kg.stores.base import GRAPHS, RESULTS

HTML = "text/html"
#: What a resource can be had as, by suffix, the default first.
RESOURCE = {"json": "application/json", "html": HTML, "csv": "text/csv", **GRAPHS}
#: What a table without RDF of its own can be had as.
TABLE = {suffix: media_type for suffix, media_type in RESOURCE.items() if suffix not in GRAPHS}
#: What a SPARQL answer can be had as.
SPARQL_RESULTS = dict(RESULTS)
SPARQL_GRAPHS = dict(GRAPHS)
#: Further names under which clients ask for a type, with what they may mean.
_ALIASES = {
    "application/json": (RESULTS["json"], GRAPHS["jsonld"]),
    "application/xml": (RESULTS["xml"], GRAPHS["rdf"]),
    "text/xml": (RESULTS["xml"], GRAPHS["rdf"]),
}

#: What clients get for a graph that ask for tables whatever the query, as rdflib does.
_INSTEAD = {RESULTS["json"]: GRAPHS["jsonld"], RESULTS["xml"]: GRAPHS["rdf"]}

#: Names that clients of SPARQL give to formats in `format=`, besides suffixes and media types.
_FORMATS = {
    "xml": GRAPHS["rdf"], "rdf+xml": GRAPHS["rdf"], "json": GRAPHS["jsonld"], "json-ld": GRAPHS["jsonld"],
    "turtle": GRAPHS["ttl"], "ntriples": GRAPHS["nt"],
}  # fmt: skip


class NotAcceptableError(Exception):
    """Nothing that is offered is asked for."""

    def __init__(self, wanted: str, offered: Sequence[str]) -> None:
        super().__init__(f"{wanted!r} is not offered; there are {', '.join(offered)}")
        self.offered = tuple(offered)


def split_suffix(path: str, offered: Mapping[str, str]) -> tuple[str, str | None]:
    """Return a path without its format suffix, and the suffix when it is one.

    >>> split_suffix("ketamine.ttl", RESOURCE)
    ('ketamine', 'ttl')
    >>> split_suffix("v1.2", RESOURCE)
    ('v1.2', None)
    """
    stem, dot, suffix = path.rpartition(".")
    return (stem, suffix) if dot and suffix in offered else (path, None)


def choose(
    offered: Mapping[str, str], suffix: str | None, format_: str | None, accept: str | None, default: str = ""
) -> str:
    """Return the suffix of the format to answer in; raise NotAcceptableError when none fits.

    When the client leaves the choice, it is the default, or the first that is offered.

    >>> choose(RESOURCE, None, None, "text/turtle;q=0.5, text/html")
    'html'
    >>> choose(RESOURCE, None, "csv", "text/html")
    'csv'
    """
    wanted = suffix or format_
    if wanted:
        if wanted not in offered:
            raise NotAcceptableError(wanted, list(offered))
        return wanted
    if default:
        offered = {default: offered[default], **offered}
    best = best_type(list(offered.values()), accept)
    if best is None:
        raise NotAcceptableError(accept or "", list(offered.values()))
    return next(s for s, media_type in offered.items() if media_type == best)


def best_type(offered: Sequence[str], accept: str | None, aliases: bool = False) -> str | None:
    """Return the offered media type that an Accept header likes best, the first one when it says nothing.

    >>> best_type(["text/turtle", "application/ld+json"], "application/*;q=0.2, text/turtle;q=0.1")
    'application/ld+json'
    >>> best_type(["text/turtle"], "image/png") is None
    True
    """
    return _best_type(tuple(offered), accept or "", aliases)


@lru_cache(maxsize=256)
def _best_type(offered: tuple[str, ...], accept: str, aliases: bool) -> str | None:
    """Clients send the same few headers again and again, and reading one takes longer than a small query."""
    if not accept.strip():
        return offered[0]
    meant = {a: t for a, types in _ALIASES.items() for t in types if t in offered} if aliases else {}
    # Of parameters such as a charset or a profile there is one of each type here, whatever is asked for.
    read = parse_accept_header(accept, MIMEAccept)
    wanted = MIMEAccept([(name.partition(";")[0].strip(), quality) for name, quality in read])
    best = wanted.best_match([*offered, *meant])
    if best is None and aliases:
        meant = {a: t for a, t in _INSTEAD.items() if t in offered}
        best = wanted.best_match(list(meant))
    return best if best is None or best in offered else meant[best]


def read_format(offered: Mapping[str, str], format_: str) -> str | None:
    """Return the offered media type that a client of SPARQL names: by suffix, by type, or as some libraries do.

    >>> read_format(SPARQL_GRAPHS, "json"), read_format(SPARQL_RESULTS, "json")
    ('application/ld+json', 'application/sparql-results+json')
    """
    named = offered.get(format_) or _FORMATS.get(format_.lower(), format_.lower())
    return named if named in offered.values() else best_type(list(offered.values()), named, aliases=True)
