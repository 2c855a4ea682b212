"""Curated files: loading them as tables, and noting what is wrong with a key, a name or a value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from kg import names
from kg.errors import Finding, Severity
from kg.rows import Row
from kg.vocabulary import Vocabulary

R = TypeVar("R", bound=Row)
_MAX_BYTES = 16 * 1024 * 1024


class Files:
    """The files of one data folder, and the findings gathered while they are read."""

    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        self.folder = folder
        self.vocabulary = vocabulary
        self.findings: list[Finding] = []

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
        """Note a finding."""
        self.findings.append(Finding(self.name(file), line, place, rule, severity, message, hint))

    def name(self, file: Path) -> str:
        """Return the path of a file as findings give it."""
        return file.relative_to(self.folder).as_posix() if file.is_relative_to(self.folder) else str(file)

    def load(self, file: Path, shape: type[R]) -> tuple[R | None, str]:
        """Return a file as its table, and its text for line numbers; None when it cannot be read."""
        try:
            if not file.is_file():
                self.report(file, "unreadable", "is not a regular file", "put the text itself there")
                return None, ""
            if file.stat().st_size > _MAX_BYTES:
                self.report(file, "too-large", f"over {_MAX_BYTES >> 20} MiB", "split the corpus into more documents")
                return None, ""
            text = file.read_bytes().decode("utf-8")
            if not text.strip():
                self.report(file, "empty", "the file is empty", "write it, or remove its folder")
                return None, text
            if text.startswith("\ufeff"):
                self.report(file, "encoding", "the file begins with a byte order mark", "save it as UTF-8 without one")
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
        try:
            return shape.model_validate(table), text
        except ValidationError as error:
            for fault in error.errors():
                self.report_fault(file, text, table, dict(fault))
            return None, text

    def report_fault(self, file: Path, text: str, table: dict[str, Any], fault: dict[str, Any]) -> None:
        """Note a key that is missing, unknown or of the wrong type."""
        loc = [str(part) for part in fault["loc"]]
        line, place = 0, ""
        if len(loc) > 1 and loc[1].isdigit():
            index = int(loc[1])
            line = line_of(text, loc[0], index)
            rows = table.get(loc[0])
            row = rows[index] if isinstance(rows, list) and index < len(rows) else None
            own = row.get("id") if isinstance(row, dict) else None
            place, loc = f"{loc[0]} {own if own and isinstance(own, str) else index + 1}", loc[2:]
        key = ".".join(loc) or "table"
        known = {"extra_forbidden": "unknown-key", "missing": "missing-key"}
        rule = known.get(fault["type"], "value")
        message = {"unknown-key": f"unknown key {key!r}", "missing-key": f"key {key!r} is missing"}.get(
            rule, f"{key}: {fault['msg']}"
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
        """Note a name that nothing has, with the nearest known ones."""
        if name in known:
            return True
        near = names.nearest(name, candidates or known)
        hint = f"nearest: {', '.join(near)}" if near else "add it, or use a known one"
        self.report(file, f"unknown-{what}", f"there is no {what} {name!r}", hint, place, line)
        return False

    def check_text(self, file: Path, place: str, line: int, *texts: str) -> None:
        """Refuse characters that not every format can carry."""
        for text in texts:
            if found := names.UNFIT.search(text):
                message = f"character U+{ord(found[0]):04X} cannot be exported"
                self.report(file, "character", message, "remove it", place, line)


def line_of(text: str, table: str, index: int) -> int:
    """Return the line on which the n-th `[[table]]` of a TOML text begins."""
    headers = [m.start() for m in re.finditer(rf"^[ \t]*\[\[[ \t]*{re.escape(table)}[ \t]*\]\]", text, re.M)]
    return text.count("\n", 0, headers[index]) + 1 if index < len(headers) else 0
