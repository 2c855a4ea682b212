"""Which entity somebody's words mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kg.errors import NotFoundError
from kg.names import nearest


@dataclass(frozen=True)
class Called:
    """Entities by what they are called: rows with identifier, label and one of the names.

    >>> rows = [{"id": "nmda-receptor", "label": "NMDA receptor", "name": name} for name in ("NMDA receptor", "NMDAR")]
    >>> called = Called(rows, {"calm": "mood"})
    >>> called.find("nmdar")
    'nmda-receptor'
    >>> called.find("NMDA receptr")
    Traceback (most recent call last):
    kg.errors.NotFoundError: there is no entity 'NMDA receptr'; nearest: nmda-receptor
    >>> called.find("calm")
    Traceback (most recent call last):
    kg.errors.NotFoundError: there is no entity 'calm': it is a named state of 'mood'
    """

    rows: Iterable[Mapping[str, Any]]
    #: The entity of each named state.
    states: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _ids(self) -> dict[str, set[str]]:
        """The entities that a name may mean: an identifier comes before a label, a label before another name."""
        levels: list[dict[str, set[str]]] = [defaultdict(set), defaultdict(set), defaultdict(set)]
        for row in self.rows:
            for level, key in zip(levels, ("name", "label", "id"), strict=True):
                level[row[key].casefold()].add(row["id"])
        return levels[0] | levels[1] | levels[2]

    def find(self, words: str) -> str:
        """Return the identifier of the entity that the words name; raise NotFoundError for none, or for several."""
        name = words.strip().casefold()
        name = name.rpartition("/")[2] if "://" in name else name
        meant = sorted(self._ids.get(name, ()))
        if len(meant) > 1:
            raise NotFoundError(f"{words!r} may be any of {', '.join(meant)}; name one of these")
        if meant:
            return meant[0]
        if name in self.states:
            raise NotFoundError(f"there is no entity {words!r}: it is a named state of {self.states[name]!r}")
        near = self.list_near(name)
        raise NotFoundError(f"there is no entity {words!r}" + (f"; nearest: {', '.join(near)}" if near else ""))

    def list_near(self, words: str) -> list[str]:
        """Return the identifiers of the entities whose names are most like the words."""
        found = [id_ for name in nearest(words, self._ids) for id_ in sorted(self._ids[name])]
        return list(dict.fromkeys(found))[:3]
