"""Good requests alone, then among attackers, on a real service: failures, seconds and memory of both phases.

python -m tests.robustness.soak [--seconds 60]
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import os
import random
import statistics
import string
import threading
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
#: Into how many slices of time the levels of memory are cut.
SLICES = 6
#: No client sends more than this, however long the run.
MOST = 20_000
_PAGES = [
    "/", "/health", "/entities", "/entities/veltrine", "/entities/insomnia.ttl", "/documents/calm-nights",
    "/claims?size=5", "/compare?entity=glutanol", "/mechanisms?from=veltrine&to=insomnia", "/disagreements.csv",
    "/queries/acting-on?entity=somnin",
]  # fmt: skip
_RUNAWAY = b"SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


class Gauge:
    """The lowest and highest memory of each slice of a run: of the process that listens, and of the others together."""

    def __init__(self, service: Service, seconds: float) -> None:
        self._service, self._length = service, seconds / SLICES
        self._over = threading.Event()
        self._samples: list[tuple[float, int, int]] = []
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Gauge:
        self._started = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(min(1.0, self._length / 4)):
            self._samples.append((time.monotonic() - self._started, *self._service.memory()))

    def levels(self) -> list[dict[str, int]]:
        """Return the levels of each slice, in MiB."""
        found = []
        for number in range(SLICES):
            upper = self._length * (number + 1) if number < SLICES - 1 else math.inf
            inside = [s for s in self._samples if self._length * number <= s[0] < upper]
            _, web, others = zip(*inside, strict=True) if inside else ((), (0,), (0,))
            levels = {"web, lowest": min(web), "web, highest": max(web)}
            found.append({**levels, "workers, lowest": min(others), "workers, highest": max(others)})
        return found


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
    """Send a runaway query, deep braces, a malformed request, headers that do not end, a long word, or fuzz."""
    slow = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX: ".encode()
    match rng.randrange(6):
        case 0 | 1:
            return service.sparql(_RUNAWAY + b" # %d" % rng.randrange(10**9))
        case 2:
            return service.sparql(b"SELECT * WHERE " + b"{" * 3000 + b"}" * 3000)
        case 3:
            return service.send(rng.choice([make_request(rng), b"nonsense\r\n\r\n", slow]), wait=5)
        case 4:
            return service.get(f"/search?q={''.join(rng.choices(string.ascii_lowercase, k=960))}")
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


def _phase(service: Service, phase: str, seconds: float, seed: int) -> dict[str, Any]:
    """Let good clients ask, alone or among attackers, and return what all of them saw."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    attackers = context.Process(target=_storm, args=(service.port, seconds + 1, seed, theirs), daemon=True)
    if phase == "attacked":
        attackers.start()
        time.sleep(1)
    with ThreadPoolExecutor(len(_GOOD)) as crowds:
        found = {
            kind: crowds.submit(_crowd, service, send, GOOD_CLIENTS, seconds, f"{seed} {phase}", PAUSE)
            for kind, send in _GOOD.items()
        }
    seen: dict[str, Any] = {f"{phase}: {kind}": tally.result().figures() for kind, tally in found.items()}
    if phase == "attacked":
        seen["hostile requests, by status"] = ours.recv()
        attackers.join()
    return seen


def run(seconds: float, seed: int = 1, deadline: str = "1") -> dict[str, Any]:
    """Run both phases, each half of the time, and return their figures."""
    report: dict[str, Any] = {}
    with serve(KG_WORKERS="2", KG_DEADLINE=deadline) as service:
        for page in _PAGES:
            service.get(page)
        report["memory at start, MiB"] = sum(service.memory())
        with Gauge(service, seconds) as gauge:
            for phase in ("alone", "attacked"):
                report |= _phase(service, phase, seconds / 2, seed)
        report["memory levels, MiB"] = gauge.levels()
        report["memory at end, MiB"] = sum(service.memory())
        report["failure of the service"] = service.failure()
    for kind in _GOOD:
        alone, attacked = (report[f"{phase}: {kind}"]["p95 ms"] for phase in ("alone", "attacked"))
        report[f"p95 attacked / alone: {kind}"] = round(attacked / alone, 2) if alone else 0
    return report


def list_failures(report: dict[str, Any]) -> list[str]:
    """Return what of a report may not be: a fault, a good request without an answer, good clients held up."""
    failures = [report["failure of the service"]] if report["failure of the service"] else []
    for kind in _GOOD:
        for phase in ("alone", "attacked"):
            seen = report[f"{phase}: {kind}"]
            failures += [f"{kind}, {phase}: {seen[key]} {key}" for key in _NEVER if seen[key]]
        ratio = report[f"p95 attacked / alone: {kind}"]
        failures += [f"{kind}: p95 is {ratio} times that without attackers"] if ratio > MOST_RATIO else []
    return failures


#: What no good request may come to, and how many times as long nineteen of twenty may take among attackers.
_NEVER, MOST_RATIO = ("5xx", "faults", "not answered"), 2
#: Good clients: of pages and the named queries behind them, and of their own SPARQL.
_GOOD: dict[str, Send] = {"pages": _page, "SPARQL": _query}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    print(json.dumps(run(parser.parse_args().seconds), indent=2))
