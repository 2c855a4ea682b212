"""Load on a server: `wrk` where it is installed, else a small client of our own (which takes more of the machine)."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.benchmarks.harness import percentile

#: Asks the addresses of a file in turn; a "{n}" in one becomes a number that never comes twice.
_LUA = """
local paths, i, n = {}, 0, 0
for line in io.lines("PATHS") do paths[#paths + 1] = line end
request = function()
  i = i % #paths + 1
  n = n + 1
  return wrk.format("GET", (paths[i]:gsub("{n}", tostring(n))), {["Accept"] = "ACCEPT"})
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %f %f %f %d\\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, e.status + e.timeout + e.connect + e.read))
end
"""


@dataclass(frozen=True)
class Load:
    """What came of it."""

    rate: float
    p50: float
    p95: float
    errors: int


def press(port: int, paths: list[str], accept: str, clients: int, seconds: float) -> Load:
    """Ask a server for the paths in turn, from so many connections, for so long."""
    if shutil.which("wrk"):
        return _press_with_wrk(port, paths, accept, clients, seconds)
    return asyncio.run(_press(port, paths, accept, clients, seconds))


def query_path(path: str, text: str, fresh: bool) -> str:
    """Return the address of a query; a fresh one ends with a comment that is another each time."""
    return f"{path}?query={quote(text)}" + ("%0A%23{n}" if fresh else "")


def _press_with_wrk(port: int, paths: list[str], accept: str, clients: int, seconds: float) -> Load:
    with tempfile.TemporaryDirectory() as folder:
        listed, script = Path(folder, "paths"), Path(folder, "ask.lua")
        listed.write_text("\n".join(paths))
        script.write_text(_LUA.replace("PATHS", str(listed)).replace("ACCEPT", accept))
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds:g}s", "--timeout", "60s", "-s", str(script)]
        done = subprocess.run([*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True)
    told = next(line for line in done.stdout.splitlines() if line.startswith("RESULT")).split()
    return Load(int(told[1]) / float(told[2]), float(told[3]), float(told[4]), int(told[5]))


async def _press(port: int, paths: list[str], accept: str, clients: int, seconds: float) -> Load:
    times: list[float] = []
    errors = asked = 0
    until = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal errors, asked
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            asked += 1
            path = paths[asked % len(paths)].replace("{n}", str(asked))
            started = time.perf_counter()
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n\r\n".encode())
            status = await _read_answer(reader)
            times.append((time.perf_counter() - started) * 1000)
            errors += status != 200
        writer.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return Load(len(times) / seconds, percentile(times, 0.5), percentile(times, 0.95), errors)


async def _read_answer(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end and return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    if "transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    else:
        length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
        await reader.readexactly(int(length.partition(":")[2]))
    return int(head.split(" ", 2)[1])
