"""What curators get wrong: rules over claims and, where it is at hand, over the text. Each rule is one function.

Every finding here is a warning that a curator may acknowledge in the file, by the name of its rule and with a reason,
save those that no reason can make right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache

from kg import anchors
from kg.errors import Finding
from kg.model import Anchor, Claim, Corpus, Document
from kg.vocabulary import Vocabulary

ClaimRule = Callable[[Claim, str, Vocabulary], Iterator[tuple[str, str]]]
_NEGATION = re.compile(r"\b(?:not|no|never|none|nor|neither|cannot)\b|n[’']t\b", re.I)
_DIGIT = re.compile(r"\d")
_COPIED_WORDS = 12


def hedge(claim: Claim, passage: str, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """A hedge stands in the passage of a claim that is marked as stated."""
    words = tuple(vocabulary.hedges)
    if claim.certainty == "stated" and _one_of(words).search(passage):
        found = [w for w, pattern in _patterns(words) if pattern.search(passage)]
        if found:
            longest = max(sorted(found), key=len)
            yield f"marked as stated, but the passage has {longest!r}", "set certainty and cue, or narrow the passage"


@lru_cache(2)
def _one_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.I)


@lru_cache(2)
def _patterns(words: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    return [(word, re.compile(rf"\b{re.escape(word)}\b", re.I)) for word in words]


def cue(claim: Claim, _passage: str, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """The cue is not one that the lexicon gives for the certainty."""
    if claim.hedge and vocabulary.hedges.get(claim.hedge.casefold()) != claim.certainty:
        known = vocabulary.hedges.get(claim.hedge.casefold())
        told = f"the lexicon makes it {known}" if known else "the lexicon does not have it"
        yield f"cue {claim.hedge!r} with certainty {claim.certainty!r}: {told}", "see ontology/hedges.ttl"


def negation(claim: Claim, passage: str, _vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """A negation stands in the passage of a claim that asserts."""
    if claim.act == "asserts" and (found := _NEGATION.search(passage)):
        yield f"asserts, but the passage has {found[0]!r}", "deny the proposition, or narrow the passage"


def digit(claim: Claim, passage: str, _vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """A digit stands in the passage of a claim that has no figure."""
    scoped = " ".join(value for _, value in claim.proposition.scope)
    if not claim.figures and not _DIGIT.search(scoped) and (found := re.search(r"\S*\d\S*", passage)):
        yield f"no figure, but the passage has {found[0]!r}", "give the figure, or narrow the passage"


CLAIM_RULES: tuple[ClaimRule, ...] = (hedge, cue, negation, digit)


def check_claims(file: str, document: Document, text: str | None, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield what the rules for single claims find, and acknowledgements that nothing calls for any more."""
    for claim in document.claims:
        place = claim_place(claim)
        if not claim.anchor:
            continue
        passage = text[claim.anchor.start : claim.anchor.end] if text is not None else claim.anchor.exact
        acknowledged = dict(claim.acknowledged)
        for rule in CLAIM_RULES:
            found = list(rule(claim, passage, vocabulary))
            name = str(getattr(rule, "__name__", ""))
            if found and acknowledged.pop(name, ""):
                continue
            for message, hint in found:
                yield Finding(file, claim.line, place, name, "warning", message, hint)
        for name in acknowledged if text is not None else ():
            if name not in ("contradiction", "twice"):
                message = f"acknowledges {name!r}, which finds nothing here"
                yield Finding(file, claim.line, place, "acknowledge", "warning", message, "remove the acknowledgement")


