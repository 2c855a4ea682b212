"""Answers kept: builds are immutable, so an answer holds as long as its build is in service."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from kg.stores.base import Answer, Question, Store

#: Bytes that an answer takes besides its body and the text of its question: 580 were measured, and more with graphs.
_EACH = 1024


class CachedStore:
    """A store that remembers its latest answers, bounded in the bytes that they take."""

    def __init__(self, store: Store, max_bytes: int = 1 << 26, max_answer: int = 1 << 20) -> None:
        self.inner = store
        self._max_bytes, self._max_answer = max_bytes, max_answer
        self._answers: OrderedDict[Question, Answer] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()
        self.hits = 0

    def recall(self, question: Question) -> Answer | None:
        """Return an answer that is remembered."""
        with self._lock:
            if question in self._answers:
                self._answers.move_to_end(question)
                self.hits += 1
            return self._answers.get(question)

    def query(self, question: Question) -> Answer:
        """Answer from memory, or ask and remember; errors are never remembered."""
        if remembered := self.recall(question):
            return remembered
        answer = self.inner.query(question)
        if len(answer.body) <= self._max_answer:
            with self._lock:
                if question not in self._answers:
                    self._answers[question] = answer
                    self._bytes += _size(question, answer)
                while self._bytes > self._max_bytes:
                    asked, dropped = self._answers.popitem(last=False)
                    self._bytes -= _size(asked, dropped)
        return answer

    def load(self, lines: Iterable[str]) -> None:
        """Load the store and forget all answers."""
        self.inner.load(lines)
        with self._lock:
            self._answers.clear()
            self._bytes = 0

    def close(self) -> None:
        """Close the store."""
        self.inner.close()


def _size(question: Question, answer: Answer) -> int:
    return len(answer.body) + len(question.text) + _EACH
