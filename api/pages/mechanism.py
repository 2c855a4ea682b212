"""The page of mechanisms: ranked paths as chains and as one graph; what is downstream or upstream of one entity."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from api.deps import Session
from api.pages.chooser import Chooser, local, read_chooser
from api.pages.home import ask_chain
from api.pages.lists import read_entities
from api.pages.neighbourhood import read_tones, words
from api.pages.options import CHOICES, change_address, choice_of, suggest
from api.pages.view import show_page
from api.pinned import pin
from kg.mechanisms.hops import Hop
from kg.mechanisms.paths import Mechanisms, Opening, Options, Path, Paths

#: What a note on a hop says to a reader.
_NOTES = {
    "via": "a claim gives this as the means by which it works",
    "association": "goes together with; no cause is stated",
    "inverted": "turned round: the documents say it of the opposite state",
    "read-through": "turned round: the documents say it of more, this reads it of less",
}
_STATE_SIGNS = {"increased": 1, "decreased": -1}


def show(
    request: Request,
    session: Session,
    ends: tuple[str, str],
    options: Options,
    paths: Paths | None,
    openings: Iterable[Opening],
    hops: Sequence[Hop],
    formats: Mapping[str, str],
) -> Response:
    """Show paths between two entities and what would open more, the hops at one, or the form alone."""
    source, target = ends
    chooser = read_chooser(session)
    loaded = session.mechanisms
    is_empty = not source and not target
    return show_page(
        request,
        session,
        "mechanisms.html",
        _title(chooser, source, target),
        [] if is_empty else [("hops", {}), ("scopes", {}), ("contested", {}), ("chains", {}), ("symptoms", {})],
        formats if source or target else {},
        command=_command(request, source, target),
        permanent="" if is_empty else pin(request, session),
        source=source,
        target=target,
        chooser=chooser,
        relations=_read_relations(session),
        choices=CHOICES,
        options=options,
        paths=paths,
        openings=_list_openings(request, openings),
        examples=list_examples(session) if is_empty else [],
        hops=sorted(hops, key=lambda h: (h.object.state, chooser.labels.get(h.object.entity, ""), h.relation)),
        suggestions=suggest(request, loaded, source, target, options) if paths is not None and not paths else [],
        drawing=draw(paths, loaded, chooser, read_tones(session)) if paths else None,
        note_of=lambda hop: note_of(hop, chooser.labels),
    )


def _list_openings(request: Request, openings: Iterable[Opening]) -> list[tuple[str, str, Opening]]:
    """Return what one option more would open: its words, its address, how many."""
    found = ((choice_of(opening), opening) for opening in openings)
    return [(choice.label, change_address(request, {choice.name: choice.value}), opening) for choice, opening in found]


def _read_relations(session: Session) -> dict[str, str]:
    """Return the label of each relation, and of the steps by which a claim says that something works."""
    return {local(row["relation"]): row["label"] for row in session.table("relations").rows} | {"via": "by way of"}


def list_examples(session: Session) -> list[tuple[str, str]]:
    """Return addresses with their questions: the ends of a chain that a document states, and what is spoken of most."""
    found = []
    chain = ask_chain(session)
    if chain:
        first, last = chain["steps"][0], chain["steps"][-1]
        query = urlencode({"from": local(first["subject"]), "to": local(last["object"])})
        found.append((f"/mechanisms?{query}", f"How does {first['subject_label']} bear on {last['object_label']}?"))
    questions = (("from", "What does {} raise or lower?"), ("to", "What raises or lowers {}?"))
    for entity, (end, words_) in zip(read_entities(session, 2), questions, strict=False):
        query = urlencode({end: local(entity["entity"])})
        found.append((f"/mechanisms?{query}", words_.format(entity["label"])))
    return found


def _title(chooser: Chooser, source: str, target: str) -> str:
    first, last = (chooser.labels.get(end, end) for end in (source, target))
    if source and target:
        return f"How does {first} bear on {last}?"
    if source:
        return f"What does {first} raise or lower?"
    return f"What raises or lowers {last}?" if target else "Trace a mechanism"


def _command(request: Request, source: str, target: str) -> str:
    """Return the words after `kg` that trace the same."""
    words = ["mechanism", *(end for end in (source, target) if end)]
    words += ["--upstream"] if target and not source else []
    for key, value in request.query_params.multi_items():
        if key in ("document", "through", "longest", "count"):
            words += [f"--{key}", value]
        words += [c.command for c in CHOICES if (c.name, c.value) == (key, value) and c.command]
    return shlex.join(words)


# What is said of hops and paths


def sign_of(hop: Hop) -> int:
    """Return whether a hop, taken up in the state that it names, raises (1) or lowers (-1) its object; 0 when open.

    >>> from kg.mechanisms.hops import State
    >>> less, more = State("a", "", "decreased"), State("b", "", "increased")
    >>> sign_of(Hop("p", less, False, "suppresses", more, "", -1, (), ()))
    1
    """
    return 0 if hop.note == "association" else _STATE_SIGNS.get(hop.object.state, 0)


def note_of(hop: Hop, labels: Mapping[str, str]) -> str:
    """Return the note on a hop in words.

    >>> from kg.mechanisms.hops import State
    >>> hop = Hop("p", State("a"), True, "treats", State("b"), "", 1, (), (), note="via nmda-receptor:activity > x")
    >>> note_of(hop, {"nmda-receptor": "NMDA receptor"})
    'by way of NMDA receptor activity, x'
    """
    if not hop.note.startswith("via "):
        return _NOTES.get(hop.note, hop.note)
    steps = [step.split(":") for step in hop.note.removeprefix("via ").split(" > ")]
    return "by way of " + ", ".join(" ".join([labels.get(entity, entity), *rest]) for entity, *rest in steps)


# All paths as one graph


def draw(paths: Iterable[Path], loaded: Mechanisms, chooser: Chooser, tones: Mapping[str, int]) -> dict[str, Any]:
    """Return the nodes and edges of all paths: an edge is contested or joins sources when any of its hops does."""
    nodes: dict[str, dict[str, Any]] = {}
    edges: dict[tuple[str, str, str, int], dict[str, Any]] = {}
    for path in paths:
        for hop in path.hops:
            for entity in (hop.subject.entity, hop.object.entity):
                known = loaded.entities[entity]
                nodes.setdefault(
                    entity,
                    {
                        "id": entity,
                        "label": known["label"],
                        "kind": words(known["kind"]),
                        "tone": tones.get(words(known["kind"]), len(tones)),
                        "href": f"/entities/{entity}",
                    },
                )
            key = (hop.subject.entity, hop.object.entity, hop.relation, sign_of(hop))
            label = "by way of" if hop.relation == "via" else hop.relation.replace("_", " ")
            if hop.subject.state not in ("", "increased") and not hop.open_state:
                label = f"{hop.subject.state}: {label}"  # without it, less of one raising another would read backwards
            made = {
                "id": f"edge-{len(edges)}", "source": key[0], "target": key[1], "label": label, "sign": key[3],
                "note": note_of(hop, chooser.labels), "contested": False, "standing": path.standing,
                "href": f"/propositions/{local(hop.proposition).partition('#')[0]}",
            }  # fmt: skip
            edge = edges.setdefault(key, made)
            edge["contested"] |= bool(hop.contested)
            # A step of a path that one document states is no assembly, whatever other paths use it.
            edge["standing"] = min(edge["standing"], path.standing, key=_STANDINGS.index)
    first = next(iter(nodes), None)
    return {"nodes": [{**node, "focus": id_ == first} for id_, node in nodes.items()], "edges": list(edges.values())}


_STANDINGS = ("stated", "single-source", "assembled")
