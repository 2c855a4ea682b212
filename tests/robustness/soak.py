"""Good requests alone, then among attackers, on a real service: failures, seconds and memory of both phases.

python -m tests.robustness.soak [--seconds 60]
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.robustness.fuzz import make_query, make_request
from tests.robustness.service import HOST, Reply, Service, serve

Send = Callable[[Service, random.Random], Reply | None]
#: Clients of each kind of good request, and attackers.
GOOD_CLIENTS, ATTACKERS = 3, 6
#: Seconds between two requests of one good client: people and programs that read what they get.
PAUSE = 0.05
#: No client sends more than this, however long the run.
MOST = 20_000
_PAGES = [
    "/", "/health", "/entities", "/entities/veltrine", "/entities/insomnia.ttl", "/documents/calm-nights",
    "/claims?size=5", "/compare?entity=glutanol", "/mechanisms?from=veltrine&to=insomnia", "/disagreements.csv",
    "/queries/acting-on?entity=somnin",
]  # fmt: skip
_RUNAWAY = b"SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


@dataclass
class Tally:
    """What clients saw."""

    seconds: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def figures(self) -> dict[str, float]:
        """Return requests, failures and the times that half and nineteen of twenty answers took, in milliseconds."""
        cuts = statistics.quantiles(self.seconds, n=20) if len(self.seconds) > 1 else [0.0] * 19
        return {
            "requests": sum(self.answers.values()),
            "5xx": sum(n for answer, n in self.answers.items() if answer[0] == "5"),
            "faults": sum(n for answer, n in self.answers.items() if answer not in ("200", "503", "none")),
            "not answered": self.answers["none"],
            "p50 ms": round(cuts[9] * 1000, 1),
            "p95 ms": round(cuts[18] * 1000, 1),
        }


def _page(service: Service, rng: random.Random) -> Reply | None:
    """Ask for a page, or for a search that nobody made before."""
    return service.get(rng.choice([*_PAGES, *[f"/search?q=word{rng.randrange(10**9)}"] * len(_PAGES)]))


def _query(service: Service, rng: random.Random) -> Reply | None:
    """Ask a small SPARQL query that nobody asked before."""
    return service.sparql(f"SELECT ?s WHERE {{ ?s ?p ?o }} LIMIT {rng.randint(1, 10**6)}".encode())


def _attack(service: Service, rng: random.Random) -> Reply | None:
    """Send a runaway query, deep braces, a malformed request, headers that do not end, or one from the fuzzer."""
    slow = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX: ".encode()
    match rng.randrange(5):
        case 0 | 1:
            return service.sparql(_RUNAWAY + b" # %d" % rng.randrange(10**9))
        case 2:
            return service.sparql(b"SELECT * WHERE " + b"{" * 3000 + b"}" * 3000)
        case 3:
            return service.send(rng.choice([make_request(rng), b"nonsense\r\n\r\n", slow]), wait=5)
        case _:
            return service.sparql(make_query(rng))


def _crowd(service: Service, send: Send, count: int, seconds: float, seed: str, pause: float) -> Tally:
    """Let so many clients send from addresses of their own, each one request after the other; return what they saw."""
    network = service.client.rpartition(".")[0]
    tally, until = Tally(), time.monotonic() + seconds

    def work(which: int) -> None:
        rng, own = random.Random(f"{seed} {which}"), replace(service, client=f"{network}.{which + 1}")
        for _ in range(MOST):
            if time.monotonic() > until:
                return
            started = time.perf_counter()
            try:
                reply = send(own, rng)
            except OSError:
                reply = None
            tally.seconds.append(time.perf_counter() - started)
            tally.answers[str(reply.status) if reply else "none"] += 1
            time.sleep(pause)

    with ThreadPoolExecutor(count) as threads:
        list(threads.map(work, range(count)))
    return tally


def _storm(port: int, seconds: float, seed: int, told: Connection) -> None:
    """Attack from a process of its own, so that good clients are not held up by their neighbours' work."""
    os.nice(10)
    service = Service(port, None, Path(), "127.0.2.0")
    told.send(dict(sorted(_crowd(service, _attack, ATTACKERS, seconds, f"{seed} attack", 0).answers.items())))


def run(seconds: float, seed: int = 1, deadline: str = "1") -> dict[str, Any]:
    """Run both phases, each half of the time, and return their figures."""
    report: dict[str, Any] = {}
    context = multiprocessing.get_context("spawn")
    with serve(KG_WORKERS="2", KG_DEADLINE=deadline) as service:
        for page in _PAGES:
            service.get(page)
        report["memory at start, MiB"] = service.memory()
        for phase in ("alone", "attacked"):
            ours, theirs = context.Pipe()
            attackers = context.Process(target=_storm, args=(service.port, seconds / 2 + 1, seed, theirs), daemon=True)
            if phase == "attacked":
                attackers.start()
                time.sleep(1)
            with ThreadPoolExecutor(len(_GOOD)) as crowds:
                found = {
                    kind: crowds.submit(_crowd, service, send, GOOD_CLIENTS, seconds / 2, f"{seed} {phase}", PAUSE)
                    for kind, send in _GOOD.items()
                }
            report |= {f"{phase}: {kind}": tally.result().figures() for kind, tally in found.items()}
            if phase == "attacked":
                report["hostile requests, by status"] = ours.recv()
                attackers.join()
        report["memory at end, MiB"] = service.memory()
        report["failure of the service"] = service.failure()
    for kind in _GOOD:
        alone, attacked = (report[f"{phase}: {kind}"]["p95 ms"] for phase in ("alone", "attacked"))
        report[f"p95 attacked / alone: {kind}"] = round(attacked / alone, 2) if alone else 0
    return report


#: Good clients: of pages and the named queries behind them, and of their own SPARQL.
_GOOD: dict[str, Send] = {"pages": _page, "SPARQL": _query}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    print(json.dumps(run(parser.parse_args().seconds), indent=2))
