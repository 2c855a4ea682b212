"""The comparison view: questions by documents, with stance, direction, certainty and figures in each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kg.errors import NotFoundError
from kg.names import CG, Names, nearest
from kg.query import NamedQuery, ask_table, check_known, get_query
from kg.stores.base import Store

#: How a direction is written in a cell.
_ARROWS = {"increase": "↑", "decrease": "↓", "no_change": "=", "to_normal": "→ normal", "from_normal": "→ abnormal"}


@dataclass
class Cell:
    """What one document says on one question: its stances, and the claims behind them."""

    stances: list[str] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The cell in words."""
        return "; ".join(self.stances)


@dataclass(frozen=True)
class Line:
    """One question with a cell for each document that answers it."""

    frame: str
    subject: str
    family: str
    object: str
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Matrix:
    """The questions that were chosen, by the documents that were chosen, and what is found between them."""

    documents: list[str]
    lines: list[Line]
    disagreements: list[dict[str, Any]]
    #: Questions that one document alone answers, by document.
    unique: dict[str, list[Line]]


def compare(
    store: Store,
    queries: Mapping[str, NamedQuery],
    names: Names,
    documents: Sequence[str] = (),
    shared_only: bool = True,
    **choice: str,
) -> Matrix:
    """Compare documents (all when none is named) on an entity, kind or frame; raise QueryError for another choice."""
    query = get_query("compare-claims", queries)
    rows = ask_table(store, query.bind(choice, names)).rows
    known = sorted({_local(r["document"]) for r in ask_table(store, queries["documents"].text).rows})
    for document in documents:
        if document not in known:
            near = ", ".join(nearest(document, known)) or ", ".join(known)
            raise NotFoundError(f"there is no document {document!r}; nearest: {near}")
    if not rows:
        check_known(store, query, choice, names)
    chosen = [d for d in known if not documents or d in documents]
    lines = _lines([r for r in rows if _local(r["document"]) in chosen])
    shown = [line for line in lines if len(line.cells) > 1] if shared_only and len(chosen) > 1 else list(lines)
    shown.sort(key=lambda line: (line.family != "effect", -len(line.cells), line.subject, line.family, line.object))
    entity = {"entity": choice["entity"]} if "entity" in choice else {}
    found = ask_table(store, queries["disagreements"].bind(entity, names)).rows
    members = _members(store, queries)
    frames = {(line.subject, line.object) for line in lines}
    disagreements = [
        {**row, "documents": sorted(members[row["disagreement"]])}
        for row in found
        if members[row["disagreement"]] <= set(chosen)
        and (not choice.keys() - {"entity"} or (row["subject"], row["object"]) in frames)
    ]
    unique: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if len(line.cells) == 1:
            unique[next(iter(line.cells))].append(line)
    return Matrix(chosen, shown, disagreements, dict(unique))


def _members(store: Store, queries: Mapping[str, NamedQuery]) -> dict[str, set[str]]:
    members: dict[str, set[str]] = defaultdict(set)
    for row in ask_table(store, queries["disagreement-claims"].text).rows:
        members[row["disagreement"]].add(_local(row["document"]))
    return members


def _lines(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    lines: dict[str, Line] = {}
    for row in rows:
        line = lines.setdefault(row["frame"], Line(row["frame"], row["subject"], row["family"], row["object"], {}))
        cell = line.cells.setdefault(_local(row["document"]), Cell())
        if (stance := describe_stance(row)) not in cell.stances:
            cell.stances.append(stance)
        cell.claims.append({"claim": row["claim"], "statement": row["statement"]})
    return list(lines.values())


def describe_stance(row: Mapping[str, Any]) -> str:
    """Return what one claim contributes to its cell.

    >>> row = {"act": CG + "denies", "relation": "approved_for", "certainty": "stated"}
    >>> describe_stance(row)
    'denies approved for'
    >>> describe_stance({"act": CG + "asserts", "relation": "treats", "direction": "decrease", "certainty": "possible"})
    'treats ↓ (possible)'
    """
    act = str(row["act"]).removeprefix(CG)
    words = [act] if act != "asserts" else []
    words += [f"{row['subject_state']}:"] if row.get("subject_state") else []
    words.append(str(row["relation"]).replace("_", " "))
    if arrow := _ARROWS.get(str(row.get("direction", ""))):
        words.append(arrow)
    if row.get("finding"):
        words.append(f"as {row['finding']}")
    if row.get("unit"):
        value = row.get("value", f"{row.get('low', '')}-{row.get('high', '')}")
        words.append(f"[{value:g} {row['unit']}]" if isinstance(value, float) else f"[{value} {row['unit']}]")
    return " ".join(words) + (f" ({row['certainty']})" if row["certainty"] != "stated" else "")


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]


# Forms for a paper


def to_rows(matrix: Matrix) -> list[list[str]]:
    """Return the matrix as rows of text, its header first."""
    header = ["question", *matrix.documents]
    return [
        header,
        *(
            [f"{line.subject} / {line.family} / {line.object}"]
            + [line.cells[d].text if d in line.cells else "" for d in matrix.documents]
            for line in matrix.lines
        ),
    ]


def to_markdown(matrix: Matrix) -> str:
    """Return the matrix and its disagreements as Markdown."""
    header, *rows = [[cell.replace("|", "\\|") for cell in row] for row in to_rows(matrix)]
    table = [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows)]
    told = [f"- **{d['hardness_name']}, {d['kind_name']}**: {d['because']}" for d in matrix.disagreements]
    return "\n".join([*table, "", *told]) + "\n"


def to_latex(matrix: Matrix) -> str:
    """Return the matrix as a LaTeX table."""
    header, *rows = [[_tex(cell) for cell in row] for row in to_rows(matrix)]
    lines = [" & ".join(row) + r" \\" for row in (header, *rows)]
    columns = "p{3.5cm}" * len(header)
    return "\n".join([rf"\begin{{tabular}}{{{columns}}}", lines[0], r"\hline", *lines[1:], r"\end{tabular}"]) + "\n"


_TEX = {
    "\\": r"\textbackslash{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "→": r"$\rightarrow$",
    "~": r"\textasciitilde{}",
}
_TEX |= {c: "\\" + c for c in "&%$#_{}"} | {"^": r"\textasciicircum{}"}


def _tex(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in text)
