"""The page of a proposition: what is claimed, in which circumstances, by which documents, and what others answer."""

from __future__ import annotations

from fastapi import Request, Response

from api.deps import Session
from api.negotiate import RESOURCE
from api.pages.lists import tell_circumstances
from api.pages.view import Asked, show_page


def show(request: Request, session: Session, id_: str) -> Response:
    """Answer with the page of a proposition; there is none without a claim."""
    asked: list[Asked] = [("proposition", {"proposition": id_}), ("readable-claims", {"proposition": id_})]
    facts = {row["what"]: row["value"] for row in session.table("proposition", proposition=id_).rows}
    claims = session.table("readable-claims", proposition=id_).rows
    first = claims[0]
    frame = first["frame"].rpartition("/")[2]
    answers = session.table("readable-claims", frame=frame).rows
    subject = tell_thing(first["subject_label"], first.get("subject_aspect", ""), first.get("subject_state", ""))
    object_ = tell_thing(first["object_label"], first.get("aspect", ""))
    return show_page(
        request,
        session,
        "proposition.html",
        f"{subject} {first['relation_label']} {object_}",
        [*asked, ("readable-claims", {"frame": frame})],
        RESOURCE,
        row=first,
        iri=first["proposition"],
        circumstances=tell_circumstances(session, [first["proposition"]]).get(first["proposition"], ""),
        independent=facts.get("independentSources", 0),
        claims=claims,
        others=[row for row in answers if row["proposition"] != first["proposition"]],
    )


def tell_thing(label: str, aspect: str, state: str = "") -> str:
    """Return an entity in a state in words.

    >>> tell_thing("NMDA receptor", "activity", "decreased")
    'decreased NMDA receptor activity'
    """
    return " ".join(word for word in (state, label, aspect if aspect != "occurrence" else "") if word)
