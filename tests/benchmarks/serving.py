"""The service over HTTP, beside servers that a user would take instead: a mix of look-ups, single queries, pages.

Servers of one size are all running at once and asked in turn. A fresh query never came before (it ends with a comment
of its own), so no answer can be remembered; a repeated one came before.
"""

from __future__ import annotations

import json
import random
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from kg.model import Corpus
from kg.names import Names
from kg.query import read_queries
from kg.stores.base import GRAPHS, RESULTS
from tests.benchmarks import material
from tests.benchmarks.harness import Plan, Result, note, percentile
from tests.benchmarks.load import press, query_path
from tests.benchmarks.servers import PATIENCE, Server, start

#: The mix: named queries, each with the parameter that is looked up.
MIX = {
    "claim": "claim", "entity": "entity", "document-claims": "document", "proposition-claims": "proposition",
    "acting-on": "entity", "acted-on-by": "entity", "claims-of-work": "work", "describe-claim": "claim",
}  # fmt: skip
#: What is counted of the whole graph, when it is built.
ROLLED_UP = ("counts", "class-sizes", "entity-use", "relations")
#: Resources, with the queries that a user would send for the same.
PAGES = {
    "claims": ("claim", ("claim",)),
    "entities": ("entity", ("entity", "acting-on", "acted-on-by", "claims-about")),
    "documents": ("document", ("documents", "chains", "document-claims")),
    "disagreements": ("disagreement", ("disagreement-claims",)),
}
_ACCEPT = f"{RESULTS['json']}, {GRAPHS['nt']};q=0.9"
#: How many values are looked up, how many wake a server up, how many count in each run; seconds of pressing.
_VALUES, _WARM, _ASKED, _SECONDS = 30, 3, 6, 2.0
#: The largest corpus that rdflib is given: it reads 40,000 quads a second.
RDFLIB = 100_000
#: Seconds that one server may take for all values of one query; what it answered until then is compared.
_ENOUGH = 20.0
_OXIGRAPH = ("oxigraph on disk", "oxigraph in memory")


class Values:
    """What is looked up: values of each parameter, named neither most nor least often."""

    def __init__(self, place: Path, claims: int) -> None:
        self.dice = random.Random(claims)
        self.queries = read_queries()
        file = place / f"{claims}" / "values.json"
        if not file.exists():
            file.write_text(json.dumps(_values(material.invent(claims), file.parent)), encoding="utf-8")
        self.known: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))

    def texts(self, name: str, parameter: str = "", number: int = _VALUES) -> list[str]:
        """Return the texts of a named query for some values, or the same text so often when it has no parameter."""
        if not parameter:
            return [self.queries[name].text] * number
        values = self.known[parameter]
        return [self.queries[name].bind({parameter: values[n % len(values)]}, material.NAMES) for n in range(number)]


