"""Handing an export over: to a stream, to a file, or, when it is a package, as the files of a folder."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

from kg.errors import NotFoundError
from kg.exports.format import Format
from kg.graph import Graph
from kg.places import Places
from kg.stores.connect import Build

#: Bytes of an export that are held in memory; more of them go to a temporary file.
_SPOOL = 1 << 22


def spool(form: Format, graph: Graph, build: Build, document: str | None) -> BinaryIO:
    """Return a whole export as a stream from its beginning, so that nothing is given away before it is finished."""
    out = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=_SPOOL))  # noqa: SIM115
    try:
        form.write(graph, build, out, document)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return out


class Desk:
    """Where a service has exports written: only so many at once, for they take time from all other answers."""

    def __init__(self, most: int) -> None:
        self._places = Places(most, "exports are being written")

    def spool(self, form: Format, graph: Graph, build: Build, document: str | None) -> BinaryIO:
        """Return a whole export as a stream; raise LimitError when as many as may be are being written."""
        with self._places.enter():
            return spool(form, graph, build, document)


def save(form: Format, graph: Graph, build: Build, document: str | None, target: Path) -> list[Path]:
    """Write an export to a file, or a package into a folder (one that exists, or a name without an ending)."""
    folder = target.is_dir() or (form.is_package and not target.suffix)
    if folder and not form.is_package:
        raise NotFoundError(f"{target} is a folder, and {form.name} is one file; name a file with -o")
    try:
        if folder:
            with spool(form, graph, build, document) as body, zipfile.ZipFile(body) as package:
                package.extractall(target)
                return [target / name for name in package.namelist()]
        fresh = target.with_name(f".{target.name}.tmp")
        try:
            with fresh.open("wb") as file:
                form.write(graph, build, file, document)
            fresh.replace(target)
        finally:
            fresh.unlink(missing_ok=True)
        return [target]
    except OSError as error:
        raise NotFoundError(f"{target} cannot be written: {error.strerror}") from error
