"""What differs between two builds, as a curator would tell it: claims, documents, entities, works, disagreements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.diff.sides import Node, Side, find_differences, local, read_nodes
from kg.diff.versions import PLACES, Version, compare_features, list_names, pair_versions, read_versions, tell_features
from kg.rdf.terms import FABIO

#: Kinds of things that are compared by name; and those whose statements are told with something else.
THINGS = ("document", "entity", "work")
_PARTS = frozenset({"claim", "disagreement", "chain", "anchor", "figure", "proposition", "frame", "variable", "record"})
#: Graphs that only say again what follows from the claims.
_DERIVED = frozenset({"graph/edges", "graph/comparisons"})
#: How many things of one sort are told of, one by one.
_LISTED = 30


@dataclass(frozen=True)
class Change:
    """A thing that both builds have, with the features that differ: what each was, and what it is."""

    id: str
    title: str
    features: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class ClaimNote:
    """A claim that is told of: what it states, how, and where."""

    id: str
    statement: str
    act: str
    certainty: str
    passage: str


@dataclass
class Claims:
    """What became of the claims of one document."""

    added: list[ClaimNote] = field(default_factory=list)
    removed: list[ClaimNote] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    #: Of which only the place in the text differs.
    moved: list[Change] = field(default_factory=list)


@dataclass
class Things:
    """What became of the documents, entities or works."""

    added: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    changed: list[Change] = field(default_factory=list)


@dataclass
class Texts:
    """Disagreements or chains that came and went, in words."""

    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Diff:
    """All that differs between two builds."""

    before: Side
    after: Side
    claims: dict[str, Claims]
    things: dict[str, Things]
    disagreements: Texts
    chains: Texts
    #: Statements of the vocabulary and the like, by graph: how many came and went.
    other: dict[str, tuple[int, int]]
    #: How many statements came and went in all.
    statements: tuple[int, int]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not any(self.statements)


def compare_builds(before: Side, after: Side) -> Diff:
    """Return what differs from one build to another; claims are paired by the rule of `kg.diff.versions`."""
    if before.digest == after.digest:
        return Diff(before, after, {}, {}, Texts(), Texts(), {}, (0, 0))
    quads = find_differences(before, after)
    touched = {local(q.subject, before.base) for side in quads for q in side}
    names = {n for kind in ("claim", "disagreement", "chain", *THINGS) for n in list_names(touched, kind)}
    names |= {name for name in touched if name.endswith("/curation")}
    old, new = read_nodes(before, names), read_nodes(after, names)
    claims, versions = _compare_claims(before, after, old, new)
    things = {kind: _compare_things(kind, _with_curation(old), _with_curation(new)) for kind in THINGS}
    return Diff(
        before,
        after,
        claims,
        {kind: found for kind, found in things.items() if found != Things()},
        _compare_texts(_tell_disagreements(old), _tell_disagreements(new)),
        _compare_texts(_tell_chains(before, old, versions), _tell_chains(after, new, {})),
        _count_other(quads, before.base),
        (len(quads[1]), len(quads[0])),
    )


def _compare_claims(
    before: Side, after: Side, old: Mapping[str, Node], new: Mapping[str, Node]
) -> tuple[dict[str, Claims], dict[str, str]]:
    """Return what became of the claims by document, and the new name of each that has one."""
    was = read_versions(before, {n: old[n] for n in list_names(old, "claim")})
    now = read_versions(after, {n: new[n] for n in list_names(new, "claim")})
    pairs = [(was[n], now[n]) for n in was if n in now]
    pairs += pair_versions((v for n, v in was.items() if n not in now), (v for n, v in now.items() if n not in was))
    paired = {v.id for pair in pairs for v in pair}
    found: dict[str, Claims] = defaultdict(Claims)
    for one, other in sorted(pairs, key=lambda pair: _order(pair[1])):
        if differing := compare_features(one.features, other.features):
            told = found[other.document]
            (told.moved if differing.keys() <= PLACES else told.changed).append(
                Change(other.id, other.statement, differing)
            )
    for versions, key in ((was, "removed"), (now, "added")):
        for version in sorted(versions.values(), key=_order):
            if version.id not in paired:
                getattr(found[version.document], key).append(_note(version))
    return dict(sorted(found.items())), {one.id: other.id for one, other in pairs}


def _order(version: Version) -> tuple[str, int, str]:
    return (version.document, version.place[1] if version.place else 0, version.id)


def _note(version: Version) -> ClaimNote:
    told = version.features
    return ClaimNote(version.id, version.statement, told["act"], told.get("certainty", ""), told.get("passage", ""))


def _with_curation(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """Return the nodes, documents with the date of their curation."""
    found = dict(nodes)
    for name, node in nodes.items():
        document, part, _ = name.partition("/curation")
        if part and "date" in node:
            found[document] = {**found.get(document, {}), "curated": node["date"]}
    return found


def _compare_things(kind: str, old: Mapping[str, Node], new: Mapping[str, Node]) -> Things:
    found = Things()
    for name in list_names({*old, *new}, kind):
        was, now = old.get(name), new.get(name)
        id_ = name.removeprefix(f"{kind}/")
        if was is None or now is None:
            (found.removed if was is not None else found.added)[id_] = _title(was or now or {}, id_)
        elif differing := compare_features(_tell_thing(was), _tell_thing(now)):
            found.changed.append(Change(id_, _title(now, id_), differing))
    return found


def _tell_thing(node: Node) -> dict[str, str]:
    types = [t.removeprefix(FABIO) for t in node.get("type", ()) if t.startswith(FABIO)]
    return {**({"type": ", ".join(types)} if types else {}), **tell_features(node)}


def _title(node: Node, default: str) -> str:
    return next((node[key][0] for key in ("title", "prefLabel") if key in node), default)


def _tell_disagreements(nodes: Mapping[str, Node]) -> list[str]:
    """Return disagreements in words, which are the same where only the names of the claims differ."""
    found = (tell_features(nodes[name]) for name in list_names(nodes, "disagreement"))
    return [f"{one['hardness']} {one['kind'].removeprefix('disagreement-')}: {one['because']}" for one in found]


def _tell_chains(side: Side, nodes: Mapping[str, Node], versions: Mapping[str, str]) -> list[str]:
    """Return chains in words, with the names that the claims of their steps have in the later build."""
    chains = {name: nodes[name] for name in list_names(nodes, "chain")}
    steps = read_nodes(side, {step for node in chains.values() for step in node.get("step", ())})
    told = []
    for node in chains.values():
        ordered = sorted((steps[s] for s in node.get("step", ())), key=lambda s: int(s["position"][0]))
        claims = " ".join(versions.get(s["claim"][0], s["claim"][0]) for s in ordered)
        document = node["document"][0].removeprefix("document/")
        told.append(f"{document}: {node['statement'][0]} ({len(ordered)} steps)\0{claims}")
    return told


def _compare_texts(old: Iterable[str], new: Iterable[str]) -> Texts:
    was, now = Counter(old), Counter(new)
    came, went = (sorted(text.partition("\0")[0] for text in side.elements()) for side in (now - was, was - now))
    return Texts(came, went)


def _count_other(quads: Sequence[Sequence[ox.Quad]], base: str) -> dict[str, tuple[int, int]]:
    """Count the differing statements that are about nothing told of here, by graph."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for side, found in enumerate(quads):
        for quad in found:
            graph, subject = local(quad.graph_name, base), local(quad.subject, base)
            if graph not in _DERIVED and subject.partition("/")[0] not in _PARTS.union(THINGS):
                counts[graph.removeprefix("graph/")][1 - side] += 1
    return {graph: (came, went) for graph, (came, went) in sorted(counts.items())}


