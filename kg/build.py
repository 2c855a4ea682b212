"""From curated files to a build in service: checked, reproducible to the byte, named by its digest, swapped at once.

    builds/<digest>/   graph.nq (canonical), store/ (pyoxigraph), search.sqlite (the search index),
                       manifest.json (digest, counts, SHA-256 of each file), manifest.sha256 (its own)
    builds/current     a link to the build in service, replaced by an atomic rename

The store is made from that of the build in service where the two differ in little; what was read of a document and what
the shapes say of it are remembered in builds/readings/ and builds/verdicts/, which may be deleted at any time.

A build is written beside the current one; a crash at any moment leaves the current one as it is. Builds of one folder
wait for each other: the lock ends with its process, however that ends. A build that is broken, or of another version,
gets a successor of the same digest in `<digest>-2/` and is dropped once that is in service.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from itertools import chain, count, islice
from pathlib import Path

import pyoxigraph

import kg
from kg.check import Verdict, check
from kg.errors import BuildError, StoreError
from kg.exports.dataset import describe
from kg.garbage import put_off
from kg.names import Names
from kg.pool import Run
from kg.progress import Progress, follow
from kg.rdf.formats import write_readable
from kg.rdf.sorting import Sorted
from kg.rdf.write import digest
from kg.search.index import FILE, FORM, write_index
from kg.settings import Settings
from kg.shapes.validation import write_report
from kg.stores.connect import (
    Build,
    current_build,
    hash_file,
    list_builds,
    list_files,
    read_build,
    seal_manifest,
    verify_build,
)
from kg.stores.embedded import EmbeddedStore
from kg.stores.heir import count_steps, inherit

#: How many lines are written at once.
_TOGETHER = 4000


def prepare(settings: Settings, progress: Progress = lambda _: None, run: Run | None = None) -> tuple[Verdict, Sorted]:
    """Check the data and return the verdict with all lines of the build; raise CheckError on any error."""
    progress("checking")
    verdict = check(settings, progress=progress, run=run)
    verdict.refuse()
    verdict.quads.add(write_report(verdict.results, Names(settings.base)))
    return verdict, verdict.quads


@put_off()
def build(settings: Settings, progress: Progress = lambda _: None, run: Run | None = None) -> Build:
    """Build the data folder and put it into service; the same input gives the same digest and no new build.

    `run` does elsewhere, such as on a cluster, what concerns one document by itself.
    """
    verdict, lines = prepare(settings, progress, run)
    name = digest(lines)
    try:
        settings.builds.mkdir(parents=True, exist_ok=True)
        with _alone(settings.builds, progress):
            _sweep(settings)
            folder = _find(settings, name) or _write(settings, name, lines, verdict, progress)
            _link(settings, folder)
            _prune(settings, folder, name)
            return read_build(folder)
    except OSError as error:
        raise _refusal(settings, error) from error


def _refusal(settings: Settings, error: OSError) -> BuildError:
    """Say where a build could not be written, and why."""
    place, reason = error.filename or settings.builds, error.strerror or error
    return BuildError(f"the build could not be written to {place}: {reason}; the old one stays")


def _find(settings: Settings, name: str) -> Path | None:
    """Return the folder that holds this build already: whole, and written by this version."""
    for known in list_builds(settings):
        if known.digest == name and known.manifest.get("versions") == _versions() and not verify_build(known):
            return known.folder
    return None


def _versions() -> dict[str, str]:
    """Return the versions that make the files of a build what they are."""
    return {"claimgraph": kg.__version__, "pyoxigraph": pyoxigraph.__version__, "search": str(FORM)}


@contextlib.contextmanager
def _alone(builds: Path, progress: Progress = lambda _: None) -> Iterator[None]:
    """Hold the folder of builds for one process at a time: two that write or prune at once would undo each other."""
    with (builds / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another build to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_graph(settings: Settings, folder: Path) -> list[Path]:
    """Write the graph as readable TriG files, exactly as the build makes it."""
    _, lines = prepare(settings)
    return write_readable(lines, folder, Names(settings.base))


def _write(settings: Settings, name: str, lines: Sorted, verdict: Verdict, progress: Progress) -> Path:
    """Write a build into a folder of its own, then give it a name that is free, and return that."""
    stem = settings.builds / name[:16]
    temporary = stem.with_name(f"{stem.name}.{os.getpid()}.tmp")
    temporary.mkdir()
    try:
        progress("writing the quads")
        graph, dataset = temporary / "graph.nq", temporary / "dataset.nq"
        _write_lines(graph, lines, progress)
        names = Names(settings.base)
        described = describe(name, _date(verdict), lines, verdict.corpus, verdict.vocabulary, names)
        _write_lines(dataset, described)
        progress("loading the store")
        inherited = _load(settings, temporary / "store", [graph, dataset], len(lines), progress)
        progress("writing the search index")
        write_index(temporary / FILE, verdict.corpus, verdict.vocabulary)
        manifest = {
            "digest": name,
            "base": settings.base,
            "date": _date(verdict),
            "quads": len(lines),
            "documents": len(verdict.corpus.documents),
            "claims": sum(1 for _ in verdict.corpus.claims),
            "inherited": inherited,
            "versions": _versions(),
            # Of whoever judged first: verdicts are remembered, and the same digest is not judged into a second build.
            "validated": {"engine": settings.engine, "version": version(settings.engine)},
            "files": {p.relative_to(temporary).as_posix(): hash_file(p) for p in list_files(temporary)},
        }
        (temporary / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        seal_manifest(temporary)
        for path in [*list_files(temporary), *(p for p in temporary.rglob("*") if p.is_dir()), temporary]:
            _sync(path)
        others = (stem.with_name(f"{stem.name}-{n}") for n in count(2))
        folder = next(f for f in chain([stem], others) if not f.exists())
        temporary.rename(folder)
        _sync(settings.builds)
        return folder
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _load(settings: Settings, folder: Path, texts: list[Path], quads: int, progress: Progress) -> int:
    """Load the store, or make it from that of the build in service; return how many such steps it is from a load."""
    with contextlib.suppress(StoreError):
        old = current_build(settings)
        if old.manifest.get("versions") == _versions() and (store := inherit(old, folder, texts)):
            store.close()
            return count_steps(old) + 1
    store = EmbeddedStore.create(folder)
    store.read_in(texts, progress)
    progress("compacting the store")
    store.optimize()
    loaded = len(store)
    store.close()
    if loaded < quads:
        raise StoreError(f"the store holds {loaded} of {quads} quads")
    return 0


def _write_lines(path: Path, lines: Sorted | list[str], progress: Progress = lambda _: None) -> None:
    rest = iter(lines)
    blocks = iter(lambda: "".join(islice(rest, _TOGETHER)), "")
    with path.open("wb") as file:
        for block in follow(blocks, "writing the quads", -(-len(lines) // _TOGETHER), progress):
            file.write(block.encode())


def put_in_service(settings: Settings, folder: Path) -> None:
    """Put a build that is kept into service again; raise BuildError when it is not whole."""
    if changed := verify_build(read_build(folder)):
        raise BuildError(f"the build {folder} is not whole any more ({', '.join(changed)}); the old one stays")
    try:
        with _alone(settings.builds):
            _link(settings, folder)
    except OSError as error:
        raise _refusal(settings, error) from error


def _link(settings: Settings, folder: Path) -> None:
    """Let `current` name the build, by one rename."""
    link = settings.builds / "current"
    if link.is_symlink() and os.readlink(link) == folder.name:  # noqa: PTH115
        return
    if link.is_dir() and not link.is_symlink():
        raise BuildError(f"{link} is a folder and not a link to one: move it away, then 'kg build' again")
    fresh = settings.builds / f"current.{os.getpid()}.tmp"
    fresh.symlink_to(folder.name)
    fresh.rename(link)
    _sync(settings.builds)


def _sweep(settings: Settings) -> None:
    """Drop what broken-off builds left behind: whoever holds the lock is the only one at work."""
    for stale in settings.builds.glob("*.tmp"):
        shutil.rmtree(stale, ignore_errors=True) if stale.is_dir() and not stale.is_symlink() else stale.unlink()


def _prune(settings: Settings, current: Path, name: str) -> None:
    """Drop builds beyond those that are kept, and broken ones of the same digest."""
    broken = [p for p in settings.builds.glob(f"{name[:16]}*") if p != current]
    older = [b.folder for b in list_builds(settings) if b.folder not in (current, *broken)]
    for folder in [*broken, *older[settings.keep - 1 :]]:
        shutil.rmtree(folder, ignore_errors=True)


def _date(verdict: Verdict) -> str:
    """Return the date of the data: the latest curation, never a clock."""
    return max((d.curated.isoformat() for d in verdict.corpus.documents.values()), default="1970-01-01")


def _sync(path: Path) -> None:
    """Have the system write a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
