"""What is counted, in the form of Prometheus: requests, queries by outcome, answers from memory, workers."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Protocol

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector


class Watched(Protocol):
    """What is asked of a store that is open."""

    @property
    def replaced(self) -> int:
        """How many of its workers were killed or died at a query."""

    @property
    def waiting(self) -> int:
        """How many queries wait for a worker."""


class Metrics(Collector):
    """Counters of one application; those of the stores live on when a store is closed for a new build."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._lock = threading.Lock()
        self._stores: list[Watched] = []
        self._replaced = 0
        own = self._registry
        self.requests = Counter("claimgraph_requests", "Requests answered", ["status"], registry=own)
        self.seconds = Histogram("claimgraph_request_seconds", "Seconds to answer a request", registry=own)
        self.queries = Counter("claimgraph_queries", "Queries, by what they came to", ["outcome"], registry=own)
        self.query_seconds = Histogram(
            "claimgraph_query_seconds", "Seconds of a query that was not in memory, waiting included", registry=own
        )
        self.hits = Counter("claimgraph_cache_hits", "Queries answered from memory", registry=own)
        self.under_way = Gauge("claimgraph_queries_under_way", "Queries at work or waiting", registry=own)
        waiting = Gauge("claimgraph_queries_waiting", "Queries that wait for a worker", registry=own)
        waiting.set_function(lambda: sum(store.waiting for store in self._stores))
        self._registry.register(self)

    def open(self, store: Watched) -> None:
        """Count a store from now on."""
        with self._lock:
            self._stores.append(store)

    def close(self, store: Watched) -> None:
        """Keep what a store came to; it is asked no more."""
        with self._lock:
            if store in self._stores:
                self._stores.remove(store)
                self._replaced += store.replaced

    def collect(self) -> Iterable[Metric]:
        """Yield what stores count themselves."""
        with self._lock:
            replaced = self._replaced + sum(store.replaced for store in self._stores)
        yield CounterMetricFamily("claimgraph_workers_replaced", "Workers that died at a query", value=replaced)

    def text(self) -> bytes:
        """Return all counters in the text format of Prometheus."""
        return generate_latest(self._registry) + generate_latest(REGISTRY)
