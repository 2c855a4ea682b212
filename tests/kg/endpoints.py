"""Real SPARQL servers on loopback: `oxigraph`, which pip installs, and Virtuoso, where it is installed."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

#: Loopback ports, little memory, checkpoints only at the end. The optimiser stops once planning takes longer than what
#: it plans. Virtuoso has one user at first, dba, whose password is dba.
_VIRTUOSO = """
[Database]
DatabaseFile = {place}/virtuoso.db
ErrorLogFile = {place}/virtuoso.log
LockFile = {place}/virtuoso.lck
TransactionFile = {place}/virtuoso.trx
xa_persistent_file = {place}/virtuoso.pxa

[TempDatabase]
DatabaseFile = {place}/temp.db
TransactionFile = {place}/temp.trx

[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 10
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
MaxQueryMem = 1G
CheckpointInterval = 0
StopCompilerWhenXOverRunTime = 1

[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 10
MaxClientConnections = 10
"""


@dataclass(frozen=True)
class Endpoint:
    """Where a server is asked and where it is loaded."""

    query: str
    graphs: str


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def run(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """Run a server until the end of the block, from when it listens."""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
                time.sleep(0.1)
            yield
        finally:
            process.kill()  # nothing that it holds is kept


@contextlib.contextmanager
def oxigraph(folder: Path) -> Iterator[Endpoint]:
    """Run an Oxigraph server as it comes, without the option that makes its default graph a union."""
    port = free_port()
    program = str(Path(sysconfig.get_path("scripts")) / "oxigraph")
    with run([program, "serve", "--bind", f"127.0.0.1:{port}"], port, folder):
        yield Endpoint(f"http://127.0.0.1:{port}/query", f"http://127.0.0.1:{port}/store")


def write_ini(folder: Path, port: int, buffers: int = 10_000) -> None:
    """Write the settings of a Virtuoso that keeps its files in a folder and so many pages of 8 kB in memory."""
    place = folder.resolve()
    text = _VIRTUOSO.format(place=place, sql=free_port(), http=port, buffers=buffers, dirty=buffers * 3 // 4)
    (folder / "virtuoso.ini").write_text(text, encoding="utf-8")


@contextlib.contextmanager
def virtuoso(folder: Path) -> Iterator[Endpoint]:
    """Run Virtuoso over an empty folder; skip the test where it is not installed."""
    program = shutil.which("virtuoso-t")
    if program is None:
        pytest.skip("Virtuoso is not installed: apt-get install virtuoso-opensource-7-bin")
    http = free_port()
    write_ini(folder, http)
    with run([program, "+foreground", "+configfile", "virtuoso.ini"], http, folder):
        at = f"127.0.0.1:{http}"
        yield Endpoint(f"http://{at}/sparql", f"http://dba:dba@{at}/sparql-graph-crud-auth")


SERVERS = {"oxigraph": oxigraph, "virtuoso": virtuoso}
