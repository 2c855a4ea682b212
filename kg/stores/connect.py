"""From settings to a store: the current build behind workers, or a remote endpoint."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph

from kg.errors import ClaimgraphError, NotFoundError, StoreError
from kg.names import Names
from kg.query import read_queries
from kg.settings import Settings
from kg.stores.base import GRAPHS, Question, Store
from kg.stores.remote import RemoteStore
from kg.stores.workers import WorkerPool

#: Bytes that a store in memory takes for each byte of N-Quads: 2.0 was measured with 2.6 million quads.
_BYTES_IN_MEMORY = 2.2
_LOG = logging.getLogger("claimgraph.store")
_NAME, _SEAL = "manifest.json", "manifest.sha256"
#: What a manifest says, and in which form. One that does not was written by another version, or is broken.
_MANIFEST: dict[str, type] = {
    "digest": str, "base": str, "date": str, "quads": int, "documents": int, "claims": int, "files": dict,
}  # fmt: skip


@dataclass(frozen=True)
class Build:
    """A finished build: its folder and what its manifest says."""

    folder: Path
    digest: str
    manifest: dict[str, Any]

    @property
    def quads(self) -> Path:
        """The canonical N-Quads text."""
        return self.folder / "graph.nq"

    @property
    def texts(self) -> tuple[Path, ...]:
        """All that the store holds, as N-Quads."""
        return (self.quads, self.folder / "dataset.nq")

    @property
    def graphs(self) -> tuple[str, ...]:
        """The names of its graphs, as its description tells them."""
        names = Names(self.manifest["base"])
        part = re.compile(rf"<http://rdfs.org/ns/void#subset> <({re.escape(names.graph(''))}[^>]*)>")
        described = part.findall((self.folder / "dataset.nq").read_text(encoding="utf-8"))
        return tuple(sorted({*described, names.graph("dataset")}))

    @property
    def engine(self) -> str:
        """The version of pyoxigraph that wrote the store."""
        return str(self.manifest.get("versions", {}).get("pyoxigraph", "an unknown version"))


def current_build(settings: Settings) -> Build:
    """Return the build in service; raise StoreError, saying what to run, when there is none."""
    link = settings.builds / "current"
    if link.is_symlink() and not link.exists():
        raise StoreError(f"{link} names a build that is not there; 'kg rollback' to one of 'kg builds', or 'kg build'")
    if not link.exists():
        raise StoreError(f"there is no build in {settings.builds}; run 'kg build' (KG_BUILDS names another folder)")
    folder = link.resolve()
    if folder.parent != settings.builds.resolve():
        raise StoreError(f"{link} leads out of {settings.builds}, to {folder}; 'kg build' puts it right")
    build = read_build(folder)
    if build.manifest["base"] != settings.base:
        raise StoreError(
            f"the build has the base {build.manifest['base']}, KG_BASE is {settings.base}; 'kg build' again"
        )
    return build


def read_build(folder: Path) -> Build:
    """Return a build by its folder; raise StoreError when it is incomplete."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"the build {folder} is incomplete ({error}); 'kg build' makes a new one") from error
    kept = manifest if isinstance(manifest, dict) else {}
    wrong = [key for key, form in _MANIFEST.items() if not isinstance(kept.get(key), form)]
    if wrong:
        raise StoreError(
            f"the manifest of the build {folder} has no fitting {', '.join(wrong)}: it is of another version of "
            "Claimgraph, or broken; 'kg build' makes a new one"
        )
    return Build(folder, manifest["digest"], manifest)


def connect(settings: Settings, build: Build) -> Store:
    """Return the store that answers for a build."""
    if settings.endpoint:
        return _connect_endpoint(settings.endpoint, settings, build)
    ours = pyoxigraph.__version__
    if build.engine != ours:
        _LOG.warning(
            "the store was written by pyoxigraph %s, this is %s; 'kg build' writes it anew", build.engine, ours
        )
    limits = (settings.workers, settings.deadline, settings.memory, settings.max_result << 20)
    texts = build.texts if _fits_memory(build) else ()
    _check_texts(build, texts)
    return WorkerPool(build.folder / "store", *limits, texts)


