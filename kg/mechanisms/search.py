"""The search for paths: the surest first, without looking at all of them.

A path is as sure, and as well supported, as its weakest hop. So the search goes by tiers: first it sees only the surest
hops with the most sources, then ever more. What a tier opens ranks below all that came before, and within a tier the
shorter ranks first. Each tier is searched from both ends; then steps are taken from the source in the order of their
propositions, and only to where a way of just the wanted length leads on. So paths come in the order of their ranks.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from kg.errors import LimitError
from kg.mechanisms.hops import Hop
from kg.mechanisms.view import START, View, list_best

#: What tells one case from another: steps that are said of different ones do not make a path.
_CASES = {"species", "population", "condition"}
#: More sources than any hop has.
_ALL = 1 << 40


@dataclass
class Budget:
    """How much work a search may do: hops looked at, and seconds."""

    steps: int
    seconds: float
    began: float = field(default_factory=time.monotonic)
    spent: int = 0

    def spend(self, steps: int) -> None:
        """Count work; raise LimitError when there is no more."""
        self.spent += steps
        if self.spent > self.steps or time.monotonic() - self.began > self.seconds:
            raise LimitError("steps: the search took too many; ask for shorter paths, or for fewer documents or kinds")


@dataclass(frozen=True)
class Trail:
    """The steps of a path with the nodes that they lead to."""

    steps: tuple[int, ...] = ()
    nodes: tuple[int, ...] = ()
    #: Whether each is the best of its rivals, and the documents for which each is.
    best: bool = True
    #: None before the first step.
    documents: frozenset[str] | None = None


@dataclass
class Search:
    """One question: from where to where, through which kinds, within how many hops."""

    view: View
    start: Collection[str]
    ends: frozenset[int]
    longest: int
    budget: Budget
    through: Collection[str] = ()
    _rivals: dict[tuple[int, int], dict[int, frozenset[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        network = self.view.network
        #: What the source, when nothing is said of it, is taken to be: raised, in whatever aspect.
        self.first = tuple(
            (port, False)
            for entity in self.start
            for port in network.ports_of.get(entity, ())
            if network.taken[port].state == "increased"
        )

    def run(self) -> Iterator[tuple[int, ...]]:
        """Yield the steps of each path, in the order of rank; raise LimitError when the budget is spent."""
        given: set[tuple[str, ...]] = set()
        for rank in range(len(self.view.ranks)):
            least = _ALL
            while least:
                tier = Tier(self, rank, least)
                for steps in tier.list_trails():
                    said = tuple(self.view.network.hops[step >> 1].proposition for step in steps)
                    if said not in given and self._grade(steps) == (rank, least):
                        given.add(said)
                        yield steps
                least = tier.below

    def look(self) -> Tier:
        """Return all hops that may be used, however sure: its paths come the shorter first, and no other order."""
        return Tier(self, len(self.view.ranks), 1)

    def _grade(self, steps: Collection[int]) -> tuple[int, int]:
        grades = [self.view.grades[step >> 1] for step in steps]
        return max(rank for rank, _ in grades), min(support for _, support in grades)

    def extend(self, trail: Trail, step: int, last: bool) -> Trail | None:
        """Return the trail with one step more, or None where that makes no path."""
        network, node = self.view.network, self.view.head(step)
        entity = network.nodes[node].entity
        begin = network.hops[(trail.steps or (step,))[0] >> 1].subject.entity
        met = {network.nodes[n].entity for n in trail.nodes}
        if entity in met or (entity == begin and not last):
            return None
        if self.through and not last and network.entities[entity]["kind"] not in self.through:
            return None
        if not self._agree([network.hops[s >> 1] for s in (*trail.steps, step)]):
            return None
        best = self._list_best(trail.nodes[-1] if trail.nodes else START, node)
        here = best.get(step, frozenset())
        documents = here if trail.documents is None else trail.documents & here
        first = trail.best and step == next(iter(best), None)
        if not first and not documents:
            return None
        return Trail((*trail.steps, step), (*trail.nodes, node), first, documents)

    def _list_best(self, node: int, target: int) -> Mapping[int, frozenset[str]]:
        """Return the steps between two nodes that are the best of all or of a document, the best of all first."""
        found = self._rivals.get((node, target))
        if found is None:
            view = self.view
            doors, joins = (self.first, []) if node == START else (view.doors(node), view.joins(node))
            found = self._rivals[node, target] = list_best(view, view.list_rivals(doors, joins, target))
        return found

    def _agree(self, hops: list[Hop]) -> bool:
        """Tell whether the last of some hops goes with those before: in no narrower region, in no other case."""
        *before, last = hops
        if not last.scope:
            return True
        above = self.view.network.list_above
        if before and last.region and last.region not in {before[-1].region, *above(before[-1].region)}:
            return False
        return all(
            any(one == other or one in above(other) or other in above(one) for one, other in product(ours, theirs))
            for key in _CASES
            if (ours := last.values(key))
            for hop in before
            if (theirs := hop.values(key))
        )


class Tier:
    """The hops that are at least so sure and have at least so many sources, searched for one question."""

    def __init__(self, search: Search, rank: int, least: int) -> None:
        self.search, self.rank, self.least = search, rank, least
        #: The most sources that a hop has which was left out here: the next tier begins with it.
        self.below = 0
        self._fans: dict[int, list[int]] = {}
        self._reaches: dict[tuple[int, int], bool] = {}
        #: What is reached in just so many steps from the source, and what the target is reached from.
        self.ahead: list[set[int]] = [{START}]
        self.behind: list[set[int] | frozenset[int]] = [search.ends]

    def list_trails(self) -> Iterator[tuple[int, ...]]:
        """Yield the steps of all paths, the shorter first."""
        for length in range(1, self.search.longest + 1):
            while len(self.ahead) + len(self.behind) <= length:
                self._grow()
            if not self.ahead[-1] or not self.behind[-1]:
                return
            yield from self._walk(Trail(), START, length)

    def holds(self, steps: Iterable[int]) -> bool:
        """Tell whether steps lead from the source to the target here."""
        node = START
        for step in steps:
            if step not in self.list_steps(node):
                return False
            node = self.search.view.head(step)
        return node in self.search.ends

    def _grow(self) -> None:
        """Look one step further, from the end at which there is less to look at."""
        network = self.search.view.network
        if self._count_ahead() <= sum(len(network.into[node]) for node in self.behind[-1]):
            view = self.search.view
            self.ahead.append({view.head(step) for node in self.ahead[-1] for step in self.list_steps(node)})
        else:
            self.behind.append({before for node in self.behind[-1] for before in self._list_before(node)})

    def _count_ahead(self) -> int:
        out, view = self.search.view.network.out, self.search.view
        return sum(
            len(out[port])
            for node in self.ahead[-1]
            for port, _ in (self.search.first if node == START else view.doors(node))
        )

    def list_steps(self, node: int) -> list[int]:
        """Return the steps of the tier that follow on a node."""
        found = self._fans.get(node)
        if found is None:
            view = self.search.view
            doors, joins = (self.search.first, []) if node == START else (view.doors(node), view.joins(node))
            found = [2 * hop + turned for port, turned in doors for hop in self._list_fit(view.network.out[port])]
            found += [step for step in joins if self._fits(step >> 1)]
            self._fans[node] = found
            self.search.budget.spend(1 + len(found))
        return found

    def _list_before(self, node: int) -> set[int]:
        """Return the nodes from which one step leads to a node."""
        view, network = self.search.view, self.search.view.network
        found: set[int] = set()
        ways = (False, True) if view.options.inverted else (False,)
        for turned in ways:
            fit = self._list_fit(network.into[network.opposite[node] if turned else node])
            self.search.budget.spend(1 + len(fit))
            for hop in fit:
                found.update(view.takers(network.port[hop], turned))
                for before in network.joining.get(hop, ()):
                    if 2 * hop + turned in view.joins(before):
                        found.add(before)
        return found

    def _list_fit(self, hops: list[int]) -> list[int]:
        """Return those of some hops, the best supported first, that are of this tier."""
        found = []
        support, grades, rank, least = self.search.view.network.support, self.search.view.grades, self.rank, self.least
        for hop in hops:
            if support[hop] < least:
                self.below = max(self.below, support[hop])
                break
            its_rank, its_support = grades[hop]
            if its_rank <= rank:
                if its_support >= least:
                    found.append(hop)
                elif its_support > self.below:
                    self.below = its_support
        return found

    def _fits(self, hop: int) -> bool:
        return bool(self._list_fit([hop]))

    def _reaches_in(self, node: int, length: int) -> bool:
        """Tell whether a way of just this length leads from a node to the target."""
        if length < len(self.behind):
            return node in self.behind[length]
        found = self._reaches.get((node, length))
        if found is None:
            head = self.search.view.head
            found = any(self._reaches_in(head(step), length - 1) for step in self.list_steps(node))
            self._reaches[node, length] = found
        return found

    def _walk(self, trail: Trail, node: int, length: int) -> Iterator[tuple[int, ...]]:
        """Yield the steps of all paths that go on from a trail by just so many steps, in the order of propositions."""
        head = self.search.view.head
        for step in self._list_next(node, length):
            self.search.budget.spend(1)
            further = self.search.extend(trail, step, length == 1)
            if further is None:
                continue
            if length == 1:
                yield further.steps
            else:
                yield from self._walk(further, head(step), length - 1)

    def _list_next(self, node: int, length: int) -> Iterator[int]:
        """Yield the steps from a node that lead on to the target in the end, in order."""
        view, left = self.search.view, length - 1
        known = self.behind[left] if left < len(self.behind) else None
        doors = self.search.first if node == START else view.doors(node)
        if known is not None and len(known) * len(doors) < sum(len(view.network.out[port]) for port, _ in doors):
            joins = [] if node == START else view.joins(node)
            self.search.budget.spend(len(known))
            steps = (step for target in known for step in view.list_rivals(doors, joins, target))
            yield from sorted(step for step in steps if self._fits(step >> 1))
            return
        for step in sorted(self.list_steps(node)):
            if self._reaches_in(view.head(step), left):
                yield step
