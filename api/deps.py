"""What routes work with: the build in service with its store, queries and templates; swapped whole for a new build."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.templating import Jinja2Templates

from api.assets import island
from api.later import Later
from api.metrics import Metrics
from api.prepared import Shelf
from api.sightings import current
from api.watch import WatchedStore
from kg.errors import StoreError
from kg.graph import Graph
from kg.mechanisms.paths import Mechanisms, load_mechanisms
from kg.names import Names
from kg.places import Places
from kg.query import NamedQuery, Table, read_queries
from kg.settings import Settings
from kg.stores.base import GRAPHS, RESULTS, Answer, Store
from kg.stores.connect import Build, connect, current_build
from kg.stores.workers import WorkerPool

#: Searches at once: they must leave threads of the service to others.
_SEARCHES = 16

#: Of how many lists of claims the order is kept: one of 100,000 claims takes 9 MB.
_ORDERS = 4
templates = Jinja2Templates(directory=Path(__file__).with_name("templates"))
templates.env.globals["island"] = island


@dataclass
class Opened:
    """One build with the graph that it is asked through, and how many requests are using it."""

    build: Build
    store: WatchedStore
    graph: Graph
    #: The hops that paths run over, read as soon as the build is taken up.
    mechanisms: Later[Mechanisms]
    #: The file that named the build when it was opened: another build has another.
    stamp: tuple[int, ...] = ()
    shelf: Shelf = field(default_factory=Shelf)
    #: The claims of the lists that were asked for last, in their order.
    orders: OrderedDict[tuple[tuple[str, str], ...], list[str]] = field(default_factory=OrderedDict)
    #: What the filters of the list of claims choose from, once it was asked for.
    options: list[Mapping[str, str]] = field(default_factory=list)
    users: int = 0
    retired: bool = False


@dataclass
class Service:
    """Everything that routes need."""

    settings: Settings
    queries: dict[str, NamedQuery] = field(default_factory=read_queries)
    metrics: Metrics = field(default_factory=Metrics)
    searches: Places = field(default_factory=lambda: Places(_SEARCHES, "searches are under way"))
    #: Held for moments only, so that the event loop may wait for it; and held while a build is opened.
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _opening: threading.Lock = field(default_factory=threading.Lock)
    _opened: Opened | None = None

    def __post_init__(self) -> None:
        #: Looked at by every request: putting a path together takes longer than to look.
        self._manifest = self.settings.builds / "current" / "manifest.json"

    @property
    def names(self) -> Names:
        """The IRIs of the graph."""
        return Names(self.settings.base)

    def peek(self) -> Opened | None:
        """Return the build in service if it is open already; nothing is read, so this takes microseconds."""
        opened = self._opened
        return opened if opened is not None and opened.stamp == self._read_stamp() else None

    def hold(self) -> Opened | None:
        """Take the build in service if it is open already; who takes it gives it back."""
        found = self.peek()
        with self._lock:
            if found is None or found.retired:
                return None
            found.users += 1
            return found

    def acquire(self) -> Opened:
        """Return the build in service, opening a new one when `current` names it; one request sees one build."""
        with self._opening:
            stamp = self._read_stamp()
            build = current_build(self.settings)
            if self._opened is None or self._opened.build != build:
                store = WatchedStore(connect(self.settings, build), self.metrics)
                graph = Graph(store, self.names, build.manifest, self.settings.ontology, self.queries)
                self._put_in_service(self._begin(build, store, graph))
            with self._lock:
                assert self._opened is not None
                self._opened.stamp = stamp
                self._opened.users += 1
                return self._opened

    def _begin(self, build: Build, store: WatchedStore, graph: Graph) -> Opened:
        """Return a build as it is opened, and begin to read its mechanisms: who asks first must not wait a minute."""
        read = Later(lambda: self._read_mechanisms(opened), "the mechanisms of this build are being read")
        opened = Opened(build, store, graph, read)
        read.start()
        return opened

    def _read_mechanisms(self, opened: Opened) -> Mechanisms:
        """Read the mechanisms of a build, which is held meanwhile; nobody asked, so its queries are not counted."""
        with self._lock:
            if opened.retired and opened.users == 0:
                raise StoreError("the build went out of service before its mechanisms were read; ask again")
            opened.users += 1
        try:
            graph = opened.graph
            return load_mechanisms(opened.store.inner, graph.queries, graph.vocabulary, graph.names)
        finally:
            self.release(opened)

    def _put_in_service(self, fresh: Opened) -> None:
        with self._lock:
            old, self._opened = self._opened, fresh
            if old is not None:
                old.retired = True
                self._let_go(old)

    def _read_stamp(self) -> tuple[int, ...]:
        """Return what tells the manifest in service from every other; nothing when there is none."""
        try:
            found = self._manifest.stat()
        except OSError:
            return ()
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size

    def release(self, opened: Opened) -> None:
        """Give a build back; a retired one is closed after its last request."""
        with self._lock:
            opened.users -= 1
            self._let_go(opened)

    def close(self) -> None:
        """Close what is open; what is still being read is let come to its end first, within the deadline."""
        with self._opening, self._lock:
            old, self._opened = self._opened, None
        if old is not None:
            old.mechanisms.settle(self.settings.deadline)
            old.store.close()

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
        """The hops of the build; raise LimitError when they are still being read at the end of the deadline."""
        return self.opened.mechanisms.get(self.service.settings.deadline)

    def table(self, name: str, **values: str) -> Table:
        """Ask a named query for its table."""
        self._note(name, values)
        return self.opened.graph.table(name, **values)

    def page_of_claims(self, name: str, values: Mapping[str, str], page: int, size: int) -> tuple[Table, int]:
        """Return a page of a list of claims and how many there are in all: only those on the page are read whole."""
        self._note(name, dict(values))
        key, orders = tuple(sorted(values.items())), self.opened.orders
        ids = orders.pop(key, None)
        if ids is None:
            lines = self.opened.graph.select("claim-order", RESULTS["tsv"], **values).body.decode("utf-8").splitlines()
            ids = [line.rstrip(">").rpartition("/")[2] for line in lines[1:]]
        orders[key] = ids
        while len(orders) > _ORDERS:
            orders.popitem(last=False)
        here = ids[(page - 1) * size : page * size]
        found = self.opened.graph.table(name, claim=here) if here else self.opened.graph.table(name, **values)
        return found, len(ids)

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


async def open_session(request: Request) -> AsyncIterator[Session]:
    """Yield a session and give its build back afterwards; a thread is asked only when a build must be opened."""
    service: Service = request.app.state.service
    opened = service.hold()
    if opened is None:
        opened = await run_in_threadpool(service.acquire)
    request.state.digest = opened.build.digest
    try:
        yield Session(service, opened)
    finally:
        service.release(opened)


Here = Annotated[Session, Depends(open_session)]
