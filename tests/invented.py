"""Small invented corpora, written as one line a claim."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from kg.corpus.propositions import compose, parse_variable
from kg.corpus.rows import ClaimRow
from kg.model import Anchor, Chain, Claim, Corpus, Document, Entity, Figure
from kg.settings import Settings
from kg.vocabulary import Vocabulary, read_vocabulary

#: Broader entities of the invented world.
BROADER = {
    "night-terror": ("insomnia",),
    "left-lobe": ("lobe",),
    "s-veltrine": ("veltrine",),
    "insomnia": ("disorder",),
}
GENERIC = {"disorder"}


@cache
def vocabulary() -> Vocabulary:
    settings = Settings()
    return read_vocabulary(settings.ontology, settings.base)


def corpus(
    *lines: str, chains: dict[str, list[int]] | None = None, cites: dict[str, tuple[str, ...]] | None = None
) -> Corpus:
    """Return a corpus of lines `document: [act] subject relation object [key=value]...`; a value may be a,list."""
    claims = [_claim(number, line) for number, line in enumerate(lines)]
    entities = {v.entity: ("",) for c in claims for v in c.proposition.variables} | dict.fromkeys(BROADER, ("",))
    known = {
        name: Entity(name, "Condition", name, broader=BROADER.get(name, ()), generic=name in GENERIC)
        for name in {*entities, *(b for bs in BROADER.values() for b in bs), "lobe"}
    }
    documents = {}
    for name in dict.fromkeys(c.document for c in claims):
        own = tuple(c for c in claims if c.document == name)
        joined = tuple(
            Chain(name, "joined", tuple(claims[n] for n in steps)) for d, steps in (chains or {}).items() if d == name
        )
        documents[name] = Document(
            name, "tales", name, "web-page", "en", "0" * 64, 9999, date(2026, 1, 1),
            cites=(cites or {}).get(name, ()), claims=own, chains=joined,
        )  # fmt: skip
    return Corpus(known, {}, documents)


def _claim(number: int, line: str) -> Claim:
    document, _, rest = line.partition(": ")
    words = rest.split()
    act = words.pop(0) if words[0] in vocabulary().acts else "asserts"
    subject, relation, object_, *pairs = words
    extra: dict[str, Any] = dict(p.split("=", 1) for p in pairs)
    claim = {k: extra.pop(k) for k in list(extra) if k in _CLAIM}
    lists = {k: v.split(",") for k, v in extra.items() if k in ("via", "with", "without")}
    scope = {k: v.split(",") for k, v in extra.items() if k in _SCOPE}
    single = {k: v for k, v in extra.items() if k not in lists and k not in scope}
    row = ClaimRow.model_validate(
        {"statement": "x", "phrase": "x", "at": [0, 1], "subject": subject, "relation": relation, "object": object_,
         "scope": scope, **lists, **single}
    )  # fmt: skip
    parse_variable(subject, vocabulary())
    counted, in_whom, figure = claim.pop("counted", "nights"), claim.pop("in_whom", ""), claim.pop("percent", "")
    acknowledged = claim.pop("acknowledge", "")
    return Claim(
        document=document,
        act=act,
        proposition=compose(row, vocabulary()),
        statement=f"{subject} {relation} {object_}",
        anchor=Anchor(number * 10, number * 10 + 9, "x"),
        certainty=claim.pop("certainty", "stated"),
        figures=(Figure("percent", counted, value=figure, population=in_whom),) if figure else (),
        acknowledged=((acknowledged, "looked at"),) if acknowledged else (),
        assessment_of=claim.pop("of", ""),
        **claim,
    )


_CLAIM = {
    "certainty", "work", "voice", "strength", "presented", "of", "finding", "extent", "frequency", "percent", "counted",
    "in_whom", "acknowledge",
}  # fmt: skip
_SCOPE = vocabulary().entity_scopes | vocabulary().text_scopes
