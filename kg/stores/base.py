"""The seam to stores: what every store can do, and the media types of its answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

#: Media types of SELECT and ASK results, by suffix.
RESULTS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
#: Media types of graphs, by suffix.
GRAPHS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
#: Media types of datasets, by suffix.
DATASETS = {"nq": "application/n-quads", "trig": "application/trig"}


@dataclass(frozen=True)
class Question:
    """A query with the media types that are wanted, by form, and the graphs that it may see.

    Without graphs of its own, given here or by FROM, a query sees the union of all graphs as default graph. Graphs
    given here come before FROM.
    """

    text: str
    results: str | None = RESULTS["json"]
    graph: str | None = GRAPHS["ttl"]
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    #: What relative IRIs of the query are relative to.
    base: str | None = None
    #: Whether the text is ours (a named query) and not a stranger's.
    trusted: bool = False
    #: The address that asks, so that who breaks a limit waits apart from others; it is no part of what is asked.
    client: str = field(default="", compare=False)


@dataclass(frozen=True)
class Answer:
    """A serialised answer."""

    media_type: str
    body: bytes


class Store(Protocol):
    """A place that holds a graph and answers SPARQL 1.1 queries."""

    def query(self, question: Question) -> Answer:
        """Answer a query; raise QueryError for a wrong one, LimitError over a limit, StoreError for a broken store."""

    def load(self, lines: Iterable[str]) -> None:
        """Replace what the store holds by N-Quads lines."""

    def close(self) -> None:
        """Let go of the store."""
