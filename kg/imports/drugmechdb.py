"""DrugMechDB: one mechanism from a drug to a disease on each line, as JSON (nodes, links, references)."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from kg.errors import ForeignError
from kg.imports.foreign import Reading, Statement, hash_files, read_lines
from kg.model import Record

#: How many ways from drug to disease one record may have, and of how many steps.
_MAX_WAYS = 50
_MAX_STEPS = 20


class _Node(BaseModel):
    id: str = Field(pattern=r"^[^\s:]+:\S+$")
    name: str = Field(min_length=1)
    label: str = Field(min_length=1)


class _Link(BaseModel):
    source: str
    key: str = Field(min_length=1)
    target: str


class _Head(BaseModel):
    id: str = Field(alias="_id", pattern=r"^\S+$")
    drug_mesh: str | None = None
    drugbank: str | None = None
    disease_mesh: str | None = None


class _Path(BaseModel):
    graph: _Head
    nodes: list[_Node] = Field(min_length=1, max_length=1000)
    links: list[_Link] = Field(min_length=1, max_length=1000)
    references: list[str] = []


def read_drugmechdb(path: Path) -> Reading:
    """Read a file of mechanism paths; raise ForeignError, naming the line, for one that is not one."""
    reading = Reading("drugmechdb", "DrugMechDB", hash_files(path))
    for number, line in read_lines(path):
        try:
            found = _Path.model_validate(json.loads(line))
        except (ValidationError, ValueError, RecursionError) as error:
            remedy = "each line is a JSON object with graph, nodes, links and references"
            raise ForeignError(f"{path}:{number}", "drugmechdb", _told(error), remedy) from error
        _add(found, reading, f"{path}:{number}")
    if not reading.records:
        raise ForeignError(str(path), "drugmechdb", "the file is empty", "name a file of paths")
    return reading


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        fault: Any = error.errors()[0]
        return f"{'.'.join(str(part) for part in fault['loc']) or 'line'}: {fault['msg']}"
    return f"not JSON: {error}"


def _add(path: _Path, reading: Reading, place: str) -> None:
    """Take one path in: its links as statements, and each way from drug to disease as a chain."""
    record = path.graph.id
    if record in reading.records:
        raise ForeignError(place, "duplicate-id", f"a path {record!r} stands above already", "give each its own _id")
    known = {node.id for node in path.nodes}
    reading.records[record] = Record(record, tuple(dict.fromkeys(r for r in path.references if r)))
    for node in path.nodes:
        reading.add_node(node.id, node.name, f"biolink:{node.label}")
    links: dict[tuple[str, str, str], int] = {}
    for link in path.links:
        for end in (link.source, link.target):
            if end not in known:
                raise ForeignError(place, "unknown-node", f"a link names {end!r}", "add it to the nodes of its path")
        if (link.source, link.key, link.target) not in links:
            links[link.source, link.key, link.target] = len(reading.statements)
            predicate = link.key.strip().replace(" ", "_")
            reading.statements.append(Statement(link.source, predicate, link.target, record))
        else:
            reading.notes["links that stand twice in one record"] += 1
    starts = {path.graph.drug_mesh, path.graph.drugbank} & known
    ways = _ways(links, {s for s in starts if s}, path.graph.disease_mesh or "")
    if len(ways) == _MAX_WAYS:
        reading.notes[f"records with more than {_MAX_WAYS} ways from drug to disease, cut there"] += 1
    reading.chains += [(record, way) for way in ways if len(way) > 1]
    if not ways:
        reading.notes["records without a way from drug to disease"] += 1


def _ways(links: dict[tuple[str, str, str], int], starts: set[str], end: str) -> list[tuple[int, ...]]:
    """Return the ways from the drug to the disease that go nowhere twice, at most as many as are allowed."""
    following: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (source, _, target), place in links.items():
        following[source].append((target, place))
    reaching, front = {end}, {end}
    while front:
        front = {s for s, _, t in links if t in front} - reaching
        reaching |= front
    found: list[tuple[int, ...]] = []
    todo: list[tuple[str, tuple[int, ...], frozenset[str]]] = [(s, (), frozenset({s})) for s in sorted(starts)]
    while todo and len(found) < _MAX_WAYS:
        node, way, seen = todo.pop()
        if node == end:
            found.append(way)
        elif len(way) < _MAX_STEPS:
            for target, place in reversed(following[node]):
                if target in reaching and target not in seen:
                    todo.append((target, (*way, place), seen | {target}))
    return found
