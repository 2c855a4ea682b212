"""The rules about what is said to happen: opposite effects, denials, roles and orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from kg.compare.answers import Answer, Comparison, asserted
from kg.compare.pairs import Fit, across, effects, make, outright, pair, weigh
from kg.compare.reasons import name_holders, name_question, name_relations, tell_signs
from kg.model import Claim, Disagreement, Frame


def direction(comparison: Comparison) -> Iterator[Disagreement]:
    """Opposite net signs on one question, in one class of aspects, where nothing in their scope sets them apart."""
    for frame, same, wider in effects(comparison):
        for aspect_class in sorted({a.aspect_class for a in same}):
            here = [a for a in same if a.aspect_class == aspect_class and a.sign]
            there = [a for a in wider if a.aspect_class == aspect_class and a.sign and not a.composed]
            sides = across(comparison, here, there, lambda a: a.sign > 0, lambda a: a.sign < 0, _same_baseline)
            if all(sides):
                because = f"{tell_signs(comparison, frame, *sides)}."
                yield make("direction", weigh(frame, sides), frame, sides, because)


def _same_baseline(one: Answer, other: Answer) -> bool:
    return one.baseline == other.baseline


def contrast(comparison: Comparison) -> Iterator[Disagreement]:
    """Opposite directions of what is no effect: adding to another's effect or lessening it, more of something or less.

    X has more of it than Y is the opposite of Y has more of it than X.
    """
    groups: dict[tuple[Frame, str, str], tuple[list[Answer], list[Answer]]] = defaultdict(lambda: ([], []))
    signs, states = comparison.vocabulary.signs("direction"), comparison.vocabulary.signs("state")
    for frame, answers in comparison.by_frame.items():
        turned = frame.family == "comparison" and frame.object < frame.subject
        asked = Frame(frame.object, frame.family, frame.subject) if turned else frame
        for answer in asserted(answers) if frame.family in ("modification", "comparison") else ():
            p = answer.claim.proposition
            sign = signs.get(p.direction, 0) * (states[p.subject.state] if p.subject.state else 1)
            if sign:
                groups[asked, p.effect.name if p.effect else "", p.dimension][(sign > 0) == turned].append(answer)
    for (frame, effect_, dimension), (more, less) in groups.items():
        sides = pair(comparison, more, less, lambda a, b: True)
        if all(sides):
            compared = frame.family == "comparison"
            question = name_question(comparison, frame, "beside" if compared else "on")
            of = dimension.replace("-", " ") if compared else comparison.label(effect_.partition(":")[0])
            words = ("more", "less") if compared else ("effect enhanced", "effect lessened")
            told = ", ".join(f"{w} in {_holders(comparison, s)}" for w, s in zip(words, sides, strict=True))
            hardness = "hard" if any(outright(a, b) for a in sides[0] for b in sides[1]) else "soft"
            because = f"{question}{f' ({of})' if of else ''}: {told}."
            yield make("direction", hardness, frame, sides, because)


def _holders(comparison: Comparison, answers: list[Answer]) -> str:
    return name_holders(comparison, answers[0].frame, answers)


def aspect(comparison: Comparison) -> Iterator[Disagreement]:
    """Opposite net signs on one question, but of different classes of aspects: only seemingly opposed."""
    for frame, same, _ in effects(comparison):
        told = [a for a in same if a.sign and a.aspect_class and a.composed != "end to end"]
        classes = sorted({a.aspect_class for a in told})
        for rising, falling in ((r, f) for r in classes for f in classes if r != f):
            up = [a for a in told if a.sign > 0 and a.aspect_class == rising]
            down = [a for a in told if a.sign < 0 and a.aspect_class == falling]
            sides = pair(comparison, up, down, lambda a, b: True)
            if all(sides):
                because = f"{tell_signs(comparison, frame, *sides)}; these are different aspects."
                yield make("aspect", "apparent", frame, sides, because)


def effect(comparison: Comparison) -> Iterator[Disagreement]:
    """An effect here, no change there."""
    for frame, same, wider in effects(comparison):
        who = partial(name_holders, comparison, frame)
        changed = [a for a in [*same, *wider] if a.sign]
        unchanged = [a for a in same if a.direction == "no_change"]
        sides = pair(comparison, changed, unchanged, lambda a, b: a.aspect_class == b.aspect_class)
        if all(sides):
            told = f"an effect in {who(sides[0])}, no change in {who(sides[1])}"
            yield make("effect", weigh(frame, sides), frame, sides, f"{name_question(comparison, frame)}: {told}.")


def stance(comparison: Comparison) -> Iterator[Disagreement]:
    """Asserted here, denied or questioned there; a denial covers narrower objects, an assertion does not."""
    for frame, answers in comparison.by_frame.items():
        who = partial(name_holders, comparison, frame)
        against: dict[str, tuple[list[Answer], Fit]] = {
            "denied": ([a for a in answers if a.claim.act == "denies"], _is_denied),
            "left open": ([a for a in answers if a.claim.act == "questions"], _is_denied),
            "contradicted by another use": _conflicts(comparison, answers),
        }
        for word, (others, fits) in against.items():
            covers = others and word != "left open"
            candidates = asserted(answers) + (list(_narrower(comparison, frame)) if covers else [])
            covered = partial(_is_covered, fits)
            sides = pair(comparison, [a for a in candidates if not a.composed], others, covered)
            if all(sides):
                plain = [[a for a in side if not a.claim.extent] for side in sides]
                hard = word == "denied" and any(outright(a, b) for a in plain[0] for b in plain[1])
                told = f"{name_relations(sides[0])} according to {who(sides[0])}; {word} in {who(sides[1])}"
                because = f"{name_question(comparison, frame)}: {told}."
                yield make("stance", "hard" if hard else "soft", frame, sides, because)


def _conflicts(comparison: Comparison, answers: list[Answer]) -> tuple[list[Answer], Fit]:
    relations = comparison.vocabulary.relations
    excluding = [a for a in asserted(answers) if relations[a.relation].conflicts_with]
    return excluding, lambda one, other: relations[other.relation].conflicts_with == one.relation


def _is_covered(fits: Fit, one: Answer, against: Answer) -> bool:
    """Tell whether what stands against answers reaches this one: what is said of some reaches nothing narrower."""
    narrower = one.frame != against.frame
    return fits(one, against) and not (narrower and against.claim.extent not in ("", "all"))


def _narrower(comparison: Comparison, frame: Frame) -> Iterator[Answer]:
    """Yield what is asserted of narrower objects."""
    for other in comparison.by_subject[frame.subject, frame.family]:
        if frame.object in comparison.above(other.object):
            yield from asserted(comparison.by_frame[other])


def _is_denied(one: Answer, denied: Answer) -> bool:
    """Tell whether a denial denies the answer: the same relation or sign, of the same effect, dimension and agency."""
    p, q = one.claim.proposition, denied.claim.proposition
    if (p.agency and q.agency and p.agency != q.agency) or p.dimension != q.dimension:
        return False
    if (q.effect and p.effect != q.effect) or _is_joined(one.claim, denied.claim):
        return False
    if _says_all(denied.claim) and not _says_all(one.claim):  # "not in everyone" leaves "in some"
        return False
    if denied.relation == "associated_with" and one.frame.family == "effect":
        return True
    same_sign = one.sign and one.sign == denied.sign and one.aspect_class == denied.aspect_class
    return (one.relation == denied.relation and one.direction == denied.direction) or bool(same_sign)


def _says_all(claim: Claim) -> bool:
    return "all" in (claim.frequency, claim.extent)


def _is_joined(one: Claim, other: Claim) -> bool:
    """Tell whether the curator of a document found that it does not contradict itself here."""
    return one.document == other.document and any("contradiction" in dict(c.acknowledged) for c in (one, other))


def role(comparison: Comparison) -> Iterator[Disagreement]:
    """One thing treated here, a risk there: its severity against its incidence."""
    for frame, same, wider in effects(comparison, acts=("asserts", "assesses")):
        who = partial(name_holders, comparison, frame, certainty=False)
        sides = across(
            comparison, same, wider,
            lambda a: a.aspect_class == "severity" and a.sign < 0,
            lambda a: a.aspect_class == "incidence" and a.sign > 0,
        )  # fmt: skip
        if all(sides):
            told = f"spoken of as treated in {who(sides[0])}, as made more likely in {who(sides[1])}"
            because = f"{name_question(comparison, frame)}: {told}; these are different questions."
            yield make("role", "apparent", frame, sides, because)


def order(comparison: Comparison) -> Iterator[Disagreement]:
    """Opposed causation or sequence: each is said to come before, or to bring about, the other; one side asserts it."""
    for frame, answers in comparison.by_frame.items():
        back = Frame(frame.object, frame.family, frame.subject)
        if frame.family in ("effect", "order") and frame.subject < frame.object and back in comparison.by_frame:
            here, there = ([a for a in by if _orders(comparison, a)] for by in (answers, comparison.by_frame[back]))
            sides = pair(comparison, here, there, partial(_contradict, comparison))
            if all(sides):
                one, other = comparison.label(frame.subject), comparison.label(frame.object)
                forth, again = (_holders(comparison, side) for side in sides)
                told = f"{one} before {other} in {forth}, {other} before {one} in {again}"
                because = f"Which comes first is told both ways: {told}."
                yield make("order", "soft", frame, sides, because)


def _orders(comparison: Comparison, answer: Answer) -> bool:
    """Tell whether an answer puts its subject first: what only goes together has no order."""
    relation = comparison.vocabulary.relations[answer.relation]
    if answer.composed or relation.symmetric or relation.correlational:
        return False
    if answer.frame.family == "order":
        return answer.claim.act in ("asserts", "questions")
    return answer.claim.act == "asserts" and bool(answer.sign)


def _contradict(comparison: Comparison, one: Answer, other: Answer) -> bool:
    """Tell whether somebody asserts one of the two, and no document joins them: that is a loop, no contradiction."""
    chains = comparison.corpus.documents[one.document].chains
    looped = any(one.claim in chain.steps and other.claim in chain.steps for chain in chains)
    return not looped and "asserts" in (one.claim.act, other.claim.act)
