"""The words of the reasons that disagreements give, made from the answers and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kg.compare.answers import Answer, Comparison
from kg.model import Frame


def name_question(comparison: Comparison, frame: Frame, joined: str = "on") -> str:
    """Return a question as a reason begins with it."""
    return f"{comparison.label(frame.subject)} {joined} {comparison.label(frame.object)}"


def name_holders(comparison: Comparison, frame: Frame, answers: Sequence[Answer], certainty: bool = True) -> str:
    """Name documents, each with its certainty and with what it adds to the question."""
    told: dict[str, list[str]] = defaultdict(list)
    direct = {a.document for a in answers if not a.composed}
    for answer in answers:
        words = [answer.claim.certainty] if certainty and answer.claim.act == "asserts" else []
        words += [answer.composed] if answer.composed and answer.document not in direct else []
        words += [f"after {answer.claim.work}"] if answer.claim.voice == "work" else []
        words += [f"without {comparison.label(e)}" for e in sorted(answer.company("without"))]
        words += [f"of {comparison.label(answer.frame.object)}"] if answer.frame.object != frame.object else []
        words += [f"of {comparison.label(answer.frame.subject)}"] if answer.frame.subject != frame.subject else []
        told[answer.document] += [w for w in words if w not in told[answer.document]]
    return ", ".join(f"{d} ({', '.join(told[d])})" if told[d] else d for d in sorted(told))


def tell_signs(comparison: Comparison, frame: Frame, up: Sequence[Answer], down: Sequence[Answer]) -> str:
    """Return what rises according to whom, and what falls.

    Where all of them speak of a lowered subject, so does the reason, and what it does is turned round.
    """
    lowered = all(a.state == "decreased" for a in (*up, *down))
    rising, falling = (down, up) if lowered else (up, down)
    question = ("lowered " if lowered else "") + name_question(comparison, frame)
    rises, falls = (
        " ".join([*_name_classes(side), word, "in", name_holders(comparison, frame, side)])
        for side, word in ((rising, "rises"), (falling, "falls"))
    )
    if _name_classes(rising) == _name_classes(falling):
        falls = falls.removeprefix(f"{' '.join(_name_classes(falling))} ")
    return f"{question}: {rises}, {falls}"


def _name_classes(answers: Sequence[Answer]) -> list[str]:
    found = sorted({a.aspect_class for a in answers if a.aspect_class})
    return [" and ".join(found)] if found else []


def name_relations(answers: Sequence[Answer]) -> str:
    """Name the relations of answers."""
    return ", ".join(sorted({a.relation.replace("_", " ") for a in answers}))


def name_findings(answers: Sequence[Answer]) -> str:
    """Name what assessments are of and what they find."""
    return ", ".join(sorted({f"{a.claim.assessment_of} {a.claim.finding}" for a in answers}))


def name_means(comparison: Comparison, answers: Iterable[Answer]) -> str:
    """Name the states that answers work through."""
    through = {v for a in answers for v in a.via}
    return ", ".join(sorted({f"{comparison.label(v.entity)} {v.state}".strip() for v in through}))
