"""Signed paths between entities, over what documents assert; every hop keeps its claims.

A node of the search is a state of an entity: what one hop delivers and the next takes up. So states join by
construction: a hop runs from a node when its subject is that entity, in that class of aspects, in that state. A subject
without a state takes up a raised one; taking up a lowered one ("read-through") or the opposite of a stated one
("inverted") turns the hop round, is labelled, and is off by default.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

from kg.errors import LimitError, NotFoundError
from kg.garbage import put_off
from kg.mechanisms.hops import Hop, Source, load_hops, source_of
from kg.mechanisms.network import Network
from kg.mechanisms.options import USUAL, WIDENING, Options, make_options
from kg.mechanisms.search import Budget, Search
from kg.mechanisms.standing import index_chains, share_document, tell_standing
from kg.mechanisms.view import View, allows
from kg.names import Names, nearest
from kg.query import NamedQuery, ask_table
from kg.stores.base import Store
from kg.vocabulary import Vocabulary

__all__ = ["Join", "Mechanisms", "Opening", "Options", "Path", "Paths", "load_mechanisms", "make_options"]

#: How much one search does at most: hops that it looks at, and seconds.
STEPS, SECONDS = 400_000, 2.0
#: The same of a look at what one option more would open, and how many paths are counted.
LOOK, GLANCE, COUNTED = 2_000, 0.05, 100
#: How many choices of options are kept ready.
_VIEWS = 8


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


class Paths(list[Path]):
    """Paths, the surest first; those that a search found before it came to its bound are the surest of all."""

    #: Why the search stopped before it knew that no other path follows; empty when it did not.
    stopped: str = ""


@dataclass(frozen=True)
class Opening:
    """What one option more would open."""

    option: str
    #: How many paths need it, and whether there may be more.
    paths: int
    more: bool


class Mechanisms:
    """The hops of one build, ready to be searched."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        hops: Iterable[Hop],
        entities: dict[str, dict[str, Any]],
        denied: Mapping[tuple[str, str], set[tuple[str, int]]],
        chains: Sequence[Sequence[str]],
        symptoms: Mapping[str, Mapping[str, Sequence[Source]]],
    ) -> None:
        self.entities = entities
        #: By subject and object: the documents that deny an effect, each with its sign (0: any effect).
        self.denied = denied
        #: By condition: its symptoms, each with the claims that name it.
        self.symptoms = symptoms
        self.network = Network(hops, entities, chains)
        self._named_states = {name: state.entity for name, state in vocabulary.states.items()}
        self._ranks = {certainty: rank for rank, certainty in enumerate(vocabulary.values("certainty"))}
        self._views: OrderedDict[Options, View] = OrderedDict()
        self._lock = Lock()
        usual = self._view(USUAL)
        for hop in range(len(self.hops)):
            usual.grades[hop]  # worked out now, so that the first search need not

    @property
    def hops(self) -> list[Hop]:
        """All hops."""
        return self.network.hops

    def find(self, source: str, target: str, options: Options = USUAL) -> Paths:
        """Return paths from source to target, the surest first; raise NotFoundError for an unknown entity.

        Raise LimitError when the search came to its bound before it found any.
        """
        return self._find(source, target, options, Budget(STEPS, SECONDS))

    def count(self, source: str, target: str, options: Options) -> int:
        """Return how many paths a quick look finds, at most as many as are asked for."""
        try:
            return len(self._find(source, target, options, Budget(LOOK, GLANCE)))
        except LimitError:
            return 0

    def _find(self, source: str, target: str, options: Options, budget: Budget) -> Paths:
        self._check_known(source, target, options)
        search, joins = self._search(source, target, options, budget), self._joins(target, options)
        found = Paths()
        try:
            for steps in search.run():
                hops = [search.view.take(step) for step in steps]
                if not self._is_closed(hops[0].subject.entity, hops[-1].object.state, target, options):
                    found.append(self._path(hops, joins[hops[-1].object.entity]))
                if len(found) == options.count:
                    break
        except LimitError as error:
            if not found:
                raise
            found.stopped = f"{error}; these are the surest, others may follow"
        return found

    def list_openings(self, source: str, target: str, options: Options = USUAL) -> list[Opening]:
        """Return which single option more would open further paths, and how many, as far as a quick look tells."""
        self._check_known(source, target, options)
        found = []
        for name in WIDENING:
            let_in: dict[str, Any] = {name: True}
            if not getattr(options, name):
                opening = self._look(name, source, target, options, replace(options, **let_in))
                found += [opening] if opening.paths else []
        return found

    def _look(self, name: str, source: str, target: str, options: Options, wider: Options) -> Opening:
        """Count the paths of a wider search that the options alone do not give."""
        budget = Budget(LOOK, GLANCE)
        usual, search = (self._search(source, target, each, budget) for each in (options, wider))
        here, paths = usual.look(), 0
        try:
            for steps in search.look().list_trails():
                hops = [search.view.take(steps[0]), search.view.take(steps[-1])]
                closed = self._is_closed(hops[0].subject.entity, hops[1].object.state, target, wider)
                paths += not closed and not here.holds(steps)
                if paths == COUNTED:
                    return Opening(name, paths, True)
        except LimitError:
            return Opening(name, paths, True)
        return Opening(name, paths, False)

    def _search(self, source: str, target: str, options: Options, budget: Budget) -> Search:
        """Return the search for paths between two entities; ends that a denial closes to all are left out."""
        nodes, start = self.network.nodes, self._meant(source, options)
        ends = frozenset(
            node
            for entity in self._joins(target, options)
            for node in self.network.nodes_of.get(entity, ())
            if not all(self._is_closed(begin, nodes[node].state, target, options) for begin in start)
        )
        return Search(self._view(options), start, ends, options.longest, budget, options.through)

    def _view(self, options: Options) -> View:
        """Return what the options let be seen; the last choices are kept, for what was worked out of their hops."""
        key = options.of_hops
        with self._lock:
            view = self._views.pop(key, None) or View(self.network, key, self._ranks)
            self._views[key] = view
            while len(self._views) > _VIEWS:
                self._views.popitem(last=False)
        return view

    def _check_known(self, source: str, target: str, options: Options) -> None:
        """Raise NotFoundError for a name that nothing has: no path would read as no mechanism."""
        states = self._named_states
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
        return {entity, *(self.network.list_below(entity) if options.narrower else ())}

    def _joins(self, target: str, options: Options) -> dict[str, Join | None]:
        """Return what counts as the target: itself and what is meant by it, and symptoms with what makes them count."""
        joins: dict[str, Join | None] = dict.fromkeys(self._meant(target, options))
        for condition in list(joins) if options.symptoms else ():
            for symptom, named in self.symptoms.get(condition, {}).items():
                sources = tuple(s for s in named if allows(options, s))
                if sources or not named:
                    joins.setdefault(symptom, Join(symptom, condition, sources))
        return joins

    @cached_property
    def _documents(self) -> set[str]:
        return {s.document for h in self.hops for s in h.sources}

    @cached_property
    def _kinds(self) -> set[str]:
        return {e["kind"] for e in self.entities.values()}

    @cached_property
    def _chains(self) -> dict[str, list[Sequence[str]]]:
        return index_chains(self.network.chains)

    def _is_closed(self, source: str, state: str, target: str, options: Options) -> bool:
        """Tell whether a document denies this effect end to end; a denial of what is broader covers the narrower."""
        sign = _SIGNS.get(state, 0)
        return any(
            denied in (0, sign) and (not options.documents or document in options.documents)
            for object_ in (target, *self.network.list_above(target))
            for document, denied in self.denied.get((source, object_), ())
        )

    def _path(self, hops: Sequence[Hop], join: Join | None) -> Path:
        return Path(
            hops=tuple(hops),
            sign=_SIGNS.get(hops[-1].object.state, 0),
            certainty=max((h.certainty for h in hops), key=self._ranks.__getitem__),
            support=min(h.support for h in hops),
            standing=self._standing(hops, join),
            join=join,
        )

    def _standing(self, hops: Sequence[Hop], join: Join | None) -> str:
        found = tell_standing(hops, self._chains)
        if join is None or not join.sources or found == "assembled":
            return found
        return found if share_document(hops) & {s.document for s in join.sources} else "assembled"

    def neighbours(self, entity: str, direction: str, options: Options = USUAL) -> list[Hop]:
        """Return what raises or lowers an entity ("upstream"), or what it raises or lowers ("downstream")."""
        self._check_known(entity, entity, options)
        network, view = self.network, self._view(options)
        if direction == "upstream":
            numbers = [hop for node in network.nodes_of.get(entity, ()) for hop in network.into[node]]
            numbers.sort(key=lambda hop: (network.hops[hop].subject.entity, hop))
        else:
            numbers = sorted(hop for port in network.ports_of.get(entity, ()) for hop in network.out[port])
        return [kept for hop in numbers if (kept := view.restrict(hop)) is not None]


_SIGNS = {"increased": 1, "decreased": -1}


def load_mechanisms(
    store: Store, queries: Mapping[str, NamedQuery], vocabulary: Vocabulary, names: Names
) -> Mechanisms:
    """Load all hops of a build from its store, once."""
    with put_off():
        return _load(store, queries, vocabulary, names)


def _load(store: Store, queries: Mapping[str, NamedQuery], vocabulary: Vocabulary, names: Names) -> Mechanisms:
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
    hops = load_hops(store, queries, vocabulary, names)
    return Mechanisms(vocabulary, hops, entities, dict(denied), list(chains.values()), dict(symptoms))
