"""Every curated document prepared: recalled where nothing that it depends on changed, else by a `Run`.

<builds>/readings/   what was read of each document
<builds>/verdicts/   into which slices it was cut, and what the shapes say of each
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from kg.anchors import Source
from kg.corpus.files import MAX_BYTES
from kg.corpus.readings import Readings
from kg.documents import Context, Prepared, Task, prepare
from kg.model import Document
from kg.pool import Run, count_processors, run_here, run_in_processes
from kg.shapes.portions import Portions
from kg.shapes.verdicts import Verdicts

#: From how many documents on processes are worth their start: pySHACL takes long over each, which nothing else does.
_WORTH = {"pyshacl": 4}
_WORTH_AT_ALL = 150
#: How many documents go to a process at once at most.
_TOGETHER = 32
_SHA256 = re.compile(rb"\b[0-9a-f]{64}\b")


class Preparation:
    """Prepares documents, and remembers what was prepared in the folder of builds."""

    def __init__(self, context: Context, builds: Path, sources: Mapping[str, Source]) -> None:
        known, memory = context.known, builds / "verdicts"
        self._context, self._sources, self.vocabulary = context, sources, known.vocabulary
        self._readings = Readings(
            builds / "readings", (known.vocabulary.statements, known.entities, sorted(known.works))
        )
        self.verdicts = Verdicts(memory, context.shapes, context.engine) if context.engine else None
        self.portions = Portions(context.shared, context.names, memory) if context.engine else None

    def prepare_all(self, files: Sequence[Path], run: Run | None = None) -> Iterator[tuple[Path, Prepared]]:
        """Yield every document by its file, prepared: first those that are recalled, then the others."""
        anew: list[tuple[Path, Document | None]] = []
        for file in files:
            task = self._load(file)
            if task.given is None:  # missing, too large or out of reach: reading it where it is says so
                yield file, self._note(task, prepare(self._context, [task])[0])
            elif (document := self._readings.recall(file.parent.name, self._key(task))) is None:
                anew.append((file, None))
            elif (prepared := self._recall(self._load(file, document))) is None:
                anew.append((file, document))
            else:
                yield file, prepared
        self._readings.forget()
        if run is None:
            worth = len(anew) >= _WORTH.get(self._context.engine, _WORTH_AT_ALL)
            run = run_in_processes if worth and count_processors() > 1 else run_here
        size = max(1, min(_TOGETHER, len(anew) // (2 * count_processors())))
        asked: list[list[Task]] = []

        def deal() -> Iterator[list[Task]]:
            rest = iter(anew)
            while batch := [self._load(file, document) for file, document in islice(rest, size)]:
                asked.append(batch)
                yield batch

        for some in run(prepare, self._context, deal()):
            for task, one in zip(asked.pop(0), some, strict=True):
                yield task.file, self._note(task, one)

    def _load(self, file: Path, document: Document | None = None) -> Task:
        """Return the task of preparing a document, with all that is read for it here."""
        given = _read(file, file.with_name("claims.toml"))
        named = _SHA256.findall(given[file]) if given else ()
        texts = {one.sha256: one.text for digest in named if (one := self._sources.get(digest.decode()))}
        return Task(file, given, document, texts)

    def _key(self, task: Task) -> str:
        name = f"{task.file.parent.parent.name}/{task.file.parent.name}"
        return self._readings.key(name, (task.given or {}).values())

    def _recall(self, task: Task) -> Prepared | None:
        """Return a document that was read before, with its quads; None when not all its verdicts are remembered."""
        prepared = prepare(replace(self._context, engine=""), [task])[0]
        if self.portions is None or self.verdicts is None or not prepared.quads:
            return prepared
        digests = self.portions.recall(prepared.quads)
        if digests is None:
            return None
        verdicts = {digest: self.verdicts.recall(digest) for digest in digests}
        known = {digest: results for digest, results in verdicts.items() if results is not None}
        if len(known) < len(digests):
            return None
        self.portions.note(prepared.quads, digests)
        return replace(prepared, verdicts=known)

    def _note(self, task: Task, one: Prepared) -> Prepared:
        """Remember what was prepared."""
        if one.document and one.faultless and task.given is not None and not task.document:
            self._readings.remember(one.document, self._key(task))
        if self.portions and self.verdicts and one.quads:
            if one.verdicts is None:
                self.portions.joined = True
            else:
                self.portions.note(one.quads, list(one.verdicts))
                for digest, results in one.verdicts.items():
                    self.verdicts.remember(digest, results)
        return one


def _read(*files: Path) -> dict[Path, bytes] | None:
    """Return files with what is in them; None when one of them is missing, too large or out of reach."""
    try:
        if all(file.is_file() and file.stat().st_size <= MAX_BYTES for file in files):
            return {file: file.read_bytes() for file in files}
    except OSError:
        pass
    return None