def _values(corpus: Corpus, home: Path) -> dict[str, list[str]]:
    """Return values by parameter; the claims of the most common proposition under "hub"."""
    dice = random.Random(3)
    used = Counter(c.proposition.id for c in corpus.claims)
    top = used.most_common(1)[0][0]
    ends = Counter(v.entity for c in corpus.claims for v in c.proposition.variables)
    ordered = [e for e, _ in ends.most_common()]
    middle = ordered[len(ordered) // 50 :][: max(60, len(ordered) // 4)]
    claims = list(corpus.claims)
    works = [w for w, _ in Counter(c.work for c in claims if c.work).most_common()]
    names, found = Names(material.SETTINGS.base), set[str]()
    prefix = f"<{names.iri('disagreement')}/"
    with (home / "builds" / "current" / "graph.nq").open(encoding="utf-8") as lines:
        found = {line[len(prefix) : line.index(">")] for line in lines if line.startswith(prefix)}
    found = {name for name in found if "#" not in name}  # its sides have names below its own
    return {
        "claim": [c.id for c in dice.sample(claims, min(200, len(claims)))],
        "hub": [c.id for c in claims if c.proposition.id == top][:200],
        "proposition": [c.proposition.id for c in dice.sample(claims, min(200, len(claims)))],
        "entity": dice.sample(middle, min(60, len(middle))),
        "document": dice.sample(list(corpus.documents), min(60, len(corpus.documents))),
        "work": works[: max(1, len(works) // 2)][:60],
        "disagreement": dice.sample(sorted(found), min(60, len(found))),
    }


def ask(connection: HTTPConnection, path: str, accept: str = _ACCEPT) -> tuple[float, bytes]:
    """Ask for one address and return the milliseconds it took and the body; raise for a refusal."""
    started = time.perf_counter()
    connection.request("GET", path, headers={"Accept": accept})
    answer = connection.getresponse()
    body = answer.read()
    took = (time.perf_counter() - started) * 1000
    if answer.status != 200:
        raise RuntimeError(f"{path[:120]}: {answer.status} {body[:300]!r}")
    return took, body


def rows_of(body: bytes) -> int:
    """Return the number of rows, or of triples, of an answer."""
    return len(json.loads(body)["results"]["bindings"]) if body.lstrip()[:1] == b"{" else body.count(b"\n")


def run(plan: Plan) -> Iterator[Result]:
    """Compare at each size from the second on (the smallest tells little)."""
    for size in [s for s in plan.sizes if s >= 10_000] or plan.sizes:
        values = Values(plan.place, size) if material.built(plan.place, size) else None
        assert values is not None
        with ExitStack() as stack:
            names = ["claimgraph", *_OXIGRAPH, *(["virtuoso"] if shutil.which("virtuoso-t") else [])]
            names += ["rdflib-endpoint"] if size <= RDFLIB else []
            servers = [stack.enter_context(start(name, plan.place, size)) for name in names]
            yield from single_queries(plan, size, servers, values)
            quick = [s for s in servers if s.name != "rdflib-endpoint"]
            yield from mix(plan, size, quick, values)
            yield from pages(plan, size, quick, values)
            yield hubs(plan, size, servers[0], values)


def single_queries(plan: Plan, size: int, servers: list[Server], values: Values) -> Iterator[Result]:
    """Ask each query, fresh, from one client, some values of one server after another; all must give as many rows."""
    for name, parameter in {**MIX, **dict.fromkeys(ROLLED_UP, "")}.items():
        note(f"serve, {name}, {size:,} claims")
        asked = {server.name: Asked() for server in servers}
        texts = values.texts(name, parameter, plan.runs * (_WARM + _ASKED))
        for number in range(plan.runs):
            some = texts[number * (_WARM + _ASKED) :][: _WARM + _ASKED]
            for server in servers:
                ask_some(server, some, asked[server.name])
        answered = {name: found for name, found in asked.items() if not found.failed}
        yield Result(
            "serve", f"query {name}", size, "ms",
            {server: statistics.median(found.times) for server, found in answered.items()},
            {server: [round(x, 3) for x in found.times] for server, found in answered.items()},
            facts={
                "same rows": _agree([found.rows for found in answered.values()]),
                "failed": {name: found.failed for name, found in asked.items() if found.failed},
            },
        )  # fmt: skip


@dataclass
class Asked:
    """What a server answered: the milliseconds that count, and the rows of all answers; or why it did not."""

    times: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    failed: str = ""
    spent: float = 0.0


def ask_some(server: Server, texts: list[str], found: Asked) -> None:
    """Ask one after another; the first ones wake the server up. One that took its time already is not asked again."""
    connection = server.connect()
    for number, text in enumerate(texts):
        if found.failed or (found.spent > _ENOUGH and found.times):
            break
        path = query_path(server.path, text, fresh=True).replace("{n}", str(time.time_ns()))
        try:
            took, body = ask(connection, path)
        except (RuntimeError, OSError) as error:
            found.failed = str(error)[-200:] or f"no answer in {PATIENCE:g} seconds"
            break
        found.spent += took / 1000
        found.rows.append(rows_of(body))
        if number >= _WARM or found.spent > _ENOUGH:
            found.times.append(took)
    connection.close()


def _agree(rows: list[list[int]]) -> bool:
    """Return whether all that answered a question gave as many rows; some answered fewer questions."""
    return all(len(set(told)) == 1 for told in zip(*rows, strict=False))


def mix(plan: Plan, size: int, servers: list[Server], values: Values) -> Iterator[Result]:
    """Press each server with the whole mix, fresh and repeated, from one client and from eight."""
    texts = [text for name, parameter in MIX.items() for text in values.texts(name, parameter)]
    values.dice.shuffle(texts)
    for fresh in (True, False):
        for clients in (1, 8):
            word = "fresh" if fresh else "repeated"
            ways = {s.name: [query_path(s.path, t, fresh) for t in texts] for s in servers}
            yield pressed(plan, size, f"mix, {word}, clients {clients}", servers, ways, _ACCEPT, clients)


def pages(plan: Plan, size: int, servers: list[Server], values: Values) -> Iterator[Result]:
    """Press with single resources as JSON, beside the same SPARQL at the peers, counted in resources."""
    for plural, (parameter, queries) in PAGES.items():
        known = values.known[parameter]
        ways = {"claimgraph": [f"/{plural}/{id_}?format=json" for id_ in known]}
        for server in servers[1:]:
            texts = [t for bound in zip(*(values.texts(q, parameter) for q in queries), strict=True) for t in bound]
            ways[server.name] = [query_path(server.path, t, True) for t in texts]
        result = pressed(plan, size, f"resource {plural}", servers, ways, _ACCEPT, 1)
        for name in result.medians:
            result.medians[name] /= 1 if name == "claimgraph" else len(queries)
        yield result


def pressed(
    plan: Plan, size: int, what: str, servers: list[Server], ways: dict[str, list[str]], accept: str, clients: int
) -> Result:
    """Press the servers in turn, as often as wanted, after each answered every address once."""
    for server in servers:
        warm(server, ways[server.name], accept)
    rates: dict[str, list[float]] = {s.name: [] for s in servers}
    spread: dict[str, object] = {}
    for number in range(plan.runs):
        for server in servers:
            note(f"serve, {what}, {size:,} claims: {server.name} ({number + 1} of {plan.runs})")
            load = press(server.port, ways[server.name], accept, clients, _SECONDS)
            rates[server.name].append(round(load.rate, 1))
            spread[server.name] = {"p50": load.p50, "p95": load.p95, "errors": load.errors}
    medians = {name: statistics.median(found) for name, found in rates.items()}
    memory = {s.name: s.megabytes for s in servers}
    return Result("serve", what, size, "a second, answers", medians, rates, megabytes=memory, facts=spread)


def warm(server: Server, paths: list[str], accept: str) -> None:
    """Ask for every address once, while there is time: what is measured is a server at work, not one that wakes."""
    connection, until = server.connect(), time.monotonic() + _ENOUGH
    for path in paths:
        ask(connection, path.replace("{n}", f"warm.{time.time_ns()}"), accept)
        if time.monotonic() > until:
            break
    connection.close()


def hubs(plan: Plan, size: int, server: Server, values: Values) -> Result:
    """Look up claims, those of the most common proposition among them, one after another."""
    connection, known = server.connect(), values.known
    query = values.queries["claim"]
    ids = [*known["claim"], *known["hub"]]
    for id_ in ids[:_WARM]:
        ask(connection, query_path(server.path, query.bind({"claim": id_}, material.NAMES), fresh=False))
    times: dict[str, list[float]] = {"claim": [], "hub": []}
    for number in range(plan.runs):
        for kind, found in times.items():
            for id_ in known[kind]:
                text = query.bind({"claim": id_}, material.NAMES) + f"\n# {number} {time.time_ns()}"
                found.append(ask(connection, query_path(server.path, text, fresh=False))[0])
    whole = [*times["claim"], *times["hub"]]
    medians = {"p50": percentile(whole, 0.5), "p95": percentile(whole, 0.95)}
    medians |= {f"{kind} p50": percentile(found, 0.5) for kind, found in times.items()}
    return Result("serve", "one claim, hubs too", size, "ms", medians, facts={"shared by": len(known["hub"])})
