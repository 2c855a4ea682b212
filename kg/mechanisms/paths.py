"""Signed paths between entities, over what documents assert; every hop keeps its claims.

A node of the search is a state of an entity: what one hop delivers and the next takes up. So states join by
construction: a hop runs from a node when its subject is that entity, in that class of aspects, in that state. A subject
without a state takes up a raised one; taking up a lowered one ("read-through") or the opposite of a stated one
("inverted") turns the hop round, is labelled, and is off by default.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any

import networkx as nx

from kg.errors import LimitError, NotFoundError, QueryError
from kg.mechanisms.hops import OPPOSITE, Hop, Source, State, load_hops, source_of
from kg.names import Names, nearest
from kg.query import NamedQuery, ask_table
from kg.stores.base import Store
from kg.vocabulary import Vocabulary

#: How many steps one search takes, at most: some tenths of a second.
STEPS = 50_000


@dataclass(frozen=True)
class Join:
    """That the end of a path counts as the condition that was asked for: a symptom of it, or what stands under it."""

    symptom: str
    condition: str
    #: The claims that name the symptom; none where the hierarchy of entities puts it there.
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Path:
    """Hops that join, from source to target."""

    hops: tuple[Hop, ...]
    sign: int
    certainty: str
    support: int
    #: "stated" (one document joins the steps), "single-source" (one document says every step) or "assembled".
    standing: str
    #: Where the path ends in a symptom of the target.
    join: Join | None = None


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


@dataclass
class Mechanisms:
    """The hops of one build, ready to be searched."""

    vocabulary: Vocabulary
    hops: list[Hop]
    entities: dict[str, dict[str, Any]]
    #: By subject and object: the documents that deny an effect, each with its sign (0: any effect).
    denied: dict[tuple[str, str], set[tuple[str, int]]]
    chains: list[list[str]]
    #: By condition: its symptoms, each with the claims that name it.
    symptoms: dict[str, dict[str, list[Source]]]
    by_subject: dict[str, list[Hop]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for hop in self.hops:
            self.by_subject[hop.subject.entity].append(hop)

    def find(self, source: str, target: str, options: Options = Options()) -> list[Path]:
        """Return paths from source to target, the surest first; raise NotFoundError for an unknown entity."""
        self._check_known(source, target, options)
        graph = self._graph(source, options)
        joins = self._joins(target, options)
        ends = [n for n in graph if n != _START and n.entity in joins]
        paths: dict[tuple[str, ...], Path] = {}
        for nodes in self._candidates(graph, ends, options):
            for path in self._paths(graph, nodes, target, joins[nodes[-1].entity], options):
                paths.setdefault(tuple(h.proposition for h in path.hops), path)
        ranks = {c: n for n, c in enumerate(self.vocabulary.values("certainty"))}
        ordered = sorted(
            paths.values(),
            key=lambda p: (ranks[p.certainty], -p.support, len(p.hops), [h.proposition for h in p.hops]),
        )
        return ordered[: options.count]

    def _check_known(self, source: str, target: str, options: Options) -> None:
        """Raise NotFoundError for a name that nothing has: no path would read as no mechanism."""
        states = {name: v.entity for name, v in self.vocabulary.states.items()}
        wanted: list[tuple[str, str, Collection[str]]] = [("entity", e, self.entities) for e in (source, target)]
        wanted += [("document", d, self._documents) for d in options.documents]
        wanted += [("kind", k, self._kinds) for k in options.through]
        for what, name, known in wanted:
            if name not in known:
                if name in states:
                    raise NotFoundError(f"there is no {what} {name!r}: it is a named state of {states[name]!r}")
                near = ", ".join(nearest(name, known)) or "nothing alike"
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

    def _joins(self, target: str, options: Options) -> dict[str, Join | None]:
        """Return what counts as the target: itself and what is meant by it, and symptoms with what makes them count."""
        joins: dict[str, Join | None] = dict.fromkeys(self._meant(target, options))
        for condition in list(joins) if options.symptoms else ():
            for symptom, named in self.symptoms.get(condition, {}).items():
                sources = tuple(s for s in named if self._allowed(s, options))
                if sources or not named:
                    joins.setdefault(symptom, Join(symptom, condition, sources))
        return joins

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
        if options.inverted and OPPOSITE[hop.subject.state] == state.state:
            turned = replace(hop.object, state=OPPOSITE[hop.object.state])
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
    def _documents(self) -> set[str]:
        return {s.document for h in self.hops for s in h.sources}

    @cached_property
    def _kinds(self) -> set[str]:
        return {e["kind"] for e in self.entities.values()}

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

    def _paths(
        self, graph: Any, nodes: Sequence[State], target: str, join: Join | None, options: Options
    ) -> Iterator[Path]:
        """Yield the path that has the best hop at each step, and those that a single document says."""
        edges = [graph.edges[a, b]["hops"] for a, b in pairwise(nodes)]
        documents = set.intersection(*({d for h in hops for d in h.documents} for hops in edges))
        for only in [frozenset[str](), *(frozenset({d}) for d in sorted(documents))]:
            hops = [self._best(step, only) for step in edges]
            if not self._narrows(hops) and not self._differ(hops) and not self._is_closed(hops, target, options):
                yield self._path(hops, join)

    def _best(self, hops: Iterable[Hop], only: frozenset[str]) -> Hop:
        """Return the surest and best supported of parallel hops."""
        ranks = {c: n for n, c in enumerate(self.vocabulary.values("certainty"))}
        fitting = [h for h in hops if not only or h.documents & only]
        return min(
            fitting,
            key=lambda h: (min(ranks[s.certainty] for s in h.sources), -h.independent, h.note, h.proposition),
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

    def _differ(self, hops: Sequence[Hop]) -> bool:
        """Tell whether two hops are said of different species, populations or conditions: together they say nothing."""
        said: dict[str, list[str]] = defaultdict(list)
        for hop in hops:
            for key, value in hop.scope:
                if key in _CASES:
                    said[key].append(value)
        return any(
            one != other and one not in self._above(other) and other not in self._above(one)
            for values in said.values()
            for one, other in combinations(sorted(set(values)), 2)
        )

    def _is_closed(self, hops: Sequence[Hop], target: str, options: Options) -> bool:
        """Tell whether a document denies this effect end to end; a denial of what is broader covers the narrower."""
        sign = _SIGNS.get(hops[-1].object.state, 0)
        return any(
            denied in (0, sign) and (not options.documents or document in options.documents)
            for object_ in (target, *sorted(self._above(target)))
            for document, denied in self.denied.get((hops[0].subject.entity, object_), ())
        )

    def _path(self, hops: Sequence[Hop], join: Join | None) -> Path:
        order = list(self.vocabulary.values("certainty"))
        surest = [min((s.certainty for s in h.sources), key=order.index) for h in hops]
        last = hops[-1].object
        told = zip(hops, surest, strict=True)
        return Path(
            hops=tuple(replace(h, certainty=certainty, support=h.independent) for h, certainty in told),
            sign=_SIGNS.get(last.state, 0),
            certainty=max(surest, key=order.index),
            support=min(h.independent for h in hops),
            standing=self._standing(hops, join),
            join=join,
        )

    def _standing(self, hops: Sequence[Hop], join: Join | None) -> str:
        found = self._standing_of(hops)
        if join is None or not join.sources or found == "assembled":
            return found
        named = {s.document for s in join.sources}
        return found if named & frozenset.intersection(*(h.documents for h in hops)) else "assembled"

    def _standing_of(self, hops: Sequence[Hop]) -> str:
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
_SIGNS = {"increased": 1, "decreased": -1}
#: What tells one case from another: steps that are said of different ones do not make a path.
_CASES = {"species", "population", "condition"}


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


def load_mechanisms(
    store: Store, queries: Mapping[str, NamedQuery], vocabulary: Vocabulary, names: Names
) -> Mechanisms:
    """Load all hops of a build from its store, once."""
    entities: dict[str, dict[str, Any]] = {}
    for row in ask_table(store, queries["entity-links"].text).rows:
        fresh = {"label": row["label"], "kind": row["kind"], "generic": row.get("generic", False), "broader": []}
        known = entities.setdefault(row["entity"], fresh)
        if "broader" in row and row["broader"] not in known["broader"]:
            known["broader"].append(row["broader"])
    denied: dict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
    for row in ask_table(store, queries["denied-effects"].text).rows:
        denied[row["subject"], row["object"]].add((row["document"], row["sign"]))
    chains: dict[str, list[str]] = defaultdict(list)
    for row in ask_table(store, queries["chains"].text).rows:
        chains[row["chain"]].append(row["claim"])
    symptoms: dict[str, dict[str, list[Source]]] = defaultdict(lambda: defaultdict(list))
    for row in ask_table(store, queries["symptoms"].text).rows:
        named = symptoms[row["condition"]][row["symptom"]]
        if "claim" in row:
            named.append(source_of(row))
    hops = load_hops(store, queries, vocabulary.aspect_classes)
    return Mechanisms(vocabulary, hops, entities, dict(denied), list(chains.values()), dict(symptoms))
