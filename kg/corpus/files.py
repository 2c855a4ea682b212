"""Curated files: loading them as tables, and noting what is wrong with a key, a name or a value."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from kg import names
from kg.corpus.rows import Row
from kg.errors import Finding, Severity
from kg.vocabulary import Vocabulary

R = TypeVar("R", bound=Row)
#: The largest file that is read.
MAX_BYTES = 16 * 1024 * 1024
#: Tables that a file may have, faults that are told of it, parts that a key may have.
_MAX_TABLES, _MAX_FAULTS, _MAX_PARTS = 50_000, 1000, 16
_FIRST = 20
#: Strings and comments of TOML; and a key of too many parts, which would be read for minutes.
_OPAQUE = re.compile(r"""\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\#[^\n]*""", re.S)
_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]+[ \t]*\.[ \t]*){{{_MAX_PARTS}}}")
_ID = re.compile(r"""^[ \t]*id[ \t]*=[ \t]*["']([^"'\n]+)["']""", re.M)


class Files:
    """The files of one data folder, and the findings gathered while they are read."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, given: Mapping[Path, bytes] | None = None) -> None:
        self.folder = folder
        self.vocabulary = vocabulary
        #: Files that were read already: a worker elsewhere has none of its own.
        self.given = given or {}
        self.findings: list[Finding] = []
        self.counts: Counter[Path] = Counter()
        #: What has names that could not be read; and names of what has faults, which are told where it stands.
        self.unread: set[str] = set()
        self.faulty: dict[str, set[str]] = defaultdict(set)

    def report(
        self,
        file: Path,
        rule: str,
        message: str,
        hint: str = "",
        place: str = "",
        line: int = 0,
        severity: Severity = "error",
    ) -> None:
        """Note a finding, unless the file has so many already that more are of no use."""
        self.counts[file] += 1
        if self.counts[file] == _MAX_FAULTS:
            rule, message, hint, place, line = "faults", "there are more faults", "correct those that are told", "", 0
        if self.counts[file] <= _MAX_FAULTS:
            self.findings.append(Finding(self.name(file), line, place, rule, severity, message, hint))

    def name(self, file: Path) -> str:
        """Return the path of a file as findings give it."""
        if file == self.folder:
            return str(file)
        return file.relative_to(self.folder).as_posix() if file.is_relative_to(self.folder) else str(file)

    def load(self, file: Path, shape: type[R]) -> tuple[R | None, str]:
        """Return a file as its table, and its text for line numbers; None when it cannot be read.

        What does not fit is told and left out, a row as None, so that the rest is checked in the same run.
        """
        try:
            raw = self.given.get(file)
            if raw is None:
                if not file.is_file():
                    self.report(file, "unreadable", "is not a regular file", "put the text itself there")
                    return None, ""
                if file.stat().st_size > MAX_BYTES:
                    over = f"over {MAX_BYTES >> 20} MiB"
                    self.report(file, "too-large", over, "split the corpus into more documents")
                    return None, ""
                raw = file.read_bytes()
            text = raw.decode("utf-8")
            if not text.strip():
                self.report(file, "empty", "the file is empty", "write it, or remove its folder")
                return None, text
            if text.startswith("\ufeff"):
                self.report(file, "encoding", "the file begins with a byte order mark", "save it as UTF-8 without one")
                return None, ""
            if told := _find_excess(text):
                self.report(file, "too-large", told, "split the corpus into more documents")
                return None, ""
            table = tomllib.loads(text)
        except UnicodeDecodeError as error:
            self.report(file, "encoding", f"byte {error.start} is not UTF-8", "save the file as UTF-8")
            return None, ""
        except (ValueError, RecursionError) as error:  # tomllib lets through the ValueError of a number too long
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) if found else 0
            self.report(file, "toml", f"not valid TOML: {error}", "each key stands once in its table", line=line)
            return None, ""
        except OSError as error:
            self.report(file, "unreadable", f"cannot be read: {error.strerror}", "make the file readable")
            return None, ""
        if may_be_unfit(text):
            for key, value in table.items():
                for index, row in enumerate(value if isinstance(value, list) else [value]):
                    line = line_of(text, key, index)
                    self.check_characters(file, _name_row(key, index, row) if line else "", line, row)
        try:
            return shape.model_validate(table), text
        except ValidationError as error:
            self.report_faults(file, text, table, shape, error)
            return _keep_rest(table, shape, error), text

    def report_faults(
        self, file: Path, text: str, table: dict[str, Any], shape: type[Row], error: ValidationError
    ) -> None:
        """Note what does not fit its table; of very many faults, which take gigabytes, those of the first rows."""
        if error.error_count() > _MAX_FAULTS:
            told = f"there are {error.error_count()} faults; those of the first rows are told, if any"
            self.report(file, "faults", told, "data/README.md lists the keys and their values")
            try:
                shape.model_validate({k: v[:_FIRST] if isinstance(v, list) else v for k, v in table.items()})
            except ValidationError as few:
                error = few
        for fault in error.errors() if error.error_count() <= _MAX_FAULTS else ():
            self.report_fault(file, text, table, dict(fault))

    def report_fault(self, file: Path, text: str, table: dict[str, Any], fault: dict[str, Any]) -> None:
        """Note a key that is missing, unknown or of the wrong type."""
        loc = [str(part) for part in fault["loc"]]
        line, place = 0, ""
        if len(loc) > 1 and loc[1].isdigit():
            index = int(loc[1])
            line = line_of(text, loc[0], index)
            rows = table.get(loc[0])
            row = rows[index] if isinstance(rows, list) and index < len(rows) else None
            place, loc = _name_row(loc[0], index, row), loc[2:]
        key = ".".join(loc) or "table"
        known = {"extra_forbidden": "unknown-key", "missing": "missing-key"}
        rule = known.get(fault["type"], "value")
        message = {"unknown-key": f"unknown key {key!r}", "missing-key": f"key {key!r} is missing"}.get(
            rule, f"{key}: {names.UNFIT.sub('?', fault['msg'])}"
        )
        self.report(file, rule, message, "data/README.md lists the keys and their values", place, line)

    def check_token(self, file: Path, place: str, line: int, key: str, value: str, known: Collection[str]) -> bool:
        """Note a value that is not in its closed list."""
        if value in known:
            return True
        self.report(file, "value", f"{key} cannot be {value!r}", f"one of: {', '.join(known)}", place, line)
        return False

    def check_name(
        self, file: Path, place: str, line: int, what: str, name: str, known: Collection[str],
        candidates: Collection[str] | None = None,
    ) -> bool:  # fmt: skip
        """Note a name that nothing has, with the nearest known ones; nothing where the names could not be read."""
        if name in known:
            return True
        if what in self.unread or name in self.faulty[what]:
            return False
        near = names.nearest(name, candidates or known)
        hint = f"nearest: {', '.join(near)}" if near else "add it, or use a known one"
        self.report(file, f"unknown-{what}", f"there is no {what} {name!r}", hint, place, line)
        return False

    def check_characters(self, file: Path, place: str, line: int, value: object) -> None:
        """Refuse characters that not every format can carry, in any string of a value."""
        for string in _strings(value):
            if found := names.UNFIT.search(string):
                message = f"character U+{ord(found[0]):04X} cannot be exported"
                self.report(file, "character", message, "remove it", place, line)


def _keep_rest(table: dict[str, Any], shape: type[R], error: ValidationError) -> R | None:
    """Return a table without what has faults; None where nothing stands for it, or there is too much of it."""
    if error.error_count() > _MAX_FAULTS:
        return None
    rest = {key: list(value) if isinstance(value, list) else value for key, value in table.items()}
    for fault in error.errors():
        key, *place = fault["loc"]
        rows = rest.get(str(key))
        index = place[0] if place else None
        if isinstance(index, int) and isinstance(rows, list) and isinstance(table[str(key)][index], dict):
            rows[index] = None
        else:
            rest.pop(str(key), None)
    try:
        return shape.model_validate({**shape.stand_in, **rest})
    except ValidationError:
        return None


def list_ids(text: str) -> set[str]:
    r"""Return the identifiers that stand in a TOML text, also in tables that have faults.

    >>> list_ids('[[claim]]\nid = "a-claim"\nat = 3')
    {'a-claim'}
    """
    return set(_ID.findall(text))


def may_be_unfit(text: str) -> bool:
    """Tell quickly whether what is read from a text may have characters that not every format can carry."""
    return "\\" in text or names.UNFIT.search(text) is not None


def _find_excess(text: str) -> str:
    """Say why a text would take too long to read."""
    if text.count("[[") + text.count("{") > _MAX_TABLES:
        return f"over {_MAX_TABLES} tables"
    return f"a key of over {_MAX_PARTS} parts" if _LONG_KEY.search(_OPAQUE.sub("q", text)) else ""


def _name_row(table: str, index: int, row: object) -> str:
    """Return the place of a row, by its own name if it has one."""
    own = row.get("id") if isinstance(row, dict) else None
    return f"{table} {own if own and isinstance(own, str) else index + 1}"


def _strings(value: object) -> Iterator[str]:
    """Yield all strings of a value that was read."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def line_of(text: str, table: str, index: int) -> int:
    r"""Return the line on which the n-th `[[table]]` of a TOML text begins.

    >>> line_of("a = 1\n[[claim]]\n[[claim]]\n", "claim", 1)
    3
    """
    lines = _lines_of(text, table)
    return lines[index] if index < len(lines) else 0


@lru_cache(4)
def _lines_of(text: str, table: str) -> list[int]:
    """Return the lines of all headers: to look for each anew would take the square of their number."""
    header = re.compile(rf"[ \t]*\[\[[ \t]*{re.escape(table)}[ \t]*\]\]")
    return [number for number, line in enumerate(text.split("\n"), 1) if header.match(line)]
