"""The page of validation: what the shapes say of this build, how many there are, and what they were applied to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response

from api.deps import Session
from api.negotiate import RESOURCE
from api.pages.about import read_shapes
from api.pages.view import show_page

_SHAPE = re.compile(r"\ba\s+sh:(?:Node|Property)Shape\b")


@dataclass(frozen=True)
class Checked:
    """A file of shapes: how many it has, and how many resources there are of each class that it checks."""

    name: str
    shapes: int
    classes: Mapping[str, int]


def show(request: Request, session: Session) -> Response:
    """Show the verdict of the shapes, their findings, and what they check."""
    report = session.table("validation").rows
    vocabulary = session.opened.graph.vocabulary
    sizes = {row["class"]: row["count"] for row in session.table("class-sizes").rows}
    files = read_checked(session.service.settings.ontology / "shapes", vocabulary.prefixes, sizes)
    return show_page(
        request,
        session,
        "validation.html",
        "Validation",
        [("validation", {}), ("class-sizes", {})],
        RESOURCE,
        conforms=bool(report and report[0]["conforms"]),
        findings=[row for row in report if "message" in row],
        files=files,
        shapes=sum(file.shapes for file in files),
        validated=session.build.manifest.get("validated"),
        checked=sum({name: count for file in files for name, count in file.classes.items()}.values()),
    )


def read_checked(folder: Path, prefixes: Mapping[str, str], sizes: Mapping[str, int]) -> list[Checked]:
    """Return the files of shapes that check a class; sizes are the numbers of resources by class."""
    found = []
    for name, classes in read_shapes(folder).items():
        shapes = len(_SHAPE.findall((folder / f"{name}.ttl").read_text(encoding="utf-8")))
        iris = {one: prefixes.get(one.partition(":")[0], "") + one.partition(":")[2] for one in classes}
        found.append(Checked(name, shapes, {one: sizes.get(iri, 0) for one, iri in iris.items()}))
    return found
