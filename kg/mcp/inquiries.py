"""What an assistant asks of the graph, as plain values: each answer with its sources, its build and how it was made.

An answer holds `items` (never more than were asked for), `total`, and `sources`: for every claim that the items name,
its act, certainty, statement, document, key phrase, passage and address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from kg.errors import LimitError, StoreError
from kg.exports.origin import origin_of
from kg.graph import Graph
from kg.mechanisms.hops import Hop
from kg.names import CG
from kg.query import get_query, read_table
from kg.search.find import Index
from kg.stores.base import GRAPHS, RESULTS, Question
from kg.stores.workers import WorkerPool

#: Characters that an answer may have: what goes beyond helps nobody who reads it whole.
MOST = 200_000
#: Claims whose sources are asked for at once.
_AT_ONCE = 500

Answer = dict[str, Any]


@dataclass(frozen=True)
class Inquiries:
    """The questions that may be put to one build."""

    graph: Graph
    index: Index

    def search(self, words: str, kinds: Sequence[str], count: int) -> Answer:
        """Find entities, claims, documents, works and named queries by their words."""
        hits = self.index.find(words, count, 0, kinds)
        items = [
            {"kind": h.kind, "id": h.id, "title": h.title, "note": h.note, "snippet": h.snippet, **self._address(h)}
            for h in hits.items
        ]
        told = {"searched_for": hits.searched.words, "corrected": hits.searched.corrected}
        return self._answer(items, hits.total, told | {"only_some_words": hits.searched.any})

    def _address(self, hit: Any) -> dict[str, str]:
        return {} if hit.kind == "query" else {"address": self.graph.names.iri(hit.kind, hit.id)}

    def tell_claims(self, entity: str, document: str | None, count: int) -> Answer:
        """Return the claims that have an entity on either side or work through it."""
        rows = self.graph.claims(entity, document or ()).rows
        kept = ("claim", "act", "certainty", "subject", "relation", "object", "direction", "voice")
        items = [{key: str(row[key]).removeprefix(CG) for key in kept if key in row} for row in rows[:count]]
        return self._answer(items, len(rows), {"query": "claims-about", "entity": entity})

    def compare(self, documents: Sequence[str], entity: str | None, shared_only: bool, count: int) -> Answer:
        """Set what documents say on each question side by side, with the disagreements."""
        made = self.graph.compare(documents, shared_only, **({"entity": entity} if entity else {}))
        items = [
            {
                "subject": line.subject,
                "family": line.family,
                "object": line.object,
                "documents": {
                    document: {"says": cell.stances, "claims": [c["claim"] for c in cell.claims]}
                    for document, cell in line.cells.items()
                },
            }
            for line in made.lines[:count]
        ]
        found = made.disagreements[:count]
        between: dict[str, list[str]] = {}
        if found:
            asked = self.graph.ask("disagreement-claims", disagreement=[d["disagreement"] for d in found])
            for row in asked.rows:
                between.setdefault(row["disagreement"], []).append(row["claim"])
        disagreements = [
            {
                "hardness": d["hardness_name"],
                "kind": d["kind_name"],
                "because": d["because"],
                "claims": between[d["disagreement"]],
                "address": d["disagreement"],
            }
            for d in found
        ]
        told = {"disagreements": disagreements, "disagreements_in_all": len(made.disagreements)}
        return self._answer(items, len(made.lines), {"compared": made.documents, **told})

    def trace(self, source: str, target: str, count: int, **options: Any) -> Answer:
        """Return signed paths from one entity to another, over what documents assert."""
        paths = self.graph.paths(source, target, count=count, **options)
        items = [
            {
                "standing": path.standing,
                "certainty": path.certainty,
                "independent_sources": path.support,
                "sign": path.sign,
                "hops": [_tell_hop(hop) for hop in path.hops],
            }
            for path in paths
        ]
        stopped = {"stopped": paths.stopped} if paths.stopped else {}
        return self._answer(items, len(items), {"from": source, "to": target, **stopped})

    def list_queries(self) -> Answer:
        """Return the named queries with their parameters."""
        items = [
            {"name": q.name, "summary": q.summary, "parameters": [asdict(p) for p in q.parameters]}
            for q in self.graph.queries.values()
        ]
        return self._answer(items, len(items), {})

    def ask(self, name: str, values: Mapping[str, str], count: int) -> Answer:
        """Answer a named query: rows, or a graph in Turtle."""
        told: Answer = {"query": name, "parameters": dict(values)}
        if get_query(name, self.graph.queries).is_graph:
            return self._tell_graph(self.graph.serialize(name, GRAPHS["ttl"], **values).body, told)
        rows = self.graph.ask(name, **values).rows
        return self._answer(rows[:count], len(rows), told)

    def ask_sparql(self, text: str, count: int) -> Answer:
        """Answer a query of the assistant's own, as a stranger's: cut off from the network, with all limits."""
        store = self.graph.store
        if isinstance(store, WorkerPool):
            store.query(Question("ASK {}", trusted=True))  # the first worker tells whether it has no network
            if not store.isolated:
                raise StoreError("this system cannot cut queries off from the network; ask a named query")
        answer = store.query(Question(text))
        if answer.media_type != RESULTS["json"]:
            return self._tell_graph(answer.body, {"query": text})
        rows = read_table(answer).rows
        return self._answer(rows[:count], len(rows), {"query": text})

    def _tell_graph(self, body: bytes, told: Answer) -> Answer:
        turtle = body.decode()
        claims = re.findall(f"<({re.escape(self.graph.names.iri('claim', ''))}[^>/]+)>", turtle)
        return self._answer([], 0, {**told, "turtle": turtle, "claims": list(dict.fromkeys(claims))})

    def _answer(self, items: list[Any], total: int, told: Mapping[str, Any]) -> Answer:
        """Return an answer with build and sources; raise LimitError when it is too long to be read."""
        origin = origin_of(self.graph)
        build = {"digest": origin.digest, "date": origin.date, "licence": origin.licence, "cite": origin.citation}
        answer = {**told, "items": items, "shown": len(items), "total": total}
        found = {**answer, "sources": self._list_sources(answer), "build": build}
        if (length := len(json.dumps(found, ensure_ascii=False))) > MOST:
            raise LimitError(
                f"the answer has {length} characters, over {MOST}: ask for fewer items, or for less of each"
            )
        return found

    def _list_sources(self, told: Any) -> list[dict[str, Any]]:
        """Return where the claims stand that are named anywhere in an answer."""
        claims = iter(dict.fromkeys(_find_claims(told, self.graph.names.iri("claim", ""))))
        found: list[dict[str, Any]] = []
        while some := list(islice(claims, _AT_ONCE)):
            query = self.graph.queries["sources"]
            text = query.bind({"claim": some}, self.graph.names)
            rows = read_table(self.graph.store.query(Question(text, trusted=True))).rows
            found += [{**row, "address": row["claim"]} for row in rows]
        return found


def _tell_hop(hop: Hop) -> dict[str, Any]:
    """Return a hop with the states at both ends: what is lowered must not read as raised."""
    return {
        "subject": hop.subject.entity,
        "subject_state": "" if hop.open_state else hop.subject.state,
        "relation": hop.relation,
        "object": hop.object.entity,
        "aspect": hop.aspect,
        "object_state": hop.object.state,
        "scope": dict(hop.scope),
        "note": hop.note,
        "contested": list(hop.contested),
        "certainty": hop.certainty,
        "independent_sources": hop.support,
        "documents": sorted(hop.documents),
        "claims": [source.claim for source in hop.sources],
    }


def _find_claims(told: Any, prefix: str) -> Iterator[str]:
    """Yield the addresses of claims anywhere in lists and tables.

    >>> list(_find_claims({"items": [{"claim": "e:claim/1", "n": 2}, ["e:claim/2"]]}, "e:claim/"))
    ['e:claim/1', 'e:claim/2']
    """
    parts: Iterable[Any] = ()
    if isinstance(told, Mapping):
        parts = told.values()
    elif isinstance(told, list | tuple):
        parts = told
    elif isinstance(told, str) and told.startswith(prefix):
        yield told
    for part in parts:
        yield from _find_claims(part, prefix)
