"""From what was read to what is kept: things become entities, statements become claims, or are counted with the reason.

A thing is joined to an entity of ours when its identifier is an exact match of it, never by its name.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.corpus.propositions import compose
from kg.corpus.rows import ImportedRow
from kg.imports.foreign import Node, Reading, Statement
from kg.imports.mapping import Row, Tables, Unmapped
from kg.model import Entity, Variable
from kg.names import UNFIT, content_id, expand

Line = dict[str, Any]


@dataclass
class Settled:
    """The lines of an imported folder, and what became of the rest."""

    entities: list[Line] = field(default_factory=list)
    records: list[Line] = field(default_factory=list)
    claims: list[Line] = field(default_factory=list)
    chains: list[Line] = field(default_factory=list)
    #: Statements that were read, and those that were taken over.
    read: int = 0
    taken: int = 0
    #: Things that an entity was known for already.
    joined: int = 0
    #: Predicate and reason, with the number of statements.
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Thing:
    entity: str
    kind: str
    label: str


def settle(reading: Reading, known: Iterable[Entity], tables: Tables) -> Settled:
    """Return what is kept of a source beside the entities that are known."""
    made = Settled(notes=reading.notes.copy(), read=len(reading.statements))
    things = _Things(reading, known, tables, made)
    claims: dict[str, Line] = {}
    places: dict[int, str] = {}
    for place, statement in enumerate(reading.statements):
        found = _to_row(statement, things, tables)
        if isinstance(found, Unmapped):
            made.unmapped[statement.predicate, found.reason] += 1
            continue
        made.taken += 1
        key = _key(found, tables)
        claim = claims.setdefault(key, {"id": f"claim-{len(claims) + 1}", **found, "record": []})
        claim["record"] = sorted({*claim["record"], statement.record})
        places[place] = key
    made.claims = list(claims.values())
    made.entities = things.used_lines()
    made.chains = _join(reading, claims, places, made)
    for record in reading.records.values():
        line = {"id": record.id, "references": list(record.references)}
        told = {"origin": record.origin, "level": record.level, "agent": record.agent}
        made.records.append({k: v for k, v in {**line, **told}.items() if v})
    return made


class _Things:
    """The things of a source as entities: those that are known, and new ones."""

    def __init__(self, reading: Reading, known: Iterable[Entity], tables: Tables, made: Settled) -> None:
        self.reading, self.tables, self.made = reading, tables, made
        matched: dict[str, list[Entity]] = defaultdict(list)
        #: What other imports brought is brought again, so that each stands by itself, but is of the same kind.
        self.kinds: dict[str, str] = {}
        for entity in known:
            if entity.source:
                self.kinds[entity.id] = entity.kind
                continue
            matched[f"CLAIMGRAPH:{entity.id}"].append(entity)  # as our own exports name it
            for match in entity.matches:
                if match.quality == "exact":
                    matched[match.id].append(entity)
        self.ours = {id_: found[0] for id_, found in matched.items() if len(found) == 1}
        self.lines: dict[str, Line] = {}
        self.things: dict[str, _Thing | Unmapped] = {}
        self.used: set[str] = set()

    def find(self, id_: str) -> _Thing | Unmapped:
        """Return the entity of a thing, or why it has none."""
        if id_ not in self.things:
            self.things[id_] = self._make(id_)
        return self.things[id_]

    def _make(self, id_: str) -> _Thing | Unmapped:
        curie = self.tables.curie(id_)
        if found := self.ours.get(curie):
            self.made.joined += 1
            return _Thing(found.id, found.kind, found.label)
        node = self.reading.nodes.get(id_)
        if node is None:
            return Unmapped("one of its ends is not among the nodes")
        entity = re.sub(r"[^a-z0-9]+", "-", curie.lower()).strip("-")
        if entity in self.lines:  # two identifiers that differ in capitals or signs alone
            entity = f"{entity}-{content_id(curie)[:6]}"
        kind = self.kinds.get(entity) or self._kind(node) or self.tables.ours("prefix_kind").get(_prefix(curie), "")
        if not kind:
            told = ", ".join(sorted(node.categories)) or "none"
            return Unmapped(f"one of its ends has no category that is a kind of ours ({told})")
        names = [_clean(name) for name, _ in sorted(node.names.items(), key=lambda n: (-n[1], n[0]))]
        names = list(dict.fromkeys(n for n in names if n)) or [id_]
        match: list[Line] = []
        if expand(curie, self.tables.vocabulary.prefixes):
            version = f"{self.reading.title} {self.reading.sha256[:12]}"
            match = [{"id": curie, "label": names[0], "quality": "exact", "version": version}]
        else:
            self.made.notes[f"things whose prefix {_prefix(curie)!r} is unknown: kept without a match"] += 1
            names.append(curie)
        self.lines[entity] = {"id": entity, "kind": kind, "label": names[0], "also": names[1:], "match": match}
        return _Thing(entity, kind, names[0])

    def _kind(self, node: Node) -> str:
        """Return the kind that most of its categories stand for."""
        kinds: Counter[str] = Counter()
        for category, count in node.categories.items():
            if kind := self.tables.kind([category]):
                kinds[kind] += count
        if len(kinds) > 1:
            self.made.notes["things that the source puts into several kinds: the most frequent one was taken"] += 1
        return min(kinds, key=lambda kind: (-kinds[kind], kind), default="")

    def used_lines(self) -> list[Line]:
        """Return the new entities that some claim speaks of."""
        return [line for id_, line in self.lines.items() if id_ in self.used]


def _to_row(statement: Statement, things: _Things, tables: Tables) -> Line | Unmapped:
    """Return a claim as a line of the file, or why there is none."""
    if (unknown := tables.refuse(statement.predicate)) is not None:  # before the ends, which are then no matter
        return unknown
    subject, object_ = things.find(statement.subject), things.find(statement.object)
    for end in (subject, object_):
        if isinstance(end, Unmapped):
            return end
    assert isinstance(subject, _Thing) and isinstance(object_, _Thing)
    if subject.entity == object_.entity:
        return Unmapped("both ends are one entity")
    chosen = tables.choose(statement.predicate, statement.qualifiers, subject.kind, object_.kind)
    if isinstance(chosen, Unmapped):
        return chosen
    row, used = chosen
    context = _context({k: v for k, v in statement.qualifiers.items() if k not in used}, things, tables)
    if isinstance(context, Unmapped):
        return context
    scope, aspect, state = context
    certainty = statement.certainty or tables.ours("knowledge_level").get(statement.level or "not_provided", "")
    if certainty not in tables.vocabulary.values("certainty"):
        return Unmapped(f"its knowledge level {statement.certainty or statement.level!r} is no claim")
    one = Variable(subject.entity, aspect, state or row.subject_state)
    other = Variable(object_.entity, row.object_aspect, row.object_state)
    ends = (other, one) if row.turned else (one, other)
    labels = {subject.entity: subject.label, object_.entity: object_.label}
    things.used |= {subject.entity, object_.entity, *(v for values in scope.values() for v in values)}
    line: Line = {"statement": _say(ends, row, labels, statement, certainty, tables)}
    line |= {"subject": ends[0].name, "relation": row.relation, "object": ends[1].name}
    if statement.negated:
        line["act"] = "denies"
    if certainty != "stated":
        line |= {"certainty": certainty, "cue": statement.cue or statement.level}
    return {**line, "scope": scope} if scope else line


def _context(
    qualifiers: Mapping[str, str], things: _Things, tables: Tables
) -> tuple[dict[str, list[str]], str, str] | Unmapped:
    """Return the scope, and the subject's aspect and state, that qualifiers give; none is passed over."""
    scope: dict[str, list[str]] = {}
    aspect = state = ""
    scopes = tables.ours("scope")
    for key, value in sorted(qualifiers.items()):
        if key in scopes:
            found = [things.find(part) for part in value.split("|")]
            if any(isinstance(f, Unmapped) for f in found):
                return Unmapped(f"the value of {key} is not among the nodes")
            scope[scopes[key]] = sorted({f.entity for f in found if isinstance(f, _Thing)})
        elif key == "subject_direction_qualifier" and value in tables.ours("state"):
            state = tables.ours("state")[value]
        elif key == "subject_aspect_qualifier" and value in tables.ours("aspect"):
            aspect = tables.ours("aspect")[value]
        else:
            return Unmapped(f"its {key} has no place in a claim of ours")
    return scope, aspect, state


