"""Loading a store elsewhere through the SPARQL 1.1 Graph Store Protocol: N-Triples graph by graph, in parts.

Nothing else is taken by all stores: Virtuoso refuses JSON-LD, TriG and N-Quads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from kg.errors import StoreError
from kg.stores.exchange import Exchange

#: Characters of a graph that are sent at once, and of all graphs that wait for more.
_PART, _WAITING = 1 << 22, 1 << 28


class GraphStore:
    """The address at which graphs are put."""

    def __init__(self, address: str, timeout: float = 600.0) -> None:
        self._at = Exchange(address, timeout, 1 << 26)

    def load(self, lines: Iterable[str], told: Callable[[int], None] = lambda quads: None) -> list[str]:
        """Replace every graph that the N-Quads lines name, and return them; `told` hears how many quads were sent."""
        waiting: dict[str, list[str]] = defaultdict(list)
        sizes: dict[str, int] = defaultdict(int)
        begun: dict[str, None] = {}
        sent = 0

        def send(graph: str) -> None:
            nonlocal sent
            self._put(graph, waiting[graph], first=graph not in begun)
            begun[graph] = None
            sent += len(waiting[graph])
            told(sent)
            waiting.pop(graph), sizes.pop(graph)

        for line in lines:
            triple, _, rest = line.rpartition(" <")
            graph = rest.partition(">")[0]
            waiting[graph].append(f"{triple} .\n")
            sizes[graph] += len(line)
            if sizes[graph] >= _PART:
                send(graph)
            elif len(sizes) * _PART > _WAITING and sum(sizes.values()) > _WAITING:
                send(max(sizes, key=sizes.__getitem__))
        for graph in list(waiting):
            send(graph)
        return list(begun)

    def remove(self, graph: str) -> None:
        """Remove a graph, if it is there."""
        reply = self._at.send("DELETE", params={"graph": graph})
        if reply.status not in (200, 202, 204, 404):
            raise StoreError(f"{self._at} answered {reply.status} to the removal of {graph}: {reply.told}")

    def _put(self, graph: str, triples: list[str], first: bool) -> None:
        """Send a part of a graph: the first replaces what is there, others are added."""
        reply = self._at.send(
            "PUT" if first else "POST",
            params={"graph": graph},
            content="".join(triples).encode(),
            headers={"Content-Type": "application/n-triples"},
        )
        if not 200 <= reply.status < 300:
            raise StoreError(f"{self._at} answered {reply.status} to {graph}: {reply.told}")

    def close(self) -> None:
        """Close the connections."""
        self._at.close()
