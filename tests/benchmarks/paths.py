"""Signed paths: the ten surest between two entities, over so many hops, beside networkx without signs or claims."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import networkx as nx

from kg.corpus.propositions import compose
from kg.corpus.rows import ClaimRow
from kg.errors import LimitError
from kg.mechanisms.hops import Hop, Source, State, grade
from kg.mechanisms.paths import Mechanisms, Options
from kg.vocabulary import Vocabulary
from tests.benchmarks import material
from tests.benchmarks.corpus import Invention
from tests.benchmarks.harness import Plan, Result, in_turn, percentile
from tests.benchmarks.measure import Sample, measure

_PAIRS = 60
#: Milliseconds after which no further pair is tried.
_ENOUGH = 60_000
#: Options that a person would ask with: as they are on the page.
_OPTIONS = Options(count=10)


def invent_hops(count: int, words: Vocabulary) -> tuple[Invention, list[Hop]]:
    """Return so many different hops, drawn as the propositions of documents are, each with all claims that state it."""
    invention = Invention(count, words)
    hops: dict[tuple[object, ...], Hop] = {}
    told: dict[tuple[object, ...], list[Source]] = defaultdict(list)
    drawn = 0
    while len(hops) < count:
        row = invention.proposition()
        invention.remember(row)
        drawn += 1
        if not words.relations[row["relation"]].propagates or "without" in row:
            continue
        p = compose(ClaimRow.model_validate({"statement": "x", "phrase": "x", "at": [0, 1], **row}), words)
        classes = words.aspect_classes
        if not p.object.state:
            continue
        subject = State(p.subject.entity, classes.get(p.subject.aspect, ""), p.subject.state or "increased")
        object_ = State(p.object.entity, classes.get(p.object.aspect, ""), p.object.state)
        scope = tuple(sorted(p.scope))
        hop = Hop(p.id, subject, not p.subject.state, p.relation, object_, p.object.aspect, p.sign, scope, ())
        key = (subject, hop.open_state, p.relation, object_, scope)
        hops.setdefault(key, hop)
        told[key].append(Source(f"c{drawn}", f"told-{drawn // 25}", ("stated", "possible")[drawn % 4 == 0], ""))
    ranks = {certainty: rank for rank, certainty in enumerate(words.values("certainty"))}
    found = [replace(hop, sources=tuple(told[key]), **grade(told[key], ranks)) for key, hop in hops.items()]
    return invention, found


def ours(hops: int) -> dict[str, Any]:
    """Search for paths between pairs, as the service does."""
    words = material.vocabulary()
    invention, found = invent_hops(hops, words)
    entities = {
        row["id"]: {"label": row["label"], "kind": row["kind"], "generic": row.get("generic", False),
                    "broader": row.get("broader", [])}
        for rows in invention.entities().values() for row in rows
    }  # fmt: skip
    started = time.perf_counter()
    mechanisms = Mechanisms(words, found, entities, {}, [], {})
    made = time.perf_counter() - started
    times, counts, refused = [], [], 0
    for source, target in _pairs(invention, found):
        started = time.perf_counter()
        try:
            counts.append(len(mechanisms.find(source, target, _OPTIONS)))
        except LimitError:
            refused += 1
        times.append((time.perf_counter() - started) * 1000)
    return {
        "seconds": made,
        **_spread(times),
        "paths": sum(counts),
        "answered": sum(map(bool, counts)),
        "refused": refused,
    }


def _pairs(invention: Invention, hops: list[Hop]) -> list[tuple[str, str]]:
    """Return pairs of a cause and an end that some way leads from one to the other, whatever its signs."""
    plain: Any = nx.DiGraph((hop.subject.entity, hop.object.entity) for hop in hops)
    begins, ends = (
        [e for kind in kinds for e in invention.pools[kind][2:200] if e in plain]
        for kinds in (("Substance", "Intervention", "Hormone"), ("Condition", "Symptom"))
    )
    drawn = ((invention.dice.choice(begins), invention.dice.choice(ends)) for _ in range(100 * _PAIRS))
    return list(islice((pair for pair in drawn if nx.has_path(plain, *pair)), _PAIRS))


def theirs(hops: int) -> dict[str, Any]:
    """Search for plain shortest paths between the same entities, with networkx."""
    invention, found = invent_hops(hops, material.vocabulary())
    invention.entities()
    started = time.perf_counter()
    graph: Any = nx.DiGraph((hop.subject.entity, hop.object.entity) for hop in found)
    made = time.perf_counter() - started
    times, counts = [], 0
    for source, target in _pairs(invention, found):
        started = time.perf_counter()
        counts += len(list(islice(nx.shortest_simple_paths(graph, source, target), 10)))
        times.append((time.perf_counter() - started) * 1000)
    return {"seconds": made, **_spread(times), "paths": counts}


def _spread(times: list[float]) -> dict[str, float]:
    return {"p50": percentile(times, 0.5), "p95": percentile(times, 0.95)}


def run(plan: Plan) -> Iterator[Result]:
    """Measure median and 95th percentile, at so many hops as there are sizes."""

    def of(share: str) -> Any:
        def value(sample: Sample) -> float:
            return float(sample.facts[share])

        return value

    for size in plan.sizes:
        for share in ("p50", "p95"):
            yield in_turn("paths", f"ten paths, {share}", size, plan.runs, {
                "claimgraph": partial(measure, "paths:ours", hops=size),
                "networkx, unsigned": partial(measure, "paths:theirs", hops=size),
            }, "ms", of(share))  # fmt: skip
