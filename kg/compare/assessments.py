"""The rules about what is known: assessments of evidence, mechanism and safety that differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from kg.compare.answers import Answer, Comparison, asserted
from kg.compare.pairs import across, make, outright, pair
from kg.compare.reasons import name_findings, name_holders, name_question
from kg.model import Disagreement, Frame

#: Findings about one and the same thing that do not go together. That something grows does not say that there is much.
_OPPOSED = (({"known"}, {"unknown", "theories"}), ({"most", "positive"}, {"limited", "inconclusive"}))


def evidence(comparison: Comparison) -> Iterator[Disagreement]:
    """Assessments of one thing that differ: its mechanism known or unknown, research most or limited."""
    for frame, answers in comparison.by_frame.items():
        who = partial(name_holders, comparison, frame, certainty=False)
        same = [a for a in answers if a.claim.act == "assesses"]
        for of in sorted({a.claim.assessment_of for a in same}):
            here = [a for a in same if a.claim.assessment_of == of]
            there = [a for a in _wider(comparison, frame) if a.claim.assessment_of == of]
            for good, bad in _OPPOSED:
                # What is known of disorders at large is known of each; how much research there is, is not.
                pool = [a for a in there if "known" in good or a.frame.object not in comparison.generic]
                sides = across(comparison, here, pool, partial(_finds, good), partial(_finds, bad))
                if all(sides):
                    told = [f"{name_findings(side)} in {who(side)}" for side in sides]
                    because = f"What is known of {name_question(comparison, frame, 'and')}: {told[0]}; {told[1]}."
                    yield make("evidence", _weigh(sides), frame, sides, because)


def _wider(comparison: Comparison, frame: Frame) -> list[Answer]:
    """Return the assessments of the same on broader objects."""
    frames = (Frame(frame.subject, frame.family, o) for o in sorted(comparison.above(frame.object)))
    found = [a for f in frames if f in comparison.by_frame for a in comparison.by_frame[f]]
    return [a for a in found if a.claim.act == "assesses"]


def _finds(findings: set[str], answer: Answer) -> bool:
    return answer.claim.finding in findings


def _weigh(sides: tuple[list[Answer], list[Answer]]) -> str:
    """Return hard when two assess the very same outright: no hedge, scope, company or extent that only one has."""
    exact = any(
        a.frame == b.frame and a.claim.extent == b.claim.extent and a.scopes == b.scopes and outright(a, b)
        for a in sides[0] for b in sides[1]
    )  # fmt: skip
    return "hard" if exact else "soft"


def research(comparison: Comparison) -> Iterator[Disagreement]:
    """Asserted from research here, while the evidence is called limited there."""
    for frame, answers in comparison.by_frame.items():
        who = partial(name_holders, comparison, frame)
        told = [a for a in asserted(answers) if a.claim.voice == "research" and a.sign and not a.composed]
        limited = [a for a in answers if a.claim.act == "assesses" and a.claim.finding == "limited"]
        sides = pair(comparison, told, limited, _doubts)
        if all(sides):
            here, there = (who(side) for side in sides)
            question = name_question(comparison, frame)
            because = f"{question}: asserted from research in {here}; evidence called limited in {there}."
            yield make("evidence", "soft", frame, sides, because)


def _doubts(one: Answer, limited: Answer) -> bool:
    """Tell whether another document doubts the evidence of just this: of nothing that it has in company only."""
    return one.document != limited.document and limited.company("with_") <= one.company("with_")


def safety(comparison: Comparison) -> Iterator[Disagreement]:
    """Called safe here, a cause for concern there, in whatever respect the subject is spoken of."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for frame, answers in comparison.by_frame.items():
        found[frame.subject] += [a for a in answers if a.claim.act == "assesses" and a.claim.assessment_of == "safety"]
    for subject, answers in found.items():
        concerns = [a for a in answers if a.claim.finding == "concern"]
        for frame in sorted({a.frame for a in answers if a.claim.finding == "safe"}):
            safe = [a for a in answers if a.frame == frame and a.claim.finding == "safe"]
            sides = pair(comparison, safe, concerns, lambda a, b: True)
            if all(sides):
                who = partial(name_holders, comparison, frame, certainty=False)
                told = f"safe as to {comparison.label(frame.object)} in {who(sides[0])}; a concern in {who(sides[1])}"
                because = f"How safe {comparison.label(subject)} is: {told}."
                yield make("evidence", _weigh(sides), frame, sides, because)
