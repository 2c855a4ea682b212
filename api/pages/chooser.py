"""What the forms offer to choose from, and which entity somebody's words mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from api.deps import Session
from kg.called import Called


@dataclass(frozen=True)
class Chooser:
    """The entities and documents of a build, by the names that people write.

    >>> names = [{"id": "nmda-receptor", "label": "NMDA receptor", "kind": "Receptor", "name": "NMDAR"}]
    >>> Chooser(names, []).find_id("nmdar")
    'nmda-receptor'
    >>> Chooser(names, []).find_id("NMDA receptr")
    Traceback (most recent call last):
    kg.errors.NotFoundError: there is no entity 'NMDA receptr'; nearest: nmda-receptor
    """

    names: Sequence[dict[str, Any]]
    documents: Sequence[dict[str, Any]]

    @cached_property
    def labels(self) -> dict[str, str]:
        """The label of each entity."""
        return {row["id"]: row["label"] for row in self.names}

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds that there are entities of."""
        return sorted({row["kind"] for row in self.names})

    @cached_property
    def titles(self) -> dict[str, str]:
        """The title of each document."""
        return {local(row["document"]): row["title"] for row in self.documents}

    @cached_property
    def _called(self) -> Called:
        return Called(self.names)

    def find_id(self, words: str) -> str:
        """Return the identifier of the entity that the words name; raise NotFoundError with those it may be."""
        return self._called.find(words)

    def list_near(self, words: str) -> list[str]:
        """Return the identifiers of the entities whose names are most like the words."""
        return self._called.list_near(words.replace("-", " ").casefold())

    def find_address(
        self, request: Request, entities: Sequence[str], usual: Collection[tuple[str, str]] = ()
    ) -> str | None:
        """Return where a filled-in form belongs: entities by identifier, nothing empty or usual; None when it is there.

        Usual are the values that a parameter has anyway.
        """
        items = request.query_params.multi_items()
        kept = [(k, self.find_id(v) if k in entities else v) for k, v in items if v.strip() and (k, v) not in usual]
        if {v for k, v in kept if k == "document"} >= self.titles.keys():
            kept = [(k, v) for k, v in kept if k != "document"]
        return None if kept == items else f"{request.url.path}?{urlencode(kept)}".rstrip("?")


def read_chooser(session: Session) -> Chooser:
    """Return the entities and documents of the build that a request sees."""
    return Chooser(session.table("entity-names").rows, session.table("documents").rows)


def local(iri: str) -> str:
    """Return the last segment of an IRI.

    >>> local("https://w3id.org/claimgraph/document/calm-nights")
    'calm-nights'
    """
    return iri.rpartition("/")[2]
