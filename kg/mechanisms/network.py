"""The hops of a build by number: what begins at a state, what ends in it; made once, whatever is asked later.

Hops are numbered in the order of their propositions, so that numbers are compared where two paths rank the same. What
begins and ends somewhere stands in lists with the best supported first: a search that wants so many sources reads the
beginning of each list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import networkx as nx

from kg.mechanisms.hops import Hop, State


class Network:
    """The hops, the states that they deliver (nodes) and those that they take up (ports), all as numbers."""

    def __init__(self, hops: Iterable[Hop], entities: Mapping[str, Mapping[str, Any]], chains: Sequence[Sequence[str]]):
        self.hops = sorted(hops, key=lambda h: h.proposition)
        self.entities = entities
        self.nodes: list[State] = []
        self.numbers: dict[State, int] = {}
        #: Of each node: the one of the opposite state.
        self.opposite: list[int] = []
        #: Of each hop: the node that it delivers, the state that it takes up, and its sources.
        self.target = [self._number(hop.object) for hop in self.hops]
        self.ports: dict[State, int] = {}
        self.port = [self.ports.setdefault(hop.subject, len(self.ports)) for hop in self.hops]
        self.support = [hop.support for hop in self.hops]
        self.out: list[list[int]] = [[] for _ in self.ports]
        self.into: list[list[int]] = [[] for _ in self.nodes]
        #: By port and node: the hops from one to the other.
        self.between: dict[tuple[int, int], int | tuple[int, ...]] = {}
        self._link()
        #: The nodes and the ports of each entity, and the state of each port.
        self.nodes_of = _group(self.nodes)
        self.ports_of = _group(self.ports)
        self.taken = list(self.ports)
        #: The entities, each with an edge to what is broader.
        self.hierarchy: Any = nx.DiGraph(
            (entity, broader) for entity, known in entities.items() for broader in known["broader"]
        )
        self.chains = chains
        self.joined, self.joining = self._join_chains()

    def _number(self, state: State) -> int:
        """Return the number of a state; it and its opposite are numbered together."""
        found = self.numbers.get(state)
        if found is None:
            found = len(self.nodes)
            for number, each in enumerate((state, state.opposite)):
                self.nodes.append(each)
                self.numbers[each] = found + number
            self.opposite += [found + 1, found]
        return found

    def _link(self) -> None:
        """Fill the lists, the best supported hops first."""
        for hop in sorted(range(len(self.hops)), key=self.support.__getitem__, reverse=True):
            port, node = self.port[hop], self.target[hop]
            self.out[port].append(hop)
            self.into[node].append(hop)
            other = self.between.get((port, node))
            if other is None:
                self.between[port, node] = hop
            else:
                self.between[port, node] = (*(other if isinstance(other, tuple) else (other,)), hop)

    def list_between(self, port: int, node: int) -> tuple[int, ...]:
        """Return the hops from a port to a node."""
        found = self.between.get((port, node), ())
        return found if isinstance(found, tuple) else (found,)

    def _join_chains(self) -> tuple[dict[int, dict[int, set[str]]], dict[int, set[int]]]:
        """Return the hops that a document itself joins to a state whatever its aspect, and the other way round.

        By node: hops with the claims that are joined. By hop: nodes.
        """
        told = {claim for chain in self.chains for claim in chain}
        delivers: dict[str, int] = {}
        stating: dict[str, list[int]] = defaultdict(list)
        for number, hop in enumerate(self.hops if told else ()):
            for source in hop.sources:
                if source.claim in told:
                    stating[source.claim].append(number)
                    if hop.note != "via":
                        delivers[source.claim] = self.target[number]
        joined: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        joining: dict[int, set[int]] = defaultdict(set)
        for chain in self.chains:
            for first, second in pairwise(chain):
                for node in (delivers[first],) if first in delivers else ():
                    for number in stating[second]:
                        if self.hops[number].subject.aspect_class not in ("", self.nodes[node].aspect_class):
                            joined[node][number].add(second)
                            joining[number].add(node)
        return {node: dict(found) for node, found in joined.items()}, dict(joining)

    # What belongs to an entity

    def list_above(self, entity: str) -> set[str]:
        """Return all that is broader than an entity, at any remove."""
        return set(nx.descendants(self.hierarchy, entity)) if entity in self.hierarchy else set()

    def list_below(self, entity: str) -> set[str]:
        """Return all that is narrower than an entity, at any remove."""
        return set(nx.ancestors(self.hierarchy, entity)) if entity in self.hierarchy else set()

    def list_narrower(self, entity: str) -> list[str]:
        """Return what stands right under an entity."""
        return list(self.hierarchy.predecessors(entity)) if entity in self.hierarchy else []


def _group(states: Iterable[State]) -> dict[str, list[int]]:
    """Return the numbers of the states of each entity."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, state in enumerate(states):
        found[state.entity].append(number)
    return dict(found)
