"""One measurement in a process of its own: `python -m tests.benchmarks.measure MODULE:FUNCTION JSON` prints JSON."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self


@dataclass
class Watch:
    """Measures the wall time, and the processor time of this process and of its children that ended, of a block."""

    seconds: float = 0.0
    cpu: float = 0.0
    _started: tuple[float, float] = (0.0, 0.0)

    @staticmethod
    def _now() -> tuple[float, float]:
        used = os.times()
        return time.perf_counter(), used.user + used.system + used.children_user + used.children_system

    def __enter__(self) -> Self:
        self._started = self._now()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds, self.cpu = (now - then for now, then in zip(self._now(), self._started, strict=True))

    @property
    def told(self) -> dict[str, float]:
        """What was measured."""
        return {"seconds": self.seconds, "cpu": self.cpu}


@dataclass(frozen=True)
class Sample:
    """What one process measured, the most memory that it had in megabytes, and what else it tells."""

    seconds: float
    cpu: float
    megabytes: float
    facts: dict[str, Any] = field(default_factory=dict)


def measure(function: str, /, **given: object) -> Sample:
    """Run a function of this package in a fresh process and return what it measured."""
    command = [sys.executable, "-m", "tests.benchmarks.measure", f"tests.benchmarks.{function}", json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{function} {given} failed:\n{done.stderr[-4000:]}")
    facts = json.loads(done.stdout.splitlines()[-1])
    return Sample(facts.pop("seconds", 0.0), facts.pop("cpu", 0.0), facts.pop("megabytes"), facts)


class Memory(threading.Thread):
    """Watches the most memory, in kilobytes, that this process and those below it have together."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0

    def run(self) -> None:
        """Look four times a second."""
        while True:
            self.peak = max(self.peak, sum(map(_resident, family(os.getpid()))))
            time.sleep(0.25)


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [p for child in task.read_text().split() for p in family(int(child))]
    return found


def _resident(pid: int) -> int:
    """Return the kilobytes of a process that are in memory."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
    return 0


def main(function: str, given: str) -> None:
    """Run the function and print what it tells."""
    module, _, name = function.partition(":")
    memory = Memory()
    memory.start()
    told = getattr(importlib.import_module(module), name)(**json.loads(given))
    peak = max(memory.peak, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # which no look can miss
    print(json.dumps({"megabytes": peak / 1024, **told}))


if __name__ == "__main__":
    main(*sys.argv[1:])
