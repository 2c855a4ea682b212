"""RDF of others, parsed on trial in a process of its own: some kilobytes of nested triples end the one that reads them.

What passes may be read: the process on trial had less of everything, and let no triple stand within another.
"""

from __future__ import annotations

import os
import resource
from multiprocessing.connection import Connection
from pathlib import Path

import pyoxigraph as ox

from kg.stores import isolation
from kg.stores.apart import APART

#: Seconds, megabytes of memory and bytes of stack that a trial may take.
_SECONDS, _MEGABYTES, _STACK = 120.0, 2048, 4 << 20


def find_fault(path: Path, form: ox.RdfFormat) -> str:
    """Return what is wrong with a file of RDF, or nothing."""
    ours, theirs = APART.Pipe(duplex=False)
    process = APART.Process(target=_parse, args=(theirs, path, form.file_extension), daemon=True)
    process.start()
    theirs.close()
    try:
        return str(ours.recv()) if ours.poll(_SECONDS) else f"it cannot be read within {_SECONDS:g} seconds"
    except EOFError:
        return "it ends the process that reads it: it is nested too deeply, or too large"
    finally:
        process.kill()
        process.join()
        ours.close()


def _parse(told: Connection, path: Path, extension: str) -> None:
    isolation.end_with_parent()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # its last words are for nobody
    isolation.cut_network()
    isolation.limit(_MEGABYTES)
    resource.setrlimit(resource.RLIMIT_STACK, (_STACK, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    form = ox.RdfFormat.from_extension(extension)
    assert form is not None
    try:
        nested = any(isinstance(quad.object, ox.Triple) for quad in ox.parse(path=str(path), format=form))
    except OSError as error:
        told.send(f"cannot be read: {error.strerror or error}")
    except (SyntaxError, ValueError) as error:
        told.send(str(error))
    else:
        told.send("a triple stands within another, which has no meaning here" if nested else "")
