"""The service as a process of its own, as `kg serve` starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from kg.settings import Settings


@contextmanager
def serve(settings: Settings) -> Iterator[str]:
    """Serve the build of the settings on a free port; yield the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("KG_")},
        "KG_DATA": str(settings.data),
        "KG_BUILDS": str(settings.builds),
        "KG_SOURCES": os.pathsep.join(map(str, settings.sources)),
        "KG_WORKERS": "1",
    }
    command = [sys.executable, "-m", "kg.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the service answers; raise with its words when it ends before."""
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"the service ended: {process.communicate()[1].decode()}")
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError("the service does not answer")
