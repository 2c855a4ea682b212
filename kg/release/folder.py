"""A release: every format of the export in one folder, as an RO-Crate with checksums, licence, citation and README.

The same build gives the same bytes: dates are those of the data. The folder is written under another name beside the
target and renamed when it is whole, so that nothing is ever half there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from kg.errors import NotFoundError, ReleaseError
from kg.exports import FORMATS, get_format
from kg.exports.format import Format
from kg.exports.origin import origin_of
from kg.exports.tables import read_rows
from kg.graph import Graph
from kg.release.crate import METADATA, SUMS, write_crate
from kg.release.leaflets import Contents, file_of, write_citation, write_licence, write_readme
from kg.stores.connect import Build, hash_file

Progress = Callable[[str], None]
#: What the README tells to read; the rest may be left out.
_NEEDED = frozenset({"nq", "csv", "bibtex"})


@dataclass(frozen=True)
class Release:
    """A release that was written: its folder and the sizes of its files in bytes."""

    folder: Path
    files: dict[str, int]

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(self.files.values())


def write_release(
    graph: Graph, build: Build, target: Path, without: Collection[str] = (), progress: Progress = lambda _: None
) -> Release:
    """Write a release of a build into a new or empty folder; raise ReleaseError when that cannot be."""
    left = {get_format(name).name for name in without}
    if left & _NEEDED:
        raise ReleaseError(f"a release has {', '.join(sorted(_NEEDED))} always; leave out others")
    target = target.resolve()
    _check_free(target)
    fresh = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        fresh.mkdir()
        _fill(fresh, graph, build, [f for f in FORMATS if f.name not in left], progress)
        fresh.rename(target)
    except OSError as error:
        raise ReleaseError(f"{target} cannot be written: {error.strerror or error}; nothing was left there") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Release(target, {path.name: path.stat().st_size for path in sorted(target.iterdir())})


def _check_free(target: Path) -> None:
    """Raise ReleaseError for a target that holds something: a release never overwrites, nor mixes with other files."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        what = "is not empty" if target.is_dir() else "is a file"
        raise ReleaseError(f"{target} {what}; name a folder that is new or empty")


def _fill(folder: Path, graph: Graph, build: Build, formats: list[Format], progress: Progress) -> None:
    """Write the files of a release; the sums come last, since they tell of all others."""
    for form in formats:
        progress(f"writing {form.name}")
        with (folder / file_of(form)).open("wb") as file:
            try:
                form.write(graph, build, file, None)
            except NotFoundError as error:
                raise ReleaseError(f"{form.name}: {error}; or leave it out: --without {form.name}") from error
    contents = _read_contents(graph, formats)
    for name, text in (
        ("README.md", write_readme(contents)),
        ("LICENSE", write_licence(contents)),
        ("CITATION.cff", write_citation(contents)),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / METADATA).write_text(write_crate(contents, folder), encoding="utf-8")
    sums = "".join(f"{hash_file(path)}  {path.name}\n" for path in sorted(folder.iterdir()))
    (folder / SUMS).write_text(sums, encoding="utf-8")


def _read_contents(graph: Graph, formats: list[Format]) -> Contents:
    counts = {row["what"]: row["count"] for row in graph.ask("counts").rows}
    counts["disagreements"] = len(graph.ask("disagreements").rows)
    without = [form for form in FORMATS if form not in formats]
    return Contents(origin_of(graph), counts, read_rows(graph, "documents").rows, formats, without)
