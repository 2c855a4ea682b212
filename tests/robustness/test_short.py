"""Short runs with fixed seeds, after what once failed; the long ones are `python -m tests.robustness.report`."""

from pathlib import Path
from typing import Any

from tests.robustness import fuzz, schema, soak
from tests.robustness.service import serve


def test_mutated_curated_files_are_findings_or_clean(tmp_path: Path) -> None:
    trial = fuzz.try_file(tmp_path)
    assert fuzz.explore("toml", fuzz.make_file, trial, 150, seed=0, keep=False) == []


def test_mutated_queries_and_requests_get_an_answer_or_a_problem() -> None:
    with serve(KG_WORKERS="2", KG_DEADLINE=fuzz.DEADLINE, KG_MEMORY="1500") as service:
        queries = fuzz.explore("sparql", fuzz.make_query, fuzz.try_query(service), 80, seed=0, keep=False)
        requests = fuzz.explore("http", fuzz.make_request, fuzz.try_request(service), 250, seed=0, keep=False)
    assert queries + requests == []


def test_the_service_does_what_its_openapi_document_states() -> None:
    generated, failure = schema.run(examples=5, seed=0)
    assert failure == ""
    assert generated > 100


def test_good_requests_are_answered_among_attackers() -> None:
    report = soak.run(seconds=6, deadline="4")
    assert report["failure of the service"] == ""
    for phase in ("alone", "attacked"):
        assert report[f"{phase}: pages"]["requests"] > 0
        assert report[f"{phase}: pages"]["faults"] == 0
        assert report[f"{phase}: SPARQL"]["faults"] == 0


def test_a_report_fails_by_faults_and_by_good_clients_held_up() -> None:
    fine = {"5xx": 0, "faults": 0, "not answered": 0}
    report: dict[str, Any] = {"failure of the service": ""}
    for kind in ("pages", "SPARQL"):
        report |= {f"alone: {kind}": fine, f"attacked: {kind}": fine, f"p95 attacked / alone: {kind}": 2.0}
    assert soak.list_failures(report) == []
    assert soak.list_failures({**report, "attacked: pages": {**fine, "faults": 1}}) == ["pages, attacked: 1 faults"]
    slow = soak.list_failures({**report, "p95 attacked / alone: SPARQL": 2.1})
    assert slow == ["SPARQL: p95 is 2.1 times that without attackers"]
    assert soak.list_failures({**report, "failure of the service": "it ended"}) == ["it ended"]
