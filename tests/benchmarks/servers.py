"""Servers that answer SPARQL over HTTP, each started on a port of its own and ended again."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.stores.connect import current_build
from kg.stores.transfer import transfer
from tests.benchmarks import material
from tests.benchmarks.measure import family
from tests.kg.endpoints import write_ini

#: Seconds that a server may take until it answers: rdflib reads for minutes.
_PATIENCE = 900.0
#: Where Virtuoso is loaded.
_LOADED = "/sparql-graph-crud-auth"
#: Seconds that one answer may take.
PATIENCE = 60.0


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    name: str
    port: int
    #: Where it takes queries.
    path: str
    process: int

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    @property
    def megabytes(self) -> float:
        """The memory that the server and its processes hold now, shared pages in equal parts."""
        return sum(_proportional(pid) for pid in family(self.process)) / 1024


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError, StopIteration, IndexError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return 0


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def start(name: str, place: Path, claims: int) -> Iterator[Server]:
    """Start a server by its name over a corpus, wait until it answers, and end it."""
    port = free_port()
    command, path, env = _COMMANDS[name](place, claims, port)
    process = subprocess.Popen(
        command, env={**os.environ, **env}, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        server = Server(name, port, path, process.pid)
        _await(server, process)
        if name == "oxigraph in memory":
            _fill(server, place, claims)
        if name == "virtuoso":
            transfer(current_build(material.built(place, claims)), f"http://dba:dba@127.0.0.1:{port}{_LOADED}")
        yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(place / f"virtuoso-{port}", ignore_errors=True)


def _await(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError):
            connection = server.connect()
            connection.request("GET", f"{server.path}?query=ASK%7B%7D", headers={"Accept": "*/*"})
            if connection.getresponse().status < 500:
                connection.close()
                return
        time.sleep(0.1)
    raise RuntimeError(f"{server.name} did not start")


def _fill(server: Server, place: Path, claims: int) -> None:
    connection = server.connect()
    connection.timeout = _PATIENCE
    for file in (material.quads(place, claims), material.quads(place, claims).with_name("dataset.nq")):
        with file.open("rb") as body:
            connection.request("POST", "/store", body, {"Content-Type": "application/n-quads"})
            answer = connection.getresponse()
            answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"oxigraph took no quads: {answer.status}")
    connection.close()


Command = tuple[list[str], str, dict[str, str]]


def _claimgraph(place: Path, claims: int, port: int) -> Command:
    env = {"KG_BUILDS": str(material.built(place, claims).builds), "KG_DEADLINE": "60"}
    return [material.program("kg"), "serve", "--port", str(port)], "/sparql", env


def _on_disk(place: Path, claims: int, port: int) -> Command:
    options = ["--location", str(material.native(place, claims)), "--bind", f"127.0.0.1:{port}"]
    return [material.program("oxigraph"), "serve-read-only", *options, "--union-default-graph"], "/query", {}


def _in_memory(_: Path, __: int, port: int) -> Command:
    options = ["--bind", f"127.0.0.1:{port}", "--union-default-graph"]
    return [material.program("oxigraph"), "serve", *options], "/query", {}


def _rdflib(place: Path, claims: int, port: int) -> Command:
    files = (str(file) for file in current_build(material.built(place, claims)).texts)
    return [sys.executable, "-m", "tests.benchmarks.servers", str(port), *files], "/", {}


def _virtuoso(place: Path, _: int, port: int) -> Command:
    folder = place / f"virtuoso-{port}"
    folder.mkdir()
    write_ini(folder, port, buffers=240_000)  # of 8 kB
    return ["virtuoso-t", "+foreground", "+configfile", str(folder / "virtuoso.ini")], "/sparql", {}


_COMMANDS = {
    "claimgraph": _claimgraph, "oxigraph on disk": _on_disk, "oxigraph in memory": _in_memory,
    "rdflib-endpoint": _rdflib, "virtuoso": _virtuoso,
}  # fmt: skip


def serve_rdflib(port: int, files: list[str]) -> None:
    """Serve files of N-Quads with rdflib-endpoint."""
    import rdflib
    import uvicorn
    from rdflib_endpoint import SparqlEndpoint

    dataset = rdflib.Dataset(default_union=True)
    for file in files:
        dataset.parse(file, format="nquads")
    uvicorn.run(SparqlEndpoint(graph=dataset), host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    serve_rdflib(int(sys.argv[1]), sys.argv[2:])
