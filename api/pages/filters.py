"""The choices by which a list of claims is narrowed in a plain form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from api.deps import Session

#: The columns that a filter takes its values and their labels from.
_COLUMNS = {
    "act": ("act", ""),
    "certainty": ("certainty_name", ""),
    "voice": ("voice_name", ""),
    "relation": ("relation", "relation_label"),
    "document": ("document", "title"),
}


@dataclass(frozen=True)
class Filter:
    """One choice: its name in the address, its options as value and label, and the value that is chosen."""

    name: str
    options: list[tuple[str, str]]
    chosen: str


def read_filters(
    request: Request, session: Session, rows: Iterable[Mapping[str, Any]], names: Sequence[str]
) -> list[Filter]:
    """Return the filters of a list of claims, their options taken from its rows; a row need not have all columns."""
    known: dict[str, dict[str, str]] = {name: {} for name in names}
    for row in rows:
        for name, (column, label) in _COLUMNS.items():
            if name in known and column in row:
                value = re.split("[/#]", row[column])[-1]
                known[name][value] = row.get(label, value)
    if "kind" in known:
        used = [row for row in session.table("entity-use").rows if row["claims"]]
        known["kind"] = {row["kind_name"]: row["kind_label"] for row in used}
    return [
        Filter(name, sorted(options.items(), key=lambda option: option[1]), request.query_params.get(name, ""))
        for name, options in known.items()
    ]
