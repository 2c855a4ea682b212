"""The comparison view: questions by documents, with stance, direction, certainty and figures in each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kg.errors import NotFoundError
from kg.model import Frame
from kg.names import CG, Names, nearest
from kg.query import NamedQuery, ask_table, check_known, get_query, is_known
from kg.stores.base import Store

#: How a direction is written in a cell.
_ARROWS = {"increase": "↑", "decrease": "↓", "no_change": "=", "to_normal": "→ normal", "from_normal": "→ abnormal"}

#: What a claim brings into its cell, each as a field of its own; what it does not say is none.
_SAID = (
    "claim", "statement", "act", "subject_state", "relation", "direction", "certainty", "finding",
    "value", "low", "high", "unit",
)  # fmt: skip


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
    if question := choice.get("frame", ""):
        choice["frame"] = _name_frame(question)
    rows = ask_table(store, query.bind(choice, names)).rows
    known = sorted({_local(r["document"]) for r in ask_table(store, queries["documents"].text).rows})
    for document in documents:
        if document not in known:
            near = ", ".join(nearest(document, known)) or ", ".join(known)
            raise NotFoundError(f"there is no document {document!r}; nearest: {near}")
    if not rows:
        if question and not is_known(store, names.iri("frame", choice["frame"]), names):
            raise NotFoundError(f"there is no question {question!r}; one is 'subject / family / object'")
        check_known(store, query, choice, names)
    chosen = [d for d in known if not documents or d in documents]
    lines = _lines([r for r in rows if _local(r["document"]) in chosen])
    shown = [line for line in lines if len(line.cells) > 1] if shared_only and len(chosen) > 1 else list(lines)
    shown.sort(key=lambda line: (line.family != "effect", -len(line.cells), line.subject, line.family, line.object))
    entity = {"entity": choice["entity"]} if "entity" in choice else {}
    found = ask_table(store, queries["disagreements"].bind(entity, names)).rows
    held = _documents_by_side(store, queries, chosen)
    frames = {(line.subject, line.object) for line in lines}
    disagreements = [
        _between(row, held[row["disagreement"]])
        for row in found
        if len(held[row["disagreement"]]) > 1
        and (not choice.keys() - {"entity"} or (row["subject"], row["object"]) in frames)
    ]
    unique: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if len(line.cells) == 1:
            unique[next(iter(line.cells))].append(line)
    return Matrix(chosen, shown, disagreements, dict(unique))


def _name_frame(words: str) -> str:
    """Return the name of a frame, which may be given as a line begins: subject / family / object.

    >>> _name_frame("ketamine / effect / glutamate") == Frame("ketamine", "effect", "glutamate").id
    True
    """
    parts = [part.strip() for part in words.split(" / ")]
    return Frame(*parts).id if len(parts) == 3 else words


def _documents_by_side(
    store: Store, queries: Mapping[str, NamedQuery], chosen: Sequence[str]
) -> dict[str, dict[str, set[str]]]:
    """Return, for each disagreement, its sides that chosen documents hold, each with these documents."""
    held: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in ask_table(store, queries["disagreement-sides"].text).rows:
        if (document := _local(row["document"])) in chosen:
            held[row["disagreement"]][row["side"]].add(document)
    return held


def _between(row: Mapping[str, Any], sides: Mapping[str, set[str]]) -> dict[str, Any]:
    """Return a disagreement as it is between the documents that hold these sides."""
    documents = sorted(set().union(*sides.values()))
    return {**row, "documents": documents, "reach": "within" if len(documents) == 1 else "between"}


def _lines(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    lines: dict[str, Line] = {}
    for row in rows:
        line = lines.setdefault(row["frame"], Line(row["frame"], row["subject"], row["family"], row["object"], {}))
        cell = line.cells.setdefault(_local(row["document"]), Cell())
        if (stance := describe_stance(row)) not in cell.stances:
            cell.stances.append(stance)
        cell.claims.append({**dict.fromkeys(_SAID), **{k: row[k] for k in _SAID if k in row}} | {"act": _act(row)})
    return list(lines.values())


def describe_stance(row: Mapping[str, Any]) -> str:
    """Return what one claim contributes to its cell.

    >>> row = {"act": CG + "denies", "relation": "approved_for", "certainty": "stated"}
    >>> describe_stance(row)
    'denies approved for'
    >>> describe_stance({"act": CG + "asserts", "relation": "treats", "direction": "decrease", "certainty": "possible"})
    'treats ↓ (possible)'
    """
    act = _act(row)
    words = [act] if act != "asserts" else []
    words += [f"{row['subject_state']}:"] if row.get("subject_state") else []
    words.append(str(row["relation"]).replace("_", " "))
    if arrow := _ARROWS.get(str(row.get("direction", ""))):
        words.append(arrow)
    if row.get("finding"):
        words.append(f"as {row['finding']}")
    if row.get("unit"):
        words.append(f"[{_tell_number(row)} {row['unit']}]")
    return " ".join(words) + (f" ({row['certainty']})" if row["certainty"] != "stated" else "")


def _tell_number(row: Mapping[str, Any]) -> str:
    """Return the number of a figure, or its range.

    >>> _tell_number({"low": 70.0, "high": 80.0}), _tell_number({"value": 0.5}), _tell_number({"low": 3})
    ('70–80', '0.5', '3–')
    """
    one, low, high = (format(row[k], "g") if k in row else "" for k in ("value", "low", "high"))
    return one or f"{low}–{high}"


def _act(row: Mapping[str, Any]) -> str:
    return str(row["act"]).removeprefix(CG)


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]


# Forms for a paper


def to_rows(matrix: Matrix) -> list[list[str]]:
    """Return the matrix as rows of text, its header first; beside the documents stand claims, reasons and frame."""
    reasons: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for d in matrix.disagreements:
        reasons[d["subject"], d["family"], d["object"]].append(d["because"])
    return [
        ["question", *matrix.documents, "disagreements", "claims", "frame"],
        *(
            [
                *_told(line, matrix.documents),
                " ".join(reasons[line.subject, line.family, line.object]),
                " ".join(dict.fromkeys(c["claim"] for cell in line.cells.values() for c in cell.claims)),
                line.frame,
            ]
            for line in matrix.lines
        ),
    ]


def _told(line: Line, documents: Iterable[str]) -> list[str]:
    question = f"{line.subject} / {line.family} / {line.object}"
    return [question, *(line.cells[d].text if d in line.cells else "" for d in documents)]


def to_markdown(matrix: Matrix, source: str) -> str:
    """Return the matrix, its disagreements, what one document alone answers, and the source, as Markdown."""
    rows = [["question", *matrix.documents], *(_told(line, matrix.documents) for line in matrix.lines)]
    header, *lines = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    table = [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *lines)]
    told = [f"- **{d['hardness_name']}, {d['kind_name']}**: {d['because']}" for d in matrix.disagreements]
    alone = [f"- Only {d}: {_questions(found)}." for d, found in sorted(matrix.unique.items())]
    return "\n\n".join("\n".join(part) for part in (table, told, alone, [source]) if part) + "\n"


def to_latex(matrix: Matrix, source: str) -> str:
    """Return the matrix as a LaTeX table, its disagreements as a list, and the source."""
    rows = [["question", *matrix.documents], *(_told(line, matrix.documents) for line in matrix.lines)]
    header, *lines = [" & ".join(map(_tex, row)) + r" \\" for row in rows]
    columns = "p{3.5cm}" * len(rows[0])
    table = [rf"\begin{{tabular}}{{{columns}}}", header, r"\hline", *lines, r"\end{tabular}"]
    told = [
        rf"\item \textbf{{{d['hardness_name']}, {d['kind_name']}}}: {_tex(d['because'])}" for d in matrix.disagreements
    ]
    listed = [r"\begin{itemize}", *told, r"\end{itemize}"] if told else []
    return "\n".join([*table, *listed, _tex(source)]) + "\n"


def _questions(lines: Iterable[Line]) -> str:
    return ", ".join(f"{line.subject} / {line.family} / {line.object}" for line in lines)


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
