"""Processes that start apart from the script that asked for them: it is not run again in each of them.

A process that is spawned would read the caller's script to find what it is to do. What ours do stands in modules, and a
script that opens a graph in its first line, as anyone would write it, must not be made to open it again and again.
"""

from __future__ import annotations

import multiprocessing.context as contexts
import sys
import threading
from typing import Any

_lock = threading.Lock()
_NAMES = ("__file__", "__spec__")


class _Process(contexts.SpawnProcess):
    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        script = vars(sys.modules["__main__"])
        with _lock:
            kept = {name: script[name] for name in _NAMES if name in script}
            try:
                script.update(dict.fromkeys(kept))
                return contexts.SpawnProcess._Popen(process_obj)
            finally:
                script.update(kept)


class _Context(contexts.SpawnContext):
    Process = _Process


#: What makes such processes: given to pools, and asked for pipes.
APART = _Context()
