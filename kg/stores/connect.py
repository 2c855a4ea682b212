"""From settings to a store: the current build behind workers, or a remote endpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import StoreError
from kg.settings import Settings
from kg.stores.base import Store
from kg.stores.remote import RemoteStore
from kg.stores.workers import WorkerPool


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


def current_build(settings: Settings) -> Build:
    """Return the build in service; raise StoreError, saying what to run, when there is none."""
    link = settings.builds / "current"
    if not link.exists():
        raise StoreError(f"there is no build in {settings.builds}; run 'kg build' (KG_BUILDS names another folder)")
    build = read_build(link.resolve())
    if build.manifest["base"] != settings.base:
        raise StoreError(
            f"the build has the base {build.manifest['base']}, KG_BASE is {settings.base}; 'kg build' again"
        )
    return build


def read_build(folder: Path) -> Build:
    """Return a build by its folder; raise StoreError when it is incomplete."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return Build(folder, manifest["digest"], manifest)
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"the build {folder} is incomplete ({error}); 'kg build' makes a new one") from error


def connect(settings: Settings, build: Build) -> Store:
    """Return the store that answers for a build."""
    if settings.endpoint:
        return RemoteStore(settings.endpoint, timeout=settings.deadline)
    limits = (settings.workers, settings.deadline, settings.memory, settings.max_result << 20)
    return WorkerPool(build.folder / "store", *limits)


def list_builds(settings: Settings) -> list[Build]:
    """Return the builds that are kept, the newest first."""
    folders = [
        p.parent
        for p in settings.builds.glob("*/manifest.json")
        if p.parent.name != "current" and p.parent.suffix != ".tmp"
    ]
    return [read_build(p) for p in sorted(folders, key=lambda p: p.stat().st_mtime_ns, reverse=True)]
