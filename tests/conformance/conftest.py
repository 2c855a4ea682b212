"""The option `--w3c DIR`, the service over the data of the suites, and the list of passes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
import rdflib

from tests.conformance.suite import make_build, read_quads

HERE = Path(__file__).parent
PASSES = HERE / "w3c-passes.txt"
_START_SECONDS = 60.0
#: Which tests passed in this run, by name.
OUTCOMES = pytest.StashKey[dict[str, bool]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("w3c")
    group.addoption("--w3c", metavar="DIR", help="folder of the W3C SPARQL 1.1 suites; without it they are skipped")
    group.addoption("--shacl-suite", metavar="DIR", help="folder of the W3C SHACL suite; without it that is skipped")
    group.addoption("--update-w3c", action="store_true", help=f"rewrite {PASSES.name} by what passes")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "w3c: needs the W3C SPARQL 1.1 suites (--w3c DIR)")
    config.stash[OUTCOMES] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--w3c", default=None):
        for item in items:
            if item.get_closest_marker("w3c"):
                item.add_marker(pytest.mark.skip(reason="--w3c DIR was not given"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Rewrite the list; a run of some tests changes the lines of these alone."""
    outcomes = session.config.stash[OUTCOMES]
    if session.config.getoption("--update-w3c", default=False) and outcomes:
        kept = {name for name in PASSES.read_text().split() if name not in outcomes} if PASSES.exists() else set()
        lines = sorted(kept | {name for name, passed in outcomes.items() if passed})
        PASSES.write_text("".join(f"{name}\n" for name in lines))


@pytest.fixture
def verdict(request: pytest.FixtureRequest) -> object:
    """A function that takes a test's name and its fault, if any, and holds both against the list."""
    config = request.config
    listed = set(PASSES.read_text().split()) if PASSES.exists() else set()

    def judge(name: str, fault: str) -> None:
        config.stash[OUTCOMES][name] = not fault
        if config.getoption("--update-w3c"):
            return
        if fault and name in listed:
            pytest.fail(f"{name} no longer passes: {fault}")
        if not fault and name not in listed:
            pytest.fail(f"{name} passes and is not in {PASSES.name}; --update-w3c adds it")
        if fault:
            pytest.xfail(f"{name}: {fault}")

    return judge


@pytest.fixture
def exact_literals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have rdflib leave lexical forms alone: 1.0 and 1.00 are two literals."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


@pytest.fixture(scope="session")
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the real service, in a process of its own, over the data of the suites."""
    folder = tmp_path_factory.mktemp("w3c")
    make_build(folder / "builds", read_quads(Path(request.config.getoption("--w3c"))))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", "--port", str(port)]
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KG_")}
    log = folder / "service.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--log-level", "warning"],
            cwd=HERE.parents[1],
            env={**kept, "KG_BUILDS": str(folder / "builds")},
            stdout=output,
            stderr=output,
        ) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
    ):
        try:
            _await(client, process, log)
            yield client
        finally:
            process.terminate()


def _await(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the service did not start: {log.read_text()[-2000:]}")