def check_document(file: str, document: Document, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield what the rules over all claims of one document find."""
    stances: dict[str, dict[str, Claim]] = defaultdict(dict)
    for claim in document.claims:
        stances[claim.proposition.id].setdefault(claim.act, claim)
    for acts in stances.values():
        if "asserts" in acts and "denies" in acts:
            claim = acts["denies"]
            if "contradiction" not in dict(claim.acknowledged):
                message = f"the document also asserts this (line {acts['asserts'].line})"
                yield Finding(
                    file, claim.line, claim_place(claim), "contradiction", "warning", message, "one is misread?"
                )
    spelled: dict[object, Claim] = {}
    for claim in document.claims:
        p = claim.proposition
        sense = (
            (vocabulary.aspect_classes.get(p.object.aspect), p.sign) if p.sign else (p.relation, p.subject, p.object)
        )
        ends = (p.frame, sense, p.via, p.with_, p.without, p.effect, p.dimension, p.scope, p.baseline)
        key = (claim.anchor, claim.act, ends, claim.assessment_of, claim.finding, claim.work, claim.figures)
        other = spelled.setdefault(key, claim)
        if other is not claim and "twice" not in dict(claim.acknowledged):
            ours, theirs = (f"{q.subject.name} {q.relation} {q.object.name}" for q in (p, other.proposition))
            message = f"{ours!r} says what line {other.line} says as {theirs!r}"
            yield Finding(
                file, claim.line, claim_place(claim), "twice", "warning", message, "keep the more specific one"
            )


def check_entities(corpus: Corpus, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield entities that nothing uses, and entities that a named state already stands for."""
    used = {b for e in corpus.entities.values() for b in e.broader}
    used |= {variable.entity for variable in vocabulary.states.values()}
    for claim in corpus.claims:
        used.update(claim.proposition.entities(vocabulary.entity_scopes))
        used.update(f.population for f in claim.figures)
    states = {name.replace("-", " ") for name in vocabulary.states}
    ours = {m.id: e.id for e in corpus.entities.values() if not e.source for m in e.matches if m.quality == "exact"}
    for entity in corpus.entities.values():
        if entity.source:  # the words of others, which no curator here can mend
            for known in sorted({ours[m.id] for m in entity.matches if m.id in ours}):
                message = f"has the same exact identifier as {known!r}"
                yield Finding(
                    f"imported/{entity.source}/entities.jsonl", 0, f"entity {entity.id}", "unjoined", "warning",
                    message, f"import {entity.source!r} anew: it then joins the two",
                )  # fmt: skip
            continue
        place = f"entity {entity.id}"
        if entity.id not in used:
            yield Finding(
                "entities", 0, place, "unused", "warning", "no claim and no other entity uses it", "remove it"
            )
        if {entity.label.casefold(), *(a.casefold() for a in entity.also)} & states:
            message = "a named state has this name"
            yield Finding("entities", 0, place, "state", "warning", message, "use the named state in its place")


def check_anchors(file: str, document: Document, text: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield anchors that the text does not bear out, and statements that copy it."""
    if len(text) != document.length:
        message = f"length is {len(text)}, not {document.length}"
        where = f"{document.corpus}/{document.id}/document.toml"
        yield Finding(where, 0, "", "length", "error", message, "correct it in document.toml")
    flat = " ".join(re.findall(r"\w+", text.casefold()))
    for claim in document.claims:
        for anchor in claim.anchors:
            yield from _check_anchor(file, claim, anchor, text)
        words = re.findall(r"\w+", claim.statement.casefold())
        runs = (" ".join(words[i : i + _COPIED_WORDS]) for i in range(len(words) - _COPIED_WORDS + 1))
        if copied := next((run for run in runs if f" {run} " in f" {flat} "), None):
            message = f"the statement copies the text: {copied!r}"
            yield Finding(file, claim.line, claim_place(claim), "copied", "error", message, "say it in other words")


def _check_anchor(file: str, claim: Claim, anchor: Anchor, text: str) -> Iterator[Finding]:
    passage = text[anchor.start : anchor.end]
    if anchors.stands(anchor.exact, passage):
        return
    elsewhere = [f"[{p.start}, {p.end}]" for p in anchors.find(anchor.exact, text)]
    if elsewhere:
        hint = f"it stands at {', '.join(elsewhere)}"
    else:
        near = anchors.nearest(anchor.exact, text, 1)
        told = [f"nearest at [{n.start}, {n.end}]: {anchors.difference(anchor.exact, n.text)}" for n in near]
        hint = "".join(told)
    message = f"the phrase {anchor.exact!r} does not stand in the passage [{anchor.start}, {anchor.end}]"
    yield Finding(file, claim.line, claim_place(claim), "anchor", "error", message, hint)


def claim_place(claim: Claim) -> str:
    """Return how findings name a claim."""
    return f"claim {claim.label}" if claim.label else "claim"


def uncovered(document: Document, text: str) -> list[anchors.Place]:
    """Return the sentences of a text that no anchor touches and no omission covers."""
    spans = [(a.start, a.end) for claim in document.claims for a in claim.anchors]
    spans += [(o.start, o.end) for o in document.omissions]
    return [s for s in anchors.sentences(text) if not any(a < s.end and s.start < b for a, b in spans)]
