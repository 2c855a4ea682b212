"""The curated files as they are written: one class a table, with the types of its keys and nothing more."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

import pyoxigraph as ox
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

#: Whole numbers that every format can carry.
Whole = Annotated[int, Field(gt=-(1 << 53), lt=1 << 53)]
Number = Whole | Annotated[float, Field(allow_inf_nan=False)]
#: One value or a list of them, always read as a list.
Several = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


def _check_iri(start: str) -> AfterValidator:
    """Return the check that a value with this before it is an IRI: a pattern sees only its characters."""

    def check(value: str) -> str:
        ox.NamedNode(start + value)
        return value

    return AfterValidator(check)


def _check_language(value: str) -> str:
    ox.Literal("", language=value)
    return value


Address = Annotated[str, Field(pattern=r"^https?://[^\s<>\"{}|\\^`]+$"), _check_iri("")]
Doi = Annotated[str, Field(pattern=r"^10\.[^\s<>\"{}|\\^`]+$"), _check_iri("https://doi.org/")]
Curie = Annotated[str, Field(pattern=r"^[A-Za-z][\w.-]*:[^\s<>\"{}|\\^`]+$"), _check_iri("urn:")]
Language = Annotated[str, Field(pattern="^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"), AfterValidator(_check_language)]


class Row(BaseModel):
    """A table of a curated file: unknown keys are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, str_min_length=1)

    #: What stands for the keys of a file that have faults, so that the rest of it is checked as well.
    stand_in: ClassVar[dict[str, Any]] = {}


class SelectorRow(Row):
    """A phrase and its passage."""

    phrase: str
    at: Annotated[list[Whole], Field(min_length=2, max_length=2)]


class FigureRow(Row):
    """A figure of a claim."""

    unit: str
    counted: str
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    population: str = ""
    about: bool = False


class StatementRow(Row):
    """What is claimed and how, without the place where it stands."""

    id: str = ""
    statement: str
    subject: str
    relation: str
    object: str
    act: str = "asserts"
    via: Several = []
    with_: Annotated[Several, Field(alias="with")] = []
    without: Several = []
    baseline: str = ""
    direction: str = ""
    effect: str = ""
    dimension: str = ""
    agency: str = ""
    scope: dict[str, Several] = {}
    certainty: str = "stated"
    cue: str = ""
    voice: str = "document"
    work: str = ""
    evidence: Several = []
    strength: str = ""
    frequency: str = ""
    extent: str = ""
    only: bool = False
    presented: str = ""
    of: str = ""
    finding: str = ""
    figure: list[FigureRow] = []


class ClaimRow(StatementRow, SelectorRow):
    """A claim as a curator writes it."""

    antecedents: list[SelectorRow] = []
    cue_at: Annotated[list[Whole], Field(min_length=2, max_length=2)] | None = None
    acknowledge: dict[str, str] = {}


class ChainRow(Row):
    """A stated chain: claims of the same file, by their ids."""

    id: str
    statement: str
    steps: Annotated[list[str], Field(min_length=2)]


class ClaimsFile(Row):
    """A whole `claims.toml`; a row with faults is none, as in the other files."""

    stand_in = {"claim": []}

    claim: list[ClaimRow | None]
    chain: list[ChainRow | None] = []


class OmissionRow(Row):
    """A passage that claims nothing."""

    at: Annotated[list[Whole], Field(min_length=2, max_length=2)]
    reason: str


class DocumentFile(Row):
    """A whole `document.toml`."""

    stand_in = {
        "title": "none", "type": "web-page", "language": "en", "sha256": "0" * 64, "length": 1 << 52,
        "curated": date.min, "cites": [],
    }  # fmt: skip

    title: str
    type: str
    language: Language
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    length: Annotated[Whole, Field(gt=0)]
    curated: date
    cites: list[str]
    creator: list[str] = []
    publisher: str = ""
    issued: Annotated[str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")] = ""
    omission: list[OmissionRow | None] = []


class WorkRow(Row):
    """A cited work."""

    id: str
    title: str
    type: str
    subtitle: str = ""
    creator: list[str] = []
    issued: Annotated[str, Field(pattern=r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")] = ""
    container: str = ""
    doi: Doi = ""
    url: Address = ""


class WorksFile(Row):
    """The whole `works.toml`."""

    work: list[WorkRow | None] = []


class SeeRow(Row):
    """A further identifier."""

    id: Curie
    label: str


class MatchRow(SeeRow):
    """An identifier with its quality and the version of the ontology that it was looked up in."""

    quality: str
    version: str


class EntityRow(Row):
    """An entity."""

    id: str
    kind: str
    label: str
    match: list[MatchRow]
    also: list[str] = []
    broader: list[str] = []
    generic: bool = False
    see: list[SeeRow] = []


class EntitiesFile(Row):
    """A whole `entities/<kind>.toml`."""

    stand_in = {"entity": []}

    entity: list[EntityRow | None]


class DisagreementRow(Row):
    """A disagreement that no rule can see: claims as `document/claim-id`."""

    kind: str
    between: Annotated[list[str], Field(min_length=2)]
    because: str


class DisagreementsFile(Row):
    """A whole `disagreements.toml` of a corpus."""

    stand_in = {"disagreement": []}

    disagreement: list[DisagreementRow | None]


class ImportFile(Row):
    """The `document.toml` of imported data, as `kg import` writes it."""

    title: str
    format: str
    language: Language
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    imported: date
    by_hand: bool
    licence: Address | Literal[""] = ""
    creator: list[str] = []


class RecordRow(Row):
    """A line of `records.jsonl`."""

    id: str
    references: list[str] = []
    origin: str = ""
    level: str = ""
    agent: str = ""


class ImportedRow(StatementRow):
    """A line of `claims.jsonl`: a claim that stands in records."""

    record: Annotated[list[str], Field(min_length=1)]


class ImportedChainRow(ChainRow):
    """A line of `chains.jsonl`: claims, by their ids, that a record joins."""

    record: Annotated[list[str], Field(min_length=1)]
