"""What routes work with: the build in service with its store, queries and templates; swapped whole for a new build."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.templating import Jinja2Templates

from api.assets import island
from api.metrics import Metrics
from api.sightings import current
from api.watch import WatchedStore
from kg.graph import Graph
from kg.mechanisms import Mechanisms
from kg.names import Names
from kg.query import NamedQuery, Table, read_queries
from kg.settings import Settings
from kg.stores.base import GRAPHS, Answer, Store
from kg.stores.connect import Build, connect, current_build
from kg.stores.workers import WorkerPool

templates = Jinja2Templates(directory=Path(__file__).with_name("templates"))
templates.env.globals["island"] = island


@dataclass
class Opened:
    """One build with the graph that it is asked through, and how many requests are using it."""

    build: Build
    store: WatchedStore
    graph: Graph
    users: int = 0
    retired: bool = False


@dataclass
class Service:
    """Everything that routes need."""

    settings: Settings
    queries: dict[str, NamedQuery] = field(default_factory=read_queries)
    metrics: Metrics = field(default_factory=Metrics)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _opened: Opened | None = None

    @property
    def names(self) -> Names:
        """The IRIs of the graph."""
        return Names(self.settings.base)

    def acquire(self) -> Opened:
        """Return the build in service, opening a new one when `current` names it; one request sees one build."""
        build = current_build(self.settings)
        with self._lock:
            opened = self._opened
            if opened is None or opened.build != build:
                store = WatchedStore(connect(self.settings, build), self.metrics)
                graph = Graph(store, self.names, build.manifest, self.settings.ontology, self.queries)
                fresh = Opened(build, store, graph)
                if opened is not None:
                    opened.retired = True
                    self._let_go(opened)
                self._opened = opened = fresh
            opened.users += 1
            return opened

    def release(self, opened: Opened) -> None:
        """Give a build back; a retired one is closed after its last request."""
        with self._lock:
            opened.users -= 1
            self._let_go(opened)

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            if self._opened is not None:
                self._opened.store.close()
                self._opened = None

    @staticmethod
    def _let_go(opened: Opened) -> None:
        if opened.retired and opened.users == 0:
            opened.store.close()


@dataclass(frozen=True)
class Session:
    """One request's view: one build."""

    service: Service
    opened: Opened

    @property
    def build(self) -> Build:
        """The build that this request sees."""
        return self.opened.build

    @property
    def store(self) -> Store:
        """The store that answers for it."""
        return self.opened.store

    @property
    def is_isolated(self) -> bool:
        """Whether queries run in processes that proved to have no network."""
        inner = self.opened.store.inner
        return isinstance(inner, WorkerPool) and inner.isolated

    @property
    def mechanisms(self) -> Mechanisms:
        """The hops of the build, loaded once."""
        return self.opened.graph.mechanisms

    def table(self, name: str, **values: str) -> Table:
        """Ask a named query for its table."""
        self._note(name, values)
        return self.opened.graph.ask(name, **values)

    def graph(self, name: str, media_type: str, **values: str) -> Answer:
        """Ask a named query for its graph."""
        self._note(name, values)
        return self.opened.graph.serialize(name, media_type, **values)

    def _note(self, name: str, values: dict[str, str]) -> None:
        if name in self.service.queries:
            current().note_query(self.service.queries[name], values)

    def is_known(self, *path: str) -> bool:
        """Tell whether the graph says anything of a resource."""
        answer = self.graph("describe", GRAPHS["nt"], resource=self.service.names.iri(*path))
        return bool(answer.body.strip())


def open_session(request: Request) -> Any:
    """Yield a session and give its build back afterwards."""
    service: Service = request.app.state.service
    opened = service.acquire()
    request.state.digest = opened.build.digest
    try:
        yield Session(service, opened)
    finally:
        service.release(opened)


Here = Annotated[Session, Depends(open_session)]
