"""What several documents say of one thing, derived at build: disagreements, support, and who rests on whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from kg.compare.answers import Comparison
from kg.compare.rules import RULES
from kg.model import Claim, Corpus, Disagreement, Document, Frame, Proposition, Support
from kg.vocabulary import Vocabulary


def find_disagreements(corpus: Corpus, vocabulary: Vocabulary) -> list[Disagreement]:
    """Return all disagreements that the rules find, most serious first."""
    comparison = Comparison(corpus, vocabulary)
    found = {d.id: d for rule in RULES for d in rule(comparison)}
    serious = list(vocabulary.values("hardness"))
    return sorted(found.values(), key=lambda d: (serious.index(d.hardness), d.kind, d.frame, d.id))


def find_support(corpus: Corpus) -> list[Support]:
    """Return, for each proposition, who takes it up and how many independent sources that makes."""
    claims: dict[str, list[Claim]] = defaultdict(list)
    sources: dict[tuple[Frame, str, int], set[tuple[str, str]]] = defaultdict(set)
    for claim in corpus.claims:
        claims[claim.proposition.id].append(claim)
        if claim.act == "asserts" and claim.certainty != "hypothesised":
            sources[_answer(claim.proposition)].add((claim.document, claim.work))
    agreeing = {answer: count_independent(found) for answer, found in sources.items()}
    return [_support(found, corpus, agreeing) for _, found in sorted(claims.items())]


def _answer(proposition: Proposition) -> tuple[Frame, str, int]:
    """Return what a proposition shares with those that say the same of its question, whatever their relation."""
    return proposition.frame, proposition.object.aspect, proposition.sign


def find_related(corpus: Corpus) -> list[tuple[Proposition, Proposition]]:
    """Return neighbours: propositions that differ in scope alone, each linked to the next. They do not disagree."""
    groups: dict[str, dict[str, Proposition]] = defaultdict(dict)
    for id_, proposition in corpus.propositions.items():
        free = replace(proposition, scope=()) if proposition.scope else proposition
        groups[free.id][id_] = proposition
    return [pair for group in groups.values() for pair in pairwise(group[i] for i in sorted(group))]


def _support(claims: Sequence[Claim], corpus: Corpus, agreeing: Mapping[tuple[Frame, str, int], int]) -> Support:
    acts = {
        act: [c for c in claims if c.act == act and c.certainty != "hypothesised"]
        for act in ("asserts", "denies", "questions")
    }
    asserting = acts["asserts"]
    return Support(
        proposition=claims[0].proposition,
        asserted=_documents(asserting),
        denied=_documents(acts["denies"]),
        questioned=_documents(acts["questions"]),
        independent=count_independent((c.document, c.work) for c in asserting),
        agreeing=agreeing.get(_answer(claims[0].proposition), 0),
        possibly_dependent=_possibly_dependent(asserting, corpus.documents),
    )


def _documents(claims: Iterable[Claim]) -> tuple[str, ...]:
    return tuple(sorted({c.document for c in claims}))


def count_independent(claims: Iterable[tuple[str, str]]) -> int:
    """Return the number of independent sources of claims, each given as its document and the work it rests on.

    Documents that rest on one cited work are one source for it.

    >>> count_independent([("a", "smith"), ("b", "smith"), ("c", "")])
    2
    """
    sources: dict[str, set[str]] = defaultdict(set)
    for document, work in claims:
        sources[document].add(work)
    groups: list[set[str]] = []
    for document, works in sources.items():
        group = {f"document {document}"} if "" in works else {f"work {w}" for w in works}
        overlapping = [g for g in groups if g & group]
        for other in overlapping:
            group |= other
            groups.remove(other)
        groups.append(group)
    return len(groups)


def _possibly_dependent(claims: Sequence[Claim], documents: dict[str, Document]) -> tuple[tuple[str, str], ...]:
    """Return pairs of documents where the first merely lists a work that the second rests on."""
    rests = {(c.document, c.work) for c in claims if c.work}
    pairs = {
        (lister, rester)
        for rester, work in rests
        for lister in _documents(claims)
        if lister != rester and work in documents[lister].cites and (lister, work) not in rests
    }
    return tuple(sorted(pairs))
