"""The store that requests ask: it remembers answers, and tells what each query came to."""

from __future__ import annotations

from api.metrics import Metrics
from api.sightings import ANSWERED, REMEMBERED, current
from kg import errors
from kg.stores.base import Answer, Question, Store
from kg.stores.cached import CachedStore
from kg.stores.workers import WorkerPool

#: Bytes of the largest answer that is kept: lists of all entities or documents, which many pages begin with.
_LARGEST = 1 << 23


class WatchedStore(CachedStore):
    """A store with memory, whose queries are counted and noted in the sighting of their request."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        super().__init__(store, max_answer=_LARGEST)
        self._metrics = metrics
        metrics.open(self)

    @property
    def replaced(self) -> int:
        """How many workers were killed or died at a query; an endpoint elsewhere has none."""
        return self.inner.replaced if isinstance(self.inner, WorkerPool) else 0

    @property
    def waiting(self) -> int:
        """How many queries wait for a worker."""
        return self.inner.waiting if isinstance(self.inner, WorkerPool) else 0

    def query(self, question: Question) -> Answer:
        """Answer a query, from memory or by asking."""
        if not question.trusted:
            current().note_text(question.text)
        if remembered := self.recall(question):
            self._metrics.hits.inc()
            self._note(REMEMBERED)
            return remembered
        try:
            with self._metrics.under_way.track_inprogress(), self._metrics.query_seconds.time():
                answer = super().query(question)
        except errors.ClaimgraphError as error:
            self._note(outcome_of(error))
            raise
        self._note(ANSWERED)
        return answer

    def _note(self, outcome: str) -> None:
        self._metrics.queries.labels(outcome).inc()
        current().note_outcome(outcome)

    def close(self) -> None:
        """Close the store; what it counted is kept."""
        self._metrics.close(self)
        super().close()


def outcome_of(error: errors.ClaimgraphError) -> str:
    """Return in a word what a query failed by: the limit that it went over, a fault of its own, or of the store.

    >>> outcome_of(errors.LimitError("deadline: the query took more than 2 seconds"))
    'deadline'
    """
    if isinstance(error, errors.LimitError):
        return str(error).partition(":")[0]
    return "refused" if isinstance(error, errors.QueryError) else "failed"