def describe(diff: Diff) -> Iterator[str]:
    """Yield the differences in words: documents, entities, works, claims by document, disagreements, a summary."""
    if diff.same:
        yield f"the same: {diff.after.digest}"
        return
    whole = diff.things.get("document", Things())
    for kind, things in diff.things.items():
        yield from _describe_things(kind, things, diff.claims)
    for document, claims in diff.claims.items():
        if document not in {*whole.added, *whole.removed}:
            yield from _describe_claims(document, claims)
    for what, texts in (("disagreement", diff.disagreements), ("chain", diff.chains)):
        yield from _cut([f"{what} that went: {text}" for text in texts.went])
        yield from _cut([f"{what} that came: {text}" for text in texts.came])
    for graph, (came, went) in diff.other.items():
        yield f"other statements in {graph}: {came} came, {went} went"
    counts = {key: sum(len(getattr(c, key)) for c in diff.claims.values()) for key in vars(Claims())}
    told = ", ".join(f"{number} {key}" for key, number in counts.items())
    yield f"claims: {told}; from {diff.before.digest[:12]} to {diff.after.digest[:12]}"


def _describe_things(kind: str, things: Things, claims: Mapping[str, Claims]) -> Iterator[str]:
    """Yield what became of things of a kind; the claims of a document that came or went whole are counted."""
    for key, known in (("added", things.added), ("removed", things.removed)):
        numbers = {id_: len(getattr(claims.get(id_, Claims()), key)) if kind == "document" else 0 for id_ in known}
        yield from _cut(
            [
                f"{kind} {key}: {id_} ({title})" + (f", with {numbers[id_]} claims" if numbers[id_] else "")
                for id_, title in known.items()
            ]
        )
    for change in things.changed:
        yield f"{kind} changed: {change.id} ({change.title})"
        yield from _describe_features(change)


def _cut(lines: Sequence[str]) -> Iterator[str]:
    """Yield lines of one sort; of very many the first ones, and how many more there are."""
    yield from lines[:_LISTED]
    if len(lines) > _LISTED:
        yield f"    and {len(lines) - _LISTED} more of these; --json has all"


def _describe_claims(document: str, claims: Claims) -> Iterator[str]:
    for key, notes in (("removed", claims.removed), ("added", claims.added)):
        for note in notes:
            told = ", ".join(filter(None, (note.act, note.certainty, f"at {note.passage}" if note.passage else "")))
            yield f"{document}: claim {key}: {note.statement} ({told})"
    for change in claims.changed:
        yield f"{document}: claim changed: {change.title}"
        yield from _describe_features(change)
    if claims.moved:
        yield f"{document}: {len(claims.moved)} claims only stand in another place"


def _describe_features(change: Change) -> Iterator[str]:
    for name, (was, now) in change.features.items():
        yield f"    {name}: {was or '(nothing)'} → {now or '(nothing)'}"
