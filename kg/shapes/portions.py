"""The slices of the graph, cut as it is written, document by document, and remembered: what stays is not cut again.

<builds>/verdicts/portions.json   the digest of the rest, then the digests of the slices that each document was cut into

A document is remembered by its own lines, by what documents share and by the code: the propositions that it takes up
follow from these. A file that is broken is as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path

from kg.names import Names
from kg.shapes.slices import Nodes, Slice, divide, follow, gather, join, objects


@dataclass(frozen=True)
class Known:
    """A slice that was cut before, and need not be cut again while its verdict is remembered."""

    digest: str
    cut: Callable[[], Slice]


class Portions:
    """Cuts a graph whose parts come one after another: `shared` first, then documents, then disagreements.

    Without a memory it cuts documents only, and remembers nothing.
    """

    def __init__(self, shared: Sequence[str], names: Names, memory: Path | None = None) -> None:
        self._names, self._memory = names, memory / "portions.json" if memory else None
        self._shared, told = group(shared), hashlib.sha256(f"{hash_code()} {names.base}".encode())
        told.update("".join(shared).encode())
        self._context = told.digest()
        self._known = self._load()
        self._met: dict[str, Sequence[str]] = {}
        #: Whether a document leads to another one, so that it has to be cut with that in sight.
        self.joined = False
        self._reach = cache(self._find_reach)

    def cut_document(
        self, graph: str, lines: Sequence[str], propositions: Callable[[], Iterable[str]], twins: Sequence[str] = ()
    ) -> Iterator[Slice | Known]:
        """Yield the slices of a document: its own lines, those of its propositions, the triples of its twins."""
        once = cache(lambda: self.cut(graph, lines, propositions(), twins))
        digests = self.recall(lines, twins)
        if digests is not None:
            self.note(lines, digests, twins)
            yield from (Known(digest, partial(_pick, once, number)) for number, digest in enumerate(digests))
        elif (slices := once()) is None:
            self.joined = True
        else:
            self.note(lines, [one.digest for one in slices], twins)
            yield from slices

    def recall(self, lines: Sequence[str], twins: Sequence[str] = ()) -> Sequence[str] | None:
        """Return the digests of the slices that a document was cut into before."""
        return self._known.get(self._key(lines, twins))

    def note(self, lines: Sequence[str], digests: Sequence[str], twins: Sequence[str] = ()) -> None:
        """Remember the digests of the slices of a document."""
        if digests:
            self._met[self._key(lines, twins)] = digests

    def cut(
        self, graph: str, lines: Iterable[str], propositions: Iterable[str], twins: Iterable[str] = ()
    ) -> list[Slice] | None:
        """Return the slices of a document, or None when it leads to another one."""
        nodes, near, same = group(lines), group(propositions), group(twins)
        base, known = self._names.base, (nodes, near, self._shared)
        ours = (o for triples in nodes.values() for o in objects(triples) if o.startswith(base))
        if any(all(o not in those for those in known) for o in ours):
            return None
        return [self._join(f"{graph} {n}", part, near, same) for n, part in enumerate(divide(nodes))]

    def cut_rest(self, disagreements: Iterable[str], claims: Iterable[str]) -> Iterator[Slice]:
        """Yield the slices of disagreements, given the types of the claims that they name, and of what is shared.

        They are never remembered: hardly a change leaves the disagreements as they were.
        """
        yield from self._cut_disagreements(disagreements, group(claims))
        for label, batch in gather(self._shared):
            yield join(f"{self._names.graph('vocabulary')} {label}", batch, follow(batch, self._shared))
        self._remember()

    def _key(self, lines: Sequence[str], twins: Sequence[str]) -> str:
        return hashlib.sha256(self._context + "".join([*lines, *twins]).encode()).hexdigest()

    def _join(self, name: str, part: Nodes, near: Nodes, twins: Nodes) -> Slice:
        found = follow(part, near)
        led_to = {*part, *(o for triples in (*part.values(), *found.values()) for o in objects(triples))}
        return join(name, part, self._add_shared(found, led_to), twins, self._shared.keys())

    def _cut_disagreements(self, lines: Iterable[str], claims: Nodes) -> Iterator[Slice]:
        graph = self._names.graph("comparisons")
        nodes, near = group(lines, graph), group(lines, self._names.graph("propositions"))
        for label, batch in gather(nodes):
            found = follow(batch, near)
            led_to = {o for triples in (*batch.values(), *found.values()) for o in objects(triples)}
            named = {o: claims[o] for o in led_to if o in claims}
            yield join(f"{graph} {label}", batch, self._add_shared(found, led_to), named, self._shared.keys())

    def _add_shared(self, found: Nodes, led_to: Iterable[str]) -> Nodes:
        """Return what was found with the shared nodes that some lead to, through each other."""
        reached = {n for node in led_to if node in self._shared for n in self._reach(node)}
        return {**found, **{n: [*found.get(n, ()), *self._shared[n]] for n in reached}}

    def _find_reach(self, node: str) -> tuple[str, ...]:
        return tuple(follow({node: self._shared[node]}, self._shared))

    def _load(self) -> dict[str, list[str]]:
        if self._memory is None:
            return {}
        try:
            digest, text = self._memory.read_bytes().split(b"\n", 1)
            if hashlib.sha256(text).hexdigest().encode() == digest:
                return {str(key): [str(d) for d in digests] for key, digests in json.loads(text).items()}
        except (OSError, ValueError, AttributeError, TypeError):
            pass
        return {}

    def _remember(self) -> None:
        """Write what was met by a rename, so that it is never half there."""
        if self._memory is None or self._met == self._known:
            return
        text = json.dumps(self._met).encode()
        with contextlib.suppress(OSError):
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._memory.with_suffix(f".{os.getpid()}.tmp")
            fresh.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
            fresh.rename(self._memory)


def _pick(cut: Callable[[], list[Slice] | None], number: int) -> Slice:
    slices = cut()
    assert slices is not None, "what leads elsewhere is not remembered"
    return slices[number]


def group(lines: Iterable[str], graph: str = "") -> dict[str, list[str]]:
    r"""Return the triples of N-Quads lines by their nodes, each once; those of one graph where it is named.

    >>> group(["<a:s> <a:p> <a:o> <a:g> .\n"])
    {'a:s': ['<a:s> <a:p> <a:o>']}
    """
    nodes: dict[str, dict[str, None]] = defaultdict(dict)
    for line in lines:
        triple, _, home = line[:-4].rpartition(" <")
        if not graph or home == graph:
            nodes[triple[1 : triple.index("> ")]][triple] = None
    return {node: list(triples) for node, triples in nodes.items()}


@lru_cache(1)
def hash_code() -> str:
    """Return the digest of all modules: what they write may change with them."""
    told, home = hashlib.sha256(), Path(__file__).parents[1]
    for path in sorted(home.rglob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()
