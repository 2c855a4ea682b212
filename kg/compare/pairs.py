"""What the rules of disagreement share: which answers stand against one another, and how seriously.

hard: both sides say it outright of the same question. soft: a side is hedged, or the questions meet only through the
hierarchy, or the difference is one of degree. apparent: it only looks like one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from kg.compare.answers import Answer, Comparison
from kg.model import Disagreement, Frame

Rule = Callable[[Comparison], Iterator[Disagreement]]
Fit = Callable[[Answer, Answer], bool]
Sides = tuple[list[Answer], list[Answer]]


def effects(
    comparison: Comparison, acts: tuple[str, ...] = ("asserts",)
) -> Iterator[tuple[Frame, list[Answer], list[Answer]]]:
    """Yield each question about an effect with its answers and those of wider questions."""
    for frame in list(comparison.by_frame):
        if frame.family == "effect" and (same := comparison.told(frame, acts)):
            wider = [a for f in comparison.wider_frames(frame) for a in comparison.told(f, acts)]
            yield frame, same, wider


def across(
    comparison: Comparison,
    same: list[Answer],
    wider: list[Answer],
    one: Callable[[Answer], bool],
    other: Callable[[Answer], bool],
    fits: Fit = lambda a, b: True,
) -> Sides:
    """Return two opposed sides, of which at least one answers the question itself."""
    pairs = [(a, b) for a in same if one(a) for b in same if other(b)]
    if not pairs:
        pairs = [(a, b) for a in same if one(a) for b in wider if other(b)]
        pairs += [(a, b) for a in wider if one(a) for b in same if other(b)]
    return _sides((a, b) for a, b in pairs if comparison.compatible(a, b) and fits(a, b))


def pair(comparison: Comparison, one: Sequence[Answer], other: Sequence[Answer], fits: Fit) -> Sides:
    """Return those of two sides that stand against one of the other side."""
    return _sides((a, b) for a in one for b in other if fits(a, b) and comparison.compatible(a, b))


def _sides(pairs: Iterable[tuple[Answer, Answer]]) -> Sides:
    """Return both sides of pairs; what a claim says as a means does not stand against what it says itself."""
    kept = [(a, b) for a, b in pairs if not {c.id for c in a.claims} & {c.id for c in b.claims}]
    return list({id(a): a for a, _ in kept}.values()), list({id(b): b for _, b in kept}.values())


def weigh(frame: Frame, sides: Sequence[Sequence[Answer]]) -> str:
    """Return hard when both sides say it outright of this very question, in one scope, with one company."""
    exact = [[a for a in s if a.frame == frame and not a.composed] for s in sides]
    return "hard" if any(outright(a, b) for a in exact[0] for b in exact[1]) else "soft"


def outright(one: Answer, other: Answer) -> bool:
    """Tell whether two answers are both stated, and nothing that one adds sets it apart from the other."""
    if {one.claim.certainty, other.claim.certainty} != {"stated"}:
        return False
    same_scope = one.scopes == other.scopes or not (one.scopes and other.scopes)
    return same_scope and one.company("with_") == other.company("with_")


def make(kind: str, hardness: str, frame: Frame, sides: Iterable[Sequence[Answer]], because: str) -> Disagreement:
    """Return the disagreement of sides, each with all claims of its answers."""
    held = tuple(tuple({c.id: c for a in side for c in a.claims}.values()) for side in sides)
    return Disagreement(kind, hardness, frame, held, because)
