"""What stands around an entity, as nodes and edges to be drawn: what some document asserts, and nothing else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.deps import Session

Row = Mapping[str, Any]
#: So many neighbours are drawn: those that most documents speak of.
NEIGHBOURS = 24
#: Everything does something to somebody: pictures of effects leave out what is merely compared or listed.
_DRAWN = ("effect", "taxonomy")
#: From the surest down.
SURETY = ("stated", "probable", "possible", "hypothesised")


def draw(session: Session, id_: str) -> dict[str, Any]:
    """Return the nodes and edges around an entity."""
    tables = (session.table("readable-claims", **{side: id_}).rows for side in ("subject", "object"))
    rows = [row for table in tables for row in table if row["act"].endswith("asserts") and row["family_name"] in _DRAWN]
    centre = session.service.names.iri("entity", id_)
    near = rank_neighbours(rows, centre)[:NEIGHBOURS]
    kept = [row for row in rows if {row["subject"], row["object"]} <= {centre, *near}]
    nodes: dict[str, dict[str, Any]] = {}
    tones = read_tones(session)
    for row in kept:
        for side in ("subject", "object"):
            nodes[row[side]] = {
                "id": row[side],
                "label": row[f"{side}_label"],
                "kind": row[f"{side}_kind"],
                "tone": tones.get(row[f"{side}_kind"], len(tones)),
                "href": f"/entities/{row[side].rpartition('/')[2]}",
                "focus": row[side] == centre,
            }
    return {"nodes": list(nodes.values()), "edges": join_edges(kept), "left_out": len(rows) - len(kept)}


def read_tones(session: Session) -> dict[str, int]:
    """Return the number of each kind in the vocabulary, by its words: it is drawn in the same way in every picture."""
    return {words(kind): number for number, kind in enumerate(session.opened.graph.vocabulary.kinds)}


def words(kind: str) -> str:
    """Return the name of a kind in words.

    >>> words("BiologicalProcess")
    'biological process'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()


def rank_neighbours(rows: Iterable[Row], centre: str) -> list[str]:
    """Return what stands on the other side, what most documents and then most claims speak of first."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        other = row["object"] if row["subject"] == centre else row["subject"]
        found[other].append(row["document"])
    return sorted(found, key=lambda other: (-len(set(found[other])), -len(found[other]), other))


def join_edges(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Join the claims that say the same of the same pair into edges; each opens its question, or its only claim."""
    found: dict[tuple[str, str, int, str], list[Row]] = defaultdict(list)
    for row in rows:
        states = " ".join(row[key] for key in ("subject_state", "subject_aspect") if row.get(key))
        # The label names the state: so the arrow says what this state does, not what more of the subject would do.
        sign = -row["sign"] if row.get("subject_state") == "decreased" else row["sign"]
        found[row["subject"], row["object"], sign, states].append(row)
    edges = []
    for number, ((subject, object_, sign, states), said) in enumerate(sorted(found.items(), key=lambda item: item[0])):
        first = said[0]
        edges.append(
            {
                "id": f"e{number}",
                "source": subject,
                "target": object_,
                "label": (f"{states}: " if states else "") + first["relation_label"],
                "sign": sign,
                "note": describe_support(said),
                "contested": any(row["contested"] for row in said),
                "href": f"/compare?frame={first['frame'].rpartition('/')[2]}"
                if len(said) > 1
                else f"/claims/{first['claim'].rpartition('/')[2]}",
            }
        )
    return edges


def describe_support(said: Sequence[Row]) -> str:
    """Return who says it and how surely at best.

    >>> describe_support([{"document": "a", "certainty_name": "possible"}])
    '1 document, possible at best'
    """
    documents = len({row["document"] for row in said})
    surest = min((row["certainty_name"] for row in said), key=SURETY.index)
    counted = f"{documents} document{'' if documents == 1 else 's'}"
    return counted if surest == SURETY[0] else f"{counted}, {surest} at best"
