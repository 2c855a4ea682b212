"""What can go wrong, as exceptions ("could not do the work") and as findings ("the work found this").

ClaimgraphError
├── SettingsError      a setting has no meaning
├── VocabularyError    a file of the ontology cannot be read
├── SourceError        the text of a document cannot be had
├── CheckError         the data has errors; carries the findings
├── ForeignError       data of others cannot be taken in; names file, line, rule and remedy
├── BuildError         a build could not be written
├── ReleaseError       a release could not be written
├── StoreError         a store is missing, locked, broken or out of reach
├── QueryError         a query is wrong; carries the place in its text
├── LimitError         a query went over a limit; names it
└── NotFoundError      a name that the graph does not know; carries the nearest known ones
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a check found: where, by which rule, how bad, and what to do about it."""

    file: str
    line: int
    place: str
    rule: str
    severity: Severity
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """Return the finding as one line, or two with its hint."""
        at = f"{self.file}:{self.line}" if self.line else self.file
        where = f" {self.place}" if self.place else ""
        return f"{at}:{where} {self.severity} [{self.rule}] {self.message}" + (
            f"\n    {self.hint}" if self.hint else ""
        )


class ClaimgraphError(Exception):
    """Root of all errors that Claimgraph raises on purpose."""


class SettingsError(ClaimgraphError):
    """A setting has no meaning."""


class VocabularyError(ClaimgraphError):
    """A file of the ontology cannot be read."""


class SourceError(ClaimgraphError):
    """The text of a document cannot be had."""


class CheckError(ClaimgraphError):
    """The data has errors."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = findings
        super().__init__(f"{sum(f.severity == 'error' for f in findings)} errors in the data; 'kg check' lists them")


class ForeignError(ClaimgraphError):
    """Data of others cannot be taken in."""

    def __init__(self, place: str, rule: str, message: str, remedy: str) -> None:
        super().__init__(f"{place}: [{rule}] {message}; {remedy}")


class BuildError(ClaimgraphError):
    """A build could not be written."""


class ReleaseError(ClaimgraphError):
    """A release could not be written."""


class StoreError(ClaimgraphError):
    """A store is missing, locked, broken or out of reach."""


class QueryError(ClaimgraphError):
    """A query is wrong."""


class LimitError(ClaimgraphError):
    """A query went over a limit."""


class NotFoundError(ClaimgraphError):
    """A name that the graph does not know."""
