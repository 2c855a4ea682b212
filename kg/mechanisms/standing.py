"""Who says a path: one document that joins its steps, one that says every step, or no document the whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from kg.mechanisms.hops import Hop


def index_chains(chains: Iterable[Sequence[str]]) -> dict[str, list[Sequence[str]]]:
    """Return the stated chains that each claim is a step of.

    >>> index_chains([["a", "b"], ["b", "c"]])["b"]
    [['a', 'b'], ['b', 'c']]
    """
    found: dict[str, list[Sequence[str]]] = defaultdict(list)
    for chain in chains:
        for claim in dict.fromkeys(chain):
            found[claim].append(chain)
    return dict(found)


def tell_standing(hops: Sequence[Hop], chains: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Return "stated" if a claim or chain joins the hops, "single-source" if one document has all, or "assembled"."""
    claims = [{s.claim for s in hop.sources} for hop in hops]
    if len(hops) == 1 or set.intersection(*claims):
        return "stated"
    for chain in (chain for claim in claims[0] for chain in chains.get(claim, ())):
        places = [[n for n, c in enumerate(chain) if c in found] for found in claims]
        if all(places) and all(any(b in (a, a + 1) for a in x for b in y) for x, y in pairwise(places)):
            return "stated"
    return "single-source" if share_document(hops) else "assembled"


def share_document(hops: Iterable[Hop]) -> frozenset[str]:
    """Return the documents that state every one of some hops."""
    return frozenset.intersection(*(hop.documents for hop in hops))
