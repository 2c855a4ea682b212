"""One way to take the graph away: a name, what it keeps, what it loses, and the function that writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from kg.graph import Graph
from kg.stores.connect import Build

#: Writes the graph of a build, the whole or what one document says, to a stream.
Write = Callable[[Graph, Build, BinaryIO, str | None], None]

ZIP = "application/zip"


@dataclass(frozen=True)
class Format:
    """A format of the export; every module of this package has one, or several in a tuple `FORMATS`."""

    #: The name on the command line and in the address `/export/<name>`.
    name: str
    media_type: str
    #: The ending of its files, without the leading dot.
    suffix: str
    summary: str
    #: What of the graph it carries, and what it cannot carry: whole sentences, for the page of formats.
    keeps: str
    loses: str
    write: Write

    @property
    def is_package(self) -> bool:
        """Whether it is a zip of several files, which can be had as a folder too."""
        return self.media_type == ZIP
