"""The page of a claim: our statement, the words of the source, who says it, how surely, and what others say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from api.deps import Session
from api.negotiate import RESOURCE
from api.pages.texts import Passage, cut_passage, find_text, split_cue
from api.pages.view import Asked, show_page
from kg.names import CG

Row = Mapping[str, Any]
#: What qualifies the document's act, and what spells the proposition out, in the order of showing.
_ACT = ("evidence", "strength", "frequency", "extent", "only", "presented", "assessmentOf", "finding")
_CONTENT = (
    "via", "with", "without", "baseline", "effect", "dimension", "agency", "scopeRegion", "scopePopulation",
    "scopeCondition", "scopeSpecies", "scopeRoute", "scopeAfter", "scopePlace", "scopeDose", "scopeTime", "scopeOnset",
    "scopeDuration", "scopeSetting", "scopeSince",
)  # fmt: skip


def show(request: Request, session: Session, id_: str) -> Response:
    """Answer with the page of a claim."""
    row = session.table("readable-claims", claim=id_).rows[0]
    details = group_details(session.table("claim-details", claim=id_).rows)
    proposition, frame, document = (row[name].rpartition("/")[2] for name in ("proposition", "frame", "document"))
    asked: list[Asked] = [
        ("claim", {"claim": id_}), ("claim-details", {"claim": id_}), ("figures", {"claim": id_}),
        ("readable-claims", {"frame": frame}), ("disagreements", {"claim": id_}),
    ]  # fmt: skip
    same_question = [r for r in session.table("readable-claims", frame=frame).rows if r["claim"] != row["claim"]]
    about = session.table("documents", document=document).rows[0]
    passage = read_passage(session, row, about["sha256"])
    return show_page(
        request,
        session,
        "claim.html",
        row["statement"],
        asked,
        RESOURCE,
        row=row,
        iri=row["claim"],
        details=details,
        acts=[(name, details[name]) for name in _ACT if name in details],
        content=[(name, details[name]) for name in _CONTENT if name in details],
        figures=session.table("figures", claim=id_).rows,
        cue=split_cue(passage.phrase if passage else row.get("phrase", ""), row.get("hedge", "")),
        same=[r for r in same_question if r["proposition"].endswith(proposition)],
        others=[r for r in same_question if not r["proposition"].endswith(proposition)],
        disagreements=session.table("disagreements", claim=id_).rows,
        passage=passage,
        length=about.get("length"),
    )


def read_passage(session: Session, row: Row, sha256: str) -> Passage | None:
    """Return the passage in its context when the source text is at hand."""
    text = find_text(session.service.settings.sources, sha256)
    return cut_passage(text, row["start"], row["end"], row["phrase"]) if text is not None and "start" in row else None


def group_details(rows: list[dict[str, Any]]) -> dict[str, list[Row]]:
    """Return the details by the name of their property; the means in the order in which the text gives them."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["term"].removeprefix(CG)].append(row)
    if order := found.pop("viaOrder", None):
        steps = str(order[0]["value"]).split(" > ")
        found["via"].sort(key=lambda row: steps.index(str(row["value"]).rpartition("/")[2]))
    return dict(found)
