"""What options leave of a network: which hops may be used, how good each is, and which follow on which state.

A step of a path is a hop taken as it is said or turned round: the number 2h, or 2h + 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from kg.mechanisms.hops import OPPOSITE, Hop, Source, grade
from kg.mechanisms.network import Network
from kg.mechanisms.options import Options

#: How good a hop is that may not be used: no rank is as high.
UNUSABLE = (1 << 20, 0)
#: What a hop begins at that a search begins with.
START = -1


class _Grades(dict[int, tuple[int, int]]):
    """By hop: the rank of its certainty and how many sources it has, worked out when first wanted."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self._view = view
        self._kept: dict[tuple[int, int], tuple[int, int]] = {}

    def __missing__(self, hop: int) -> tuple[int, int]:
        kept = self._view.restrict(hop)
        found = UNUSABLE if kept is None else (self._view.ranks[kept.certainty], kept.support)
        self[hop] = found = self._kept.setdefault(found, found)
        return found


class View:
    """A network as options let it be seen."""

    def __init__(self, network: Network, options: Options, ranks: dict[str, int]) -> None:
        self.network, self.options, self.ranks = network, options, ranks
        self.grades = _Grades(self)
        self._doors: dict[int, tuple[tuple[int, bool], ...]] = {}
        self._takers: dict[tuple[int, bool], tuple[int, ...]] = {}

    # Hops

    def restrict(self, number: int) -> Hop | None:
        """Return a hop with the sources that may be used, or None when it may not."""
        hop, options = self.network.hops[number], self.options
        if (hop.contested and not options.contested) or (hop.note == "association" and not options.associations):
            return None
        if self.network.entities[hop.object.entity]["generic"] and not options.generic:
            return None
        sources = tuple(s for s in hop.sources if allows(options, s))
        if len(sources) == len(hop.sources):
            return hop
        return replace(hop, sources=sources, **grade(sources, self.ranks)) if sources else None

    def take(self, step: int) -> Hop:
        """Return the hop of a step as it is to be shown."""
        hop = self.restrict(step >> 1)
        assert hop is not None
        if not step & 1:
            return hop
        return replace(hop, object=hop.object.opposite, note=self._note(step))

    def _note(self, step: int) -> str:
        hop = self.network.hops[step >> 1]
        return hop.note if not step & 1 else "read-through" if hop.open_state else "inverted"

    def head(self, step: int) -> int:
        """Return the node that a step leads to."""
        target = self.network.target[step >> 1]
        return self.network.opposite[target] if step & 1 else target

    # How they join

    def doors(self, node: int) -> tuple[tuple[int, bool], ...]:
        """Return the ports by which a node may be left, each with whether its hops are turned round there."""
        found = self._doors.get(node)
        if found is None:
            network = self.network
            here = network.nodes[node]
            entities = [here.entity, *(network.entities[here.entity]["broader"] if self.options.narrower else ())]
            found = self._doors[node] = tuple(
                (port, taken.state != here.state)
                for entity in dict.fromkeys(entities)
                for port in network.ports_of.get(entity, ())
                if (taken := network.taken[port]).aspect_class in ("", here.aspect_class)
                and self._meets(here.state, taken.state)
            )
        return found

    def _meets(self, given: str, taken: str) -> bool:
        return given == taken or (self.options.inverted and OPPOSITE[taken] == given)

    def takers(self, port: int, turned: bool) -> tuple[int, ...]:
        """Return the nodes that may be left by a port, with hops as they are said or turned round."""
        found = self._takers.get((port, turned))
        if found is None:
            network = self.network
            taken = network.taken[port]
            wanted = OPPOSITE[taken.state] if turned else taken.state
            below = network.list_narrower(taken.entity) if self.options.narrower else ()
            found = self._takers[port, turned] = tuple(
                node
                for entity in (taken.entity, *below)
                for node in network.nodes_of.get(entity, ())
                if network.nodes[node].state == wanted and taken.aspect_class in ("", network.nodes[node].aspect_class)
            )
        return found

    def joins(self, node: int) -> list[int]:
        """Return the steps that follow on a node for the sole reason that a document joins them."""
        found = []
        here = self.network.nodes[node]
        for hop, claims in self.network.joined.get(node, {}).items():
            taken = self.network.hops[hop].subject
            entities = (here.entity, *(self.network.entities[here.entity]["broader"] if self.options.narrower else ()))
            if taken.entity not in entities or not self._meets(here.state, taken.state):
                continue
            kept = self.restrict(hop)
            if kept is not None and claims & {s.claim for s in kept.sources}:
                found.append(2 * hop + (taken.state != here.state))
        return found

    # Which of several hops

    def list_rivals(self, doors: Iterable[tuple[int, bool]], joins: Iterable[int], node: int) -> list[int]:
        """Return the usable steps that lead to a node by doors, or by what a document joins, the best first."""
        network = self.network
        found = [
            2 * hop + turned
            for port, turned in doors
            for hop in network.list_between(port, network.opposite[node] if turned else node)
            if self.grades[hop] is not UNUSABLE
        ]
        found += [step for step in joins if self.head(step) == node]
        if len(found) > 1:
            found.sort(key=self._worth)
        return found

    def _worth(self, step: int) -> tuple[int, int, str, int]:
        rank, support = self.grades[step >> 1]
        return rank, -support, self._note(step), step

    def documents(self, step: int) -> Collection[str]:
        """Return the documents whose claims state a step."""
        hop = self.restrict(step >> 1)
        return hop.documents if hop is not None else ()


def allows(options: Options, source: Source) -> bool:
    """Tell whether options let a claim in."""
    if options.documents and source.document not in options.documents:
        return False
    if source.certainty == "hypothesised":
        return options.hypothesised
    return source.certainty == "stated" or options.hedged


def list_best(view: View, steps: Sequence[int]) -> dict[int, frozenset[str]]:
    """Return those of rival steps, the best first, that are the best of all or of a document, with these documents."""
    found: dict[int, frozenset[str]] = {}
    named: frozenset[str] = frozenset()
    for step in steps:
        if fresh := frozenset(view.documents(step)) - named:
            found[step] = fresh
        named |= fresh
    return found
