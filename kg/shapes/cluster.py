"""A Dask cluster that prepares documents and judges slices in place of the processes of this machine.

A worker is sent the files of documents with their texts, and answers with models, findings, quads and results. It needs
the same release of Claimgraph and of the engine, and the shapes at the same path: whether it has them is asked first,
because what is done elsewhere has to be the same to the letter. What a worker that dies had to do, another does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kg.corpus.readings import hash_code
from kg.errors import SettingsError
from kg.pool import Run, in_order
from kg.settings import Settings

#: Seconds within which a scheduler has to answer; how often a slice may be tried again elsewhere.
_PATIENCE, _RETRIES = 20, 3
#: How many tasks are on the way for each thread of a worker.
_AHEAD = 2


@contextmanager
def join_cluster(address: str, settings: Settings) -> Iterator[Run]:
    """Give what maps slices over the workers of a scheduler; raise SettingsError when it or a worker is not fit."""
    try:
        from distributed import Client
    except ImportError as error:
        raise SettingsError("distributed is not installed; pip install 'claimgraph[dask]'") from error
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SettingsError(f"no Dask scheduler answers at {address!r}: {error}") from error
    with client:
        _compare_workers(
            client.run(describe, settings.ontology / "shapes", settings.engine, on_error="return"), settings
        )

        def run(work: Callable[[Any, Any], Any], context: Any, tasks: Iterable[Any]) -> Iterator[Any]:
            held = client.scatter(context, broadcast=True)  # to all: a worker that dies takes nothing with it
            ahead = _AHEAD * sum(client.nthreads().values())
            yield from in_order(
                lambda task: client.submit(work, held, task, pure=False, retries=_RETRIES), tasks, ahead
            )

        yield run


def describe(shapes: Path, engine: str) -> str:
    """Return the digests of the code and of the shapes that are here, with the release of the engine."""
    text = b"".join(path.read_bytes() for path in sorted(shapes.glob("*.ttl")))
    return f"{hash_code()} {engine} {version(engine)} {hashlib.sha256(text).hexdigest()}"


def _compare_workers(found: Mapping[str, object], settings: Settings) -> None:
    """Raise SettingsError when there is no worker, or one that would not judge as this process does."""
    if not found:
        raise SettingsError("the Dask cluster has no worker; start 'dask worker' where Claimgraph is installed")
    here = describe(settings.ontology / "shapes", settings.engine)
    for worker, told in found.items():
        if told != here:
            why = (
                str(told) if isinstance(told, Exception) else "another release of Claimgraph, the engine or the shapes"
            )
            raise SettingsError(f"the Dask worker {worker} is not like this machine: {why}")
