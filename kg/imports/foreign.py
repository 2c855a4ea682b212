"""What others wrote, as it was read: nodes, statements and records, before anything of it is mapped."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from kg.errors import ForeignError
from kg.model import Record

_MAX_LINE = 1 << 22
_MAX_BYTES = 1 << 29


@dataclass
class Node:
    """A thing that statements are about, with all names and categories that it is given, and how often."""

    names: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Statement:
    """A subject, a predicate and an object, with the record that says it."""

    subject: str
    predicate: str
    object: str
    record: str
    negated: bool = False
    level: str = ""
    qualifiers: Mapping[str, str] = field(default_factory=dict)
    #: In words of ours, where the source has them.
    certainty: str = ""
    cue: str = ""


@dataclass
class Reading:
    """All that was read of one source."""

    format: str
    title: str
    sha256: str
    nodes: dict[str, Node] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    #: The statements, by their places in the list, that a record joins in order.
    chains: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    #: What was noticed and is no error, with counts.
    notes: Counter[str] = field(default_factory=Counter)

    def add_node(self, id_: str, name: str, *categories: str) -> None:
        """Note a thing, again when it stands in several places."""
        node = self.nodes.setdefault(id_, Node())
        if name:
            node.names[name] += 1
        for category in categories:
            node.categories[category] += 1


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    r"""Yield the lines of a text file, gzipped or not, with their numbers; raise ForeignError where it is none.

    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "a.tsv"
    >>> _ = file.write_text("one\n\ntwo\n")
    >>> list(read_lines(file))
    [(1, 'one'), (3, 'two')]
    """
    number = read = 0
    try:
        with _open(path) as file:
            while line := file.readline(_MAX_LINE + 1):
                number, read = number + 1, read + len(line)
                if len(line) > _MAX_LINE or read > _MAX_BYTES:
                    limit = f"a line over {_MAX_LINE >> 20} MiB" if len(line) > _MAX_LINE else "over 512 MiB"
                    raise ForeignError(f"{path}:{number}", "too-large", limit, "split the file and import its parts")
                if text := line.decode("utf-8").strip("\r\n"):
                    yield number, text
    except UnicodeDecodeError as error:
        raise ForeignError(f"{path}:{number}", "encoding", f"byte {error.start} is not UTF-8", "save it so") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ForeignError(f"{path}:{number + 1}", "gzip", str(error), "fetch the file anew") from error
    except OSError as error:
        raise ForeignError(str(path), "unreadable", str(error.strerror), "name a file that can be read") from error


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def hash_files(*paths: Path) -> str:
    """Return the SHA-256 of a file, or of several one after the other."""
    sha = hashlib.sha256()
    for path in paths:
        try:
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    sha.update(piece)
        except OSError as error:
            raise ForeignError(str(path), "unreadable", str(error.strerror), "name a file that can be read") from error
    return sha.hexdigest()
