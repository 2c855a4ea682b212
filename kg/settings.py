"""Where things are and how much is allowed: read once, at the edge, and passed down."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.errors import SettingsError

_HERE = Path(__file__).resolve().parent
DEFAULT_BASE = "https://w3id.org/claimgraph/"


def _shipped(name: str) -> Path:
    """Return a folder of the repository, or its copy inside an installed wheel."""
    beside, inside = _HERE.parent / name, _HERE / f"_{name}"
    return inside if inside.is_dir() else beside


_DATA, _ONTOLOGY = _shipped("data"), _shipped("ontology")


@dataclass(frozen=True)
class Settings:
    """All settings, each with the environment variable that sets it."""

    #: KG_DATA: the folder of curated files.
    data: Path = _DATA
    #: KG_ONTOLOGY: the folder of the vocabulary and shapes.
    ontology: Path = _ONTOLOGY
    #: KG_BUILDS: where builds are kept.
    builds: Path = Path("builds")
    #: KG_SOURCES: folders with source texts, separated as in PATH; texts are known by digest, not by name.
    sources: tuple[Path, ...] = ()
    #: KG_IMPORTS: folders with imported data, as `kg import` writes it, separated as in PATH.
    imports: tuple[Path, ...] = ()
    #: KG_BASE: what data IRIs begin with.
    base: str = DEFAULT_BASE
    #: KG_ENDPOINT: a SPARQL 1.1 endpoint to serve from in place of the build on disk.
    endpoint: str | None = None
    #: KG_ENGINE: what applies the shapes, pyshacl or shacl.
    engine: str = "pyshacl"
    #: KG_WORKERS: processes that answer queries.
    workers: int = 2
    #: KG_DEADLINE: seconds that a query may take.
    deadline: float = 10.0
    #: KG_MEMORY: megabytes of address space that a query worker may take.
    memory: int = 4096
    #: KG_RESULT: megabytes that one answer may have.
    max_result: int = 64
    #: KG_HOSTS: host names that the service answers to, separated by commas; * for any. Default: those of this machine.
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    #: KG_KEEP: how many builds are kept, the one in service among them.
    keep: int = 3

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings from environment variables; raise SettingsError for one that has no meaning.

        >>> Settings.from_environment({"KG_BASE": "http://example.org/"}).base
        'http://example.org/'
        """
        base = env.get("KG_BASE", DEFAULT_BASE)
        if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+/", base):
            raise SettingsError(f"KG_BASE must be an http(s) IRI that ends in a slash, not {base!r}")
        folders, imports = (_folders(env, name) for name in ("KG_SOURCES", "KG_IMPORTS"))
        return cls(
            data=Path(env.get("KG_DATA") or cls.data),
            ontology=Path(env.get("KG_ONTOLOGY") or cls.ontology),
            builds=Path(env.get("KG_BUILDS") or cls.builds),
            sources=folders,
            imports=imports,
            base=base,
            endpoint=env.get("KG_ENDPOINT") or None,
            workers=int(_number(env, "KG_WORKERS", cls.workers)),
            deadline=_number(env, "KG_DEADLINE", cls.deadline),
            memory=int(_number(env, "KG_MEMORY", cls.memory)),
            max_result=int(_number(env, "KG_RESULT", cls.max_result)),
            hosts=tuple(_host(h) for h in env.get("KG_HOSTS", "").split(",") if h.strip()) or cls.hosts,
            engine=env.get("KG_ENGINE", cls.engine),
            keep=max(1, int(_number(env, "KG_KEEP", cls.keep))),
        )


def _folders(env: Mapping[str, str], name: str) -> tuple[Path, ...]:
    """Read the folders that a setting names."""
    folders = tuple(Path(p) for p in env.get(name, "").split(os.pathsep) if p)
    for folder in folders:
        if not folder.is_dir():
            raise SettingsError(f"{name} names {folder}, which is not a folder")
    return folders


def _host(name: str) -> str:
    """Return a host name as requests are compared with it: in small letters, without a port."""
    return re.sub(r"(?<=[\w\]]):\d*$", "", name.strip().lower())


def _number(env: Mapping[str, str], name: str, default: float) -> float:
    """Read one positive number."""
    try:
        value = float(env.get(name, default))
    except ValueError as error:
        raise SettingsError(f"{name} must be a number, not {env[name]!r}") from error
    if not 0 < value < 1e9:
        raise SettingsError(f"{name} must be more than 0 and less than a thousand million, not {env[name]!r}")
    return value
