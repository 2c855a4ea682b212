"""Full-text search: the index beside the store, and SPARQL CONTAINS over the same texts in memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.search.find import open_index
from kg.stores.connect import current_build
from tests.benchmarks import material
from tests.benchmarks.harness import Plan, Result, in_turn, percentile
from tests.benchmarks.measure import measure
from tests.benchmarks.serving import Values

_WORDS = 20
_PREFIXES = """
PREFIX cg: <https://w3id.org/claimgraph/vocab#>
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
#: The least that CONTAINS can do: look at every statement.
_STATEMENTS = _PREFIXES + "SELECT ?claim WHERE { ?claim cg:statement ?text FILTER (CONTAINS(LCASE(?text), WORD)) }"
#: Everything that the index has of a claim, from the few labels with the word on, which is how it is quickest.
_ALL = (
    _PREFIXES
    + """
SELECT DISTINCT ?claim WHERE {
  { ?claim cg:statement|cg:hedge ?text FILTER (CONTAINS(LCASE(?text), WORD)) ?claim a cg:Claim }
  UNION
  { ?phrase oa:exact ?text FILTER (CONTAINS(LCASE(?text), WORD)) ?claim cg:anchor/oa:hasSelector/oa:refinedBy ?phrase }
  UNION {
    { SELECT ?e WHERE { ?e a cg:Entity ; skos:prefLabel ?text FILTER (CONTAINS(LCASE(STR(?text)), WORD)) } }
    { ?variable cg:entity ?e .
      ?proposition cg:subjectVariable|cg:objectVariable|cg:via|cg:with|cg:without|cg:effect ?variable }
    UNION
    { ?proposition cg:agency|cg:scopeRoute|cg:scopeSpecies|cg:scopeAfter|cg:scopePopulation|cg:scopePlace|
        cg:scopeRegion|cg:scopeCondition ?e }
    ?claim cg:asserts|cg:denies|cg:questions|cg:recommends|cg:assesses ?proposition
  }
}"""
)
_QUERIES = {"statements": _STATEMENTS, "all": _ALL}
_SCAN, _SCAN_ALL = "SPARQL CONTAINS, in memory", "SPARQL CONTAINS over all that the index has, in memory"


def ours(place: str, claims: int) -> dict[str, Any]:
    """Search for words, twenty hits and the number of all."""
    settings, words = material.built(Path(place), claims), _words(place, claims)
    index = open_index(current_build(settings), {}, 60)
    index.find(words[0], kinds=("claim",))
    times, totals = [], []
    for word in words:
        started = time.perf_counter()
        hits = index.find(word, limit=20, kinds=("claim",))
        times.append((time.perf_counter() - started) * 1000)
        totals.append(hits.total)
    whole = [sorted(h.id for h in index.find(w, limit=100_000, kinds=("claim",)).items) for w in words[:3]]
    return {"p50": statistics.median(times), "p95": percentile(times, 0.95), "totals": totals, "hits": whole}


def theirs(place: str, claims: int, query: str) -> dict[str, Any]:
    """Ask for the claims with a word: in their statements, or in all texts that the index has of them."""
    store = ox.Store()
    store.load(path=str(material.quads(Path(place), claims)), format=ox.RdfFormat.N_QUADS)
    times, totals, whole = [], [], []
    for number, word in enumerate(_words(place, claims)):
        started = time.perf_counter()
        found = _select(store, _QUERIES[query], word)
        times.append((time.perf_counter() - started) * 1000)
        totals.append(len(found))
        if number < 3:
            whole.append(sorted(found))
    return {"p50": statistics.median(times), "p95": percentile(times, 0.95), "totals": totals, "hits": whole}


def _select(store: ox.Store, query: str, word: str) -> list[str]:
    rows: Any = store.query(query.replace("WORD", str(ox.Literal(word))), use_default_graph_as_union=True)
    return [row["claim"].value.rpartition("/")[2] for row in rows]


def _words(place: str, claims: int) -> list[str]:
    return Values(Path(place), claims).known["entity"][:_WORDS]


def run(plan: Plan) -> Iterator[Result]:
    """Compare medians, and see that the hits are the same."""
    place = str(plan.place)
    for size in plan.sizes:
        material.built(plan.place, size)
        result = in_turn("search", "a word", size, plan.runs, {
            "claimgraph": partial(measure, "searching:ours", place=place, claims=size),
            _SCAN: partial(measure, "searching:theirs", place=place, claims=size, query="statements"),
            _SCAN_ALL: partial(measure, "searching:theirs", place=place, claims=size, query="all"),
        }, "ms", lambda sample: float(sample.facts["p50"]))  # fmt: skip
        hits = {name: found.pop("hits") for name, found in result.facts.items()}
        result.facts["same hits"] = hits["claimgraph"] == hits[_SCAN_ALL]
        yield result