def _connect_endpoint(endpoint: str, settings: Settings, build: Build) -> RemoteStore:
    """Return the store at an endpoint; raise StoreError when it does not hold all of the build."""
    limits: dict[str, Any] = {"timeout": settings.deadline, "max_result": settings.max_result << 20}
    store = RemoteStore(endpoint, graphs=build.graphs, **limits)
    names = Names(settings.base)
    text = read_queries()["describe"].bind({"resource": names.iri("dataset")}, names)
    try:
        told = store.query(Question(text, graph=GRAPHS["nt"], trusted=True)).body.decode()
        if build.digest not in told:
            found = re.search(r"identifier>\s*\"(\w{12})", told)
            holds = f"the build {found[1]}" if found else "no build, or half of one"
            raise StoreError(f"{store} holds {holds}, and not {build.digest[:12]}; 'kg load' puts it there")
    except ClaimgraphError:
        store.close()
        raise
    return store


def _check_texts(build: Build, texts: Iterable[Path]) -> None:
    """Raise StoreError when a text is not as it was built: no engine would notice a changed letter."""
    for text in texts:
        recorded = build.manifest["files"].get(text.name)
        if recorded is not None and hash_file(text) != recorded:
            raise StoreError(f"{text} changed since it was built; 'kg build' makes a new one")


def _fits_memory(build: Build) -> bool:
    """Tell whether a build takes less than a third of the memory that is free: answers come several times as quickly.

    The process that read it and its workers share pages until they read them, which writes to most of them.
    """
    try:
        free = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"))
        need = _BYTES_IN_MEMORY * sum(path.stat().st_size for path in build.texts)
    except OSError:
        return False  # what is missing is told by who opens it
    return free is not None and need < int(free[1]) * 1024 / 3


def list_builds(settings: Settings) -> list[Build]:
    """Return the builds that are kept and can be read, the newest first."""
    found = [read_build(folder) for folder in _folders(settings) if _fault(folder) is None]
    return sorted(found, key=lambda b: (b.folder / "manifest.json").stat().st_mtime_ns, reverse=True)


def find_build(settings: Settings, digest: str) -> Build:
    """Return the build that is kept whose digest begins so; raise NotFoundError when there is none, or several."""
    kept = list_builds(settings)
    found = [b for b in kept if digest and b.digest.startswith(digest)]
    if len(found) != 1:
        known = ", ".join(b.digest[:12] for b in kept) or "none"
        raise NotFoundError(f"{len(found)} builds begin with {digest!r}; kept are {known}")
    return found[0]


def list_faults(settings: Settings) -> list[str]:
    """Return what is wrong with the folders that look like builds and cannot be read."""
    return [fault for folder in _folders(settings) if (fault := _fault(folder)) is not None]


def _folders(settings: Settings) -> list[Path]:
    """Return the folders with a manifest, but for the link to one of them and those that are being written."""
    folders = (p.parent for p in settings.builds.glob("*/manifest.json"))
    return sorted(f for f in folders if f.name != "current" and f.suffix != ".tmp")


def _fault(folder: Path) -> str | None:
    try:
        read_build(folder)
    except StoreError as error:
        return str(error)
    return None


def verify_build(build: Build) -> list[str]:
    """Return the files of a build that are not, byte for byte, what its manifest says, and the manifest if it changed.

    A build of an older version has no seal: of its manifest only the digest can be told.
    """
    recorded: dict[str, str] = build.manifest["files"]
    there = {p.relative_to(build.folder).as_posix(): p for p in list_files(build.folder)}
    changed = [name for name, digest in recorded.items() if name not in there or hash_file(there[name]) != digest]
    sealed = _SEAL not in there or there[_SEAL].read_bytes() == _seal(build.folder)
    if recorded.get("graph.nq") != build.digest or not sealed:
        changed.append(_NAME)
    return sorted({*changed, *(there.keys() - recorded.keys() - {_NAME, _SEAL})})


def seal_manifest(folder: Path) -> None:
    """Write the hash of a manifest beside it, as sha256sum reads it."""
    (folder / _SEAL).write_bytes(_seal(folder))


def _seal(folder: Path) -> bytes:
    return f"{hash_file(folder / _NAME)}  {_NAME}\n".encode()


def list_files(folder: Path) -> list[Path]:
    """Return all files in a folder and below."""
    return sorted(p for p in folder.rglob("*") if p.is_file())


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
