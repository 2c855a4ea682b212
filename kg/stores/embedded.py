"""The embedded store: pyoxigraph, in memory or on disk."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.errors import LimitError, QueryError, StoreError
from kg.names import DEFAULT_PREFIXES
from kg.progress import Progress, Watched
from kg.stores.base import Answer, Question
from kg.stores.keywords import has_from, is_update, refuse_federation

#: Where the parser stopped and what it expected; and what of that is a sentence rather than a token.
_FAULT = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.S)
_WORDS = re.compile(r"[A-Z][A-Za-z]* [A-Za-z ]*[a-z]")


def _tell_fault(told: str, text: str) -> str:
    r"""Return what a parser says in words and where: what else it would have taken runs to hundreds of characters.

    >>> _tell_fault("error at 2:8: expected one of Prefix not found, ['%'], '\\u{00B7}'", "SELECT *\n{ a:b }")
    "prefix not found, at line 2, column 8, after '{ a:b }'"
    >>> _tell_fault("error at 1:10: expected CONSTRUCT", "SELEC ?s {}")
    "it cannot be read on, at line 1, column 10, after 'SELEC ?s '"
    """
    found = _FAULT.match(told)
    if not found:
        return told
    line, column = int(found[1]), int(found[2])
    reasons = [reason for reason in found[3].split(", ") if _WORDS.fullmatch(reason)]
    why = f"{reasons[0][0].lower()}{reasons[0][1:]}" if reasons else "it cannot be read on"
    before = (text.split("\n")[line - 1 : line] or [""])[0][: column - 1]
    return f"{why}, at line {line}, column {column}" + (f", after {before[-30:]!r}" if before.strip() else "")


class _Capped(io.BytesIO):
    """A buffer that refuses to grow over a limit."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any) -> int:
        """Take more bytes, or raise LimitError."""
        if self.tell() + len(data) > self._limit:
            raise LimitError(f"result size: the answer is over {self._limit >> 20} MiB; ask for less, or use LIMIT")
        return super().write(data)


class EmbeddedStore:
    """A pyoxigraph store. Never open a folder for reading while another process writes it."""

    def __init__(self, store: ox.Store, max_result: int = 1 << 30) -> None:
        self._store = store
        self._max_result = max_result

    @classmethod
    def in_memory(cls) -> EmbeddedStore:
        """Return an empty store in memory."""
        return cls(ox.Store())

    @classmethod
    def create(cls, folder: Path) -> EmbeddedStore:
        """Open a folder for writing; raise StoreError when another process has it."""
        try:
            return cls(ox.Store(str(folder)))
        except OSError as error:
            raise StoreError(f"the store {folder} cannot be written: {error}; is another build running?") from error

    @classmethod
    def open(cls, folder: Path, max_result: int = 1 << 30) -> EmbeddedStore:
        """Open a finished folder read-only; raise StoreError when it is missing or broken."""
        try:
            return cls(ox.Store.read_only(str(folder)), max_result)
        except (OSError, RuntimeError, ValueError) as error:
            raise StoreError(f"the store {folder} cannot be opened ({error}); 'kg build' makes a new one") from error

    @classmethod
    def read(cls, texts: Iterable[Path], max_result: int = 1 << 30) -> EmbeddedStore:
        """Read N-Quads files into memory; raise StoreError when one is missing or broken."""
        store = ox.Store()
        for path in texts:
            try:
                store.load(path=str(path), format=ox.RdfFormat.N_QUADS)
            except (OSError, RuntimeError, SyntaxError) as error:
                raise StoreError(f"{path} cannot be read ({error}); 'kg build' makes a new one") from error
        return cls(store, max_result)

    def query(self, question: Question) -> Answer:
        """Answer a query, as the protocol says."""
        refuse_federation(question.text)
        bounded = bool(question.default_graphs or question.named_graphs)
        try:
            found = self._store.query(
                question.text,
                base_iri=question.base,
                use_default_graph_as_union=not bounded and not has_from(question.text),
                default_graph=[ox.NamedNode(g) for g in question.default_graphs] if bounded else None,
                named_graphs=[ox.NamedNode(g) for g in question.named_graphs] if bounded else None,
            )
            if isinstance(found, ox.QueryTriples):
                form, media_type = "graph", question.graph
            else:
                form, media_type = "table", question.results
            if media_type is None:
                raise LimitError(f"not acceptable: the answer is a {form}, and no format that was asked for carries it")
            body = _Capped(self._max_result)
            if isinstance(found, ox.QueryTriples):
                rdf = ox.RdfFormat.from_media_type(media_type)
                prefixes = DEFAULT_PREFIXES if rdf in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG) else None
                ox.serialize(found, body, format=rdf, prefixes=prefixes)
            else:
                found.serialize(body, format=ox.QueryResultsFormat.from_media_type(media_type))
            return Answer(media_type, body.getvalue())
        except SyntaxError as error:
            if is_update(question.text):
                raise QueryError("this is read only: updates are not accepted") from error
            raise QueryError(f"the query is not valid SPARQL 1.1: {_tell_fault(str(error), question.text)}") from error
        except ValueError as error:
            raise QueryError(f"the query cannot be evaluated: {error}") from error
        except (OSError, RuntimeError) as error:
            raise StoreError(f"the store failed: {error}") from error

    def load(self, lines: Iterable[str]) -> None:
        """Replace what the store holds by N-Quads lines."""
        try:
            self._store.clear()
            self._store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
            self._store.flush()
        except (OSError, RuntimeError, SyntaxError) as error:
            raise StoreError(f"the store cannot be written: {error}") from error

    def read_in(self, texts: Iterable[Path], progress: Progress = lambda _: None) -> None:
        """Add what N-Quads files hold, never a whole file at once."""
        try:
            for path in texts:
                with path.open("rb") as file:
                    watched: Any = Watched(file, "loading the store", progress)
                    self._store.bulk_load(watched, format=ox.RdfFormat.N_QUADS)
            self._store.flush()
        except (OSError, RuntimeError, SyntaxError) as error:
            raise StoreError(f"the store cannot be written: {error}") from error

    def change(self, gone: Iterable[str], come: Iterable[str]) -> None:
        """Take N-Quads lines out and put others in."""
        try:
            for quad in ox.parse("".join(gone).encode(), format=ox.RdfFormat.N_QUADS):
                self._store.remove(quad)
            self._store.extend(ox.parse("".join(come).encode(), format=ox.RdfFormat.N_QUADS))
            self._store.flush()
        except (OSError, RuntimeError, SyntaxError) as error:
            raise StoreError(f"the store cannot be written: {error}") from error

    def optimize(self) -> None:
        """Compact the files before they are read-only for good."""
        try:
            self._store.optimize()
        except (OSError, RuntimeError) as error:
            raise StoreError(f"the store cannot be written: {error}") from error

    def __len__(self) -> int:
        """Return the number of quads."""
        return len(self._store)

    def close(self) -> None:
        """Let go of the store and of its lock."""
        del self._store
