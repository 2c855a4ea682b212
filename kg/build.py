"""From curated files to a build in service: checked, reproducible to the byte, named by its digest, swapped at once.

    builds/<digest>/   graph.nq (canonical), store/ (pyoxigraph), manifest.json (digest, counts, SHA-256 of each file)
    builds/current     a link to the build in service, replaced by an atomic rename

A build is written beside the current one; a crash at any moment leaves the current one as it is. Builds of one folder
wait for each other: the lock ends with its process, however that ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyoxigraph

import kg
from kg.check import Verdict, check
from kg.errors import BuildError, StoreError
from kg.export import write_readable
from kg.names import Names
from kg.rdf import digest
from kg.settings import Settings
from kg.shapes import write_report
from kg.stores.connect import Build, list_builds, read_build
from kg.stores.embedded import EmbeddedStore
from kg.terms import DCAT, DCT, RDF, VOID, XSD, iri, literal

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
Progress = Callable[[str], None]


def prepare(settings: Settings, progress: Progress = lambda _: None) -> tuple[Verdict, list[str]]:
    """Check the data and return the verdict with all lines of the build; raise CheckError on any error."""
    progress("checking")
    verdict = check(settings)
    verdict.refuse()
    return verdict, sorted([*verdict.quads, *write_report(verdict.results, Names(settings.base))])


def build(settings: Settings, progress: Progress = lambda _: None) -> Build:
    """Build the data folder and put it into service; the same input gives the same digest and no new build."""
    verdict, lines = prepare(settings, progress)
    name = digest(lines)
    folder = settings.builds / name[:16]
    try:
        settings.builds.mkdir(parents=True, exist_ok=True)
        with _alone(settings.builds, progress):
            if not (folder / "manifest.json").exists():
                _write(settings, folder, name, lines, verdict, progress)
            _link(settings, folder)
            _prune(settings, folder)
            return read_build(folder)
    except OSError as error:
        place = error.filename or settings.builds
        raise BuildError(f"the build could not be written to {place}: {error.strerror}; the old one stays") from error


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


def _write(settings: Settings, folder: Path, name: str, lines: list[str], verdict: Verdict, progress: Progress) -> None:
    """Write a build into a folder of its own, then give it its name."""
    temporary = folder.with_name(f"{folder.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        progress("writing the quads")
        (temporary / "graph.nq").write_text("".join(lines), encoding="utf-8")
        progress("loading the store")
        store = EmbeddedStore.create(temporary / "store")
        store.load([*lines, *describe(name, lines, verdict, Names(settings.base))])
        store.optimize()
        loaded = len(store)
        store.close()
        if loaded < len(lines):
            raise StoreError(f"the store holds {loaded} of {len(lines)} quads")
        manifest = {
            "digest": name,
            "base": settings.base,
            "date": _date(verdict),
            "quads": len(lines),
            "documents": len(verdict.corpus.documents),
            "claims": sum(1 for _ in verdict.corpus.claims),
            "versions": {"claimgraph": kg.__version__, "pyoxigraph": pyoxigraph.__version__},
            "files": {p.relative_to(temporary).as_posix(): _sha256(p) for p in _files(temporary)},
        }
        (temporary / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        for path in [*_files(temporary), temporary]:
            _sync(path)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
        _sync(settings.builds)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def put_in_service(settings: Settings, folder: Path) -> None:
    """Put a build that is kept into service again."""
    try:
        with _alone(settings.builds):
            _link(settings, folder)
    except OSError as error:
        raise BuildError(f"{settings.builds} could not be written: {error.strerror}; the old build stays") from error


def _link(settings: Settings, folder: Path) -> None:
    """Let `current` name the build, by one rename."""
    link = settings.builds / "current"
    if link.is_symlink() and os.readlink(link) == folder.name:  # noqa: PTH115
        return
    fresh = settings.builds / f"current.{os.getpid()}.tmp"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(folder.name)
    fresh.rename(link)
    _sync(settings.builds)


def _prune(settings: Settings, current: Path) -> None:
    """Drop builds beyond those that are kept, and what broken-off builds left behind."""
    older = [b.folder for b in list_builds(settings) if b.folder.name != current.name]
    for folder in older[settings.keep - 1 :]:
        shutil.rmtree(folder, ignore_errors=True)
    for stale in settings.builds.glob("*.tmp"):
        if not _is_alive(stale.suffixes[-2]):
            shutil.rmtree(stale, ignore_errors=True) if stale.is_dir() and not stale.is_symlink() else stale.unlink()


def _is_alive(suffix: str) -> bool:
    """Tell whether the process that a temporary name carries is still there."""
    try:
        os.kill(int(suffix.lstrip(".")), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def verify_build(build: Build) -> list[str]:
    """Return the files of a build that are not, byte for byte, what its manifest says."""
    recorded: dict[str, str] = build.manifest["files"]
    there = {p.relative_to(build.folder).as_posix(): p for p in _files(build.folder)}
    changed = [name for name, digest in recorded.items() if name not in there or _sha256(there[name]) != digest]
    return sorted({*changed, *(there.keys() - recorded.keys() - {"manifest.json"})})


def describe(name: str, lines: Iterable[str], verdict: Verdict, names: Names) -> list[str]:
    """Return the VoID and DCAT description of a build; it quotes the digest and so is not part of it."""
    node, graph = names.iri("dataset"), names.graph("dataset")
    graphs = Counter(line[line.rindex(" <") + 2 : -4] for line in lines)
    rows = [
        (node, RDF + "type", iri(VOID + "Dataset")),
        (node, RDF + "type", iri(DCAT + "Dataset")),
        (node, DCT + "title", literal("Claimgraph", language="en")),
        (node, DCT + "identifier", literal(name)),
        (node, DCT + "license", iri(LICENSE)),
        (node, DCT + "modified", literal(_date(verdict), XSD + "date")),
        (node, VOID + "uriSpace", literal(names.base)),
        (node, VOID + "sparqlEndpoint", iri(names.iri("sparql"))),
        (node, VOID + "triples", literal(str(sum(graphs.values())), XSD + "integer")),
    ]
    for part, count in graphs.items():
        rows += [
            (node, VOID + "subset", iri(part)),
            (part, RDF + "type", iri(VOID + "Dataset")),
            (part, VOID + "triples", literal(str(count), XSD + "integer")),
        ]
    return sorted(f"<{s}> <{p}> {o} <{graph}> .\n" for s, p, o in rows)


def _date(verdict: Verdict) -> str:
    """Return the date of the data: the latest curation, never a clock."""
    return max((d.curated.isoformat() for d in verdict.corpus.documents.values()), default="1970-01-01")


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    """Have the system write a file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
