"""The page that tells what the data is: its model, how it is checked, its licences, how to cite it, its limits."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from fastapi import Request, Response

from api.deps import Session
from api.negotiate import RESOURCE
from api.pages.document import count_imported
from api.pages.view import show_page
from kg.names import CG

_TARGET = re.compile(r"sh:targetClass\s+(\w+:\w+)")


def show(request: Request, session: Session) -> Response:
    """Show what the data is."""
    stats = session.table("stats").rows
    report = session.table("validation").rows
    manifest = session.build.manifest
    documents = session.table("documents").rows
    return show_page(
        request,
        session,
        "about.html",
        "About the data",
        [("counts", {}), ("documents", {}), ("stats", {}), ("validation", {})],
        {},
        counts={row["what"]: row["count"] for row in session.table("counts").rows},
        imported=count_imported(documents),
        acts=count_by(stats, "act"),
        certainties=count_by(stats, "certainty"),
        shapes=read_shapes(session.service.settings.ontology / "shapes"),
        conforms=bool(report and report[0]["conforms"]),
        results=[row for row in report if "message" in row],
        suffixes=[suffix for suffix in RESOURCE if suffix != "html"],
        digest=session.build.digest,
        date=manifest["date"],
        here=session.service.settings.base.rstrip("/"),
    )


def count_by(rows: list[dict[str, object]], column: str) -> dict[str, int]:
    """Return how many claims there are of each value of a column, the most first.

    >>> count_by([{"act": "asserts", "count": 2}, {"act": "denies", "count": 3}], "act")
    {'denies': 3, 'asserts': 2}
    """
    found: Counter[str] = Counter()
    for row in rows:
        found[str(row[column]).removeprefix(CG)] += int(str(row["count"]))
    return dict(found.most_common())


def read_shapes(folder: Path) -> dict[str, list[str]]:
    """Return the files of shapes, each with the classes that it checks."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.ttl"))}
    found = {name: sorted(set(_TARGET.findall(text))) for name, text in texts.items()}
    return {name: classes for name, classes in found.items() if classes}
