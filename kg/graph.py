"""One graph to ask: a build in service, or the graph behind a service's address; named queries, comparison, paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kg import matrix
from kg.mechanisms import Mechanisms, load_mechanisms
from kg.names import Names
from kg.query import NamedQuery, Table, ask_table, get_query, read_queries
from kg.settings import Settings
from kg.stores.base import Answer, Question, Store
from kg.stores.connect import Build, connect, current_build
from kg.vocabulary import Vocabulary, read_vocabulary


@dataclass(frozen=True)
class Graph:
    """A store with all that is needed to ask it."""

    store: Store
    names: Names
    #: What the build says of itself: digest, base, date, counts, versions.
    manifest: Mapping[str, Any]
    ontology: Path
    queries: Mapping[str, NamedQuery] = field(default_factory=read_queries)

    @property
    def digest(self) -> str:
        """The digest of the build."""
        return str(self.manifest["digest"])

    def table(self, name: str, **values: str) -> Table:
        """Ask a named query for its table."""
        return ask_table(self.store, get_query(name, self.queries).bind(values, self.names))

    def graph(self, name: str, media_type: str, **values: str) -> Answer:
        """Ask a named query for its graph."""
        text = get_query(name, self.queries).bind(values, self.names)
        return self.store.query(Question(text, graph=media_type, trusted=True))

    def compare(self, documents: Sequence[str] = (), shared_only: bool = True, **choice: str) -> matrix.Matrix:
        """Set documents side by side, on an entity, kind or frame when the choice names one."""
        return matrix.compare(self.store, self.queries, self.names, documents, shared_only, **choice)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The kinds, relations and values."""
        return read_vocabulary(self.ontology, self.names.base)

    @cached_property
    def mechanisms(self) -> Mechanisms:
        """The hops that paths run over, loaded once."""
        return load_mechanisms(self.store, self.queries, self.vocabulary, self.names)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_build(settings: Settings, build: Build | None = None) -> Graph:
    """Open a build, the one in service when none is given; raise StoreError, saying what to run, without one."""
    build = build or current_build(settings)
    return Graph(connect(settings, build), Names(settings.base), build.manifest, settings.ontology)
