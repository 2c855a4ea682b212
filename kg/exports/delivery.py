"""Handing an export over: to a stream, to a file, or, when it is a package, as the files of a folder."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import BinaryIO, cast

from kg.errors import NotFoundError
from kg.exports.format import Format
from kg.graph import Graph
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


def save(form: Format, graph: Graph, build: Build, document: str | None, target: Path) -> list[Path]:
    """Write an export to a file, or a package into a folder (one that exists, or a name without an ending)."""
    folder = target.is_dir() or (form.is_package and not target.suffix)
    if folder and not form.is_package:
        raise NotFoundError(f"{target} is a folder, and {form.name} is one file; name a file with -o")
    try:
        with spool(form, graph, build, document) as body:
            if folder:
                with zipfile.ZipFile(body) as package:
                    package.extractall(target)
                    return [target / name for name in package.namelist()]
            fresh = target.with_name(f".{target.name}.tmp")
            with fresh.open("wb") as file:
                while piece := body.read(_SPOOL):
                    file.write(piece)
            fresh.replace(target)
            return [target]
    except OSError as error:
        raise NotFoundError(f"{target} cannot be written: {error.strerror}") from error
