"""A Dask cluster that judges slices in place of the processes of this machine.

A worker is sent slices as text and answers with results. It needs the same release of Claimgraph and of the engine, and
the shapes at the same path: whether it has them is asked first, because what is judged elsewhere has to be the same to
the letter. A worker that dies has its slices judged by another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from kg.corpus.readings import hash_code
from kg.errors import SettingsError
from kg.settings import Settings
from kg.shapes.slices import Slice
from kg.shapes.verdicts import Judged, Run

#: Seconds within which a scheduler has to answer; how often a slice may be tried again elsewhere.
_PATIENCE, _RETRIES = 20, 3


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

        def run(function: Callable[[Sequence[Slice]], Judged], hands: Iterable[Sequence[Slice]]) -> list[Judged]:
            found: list[Judged] = client.gather(client.map(function, list(hands), pure=False, retries=_RETRIES))
            return found

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
