"""The page of an entity: its names, what acts on it, what it acts on, and who says so, how surely."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from api.deps import Session
from api.negotiate import RESOURCE
from api.pages.neighbourhood import SURETY
from api.pages.view import show_page

Row = Mapping[str, Any]
#: So many lines are shown open; the relations beyond them are folded.
_OPEN = 40
_MATCHES = ("exact match", "close match", "broad match", "narrow match", "see also")


@dataclass
class Line:
    """One thing on the other side of a relation, with the claims of each document."""

    row: Row
    cells: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    @property
    def is_asserted(self) -> bool:
        """Whether any document asserts it: what is only denied or questioned must not look like a fact."""
        return any(row["act"].endswith("asserts") for cell in self.cells.values() for row in cell)

    @property
    def rank(self) -> tuple[int, int, str]:
        """What comes first: more documents, then more claims."""
        names = self.row["subject_label"] + self.row["object_label"]
        return -len(self.cells), -sum(map(len, self.cells.values())), names


@dataclass
class Group:
    """The lines of one relation."""

    relation: str
    label: str
    lines: list[Line]
    documents: int
    open: bool = True


def show(request: Request, session: Session, id_: str) -> Response:
    """Answer with the page of an entity."""
    facts: dict[str, list[Row]] = defaultdict(list)
    for row in session.table("entity", entity=id_).rows:
        facts[row["what"]].append(row)
    done_to = session.table("readable-claims", object=id_).rows
    does = session.table("readable-claims", subject=id_).rows
    known = {row["claim"] for row in (*done_to, *does)}
    effects = [row for row in (*done_to, *does) if row["family_name"] == "effect"]
    titles = {row["document"]: row["title"] for row in session.table("documents").rows}
    speaking = {row["document"] for row in effects}
    documents = {document: title for document, title in titles.items() if document in speaking}
    return show_page(
        request,
        session,
        "entity.html",
        facts["label"][0]["value"] if facts["label"] else id_,
        [
            ("entity", {"entity": id_}), ("readable-claims", {"object": id_}), ("readable-claims", {"subject": id_}),
            ("claims-about", {"entity": id_}), ("claims-within", {"entity": id_}), ("disagreements", {"entity": id_}),
        ],
        RESOURCE,
        id=id_,
        iri=session.service.names.iri("entity", id_),
        facts=facts,
        matches=[(what, row) for what in _MATCHES for row in facts[what]],
        documents=documents,
        acting=group_lines([row for row in done_to if row["family_name"] == "effect"], "subject"),
        acted=group_lines([row for row in does if row["family_name"] == "effect"], "object"),
        others=[row for row in {r["claim"]: r for r in (*does, *done_to)}.values() if row["family_name"] != "effect"],
        through=[
            {**row, "title": titles[row["document"]]}
            for row in session.table("claims-about", entity=id_).rows
            if row["claim"] not in known
        ],
        within=session.table("claims-within", entity=id_).rows,
        disagreements=session.table("disagreements", entity=id_).rows,
    )  # fmt: skip


def group_lines(rows: Iterable[Row], side: str) -> list[Group]:
    """Group claims by relation, then by what stands on the given side, then by document."""
    found: dict[str, dict[tuple[Any, ...], Line]] = defaultdict(dict)
    for row in rows:
        key = (row[side], *(row.get(name) for name in ("subject_state", "subject_aspect", "aspect", "direction")))
        line = found[row["relation"]].setdefault(key, Line(row))
        line.cells[row["document"]].append(row)
    groups = []
    for relation, by_key in found.items():
        lines = sorted(by_key.values(), key=lambda line: line.rank)
        for line in lines:
            for cell in line.cells.values():
                cell.sort(key=lambda row: (not row["act"].endswith("asserts"), SURETY.index(row["certainty_name"])))
        documents = len({document for line in lines for document in line.cells})
        groups.append(Group(relation, lines[0].row["relation_label"], lines, documents))
    groups.sort(key=lambda group: (-group.documents, -len(group.lines), group.label))
    return fold_long(groups)


def fold_long(groups: Sequence[Group]) -> list[Group]:
    """Fold the groups that come after many lines."""
    shown = 0
    for group in groups:
        group.open = shown == 0 or shown + len(group.lines) <= _OPEN
        shown += len(group.lines)
    return list(groups)
