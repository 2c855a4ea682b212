"""The page of a search: what was found, grouped by what it is, its words marked."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request, Response

from api.answers import find_pages
from api.deps import Session
from api.negotiate import TABLE
from api.pages.lists import read_entities
from api.pages.view import show_page
from kg.search.find import KINDS, Hits, open_index
from kg.search.named import find_named

#: A text in pieces, each with whether it matches.
Pieces = list[tuple[str, bool]]
#: So many things to look for are offered to who has not said anything yet.
_EXAMPLES = 8
_NAMES = {"entity": "entities", "document": "documents", "work": "works", "claim": "claims", "query": "named queries"}
_FOLDERS = {"entity": "entities", "document": "documents", "work": "works", "claim": "claims", "query": "queries"}
#: Where an entity leads, and what is answered there.
_QUESTIONS = (
    ("/compare", "entity", "Do the documents agree about {}?"),
    ("/mechanisms", "to", "What raises or lowers {}?"),
    ("/mechanisms", "from", "What does {} raise or lower?"),
)


@dataclass(frozen=True)
class Shown:
    """One hit as it is shown."""

    address: str
    title: Pieces
    snippet: Pieces
    note: str


def show(
    request: Request, session: Session, words: str, hits: Hits | None, page: int, size: int, part: bool = False
) -> Response:
    """Answer with the page of a search, or with the part of it that changes while one types; no hits: the form."""
    groups: dict[str, list[Shown]] = {kind: [] for kind in KINDS}
    titles = {row["document"].rpartition("/")[2]: row["title"] for row in session.table("documents").rows}
    for hit in hits.items if hits else ():
        snippet = [] if hit.snippet == hit.title else mark(hit.snippet, hit.ranges)
        note = titles.get(hit.note, hit.note)
        shown = Shown(f"/{_FOLDERS[hit.kind]}/{hit.id}", mark(hit.title, hit.title_ranges), snippet, note)
        groups[hit.kind].append(shown)
    return show_page(
        request,
        session,
        "hits.html" if part else "search.html",
        f"Search: {words}" if words else "Search",
        [("search", {"words": words})] if words else [],
        TABLE if words else {},
        shlex.join(["search", words]) if words else "",
        q=words,
        examples=[] if words or part else read_entities(session, _EXAMPLES),
        questions=list_questions(session, hits.searched.words) if hits and page == 1 else [],
        total=hits.total if hits else 0,
        counts=hits.counts if hits else {},
        corrected=hits.searched.corrected if hits else {},
        any_word=hits.searched.any if hits else False,
        groups={kind: found for kind, found in groups.items() if found},
        names=_NAMES,
        only={kind: f"/search?{urlencode({'q': words, 'kind': kind})}" for kind in KINDS},
        pages=find_pages(request, page, size, hits.total) if hits and not part else {},
    )


def list_questions(session: Session, words: str) -> list[tuple[str, str]]:
    """Return addresses with the questions that they answer of the entities that the words name, the first two at most.

    Who asks in words of their own whether the documents agree is led to the page that tells.
    """
    index = open_index(session.build, session.service.queries, session.service.settings.deadline)
    named = list(find_named(index, words).items())[:2]
    if len(named) <= 1:
        return [
            (f"{page}?{urlencode({parameter: id_})}", question.format(label))
            for id_, label in named
            for page, parameter, question in _QUESTIONS
        ]
    (first, one), (last, other) = named
    found = [(f"/mechanisms?{urlencode({'from': first, 'to': last})}", f"How does {one} bear on {other}?")]
    if frame := find_frame(session, first, last) or find_frame(session, last, first):
        found.insert(0, (f"/compare?frame={frame}", f"Do the documents agree about {one} and {other}?"))
    return found


def find_frame(session: Session, subject: str, object_: str) -> str:
    """Return the question on which there are most claims of what one entity does to another, or nothing."""
    rows = session.opened.graph.table("readable-claims", subject=subject, object=object_).rows
    frames = Counter(row["frame"].rpartition("/")[2] for row in rows)
    return frames.most_common(1)[0][0] if frames else ""


def mark(text: str, ranges: Sequence[tuple[int, int]]) -> Pieces:
    """Cut a text into what matches and what does not.

    >>> mark("to sleep well", [(3, 8)])
    [('to ', False), ('sleep', True), (' well', False)]
    """
    pieces: Pieces = []
    done = 0
    for start, end in sorted(ranges):
        if start > done:
            pieces.append((text[done:start], False))
        if end > max(start, done):
            pieces.append((text[max(start, done) : end], True))
        done = max(done, end)
    return [*pieces, (text[done:], False)] if done < len(text) else pieces
