"""Each way to be without network, proved alone in a process of its own, against a real server on this machine."""

from __future__ import annotations

import platform
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone can cut a process off")

#: What a process tries: a socket of Python, and one that the store opens by itself.
_TRY = """
import socket
import pyoxigraph as ox
def knock():
    try:
        socket.create_connection(("127.0.0.1", PORT), timeout=2).close()
    except OSError as error:
        print("refused", error.errno)
    try:
        list(ox.Store().query("SELECT * WHERE { SERVICE <http://127.0.0.1:PORT/> { ?s ?p ?o } }"))
    except (OSError, RuntimeError):
        pass
"""
#: Two machines in one: calls by their other convention (x32) and by io_uring must not pass by the list of numbers.
_BACKDOORS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for call in (41, 41 | 0x40000000, 425):
    assert libc.syscall(call, 2, 1, 0) == -1, call
    print(ctypes.get_errno())
"""
#: A process that may make no namespace, however it is privileged.
_NO_NAMESPACES = """
import ctypes, os
from pathlib import Path
user, group = os.getuid(), os.getgid()
if ctypes.CDLL(None).unshare(0x10000000):
    raise SystemExit("skip")
Path("/proc/self/uid_map").write_text(f"0 {user} 1")
try:
    for kind in ("net", "user"):
        Path(f"/proc/sys/user/max_{kind}_namespaces").write_text("0")
except OSError:
    raise SystemExit("skip")
"""


class Door:
    """A server that counts who knocks."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        self.knocks = 0
        self.thread = threading.Thread(target=self._open, daemon=True)
        self.thread.start()

    def _open(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.knocks += 1
            connection.close()


@pytest.fixture
def door() -> Iterator[Door]:
    made = Door()
    yield made
    made.socket.shutdown(socket.SHUT_RDWR)
    made.socket.close()
    made.thread.join()


def run(code: str, port: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-c", (_TRY + code).replace("PORT", str(port))], capture_output=True, text=True, timeout=60
    )
    if "skip" in done.stderr:
        pytest.skip("this system does not allow it")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_try_itself_reaches_the_door(door: Door) -> None:
    assert run("knock()", door.port) == ""
    assert door.knocks == 2


@pytest.mark.parametrize("way", ["enter_namespace", "refuse_sockets"])
def test_each_way_alone_keeps_a_process_from_the_network(door: Door, way: str) -> None:
    told = run(
        f"from kg.stores import isolation\nif not isolation.{way}(): raise SystemExit('skip')\nknock()", door.port
    )
    assert told.startswith("refused")
    assert door.knocks == 0


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86_64")
def test_the_filter_has_no_back_door() -> None:
    told = run(
        f"from kg.stores import isolation\nif not isolation.refuse_sockets(): raise SystemExit('skip')\n{_BACKDOORS}"
    )
    assert told.split() == ["1", "1", "1"], "each is not permitted"


def test_where_namespaces_are_forbidden_the_filter_takes_their_place(door: Door) -> None:
    code = f"""{_NO_NAMESPACES}
from kg.stores import isolation
assert not isolation.enter_namespace()
print(isolation.cut_network())
knock()
"""
    assert run(code, door.port).splitlines()[0] == "True"
    assert door.knocks == 0


def test_nothing_is_claimed_when_neither_way_works(door: Door) -> None:
    code = """
from kg.stores import isolation
isolation.enter_namespace = isolation.refuse_sockets = lambda: True
print(isolation.cut_network())
knock()
"""
    assert run(code, door.port) == "False\n"
    assert door.knocks == 2


def test_a_cut_off_process_still_answers_from_its_store() -> None:
    code = """
import os, tempfile
from kg.stores import isolation
with tempfile.TemporaryDirectory() as folder:
    made = ox.Store(folder)
    made.add(ox.Quad(ox.NamedNode("a:a"), ox.NamedNode("a:b"), ox.Literal("c")))
    made.flush()
    del made
    if not isolation.refuse_sockets(): raise SystemExit("skip")
    print(len(list(ox.Store.read_only(folder).query("SELECT * WHERE { ?s ?p ?o }"))))
"""
    assert run(code) == "1\n"
