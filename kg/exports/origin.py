"""What every export says of itself: which build it was made from, under which licence, how to cite it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.errors import NotFoundError
from kg.graph import Graph
from kg.names import nearest
from kg.rdf.terms import LICENSE

TITLE = "Claimgraph"


@dataclass(frozen=True)
class Origin:
    """The build that an export was made from."""

    digest: str
    #: The date of the data: the latest curation, never a clock.
    date: str
    base: str
    versions: Mapping[str, str]
    #: The one document that it was made of, or nothing for the whole.
    document: str = ""
    licence: str = LICENSE

    @property
    def citation(self) -> str:
        """How to cite the build.

        >>> Origin("abc", "2026-01-02", "http://example.org/", {"claimgraph": "0.1.0"}).citation
        'Claimgraph 0.1.0, data of 2026-01-02, build abc. http://example.org/'
        """
        of = f", document {self.document}" if self.document else ""
        version = self.versions.get("claimgraph", "")
        return f"{TITLE} {version}, data of {self.date}, build {self.digest}{of}. {self.base}"

    @property
    def fields(self) -> dict[str, str]:
        """All of it as keys and values, for headers and attributes."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        named = {"build": self.digest, "date": self.date, "base": self.base, "versions": versions}
        one = {"document": self.document} if self.document else {}
        return named | one | {"licence": self.licence, "citation": self.citation}

    @property
    def lines(self) -> list[str]:
        """All of it as lines of text, for comments.

        >>> Origin("abc", "2026-01-02", "http://example.org/", {}).lines[0]
        'build: abc'
        """
        return [f"{key}: {value}" for key, value in self.fields.items()]


def origin_of(graph: Graph, document: str | None = None) -> Origin:
    """Return what an export of a graph says of itself; raise NotFoundError for a document that it does not have."""
    if document is not None:
        check_document(graph, document)
    known = graph.manifest
    return Origin(graph.digest, known["date"], graph.names.base, known["versions"], document or "")


def check_document(graph: Graph, document: str) -> None:
    """Raise NotFoundError, with the nearest names, for a document that the graph does not have."""
    known = [str(row["document"]).rpartition("/")[2] for row in graph.ask("documents").rows]
    if document not in known:
        near = ", ".join(nearest(document, known) or known)
        raise NotFoundError(f"there is no document {document!r} in this build; nearest: {near}")