def _key(line: Line, tables: Tables) -> str:
    """Return what makes a claim the same claim: act, certainty and proposition."""
    row = ImportedRow.model_validate({**line, "record": ["-"]})
    return f"{row.act} {row.certainty} {compose(row, tables.vocabulary).id}"


def _say(
    ends: tuple[Variable, Variable], row: Row, labels: Mapping[str, str], statement: Statement,
    certainty: str, tables: Tables,
) -> str:  # fmt: skip
    """Return the statement in words of ours: the labels of both ends, joined by that of the relation."""
    subject, object_ = (" ".join(w for w in (v.state, labels[v.entity], v.aspect) if w) for v in ends)
    said = f"{subject} {tables.vocabulary.relations[row.relation].label} {object_}"
    if statement.negated:
        said = f"it is not so that {said}"
    if certainty != "stated":
        said = f"it is {certainty} that {said}" if statement.certainty else f"by a {statement.level}, {said}"
    return said[0].upper() + said[1:] + "."


def _join(reading: Reading, claims: Mapping[str, Line], places: Mapping[int, str], made: Settled) -> list[Line]:
    """Return the chains of which every step was taken over, each once with all records that join it."""
    chains: dict[tuple[str, ...], Line] = {}
    for record, way in reading.chains:
        if not all(place in places for place in way):
            made.notes["chains with a step that is not taken over: left out"] += 1
            continue
        steps = tuple(dict.fromkeys(claims[places[place]]["id"] for place in way))
        if len(steps) < 2:
            continue
        if steps not in chains:
            said = "; ".join(claims[places[place]]["statement"].rstrip(".") for place in way) + "."
            chains[steps] = {"id": f"chain-{len(chains) + 1}", "statement": said, "steps": list(steps), "record": []}
        chains[steps]["record"] = sorted({*chains[steps]["record"], record})
    return list(chains.values())


def _prefix(curie: str) -> str:
    return curie.partition(":")[0]


def _clean(name: str) -> str:
    """Return a name on one line, without characters that not every format can carry."""
    return " ".join(UNFIT.sub(" ", name).split())
