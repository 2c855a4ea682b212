"""A real service over the tiny corpus on a free port of this machine: what it answers, writes and holds in memory."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kg.build import build
from kg.settings import Settings

DATA = Path(__file__).parents[1] / "corpus" / "data"
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Reply:
    """What came back to one request."""

    status: int
    media_type: str
    body: bytes


@dataclass
class Service:
    """A service that runs in a process of its own."""

    port: int
    #: None where another process watches over it.
    process: subprocess.Popen[bytes] | None
    log: Path

    @property
    def builds(self) -> Path:
        """The folder of its builds."""
        return self.log.parent / "builds"

    #: The address of this machine that requests come from.
    client: str = HOST

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    def send(self, raw: bytes, wait: float = 20) -> Reply | None:
        """Send bytes as they are and read one answer; None when the connection is closed without one."""
        with socket.create_connection((HOST, self.port), wait, (self.client, 0)) as connection:
            try:
                connection.sendall(raw)
                method = "HEAD" if raw.startswith(b"HEAD") else None
                response = http.client.HTTPResponse(connection, method=method)
                response.begin()
                return Reply(response.status, response.headers.get_content_type(), response.read())
            except (ConnectionError, http.client.HTTPException):
                return None

    def get(self, target: str, headers: str = "") -> Reply | None:
        """Ask for an address."""
        return self.send(f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{headers}\r\n".encode())

    def sparql(self, query: bytes, headers: str = "") -> Reply | None:
        """Post a query."""
        head = f"POST /sparql HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/sparql-query\r\n{headers}"
        return self.send(f"{head}Content-Length: {len(query)}\r\nConnection: close\r\n\r\n".encode() + query)

    def failure(self) -> str:
        """Say whether it died or wrote a traceback."""
        if self.process is not None and self.process.poll() is not None:
            return f"the service ended with {self.process.returncode}"
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return text[text.index("Traceback") :][:2000] if "Traceback" in text else ""

    def memory(self) -> tuple[int, int]:
        """Return the megabytes of the process that listens, and of those that it started; what is shared is divided."""
        found, todo = [], [self.process.pid if self.process else 0]
        while todo:
            folder = Path("/proc") / str(todo.pop())
            try:
                rolled = (folder / "smaps_rollup").read_text()
                found.append(int(rolled.partition("\nPss:")[2].split()[0]))
                for task in (folder / "task").iterdir():
                    todo += [int(pid) for pid in (task / "children").read_text().split()]
            except (OSError, IndexError):  # it has ended meanwhile
                continue
        return (found[0] >> 10, sum(found[1:]) >> 10) if found else (0, 0)


@contextmanager
def serve(on_disk: bool = False, **settings: str) -> Iterator[Service]:
    """Build the tiny corpus and serve it until the block ends, from the store on disk when so wished."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as taken:
        builds = Path(folder) / "builds"
        build(Settings(data=DATA, builds=builds))
        taken.bind((HOST, 0))
        port = taken.getsockname()[1]
        taken.close()
        env = {**os.environ, "KG_BUILDS": str(builds), "KG_SOURCES": "", **settings}
        log = Path(folder) / "log"
        code = f"import api.server as s; s.HEADER_SECONDS = 2; s.run('{HOST}', {port})"
        if on_disk:
            code = f"import kg.stores.connect as c; c._fits_memory = lambda build: False; {code}"
        with (
            log.open("ab") as out,
            subprocess.Popen([sys.executable, "-c", code], env=env, stdout=out, stderr=out) as process,
        ):
            try:
                service = Service(port, process, log)
                _await(service)
                yield service
            finally:
                process.kill()


def _await(service: Service) -> None:
    for _ in range(300):
        try:
            if service.get("/health") is not None:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(service.log.read_text(encoding="utf-8"))
