"""The rules about how much and how surely: figures, certainty, benefit and harm, weight, and by which means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial

from kg.compare.answers import Answer, Comparison, asserted
from kg.compare.pairs import effects, make
from kg.compare.reasons import name_holders, name_means, name_question, name_relations
from kg.model import Claim, Disagreement, Figure, Frame, Variable

Range = tuple[float, float]


def figure(comparison: Comparison) -> Iterator[Disagreement]:
    """Different values for one subject and one quantity, across frames; the reason says what else differs."""
    groups: dict[tuple[str, str, str], dict[Answer, None]] = defaultdict(dict)
    for answers in comparison.by_frame.values():
        for answer in asserted(answers):
            if not answer.composed and answer.frame.family == "effect":
                for number in answer.claim.figures:
                    groups[answer.frame.subject, number.unit, answer.aspect_class][answer] = None
    for (_, unit, _), found in sorted(groups.items(), key=lambda item: item[0]):
        values = {a: tuple(sorted({_range(f) for f in a.claim.figures if f.unit == unit})) for a in found}
        sides: dict[tuple[Range, ...], list[Answer]] = defaultdict(list)
        for answer, ranges in values.items():
            sides[ranges].append(answer)
        if len(sides) < 2:
            continue
        apart = any(
            x[1] < y[0] and comparison.compatible(a, b)
            for a in found for b in found if a is not b for x in values[a] for y in values[b]
        )  # fmt: skip
        notes = [f"{what} differs" for what in _differing(list(found), unit)]
        told = "; ".join(_told(a.claim, unit) for a in found)
        because = f"{told}" + (f"; {' and '.join(notes)}." if notes else ".")
        hardness = "hard" if apart and not notes else "soft"
        yield make("figure", hardness, min(a.frame for a in found), sides.values(), because)


def _differing(answers: Sequence[Answer], unit: str) -> Iterator[str]:
    """Yield what sets figures apart beside their values."""
    figures = [(a, f) for a in answers for f in a.claim.figures if f.unit == unit]
    if len({a.frame for a in answers}) > 1:
        yield "the question"
    if len({f.counted for _, f in figures}) > 1:
        yield "the measure"
    if len({frozenset({f.population} if f.population else a.scopes.get("population", set())) for a, f in figures}) > 1:
        yield "the population"
    for key in sorted({key for a in answers for key in a.scopes} - {"population"}):
        if len({frozenset(a.scopes[key]) for a in answers if key in a.scopes}) > 1:
            yield f"the {key}"


def _range(figure: Figure) -> Range:
    return float(figure.value or figure.low or "-inf"), float(figure.value or figure.high or "inf")


def _told(claim: Claim, unit: str) -> str:
    told = [f"{f.value or f'{f.low}–{f.high}'} {unit} ({f.counted})" for f in claim.figures if f.unit == unit]
    return f"{', '.join(told)} in {claim.document}"


def certainty(comparison: Comparison) -> Iterator[Disagreement]:
    """One answer, worded with different certainty; what only has more scope or company is another answer."""
    for frame, answers in comparison.by_frame.items():
        groups: dict[tuple[object, ...], list[Answer]] = defaultdict(list)
        for answer in asserted(answers):
            if not answer.composed:
                groups[_meaning(answer)].append(answer)
        for group in groups.values():
            levels: dict[str, list[Answer]] = defaultdict(list)
            for answer in group if len({a.claim.certainty for a in group}) > 1 else ():
                others = (o for o in group if o.claim.certainty != answer.claim.certainty)
                if any(comparison.compatible(answer, other) for other in others):
                    levels[answer.claim.certainty].append(answer)
            if levels:
                ordered = sorted(levels.items(), key=lambda item: comparison.rank[item[0]])
                who = partial(name_holders, comparison, frame, certainty=False)
                told = "; ".join(f"{level} in {who(side)}" for level, side in ordered)
                sides = [side for _, side in ordered]
                relations = name_relations([a for side in sides for a in side])
                because = f"{name_question(comparison, frame)}, {relations}: {told}."
                yield make("certainty", "soft", frame, sides, because)


def _meaning(answer: Answer) -> tuple[object, ...]:
    """Return what two answers share that say the same, however surely."""
    p = answer.claim.proposition
    what = (answer.aspect_class, answer.sign) if answer.sign else (answer.relation, answer.direction)
    company = frozenset(answer.company("with_")), frozenset(answer.company("without"))
    return *what, p.effect, p.dimension, p.agency, frozenset(answer.scopes), *company


def value(comparison: Comparison) -> Iterator[Disagreement]:
    """Presented as benefit here, as harm there."""
    benefit, harm = defaultdict(list), defaultdict(list)
    for answers in comparison.by_frame.values():
        for answer in asserted(answers):
            if answer.composed or answer.frame.family != "effect":
                continue
            subject, object_ = answer.frame.subject, answer.frame.object
            if answer.claim.presented == "benefit":
                for entity in {object_, *(v.entity for v in answer.via)}:
                    benefit[subject, entity].append(answer)
            elif answer.claim.presented == "harm":
                harm[subject, object_].append(answer)
    for (subject, entity), good in sorted(benefit.items()):
        if bad := harm.get((subject, entity)):
            frame = Frame(subject, "effect", entity)
            frame = frame if frame in comparison.by_frame else bad[0].frame
            who = partial(name_holders, comparison, frame, certainty=False)
            told = f"presented as a benefit in {who(good)}, as a harm in {who(bad)}"
            yield make("value", "soft", frame, (good, bad), f"{name_question(comparison, frame)}: {told}.")


def weight(comparison: Comparison) -> Iterator[Disagreement]:
    """Main here, minor there; or minor here, and what an effect runs through there."""
    through: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answers in comparison.by_frame.values():
        for answer in asserted(answers):
            for variable in answer.via if not answer.composed else ():
                through[answer.frame.subject, variable.entity].append(answer)
    for frame, same, _ in effects(comparison):
        minor = [a for a in same if a.claim.strength == "minor" and a.composed != "as a means"]
        main = [a for a in same if a.claim.strength == "main" and a.composed != "as a means"]
        carried = [
            a for a in through.get((frame.subject, frame.object), []) if a.claim.strength not in ("minor", "part")
        ]
        major = main + [a for a in carried if a.document not in {m.document for m in minor}]
        if minor and major:
            who = partial(name_holders, comparison, frame, certainty=False)
            told = f"minor in {who(minor)}, main or what an effect runs through in {who(major)}"
            yield make("weight", "soft", frame, (minor, major), f"{name_question(comparison, frame)}: {told}.")


def route(comparison: Comparison) -> Iterator[Disagreement]:
    """One end, by means that contradict one another or differ."""
    for frame, same, _ in effects(comparison):
        for sign in (1, -1):
            by_document: dict[str, list[Answer]] = defaultdict(list)
            for answer in same:
                if answer.sign == sign and answer.via and answer.aspect_class:
                    by_document[answer.document].append(answer)
            entities = {d: frozenset(v.entity for a in given for v in a.via) for d, given in by_document.items()}
            clashes = list(_clashes(comparison, by_document))
            if len(set(entities.values())) < 2 and not clashes:
                continue
            told = "; ".join(f"by {name_means(comparison, by_document[d])} in {d}" for d in sorted(by_document))
            clash = "; ".join(sorted({words for words, _ in clashes}))
            contradiction = f" They contradict one another: {clash}." if clash else ""
            because = f"{name_question(comparison, frame)}, the same end by different means: {told}.{contradiction}"
            sides: dict[object, list[Answer]] = defaultdict(list)
            for document, given in by_document.items():
                sides[entities[document] if len(set(entities.values())) > 1 else document] += given
            yield make("route", "hard" if any(h for _, h in clashes) else "soft", frame, sides.values(), because)


def _clashes(comparison: Comparison, by_document: dict[str, list[Answer]]) -> Iterator[tuple[str, bool]]:
    """Yield each pair of opposite states that documents work through, in words, and whether of one class of aspects."""
    classes, signs = comparison.vocabulary.aspect_classes, comparison.vocabulary.signs("state")
    means: dict[str, set[Variable]] = {d: {v for a in given for v in a.via} for d, given in by_document.items()}
    for one, here in means.items():
        for other, there in means.items():
            for v, w in ((v, w) for v in here for w in there if one < other and v.entity == w.entity):
                if v.state and w.state and signs[v.state] * signs[w.state] < 0:
                    words = f"{comparison.label(v.entity)} {v.state} in {one}, {w.state} in {other}"
                    yield words, classes.get(v.aspect) == classes.get(w.aspect)
