"""SPARQL 1.1 over HTTP, by the suites of the W3C: `python -m pytest tests/conformance --w3c DIR`.

Run are the tests of the protocol that concern queries, and all query evaluation tests of the query manifest. Not run:
entailment regimes and SERVICE federation (the query manifest has no test of them), and syntax tests.
The service is read only, so the update tests of the protocol hold one thing alone: that every update is refused; they
are not in the list of passes, which says what conforms.

The service cannot know where a query was read from, so the client sends BASE with each query; the dataset goes as
default-graph-uri and named-graph-uri, unless the query says FROM.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx
import pytest

from kg.stores.base import GRAPHS, RESULTS
from tests.conformance import suite

pytestmark = [pytest.mark.w3c, pytest.mark.usefixtures("exact_literals")]
HERE = Path(__file__).parent
Verdict = Callable[[str, str], None]
#: Media types that the forms of answer which the protocol suite names may have.
FORMS = {
    "boolean": [RESULTS["json"], RESULTS["xml"]],
    "tabular": list(RESULTS.values()),
    "RDF": [GRAPHS["ttl"], GRAPHS["nt"], GRAPHS["rdf"]],
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    folder = metafunc.config.getoption("--w3c", default=None)
    for fixture, read in (
        ("protocol", lambda f: [t for t in suite.read_protocol(f) if not concerns_update(t)]),
        ("update", lambda f: [t for t in suite.read_protocol(f) if concerns_update(t)]),
        ("evaluation", suite.read_evaluations),
    ):
        if fixture in metafunc.fixturenames:
            tests = read(Path(folder)) if folder else [None]
            metafunc.parametrize(fixture, tests, ids=lambda t: t.name if t else "none")


def concerns_update(test: suite.Protocol) -> bool:
    return "update" in test.name


def is_query(request: suite.Request) -> bool:
    return ("content-type", "application/sparql-query") in request.headers or "query=" in request.target


def send(service: httpx.Client, request: suite.Request) -> httpx.Response:
    return service.request(request.method, request.target, headers=dict(request.headers), content=request.body)


def media_type(response: httpx.Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip()


def fault_of(response: httpx.Response, request: suite.Request) -> str:
    if response.status_code // 100 not in request.status:
        return f"status {response.status_code}: {response.text[:300]}"
    if request.form and media_type(response) not in FORMS[request.form]:
        return f"{media_type(response)} is not {request.form}"
    if request.boolean is not None:
        kind = "json" if media_type(response) == RESULTS["json"] else "xml"
        answer = suite.read_result(kind, response.content).askAnswer
        return "" if answer == request.boolean else f"the answer is {answer}"
    return ""


def test_protocol(service: httpx.Client, verdict: Verdict, protocol: suite.Protocol) -> None:
    faults = [fault_of(send(service, request), request) for request in protocol.requests]
    verdict(protocol.name, "; ".join(f for f in faults if f))


def test_updates_are_refused(service: httpx.Client, update: suite.Protocol) -> None:
    updates = [request for request in update.requests if not is_query(request)]
    assert updates
    for request in updates:
        response = send(service, request)
        assert 400 <= response.status_code < 500, response.text


def test_evaluation(service: httpx.Client, verdict: Verdict, evaluation: suite.Evaluation) -> None:
    response = service.post(
        "/sparql",
        params=evaluation.dataset,
        content=f"BASE <{evaluation.base}>\n{evaluation.query}".encode(),
        headers={"Content-Type": "application/sparql-query", "Accept": suite.accept(evaluation)},
    )
    if response.status_code == 200:
        verdict(evaluation.name, suite.differ(evaluation, media_type(response), response.content))
    else:
        verdict(evaluation.name, f"status {response.status_code}: {response.text[:300]}")


def test_lists_name_every_test_once(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-w3c"):
        pytest.skip("the list is being rewritten")
    folder = Path(pytestconfig.getoption("--w3c"))
    names = [t.name for t in suite.read_protocol(folder) if not concerns_update(t)]
    names += [t.name for t in suite.read_evaluations(folder)]
    passes = (HERE / "w3c-passes.txt").read_text().splitlines()
    failures = re.findall(r"^- `(\S+)`", (HERE / "w3c-failures.md").read_text(), re.MULTILINE)
    assert passes == sorted(passes)
    assert sorted(names) == sorted([*passes, *failures])
