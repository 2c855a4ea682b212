"""Signed paths between entities, over what documents assert; every hop keeps its claims.

A node of the search is a state of an entity: what one hop delivers and the next takes up. So states join by
construction: a hop runs from a node when its subject is that entity, in that class of aspects, in that state. A subject
without a state takes up a raised one; taking up a lowered one ("read-through") or the opposite of a stated one
("inverted") turns the hop round, is labelled, and is off by default.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import networkx as nx

from kg.compare import count_independent
from kg.errors import LimitError, NotFoundError
from kg.names import Names, nearest
from kg.query import NamedQuery, ask_table
from kg.stores.base import Store
from kg.vocabulary import Vocabulary

#: How many steps one search takes, at most: some tenths of a second.
STEPS = 50_000


@dataclass(frozen=True)
class Source:
    """A claim that states a hop."""

    claim: str
    document: str
    certainty: str
    statement: str
    work: str = ""


@dataclass(frozen=True)
class State:
    """A state of an entity, in a class of aspects."""

    entity: str
    aspect_class: str = ""
    state: str = "increased"


@dataclass(frozen=True)
class Hop:
    """One step: what some documents state, with all of their claims."""

    #: One of its propositions; those of its claims may differ in scope.
    proposition: str
    subject: State
    #: Whether the subject's own state is open, so that it takes up a raised one.
    open_state: bool
    relation: str
    object: State
    aspect: str
    sign: int
    region: str
    sources: tuple[Source, ...]
    #: "via" (a claim works through this state), "read-through", "inverted", "association", or nothing.
    note: str = ""
    contested: tuple[str, ...] = ()
    #: Of its surest claim; and how many independent sources its claims have.
    certainty: str = ""
    support: int = 0

    @property
    def documents(self) -> frozenset[str]:
        """The documents that state the hop."""
        return frozenset(s.document for s in self.sources)


@dataclass(frozen=True)
class Path:
    """Hops that join, from source to target."""

    hops: tuple[Hop, ...]
    sign: int
    certainty: str
    support: int
    #: "stated" (one document joins the steps), "single-source" (one document says every step) or "assembled".
    standing: str


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


@dataclass
class Mechanisms:
    """The hops of one build, ready to be searched."""

    vocabulary: Vocabulary
    hops: list[Hop]
    entities: dict[str, dict[str, Any]]
    denied: dict[tuple[str, str], set[str]]
    chains: list[list[str]]
    #: What documents name as symptoms of a condition.
    symptoms: dict[str, set[str]]
    by_subject: dict[str, list[Hop]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for hop in self.hops:
            self.by_subject[hop.subject.entity].append(hop)

    def find(self, source: str, target: str, options: Options = Options()) -> list[Path]:
        """Return paths from source to target, the surest first; raise NotFoundError for an unknown entity."""
        self._check_known(source, target, options)
        graph = self._graph(source, options)
        wanted = self._meant(target, options)
        wanted |= {s for t in wanted for s in self.symptoms.get(t, ())} if options.symptoms else set()
        ends = [n for n in graph if n != _START and n.entity in wanted]
        paths: dict[tuple[str, ...], Path] = {}
        for nodes in self._candidates(graph, ends, options):
            for path in self._paths(graph, nodes, target, options):
                paths.setdefault(tuple(h.proposition for h in path.hops), path)
        ranks = {c: n for n, c in enumerate(self.vocabulary.values("certainty"))}
        ordered = sorted(
            paths.values(),
            key=lambda p: (ranks[p.certainty], -p.support, len(p.hops), [h.proposition for h in p.hops]),
        )
        return ordered[: options.count]

    def _check_known(self, source: str, target: str, options: Options) -> None:
        """Raise NotFoundError for a name that nothing has: no path would read as no mechanism."""
        documents = {s.document for h in self.hops for s in h.sources}
        kinds = {e["kind"] for e in self.entities.values()}
        states = {name: v.entity for name, v in self.vocabulary.states.items()}
        wanted: list[tuple[str, str, Collection[str]]] = [("entity", e, self.entities) for e in (source, target)]
        wanted += [("document", d, documents) for d in options.documents]
        wanted += [("kind", k, kinds) for k in options.through]
        for what, name, known in wanted:
            if name not in known:
                near = ", ".join([states[name]] if name in states else nearest(name, known)) or "nothing alike"
                raise NotFoundError(f"there is no {what} {name!r}; nearest: {near}")

    def _meant(self, entity: str, options: Options) -> set[str]:
        """Return the entity, and its narrower ones where they count as matches."""
        found = {entity}
        while options.narrower:
            more = {e for e, known in self.entities.items() if set(known["broader"]) & found} - found
            if not more:
                break
            found |= more
        return found

    # The graph of one search

    def _graph(self, source: str, options: Options) -> Any:
        """Return the states that can be reached, with the hops between them, hop by hop from the source."""
        graph: Any = nx.DiGraph()
        graph.add_node(_START)
        seen: set[State] = set()
        front = []
        for entity in self._meant(source, options):
            for hop in self._usable(entity, options):
                if hop.open_state or hop.subject.state == "increased":
                    front += self._add(graph, _START, hop)
        for _ in range(options.longest - 1):
            following: list[State] = []
            for state in front:
                if state in seen:
                    continue
                seen.add(state)
                for entity in {state.entity, *(self.entities[state.entity]["broader"] if options.narrower else ())}:
                    for hop in self._usable(entity, options):
                        if taken := self._take_up(state, hop, options):
                            following += self._add(graph, state, taken)
            front = following
        return graph

    def _usable(self, entity: str, options: Options) -> Iterator[Hop]:
        for hop in self.by_subject.get(entity, ()):
            sources = tuple(s for s in hop.sources if self._allowed(s, options))
            kept = replace(hop, sources=sources) if len(sources) < len(hop.sources) else hop
            if not sources or (hop.contested and not options.contested):
                continue
            known = self.entities[hop.object.entity]
            if (not known["generic"] or options.generic) and (hop.note != "association" or options.associations):
                yield kept

    @staticmethod
    def _allowed(source: Source, options: Options) -> bool:
        if options.documents and source.document not in options.documents:
            return False
        if source.certainty == "hypothesised":
            return options.hypothesised
        return source.certainty == "stated" or options.hedged

    def _take_up(self, state: State, hop: Hop, options: Options) -> Hop | None:
        """Return the hop as it follows on a state, or None when it does not."""
        given = hop.subject.aspect_class
        if given and given != state.aspect_class and not self._joined(state, hop):
            return None
        if hop.subject.state == state.state:
            return hop
        if options.inverted and _OPPOSITE[hop.subject.state] == state.state:
            turned = replace(hop.object, state=_OPPOSITE[hop.object.state])
            return replace(hop, object=turned, note="read-through" if hop.open_state else "inverted")
        return None

    def _joined(self, state: State, hop: Hop) -> bool:
        """Tell whether a document itself joins a claim that delivers this state to the hop, whatever its aspect."""
        claims = {s.claim for s in hop.sources}
        return any(
            second in claims and self._delivers.get(first) == state
            for chain in self.chains
            for first, second in pairwise(chain)
        )

    @cached_property
    def _delivers(self) -> dict[str, State]:
        return {s.claim: h.object for h in self.hops for s in h.sources if h.note != "via"}

    @staticmethod
    def _add(graph: Any, node: State, hop: Hop) -> list[State]:
        if hop.object.entity == node.entity:
            return []
        if not graph.has_edge(node, hop.object):
            graph.add_edge(node, hop.object, hops=[])
        if hop not in graph.edges[node, hop.object]["hops"]:
            graph.edges[node, hop.object]["hops"].append(hop)
        return [hop.object]

    def _candidates(self, graph: Any, ends: Sequence[State], options: Options) -> Iterator[list[State]]:
        steps = iter(range(STEPS))
        for end in sorted(ends, key=lambda s: (s.entity, s.aspect_class, s.state)):
            for nodes in _simple_paths(graph, end, options.longest, steps):
                between = {self.entities[n.entity]["kind"] for n in nodes[1:-1]}
                if not options.through or between <= options.through:
                    yield nodes

    def _paths(self, graph: Any, nodes: Sequence[State], target: str, options: Options) -> Iterator[Path]:
        """Yield the path that has the best hop at each step, and those that a single document says."""
        edges = [graph.edges[a, b]["hops"] for a, b in pairwise(nodes)]
        documents = set.intersection(*({d for h in hops for d in h.documents} for hops in edges))
        for only in [frozenset[str](), *(frozenset({d}) for d in sorted(documents))]:
            hops = [self._best(step, only) for step in edges]
            if not self._narrows(hops) and not self._is_closed(hops, target, options):
                yield self._path(hops)

    def _best(self, hops: Iterable[Hop], only: frozenset[str]) -> Hop:
        """Return the surest and best supported of parallel hops."""
        ranks = {c: n for n, c in enumerate(self.vocabulary.values("certainty"))}
        fitting = [h for h in hops if not only or h.documents & only]
        return min(
            fitting,
            key=lambda h: (min(ranks[s.certainty] for s in h.sources), -_independent(h), h.note, h.proposition),
        )

    def _narrows(self, hops: Sequence[Hop]) -> bool:
        """Tell whether the region narrows: a hop holds in a region that is neither that of the one before nor wider."""
        return any(
            later.region and later.region not in {earlier.region, *self._above(earlier.region)}
            for earlier, later in pairwise(hops)
        )

    def _above(self, entity: str) -> set[str]:
        found: set[str] = set()
        todo = [entity]
        while todo:
            broader = set(self.entities.get(todo.pop(), {"broader": ()})["broader"]) - found
            found |= broader
            todo += broader
        return found

    def _is_closed(self, hops: Sequence[Hop], target: str, options: Options) -> bool:
        deniers = self.denied.get((hops[0].subject.entity, target), set())
        return bool(deniers & options.documents if options.documents else deniers)

    def _path(self, hops: Sequence[Hop]) -> Path:
        order = list(self.vocabulary.values("certainty"))
        surest = [min((s.certainty for s in h.sources), key=order.index) for h in hops]
        last = hops[-1].object
        told = zip(hops, surest, strict=True)
        return Path(
            hops=tuple(replace(h, certainty=certainty, support=_independent(h)) for h, certainty in told),
            sign={"increased": 1, "decreased": -1}.get(last.state, 0),
            certainty=max(surest, key=order.index),
            support=min(_independent(h) for h in hops),
            standing=self._standing(hops),
        )

    def _standing(self, hops: Sequence[Hop]) -> str:
        claims = [{s.claim for s in h.sources} for h in hops]
        if len(hops) == 1 or set.intersection(*claims):
            return "stated"
        for chain in self.chains:
            places = [[n for n, c in enumerate(chain) if c in found] for found in claims]
            if all(places) and all(any(b in (a, a + 1) for a in x for b in y) for x, y in pairwise(places)):
                return "stated"
        return "single-source" if frozenset.intersection(*(h.documents for h in hops)) else "assembled"

    def neighbours(self, entity: str, direction: str, options: Options = Options()) -> list[Hop]:
        """Return what raises or lowers an entity ("upstream"), or what it raises or lowers ("downstream")."""
        self._check_known(entity, entity, options)
        hops = [h for e in self.entities for h in self._usable(e, options)] if direction == "upstream" else []
        if direction == "upstream":
            return [h for h in hops if h.object.entity == entity]
        return list(self._usable(entity, options))


_START = State("")
_OPPOSITE = {"increased": "decreased", "decreased": "increased", "normal": "abnormal", "abnormal": "normal"}


def _simple_paths(graph: Any, end: State, longest: int, steps: Iterator[int]) -> Iterator[list[State]]:
    """Yield the paths from the start to a state that meet no entity twice, never leaving what leads there in time.

    Raise LimitError when the steps that the whole search may take are used up.
    """
    left = nx.single_source_shortest_path_length(graph.reverse(copy=False), end, cutoff=longest)
    todo: list[tuple[State, ...]] = [(_START,)] if _START in left else []
    while todo:
        path = todo.pop()
        if next(steps, None) is None:
            raise LimitError(f"more than {STEPS} steps: ask for shorter paths, or for fewer documents or kinds")
        met = {s.entity for s in path}
        for state in reversed(list(graph[path[-1]])):
            if state.entity in met:
                continue
            if state == end:
                yield [*path, end]
            elif len(path) + left.get(state, longest) <= longest:
                todo.append((*path, state))


def _independent(hop: Hop) -> int:
    """Return how many independent sources state a hop."""
    return count_independent((s.document, s.work) for s in hop.sources)


def load_mechanisms(
    store: Store, queries: Mapping[str, NamedQuery], vocabulary: Vocabulary, names: Names
) -> Mechanisms:
    """Load all hops of a build from its store, once."""
    classes = vocabulary.aspect_classes
    rows = ask_table(store, queries["hops"].text).rows
    contested: dict[str, list[str]] = defaultdict(list)
    for row in ask_table(store, queries["contested"].text).rows:
        contested[row["claim"]].append(row["kind"])
    grouped: dict[tuple[Any, ...], list[Source]] = defaultdict(list)
    heads: dict[tuple[Any, ...], Hop] = {}
    for row in rows:
        source = Source(row["claim"], row["document"], row["certainty"], row["statement"], row.get("work", ""))
        for hop in _hops_of(row, classes):
            key = (hop.subject, hop.open_state, hop.relation, hop.object, hop.region, hop.note)
            heads.setdefault(key, hop)
            if source not in grouped[key]:
                grouped[key].append(source)
    hops = [
        replace(
            heads[key],
            sources=tuple(sources),
            contested=tuple(sorted({k for s in sources for k in contested.get(s.claim, ())})),
        )
        for key, sources in grouped.items()
    ]
    entities: dict[str, dict[str, Any]] = {}
    for row in ask_table(store, queries["entity-links"].text).rows:
        fresh = {"label": row["label"], "kind": row["kind"], "generic": row.get("generic", False), "broader": []}
        known = entities.setdefault(row["entity"], fresh)
        if "broader" in row and row["broader"] not in known["broader"]:
            known["broader"].append(row["broader"])
    denied: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in ask_table(store, queries["denied-effects"].text).rows:
        denied[row["subject"], row["object"]].add(row["document"])
    chains: dict[str, list[str]] = defaultdict(list)
    for row in ask_table(store, queries["chains"].text).rows:
        chains[row["chain"]].append(row["claim"])
    symptoms: dict[str, set[str]] = defaultdict(set)
    for row in ask_table(store, queries["symptoms"].text).rows:
        symptoms[row["condition"]].add(row["symptom"])
    return Mechanisms(vocabulary, hops, entities, dict(denied), list(chains.values()), dict(symptoms))


def _hops_of(row: Mapping[str, Any], classes: Mapping[str, str]) -> Iterator[Hop]:
    """Yield the hops of one asserted proposition: itself, or the steps that it works through when all have a state."""
    subject = _state(row["subject_entity"], row.get("subject_aspect"), row.get("subject_state"), classes)
    target = _state(row["object_entity"], row.get("object_aspect"), row.get("object_state", "none"), classes)
    is_open, note = "subject_state" not in row, ""
    if not row["propagates"]:
        note = "association"
    elif target.state == "none" or "without" in row:
        return
    if note and (target.state == "none") != is_open:
        return
    head = Hop(
        proposition=row["proposition"], subject=subject, open_state=is_open, relation=row["relation"], note=note,
        object=replace(target, state="increased") if target.state == "none" else target,
        aspect=row.get("object_aspect", ""), sign=row["sign"], region=row.get("region", ""), sources=(),
    )  # fmt: skip
    steps = [tuple((step + "::").split(":")[:3]) for step in row["via"].split(" > ")] if "via" in row else []
    if note:
        yield head
        if row["symmetric"]:
            yield replace(head, subject=head.object, object=head.subject)
        return
    if not steps:
        yield head
        return
    if not all(state for _, _, state in steps):
        yield replace(head, note=f"via {row['via']}")
        return
    before = subject
    for number, (entity, aspect, state) in enumerate(steps):
        after = _state(entity, aspect, state, classes)
        yield replace(
            head, proposition=f"{row['proposition']}#{number + 1}", subject=before, open_state=is_open, relation="via",
            object=after, aspect=aspect, sign=0, note="via",
        )  # fmt: skip
        before, is_open = after, False
    yield replace(
        head, proposition=f"{row['proposition']}#{len(steps) + 1}", subject=before, open_state=False, note="via"
    )


def _state(entity: str, aspect: str | None, state: str | None, classes: Mapping[str, str]) -> State:
    return State(entity, classes.get(aspect or "", ""), state or "increased")
