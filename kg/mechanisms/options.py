"""What a search for paths may use."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from kg.errors import QueryError


@dataclass(frozen=True)
class Options:
    """What a search may use."""

    documents: frozenset[str] = frozenset()
    through: frozenset[str] = frozenset()
    longest: int = 5
    count: int = 10
    hedged: bool = True
    hypothesised: bool = False
    contested: bool = True
    narrower: bool = False
    symptoms: bool = True
    inverted: bool = False
    associations: bool = False
    generic: bool = False

    @property
    def of_hops(self) -> Options:
        """The same, as far as it decides which hops there are and how they join."""
        return replace(self, through=USUAL.through, longest=USUAL.longest, count=USUAL.count, symptoms=USUAL.symptoms)


USUAL = Options()
#: The options that let more in, each off by default.
WIDENING = ("hypothesised", "narrower", "inverted", "associations", "generic")


def make_options(**given: Any) -> Options:
    """Return options by their names; raise QueryError for one that there is not, or of which nothing could come.

    >>> make_options(longest=3, documents="calm-nights").documents
    frozenset({'calm-nights'})
    >>> make_options(longest=0)
    Traceback (most recent call last):
    kg.errors.QueryError: 'longest' is a whole number from 1 on, not 0
    """
    known = {f.name for f in fields(Options)}
    if unknown := given.keys() - known:
        raise QueryError(f"there is no option {min(unknown)!r}; there are {', '.join(sorted(known))}")
    for key in {"documents", "through"} & given.keys():
        given[key] = frozenset([given[key]] if isinstance(given[key], str) else given[key])
    for key in {"longest", "count"} & given.keys():
        if type(given[key]) is not int or given[key] < 1:
            raise QueryError(f"{key!r} is a whole number from 1 on, not {given[key]!r}")
    return Options(**given)
