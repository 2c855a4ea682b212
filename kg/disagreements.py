"""The rules by which disagreements are found: one function a kind, each reading the answers and nothing else.

hard: both sides say it outright of the same question. soft: a side is hedged, or the questions meet only through the
hierarchy, or the difference is one of degree. apparent: it only looks like one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from kg.answers import Answer, Comparison, asserted
from kg.model import Claim, Disagreement, Frame

Rule = Callable[[Comparison], Iterator[Disagreement]]
#: Findings of assessments that do not go together.
_OPPOSED = [({"known"}, {"unknown", "theories"}), ({"safe"}, {"concern"})]
_OPPOSED += [({"most", "growing", "positive"}, {"limited", "inconclusive"})]


def direction(comparison: Comparison) -> Iterator[Disagreement]:
    """Opposite net signs on one question, in one class of aspects, where nothing in their scope sets them apart."""
    for frame, same, wider in _effects(comparison):
        who = partial(_who, comparison, frame)
        for aspect_class in sorted({a.aspect_class for a in same}):
            here = [a for a in same if a.aspect_class == aspect_class and a.sign]
            there = [a for a in wider if a.aspect_class == aspect_class and a.sign and not a.composed]
            sides = _across(comparison, here, there, lambda a: a.sign > 0, lambda a: a.sign < 0, _same_baseline)
            if all(sides):
                told = f"{aspect_class} rises in {who(sides[0])}, falls in {who(sides[1])}"
                yield _made("direction", _hardness(frame, sides), frame, sides, f"{_ask(comparison, frame)}: {told}.")


def aspect(comparison: Comparison) -> Iterator[Disagreement]:
    """Opposite net signs on one question, but of different classes of aspects: only seemingly opposed."""
    for frame, same, _ in _effects(comparison):
        who = partial(_who, comparison, frame)
        up, down = ([a for a in same if a.sign == s and not a.composed] for s in (1, -1))
        sides = _pair(comparison, up, down, lambda a, b: a.aspect_class != b.aspect_class)
        told = [f"{_classes(side)} {word} in {who(side)}" for side, word in zip(sides, ("rises", "falls"), strict=True)]
        if all(sides):
            because = f"{_ask(comparison, frame)}: {told[0]}, {told[1]}; these are different aspects."
            yield _made("aspect", "apparent", frame, sides, because)


def stance(comparison: Comparison) -> Iterator[Disagreement]:
    """Asserted here, denied or questioned there; a denial covers narrower objects, an assertion does not."""
    for frame, answers in comparison.by_frame.items():
        who = partial(_who, comparison, frame)
        against = {
            "denied": [a for a in answers if a.claim.act == "denies"],
            "left open": [a for a in answers if a.claim.act == "questions"],
            "contradicted by another use": [a for a in asserted(answers) if _conflict(comparison, a)],
        }
        for word, others in against.items():
            covers = others and word != "left open"
            candidates = asserted(answers) + (list(_narrower(comparison, frame)) if covers else [])
            fits = _excluded(comparison) if word.startswith("contradicted") else _same_answer
            sides = _pair(comparison, [a for a in candidates if not a.composed], others, fits)
            if not all(sides):
                continue
            outright = all(any(a.claim.certainty == "stated" and not a.claim.extent for a in side) for side in sides)
            told = f"{_relations(sides[0])} according to {who(sides[0])}; {word} in {who(sides[1])}"
            hardness = "hard" if word == "denied" and outright else "soft"
            yield _made("stance", hardness, frame, sides, f"{_ask(comparison, frame)}: {told}.")


def _conflict(comparison: Comparison, answer: Answer) -> bool:
    return bool(comparison.vocabulary.relations[answer.relation].conflicts_with)


def _excluded(comparison: Comparison) -> Callable[[Answer, Answer], bool]:
    relations = comparison.vocabulary.relations
    return lambda one, other: relations[other.relation].conflicts_with == one.relation


def effect(comparison: Comparison) -> Iterator[Disagreement]:
    """An effect here, no change there."""
    for frame, same, wider in _effects(comparison):
        who = partial(_who, comparison, frame)
        changed = [a for a in [*same, *wider] if a.sign]
        unchanged = [a for a in same if a.direction == "no_change"]
        sides = _pair(comparison, changed, unchanged, lambda a, b: a.aspect_class == b.aspect_class)
        if all(sides):
            because = f"{_ask(comparison, frame)}: an effect in {who(sides[0])}, no change in {who(sides[1])}."
            yield _made("effect", _hardness(frame, sides), frame, sides, because)


def figure(comparison: Comparison) -> Iterator[Disagreement]:
    """Different values for one subject and one quantity, across frames."""
    groups: dict[tuple[str, str, str], list[Answer]] = defaultdict(list)
    for answers in comparison.by_frame.values():
        for answer in asserted(answers):
            if not answer.composed and answer.frame.family == "effect":
                for number in answer.claim.figures:
                    groups[answer.frame.subject, number.unit, answer.aspect_class].append(answer)
    for (_, unit, _), found in sorted(groups.items(), key=lambda item: item[0]):
        values = {a: [_range(f) for f in a.claim.figures if f.unit == unit] for a in found}
        if len({v for ranges in values.values() for v in ranges}) < 2:
            continue
        answers = list(values)
        apart = [(x, y) for a in answers for b in answers if a is not b for x in values[a] for y in values[b]]
        disjoint = any(x[1] < y[0] for x, y in apart)
        told = "; ".join(_figure_told(a.claim, unit) for a in answers)
        frames = {a.frame for a in answers}
        measured = {f.counted for a in answers for f in a.claim.figures if f.unit == unit}
        in_whom = {f.population for a in answers for f in a.claim.figures if f.unit == unit}
        differing = {"the question": len(frames), "the measure": len(measured), "the population": len(in_whom)}
        notes = [f"{what} differs" for what, number in differing.items() if number > 1]
        because = f"{told}" + (f"; {' and '.join(notes)}." if notes else ".")
        frame = min(frames)
        yield _made("figure", "hard" if disjoint and not notes else "soft", frame, (answers,), because)


def certainty(comparison: Comparison) -> Iterator[Disagreement]:
    """One answer, worded with different certainty."""
    for frame, answers in comparison.by_frame.items():
        who = partial(_who, comparison, frame)
        groups: dict[tuple[object, ...], list[Answer]] = defaultdict(list)
        for answer in asserted(answers):
            if not answer.composed:
                key = (answer.relation if not answer.sign else answer.aspect_class, answer.sign)
                groups[key].append(answer)
        for group in groups.values():
            levels = defaultdict(list)
            for answer in group:
                levels[answer.claim.certainty].append(answer)
            if len(levels) < 2:
                continue
            ordered = sorted(levels.items(), key=lambda item: comparison.rank[item[0]])
            if not any(comparison.compatible(a, b) for a in ordered[0][1] for b in ordered[-1][1]):
                continue
            told = "; ".join(f"{level} in {who(side, False)}" for level, side in ordered)
            because = f"{_ask(comparison, frame)}, {_relations(group)}: {told}."
            yield _made("certainty", "soft", frame, [side for _, side in ordered], because)


def evidence(comparison: Comparison) -> Iterator[Disagreement]:
    """Assessments that differ: known or unknown, most or limited, safe or not; limited beside what research says."""
    for frame, answers in comparison.by_frame.items():
        who = partial(_who, comparison, frame)
        same = [a for a in answers if a.claim.act == "assesses"]
        broader = (Frame(frame.subject, frame.family, o) for o in sorted(comparison.above(frame.object)))
        wider = [a for f in broader if f in comparison.by_frame for a in comparison.by_frame[f]]
        wider = [a for a in wider if a.claim.act == "assesses"]
        for good, bad in _OPPOSED:
            pool = wider if "known" in good else [a for a in wider if a.frame.object not in comparison.generic]
            sides = _across(comparison, same, pool, partial(_finds, good), partial(_finds, bad))
            if all(sides):
                told = [f"{_findings(side)} in {who(side, False)}" for side in sides]
                because = f"What is known of {_ask(comparison, frame, 'and')}: {told[0]}; {told[1]}."
                exact = all(a.frame == frame for side in sides for a in side) and _assessed(sides[0]) & _assessed(
                    sides[1]
                )
                yield _made("evidence", "hard" if exact else "soft", frame, sides, because)
        research = [a for a in asserted(answers) if a.claim.voice == "research" and a.sign and not a.composed]
        sides = _pair(comparison, research, [a for a in same if _finds({"limited"}, a)], _different_documents)
        if all(sides):
            told = [who(side) for side in sides]
            because = (
                f"{_ask(comparison, frame)}: asserted from research in {told[0]}; evidence called limited in {told[1]}."
            )
            yield _made("evidence", "soft", frame, sides, because)


def _finds(findings: set[str], answer: Answer) -> bool:
    return answer.claim.finding in findings


def _different_documents(one: Answer, other: Answer) -> bool:
    return one.document != other.document


def route(comparison: Comparison) -> Iterator[Disagreement]:
    """One end, by means that contradict one another or differ."""
    classes, signs = comparison.vocabulary.aspect_classes, comparison.vocabulary.signs("state")
    for frame, same, _ in _effects(comparison):
        for sign in (1, -1):
            routed = [a for a in same if a.sign == sign and a.via and a.aspect_class]
            by_document: dict[str, list[Answer]] = defaultdict(list)
            for answer in routed:
                by_document[answer.document].append(answer)
            means = {d: {v for a in answers for v in a.via} for d, answers in by_document.items()}
            clash = sorted(
                f"{comparison.label(v.entity)} {v.state} in {d}, {w.state} in {e}"
                for d, here in means.items() for e, there in means.items() if d < e
                for v in here for w in there
                if v.entity == w.entity and v.state and w.state and signs[v.state] * signs[w.state] < 0
            )  # fmt: skip
            hard = any(
                classes.get(v.aspect) == classes.get(w.aspect)
                for d in means for e in means if d < e for v in means[d] for w in means[e]
                if v.entity == w.entity and v.state and w.state and signs[v.state] * signs[w.state] < 0
            )  # fmt: skip
            entities = {d: frozenset(v.entity for v in found) for d, found in means.items()}
            if len(set(entities.values())) < 2 and not clash:
                continue
            told = "; ".join(f"by {_means(comparison, means[d])} in {d}" for d in sorted(means))
            contradiction = f" They contradict one another: {'; '.join(clash)}." if clash else ""
            because = f"{_ask(comparison, frame)}, the same end by different means: {told}.{contradiction}"
            hardness = "hard" if hard else "soft"
            yield _made("route", hardness, frame, list(by_document.values()), because)


def role(comparison: Comparison) -> Iterator[Disagreement]:
    """One thing treated here, a risk there: its severity against its incidence."""
    for frame, same, wider in _effects(comparison, acts=("asserts", "assesses")):
        who = partial(_who, comparison, frame)
        sides = _across(
            comparison, same, wider,
            lambda a: a.aspect_class == "severity" and a.sign < 0,
            lambda a: a.aspect_class == "incidence" and a.sign > 0,
        )  # fmt: skip
        if all(sides):
            told = f"spoken of as treated in {who(sides[0], False)}, as made more likely in {who(sides[1], False)}"
            because = f"{_ask(comparison, frame)}: {told}; these are different questions."
            yield _made("role", "apparent", frame, sides, because)


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
            who = partial(_who, comparison, frame)
            told = f"presented as a benefit in {who(good, False)}, as a harm in {who(bad, False)}"
            yield _made("value", "soft", frame, (good, bad), f"{_ask(comparison, frame)}: {told}.")


def weight(comparison: Comparison) -> Iterator[Disagreement]:
    """Main here, minor there; or minor here, and what an effect runs through there."""
    through: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answers in comparison.by_frame.values():
        for answer in asserted(answers):
            for variable in answer.via if not answer.composed else ():
                through[answer.frame.subject, variable.entity].append(answer)
    for frame, same, _ in _effects(comparison):
        who = partial(_who, comparison, frame)
        minor = [a for a in same if a.claim.strength == "minor"]
        main = [a for a in same if a.claim.strength == "main"]
        carried = [
            a for a in through.get((frame.subject, frame.object), []) if a.claim.strength not in ("minor", "part")
        ]
        major = main + [a for a in carried if a.document not in {m.document for m in minor}]
        if minor and major:
            told = f"minor in {who(minor, False)}, main or what an effect runs through in {who(major, False)}"
            yield _made("weight", "soft", frame, (minor, major), f"{_ask(comparison, frame)}: {told}.")


def order(comparison: Comparison) -> Iterator[Disagreement]:
    """Opposed causation or sequence: each is said to come before, or to bring about, the other."""
    for frame, answers in comparison.by_frame.items():
        who = partial(_who, comparison, frame)
        back = Frame(frame.object, frame.family, frame.subject)
        if (
            frame.family not in ("effect", "order")
            or not frame.subject < frame.object
            or back not in comparison.by_frame
        ):
            continue
        acts = ("asserts", "questions") if frame.family == "order" else ("asserts",)
        sides = [
            [a for a in side if a.claim.act in acts and not a.composed and (a.sign or frame.family == "order")]
            for side in (answers, comparison.by_frame[back])
        ]
        sides = list(_pair(comparison, sides[0], sides[1], partial(_apart, comparison)))
        if all(sides):
            one, other = comparison.label(frame.subject), comparison.label(frame.object)
            told = (
                f"{one} before {other} in {who(sides[0])}, {other} before {one} in {_who(comparison, back, sides[1])}"
            )
            yield _made("order", "soft", frame, sides, f"Which comes first is told both ways: {told}.")


def _apart(comparison: Comparison, one: Answer, other: Answer) -> bool:
    """Tell whether no document itself joins the two: what it joins is a loop, not a contradiction."""
    chains = comparison.corpus.documents[one.document].chains
    return not any(one.claim in chain.steps and other.claim in chain.steps for chain in chains)


RULES: tuple[Rule, ...] = (
    direction, stance, effect, figure, evidence, route, role, value, weight, order, certainty, aspect,
)  # fmt: skip


# What rules share


def _effects(
    comparison: Comparison, acts: tuple[str, ...] = ("asserts",)
) -> Iterator[tuple[Frame, list[Answer], list[Answer]]]:
    """Yield each question about an effect with its answers and those of wider questions."""
    for frame in list(comparison.by_frame):
        if frame.family == "effect":
            same, wider = (
                [a for f in frames for a in comparison.by_frame[f] if all(c.act in acts for c in a.claims)]
                for frames in ([frame], comparison.wider_frames(frame))
            )
            if same:
                yield frame, same, wider


def _across(
    comparison: Comparison,
    same: list[Answer],
    wider: list[Answer],
    one: Callable[[Answer], bool],
    other: Callable[[Answer], bool],
    fits: Callable[[Answer, Answer], bool] = lambda a, b: True,
) -> tuple[list[Answer], list[Answer]]:
    """Return two opposed sides, of which at least one answers the question itself."""
    pairs = [(a, b) for a in same if one(a) for b in same if other(b)]
    if not pairs:
        pairs = [(a, b) for a in same if one(a) for b in wider if other(b)]
        pairs += [(a, b) for a in wider if one(a) for b in same if other(b)]
    kept = [(a, b) for a, b in pairs if comparison.compatible(a, b) and fits(a, b)]
    return _unique(a for a, _ in kept), _unique(b for _, b in kept)


def _same_baseline(one: Answer, other: Answer) -> bool:
    return one.baseline == other.baseline


def _pair(
    comparison: Comparison, one: list[Answer], other: list[Answer], fits: Callable[[Answer, Answer], bool]
) -> tuple[list[Answer], list[Answer]]:
    kept = [(a, b) for a in one for b in other if fits(a, b) and comparison.compatible(a, b)]
    return _unique(a for a, _ in kept), _unique(b for _, b in kept)


def _unique(answers: Iterable[Answer]) -> list[Answer]:
    return list({id(a): a for a in answers}.values())


def _narrower(comparison: Comparison, frame: Frame) -> Iterator[Answer]:
    """Yield what is asserted of narrower objects."""
    for other, answers in comparison.by_frame.items():
        same_question = other.subject == frame.subject and other.family == frame.family
        if same_question and frame.object in comparison.above(other.object):
            yield from asserted(answers)


def _same_answer(one: Answer, denied: Answer) -> bool:
    """Tell whether a denial denies the answer: the same relation, or the same sign, and no different agency."""
    p, q = one.claim.proposition, denied.claim.proposition
    if p.agency and q.agency and p.agency != q.agency:
        return False
    if denied.relation == "associated_with" and one.frame.family == "effect":
        return True
    same_sign = one.sign and one.sign == denied.sign and one.aspect_class == denied.aspect_class
    return (one.relation == denied.relation and one.direction == denied.direction) or bool(same_sign)


def _hardness(frame: Frame, sides: Sequence[Sequence[Answer]]) -> str:
    """Hard when both sides say it outright of this very question, in one scope."""
    exact = [[a for a in s if a.frame == frame and not a.composed and a.claim.certainty == "stated"] for s in sides]
    pairs = [(a, b) for a in exact[0] for b in exact[1]]
    return "hard" if any(a.scopes == b.scopes or not (a.scopes and b.scopes) for a, b in pairs) else "soft"


def _made(kind: str, hardness: str, frame: Frame, sides: Sequence[Sequence[Answer]], because: str) -> Disagreement:
    claims = {c.id: c for side in sides for a in side for c in a.claims}
    between = tuple(sorted(claims.values(), key=lambda c: (c.document, list(c.anchors)[:1], c.id)))
    return Disagreement(kind, hardness, frame, between, because)


def _ask(comparison: Comparison, frame: Frame, joined: str = "on") -> str:
    return f"{comparison.label(frame.subject)} {joined} {comparison.label(frame.object)}"


def _who(comparison: Comparison, frame: Frame, answers: Sequence[Answer], certainty: bool = True) -> str:
    """Name documents, each with its certainty and with what it adds to the question."""
    told: dict[str, list[str]] = defaultdict(list)
    for answer in answers:
        words = [answer.claim.certainty] if certainty and answer.claim.act == "asserts" else []
        words += ["end to end"] if answer.composed else []
        words += [f"after {answer.claim.work}"] if answer.claim.voice == "work" else []
        words += [f"without {comparison.label(e)}" for e in sorted(answer.company("without"))]
        words += [f"of {comparison.label(answer.frame.object)}"] if answer.frame.object != frame.object else []
        words += [f"of {comparison.label(answer.frame.subject)}"] if answer.frame.subject != frame.subject else []
        told[answer.document] += [w for w in words if w not in told[answer.document]]
    return ", ".join(f"{d} ({', '.join(told[d])})" if told[d] else d for d in sorted(told))


def _relations(answers: Sequence[Answer]) -> str:
    return ", ".join(sorted({a.relation.replace("_", " ") for a in answers}))


def _classes(answers: Sequence[Answer]) -> str:
    return " and ".join(sorted({a.aspect_class for a in answers}))


def _findings(answers: Sequence[Answer]) -> str:
    return ", ".join(sorted({f"{a.claim.assessment_of} {a.claim.finding}" for a in answers}))


def _assessed(answers: Sequence[Answer]) -> set[str]:
    return {a.claim.assessment_of for a in answers}


def _means(comparison: Comparison, variables: Iterable[object]) -> str:
    names = sorted({f"{comparison.label(v.entity)} {v.state}".strip() for v in variables})  # type: ignore[attr-defined]
    return ", ".join(names)


def _range(figure: object) -> tuple[float, float]:
    low, high, one = (getattr(figure, k) for k in ("low", "high", "value"))
    return (float(one or low or "-inf"), float(one or high or "inf"))


def _figure_told(claim: Claim, unit: str) -> str:
    told = [f"{f.value or f'{f.low}-{f.high}'} {unit} ({f.counted})" for f in claim.figures if f.unit == unit]
    return f"{', '.join(told)} in {claim.document}"
