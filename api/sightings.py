"""What one request turned out to be: noted on its way through the service, written as one line at its end."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from kg.query import NamedQuery

LOG = logging.getLogger("claimgraph.access")
#: A request over this is logged as a warning, with the name of its query.
SLOW_SECONDS = 2.0
#: What a query came to when all went well: answered by a worker, or from memory.
ANSWERED, REMEMBERED = "answered", "remembered"


@dataclass
class Sighting:
    """One request."""

    request: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    status: int = 500
    sent: int = 0
    #: Bytes of its answer for which room was made.
    held: int = 0
    started: bool = False
    #: Hash of the SPARQL text, or of the named query with its parameters; the last one that was asked.
    query: str = ""
    name: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    rows: int | None = None
    outcome: str = ""

    def note_text(self, text: str) -> None:
        """Note a stranger's query: never its text."""
        self.query, self.name, self.parameters = hash_text(text), "", {}

    def note_query(self, query: NamedQuery, values: Mapping[str, str]) -> None:
        """Note a named query; parameters that are words of a stranger only as their hash."""
        types = {p.name: p.type for p in query.parameters}
        self.query = hash_text(f"{query.name}?{urlencode(sorted(values.items()))}")
        self.name = query.name
        self.parameters = {
            name: hash_text(value) if types[name] == "text" else value
            for name, value in values.items()
            if name in types
        }

    def note_outcome(self, outcome: str) -> None:
        """Note what a query came to; of several, the one that failed, else whether a worker was asked."""
        if outcome != REMEMBERED or not self.outcome:
            self.outcome = outcome

    def write(self, method: str, path: str, address: bytes, seconds: float) -> None:
        """Write the line; a slow request is a warning that names its query."""
        line: dict[str, object] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "request": self.request,
            "method": method,
            "path": path,
            "query": self.query or (hash_text(address.decode("latin-1")) if address else ""),
            "status": self.status,
            "bytes": self.sent,
            "ms": round(seconds * 1000, 1),
        }
        line |= {"rows": self.rows} if self.rows is not None else {}
        line |= {"outcome": self.outcome} if self.outcome else {}
        slow = seconds > SLOW_SECONDS
        if slow:
            line |= {"slow": True} | ({"name": self.name, "parameters": self.parameters} if self.name else {})
        LOG.log(logging.WARNING if slow else logging.INFO, json.dumps(line))


#: The request that is being answered; threads that work for it share it.
_CURRENT: ContextVar[Sighting] = ContextVar("sighting")


def begin() -> Sighting:
    """Begin the sighting of a request."""
    sighting = Sighting()
    _CURRENT.set(sighting)
    return sighting


def current() -> Sighting:
    """Return the sighting of the request that is being answered; one that nobody reads outside of a request."""
    return _CURRENT.get(None) or Sighting()


def hash_text(text: str) -> str:
    """Return the hash under which a text stands in the log.

    >>> hash_text("ASK {}")
    '819ea91ed5f1'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
