"""KGX: a table of nodes and a table of edges in the words of the Biolink model, as TSV or as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kg.errors import ForeignError
from kg.imports.foreign import Reading, Statement, hash_files, read_lines
from kg.model import Record

_BIOLINK = "biolink:"
#: What edges that we exported say beside Biolink: two that are taken back, and what would be lost.
_CERTAINTY, _CUE = "claimgraph_certainty", "claimgraph_cue"
_MORE = (
    "strength", "frequency", "extent", "only", "baseline", "via", "agency",
    "route", "after", "place", "dose", "time", "onset", "duration", "setting", "since",
)  # fmt: skip
#: Scopes that a qualifier gives back where it has room for them.
_SCOPES = {
    "region": "anatomical_context_qualifier", "species": "species_context_qualifier",
    "population": "population_context_qualifier", "condition": "disease_context_qualifier",
}  # fmt: skip
_TRUE = {"true", "1", "yes"}
_FALSE = {"", "false", "0", "no"}
Row = dict[str, list[str]]


def read_kgx(nodes: Path, edges: Path) -> Reading:
    """Read a table of nodes and one of edges; raise ForeignError, naming file and line, for what is not KGX."""
    reading = Reading("kgx", edges.name.partition(".")[0], hash_files(edges, nodes))
    for place, row in _rows(nodes, ("id",)):
        id_ = _one(row, "id", place)
        if ":" not in id_ or any(c.isspace() for c in id_):
            raise ForeignError(place, "identifier", f"{id_!r} is not a compact identifier", "write prefix:local")
        reading.add_node(id_, _one(row, "name", place), *row.get("category", ()))
    for place, row in _rows(edges, ("subject", "predicate", "object")):
        _add(row, reading, place)
    if not reading.statements:
        raise ForeignError(str(edges), "kgx", "the file has no edges", "name nodes first, then edges")
    return reading


def _add(row: Row, reading: Reading, place: str) -> None:
    """Take one edge in, with the record that it makes."""
    record = _one(row, "id", place) or f"line-{place.rpartition(':')[2]}"
    if record in reading.records:
        raise ForeignError(place, "duplicate-id", f"an edge {record!r} stands above already", "give each its own id")
    negated = _one(row, "negated", place).lower()
    if negated not in _TRUE | _FALSE:
        raise ForeignError(place, "negated", f"negated cannot be {negated!r}", "write true or false")
    qualifiers = {
        key: "|".join(values)
        for key, values in row.items()
        if values and (key.endswith("_qualifier") or key in ("qualifiers", "qualified_predicate"))
    }
    predicate = _one(row, "predicate", place).removeprefix(_BIOLINK)
    qualified = qualifiers.get("qualified_predicate", "").removeprefix(_BIOLINK)
    if qualified:  # what is really said; "causes" is what "affects" with a direction means anyway
        del qualifiers["qualified_predicate"]
        predicate = predicate if qualified == "causes" and predicate == "affects" else qualified
    ends = [_one(row, key, place) for key in ("subject", "object")]
    for key, value in zip(("subject", "predicate", "object"), (ends[0], predicate, ends[1]), strict=True):
        if not value:
            raise ForeignError(place, "missing", f"{key} is empty", "give each edge subject, predicate and object")
    level, agent = _one(row, "knowledge_level", place), _one(row, "agent_type", place)
    origin = "|".join(row.get("primary_knowledge_source", ()))
    publications = tuple(dict.fromkeys(row.get("publications", ())))
    reading.records[record] = Record(record, publications, origin, level, agent)
    qualifiers |= _more(row)
    own = (_one(row, _CERTAINTY, place), " ".join(row.get(_CUE, ())))
    said = Statement(ends[0], predicate, ends[1], record, negated in _TRUE, level, qualifiers, *own)
    reading.statements.append(said)


def _more(row: Row) -> dict[str, str]:
    """Return what an edge of ours says that no edge has a place for: such a claim would come back saying more."""
    lost = [key for key in _MORE if row.get(f"claimgraph_{key}", ["false"]) not in ([], ["false"])]
    lost += [key for key, theirs in _SCOPES.items() if row.get(f"claimgraph_{key}") and not row.get(theirs)]
    return {f"claimgraph_{key}": "|".join(row[f"claimgraph_{key}"]) for key in lost}


def _one(row: Row, key: str, place: str) -> str:
    """Return the one value of a column, or nothing."""
    values = row.get(key, [])
    if len(values) > 1:
        raise ForeignError(place, "several", f"{key} has {len(values)} values", "give it one")
    return values[0] if values else ""


def _rows(path: Path, needed: tuple[str, ...]) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a table, every value as a list, with their places."""
    lines = read_lines(path)
    if path.name.removesuffix(".gz").endswith((".jsonl", ".ndjson")):
        for number, line in lines:
            yield f"{path}:{number}", _of_json(line, f"{path}:{number}")
        return
    _, header = next(lines, (0, ""))
    columns = header.split("\t")
    missing = [key for key in needed if key not in columns]
    if missing or len(set(columns)) < len(columns):
        told = f"the columns {', '.join(missing)} are missing" if missing else "a column stands twice"
        raise ForeignError(f"{path}:1", "header", told, "KGX tables are tab-separated, with a header; nodes come first")
    for number, line in lines:
        cells = line.split("\t")
        if len(cells) > len(columns):
            told = f"{len(cells)} cells under {len(columns)} columns"
            raise ForeignError(f"{path}:{number}", "columns", told, "separate cells by one tab, and quote nothing")
        yield f"{path}:{number}", {k: [v for v in c.split("|") if v] for k, c in zip(columns, cells, strict=False)}


def _of_json(line: str, place: str) -> Row:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ForeignError(place, "json", f"not JSON: {error}", "each line is one JSON object") from error
    if not isinstance(found, dict):
        raise ForeignError(place, "json", "not a JSON object", "each line is one JSON object")
    row: Row = {}
    for key, value in found.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(v, str | int | float | bool | None) for v in values):
            raise ForeignError(place, "json", f"{key} holds a nested value", "give text, a number or a list of them")
        row[key] = [str(v).lower() if isinstance(v, bool) else str(v) for v in values if v not in (None, "")]
    return row
