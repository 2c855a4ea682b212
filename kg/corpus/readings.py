"""What was read of each document, remembered: a rebuild reads what changed.

<builds>/readings/<document>.json   the key of all that the reading depends on, the digest of the rest, and the model

An entry that is broken, of other files or of another version of the code is as none. It is data and nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from kg.model import Document


class Readings:
    """Documents that were read without a fault, in a folder; one that cannot be written is done without."""

    def __init__(self, folder: Path, context: object) -> None:
        self._folder = folder
        #: Hashed once: it is megabytes, and there are thousands of documents.
        self._context = hashlib.sha256(f"{hash_code()} {context!r}".encode()).hexdigest()
        self._met: set[str] = set()

    def key(self, name: str, files: Iterable[bytes]) -> str:
        """Return the digest of all that the reading of a document depends on."""
        told = hashlib.sha256(f"{self._context}\0{name}".encode())
        for raw in files:
            told.update(hashlib.sha256(raw).digest())
        return told.hexdigest()

    def recall(self, document: str, key: str) -> Document | None:
        """Return a document that was read from the same."""
        self._met.add(f"{document}.json")
        try:
            known, digest, text = (self._folder / f"{document}.json").read_bytes().split(b"\n", 2)
            if known.decode() != key or hashlib.sha256(text).hexdigest() != digest.decode():
                return None
            return _adapter().validate_json(text)
        except (OSError, ValueError, ValidationError):
            return None

    def remember(self, document: Document, key: str) -> None:
        """Write a document by a rename, so that none is ever half there."""
        text = _adapter().dump_json(document)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = self._folder / f"{document.id}.{os.getpid()}.tmp"
            fresh.write_bytes(b"\n".join([key.encode(), hashlib.sha256(text).hexdigest().encode(), text]))
            fresh.rename(self._folder / f"{document.id}.json")

    def forget(self) -> None:
        """Drop what is remembered of documents that nobody asked for."""
        with contextlib.suppress(OSError):
            for path in self._folder.iterdir():
                if path.name not in self._met:
                    path.unlink()


@lru_cache(1)
def _adapter() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


@lru_cache(1)
def hash_code() -> str:
    """Return the digest of the modules that read, and of those they stand on: what they did may change with them."""
    told, here = hashlib.sha256(), Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.parent.glob("*.py")]):
        told.update(path.read_bytes())
    return told.hexdigest()
