"""From what a curator writes to a proposition: states are expanded, ends turned and signs computed, before any hash."""

from __future__ import annotations

from kg.corpus.rows import StatementRow
from kg.model import Frame, Proposition, Variable
from kg.vocabulary import Relation, Vocabulary

#: What a rise or fall leaves behind, and the other way round.
_DELIVERED = {"increase": "increased", "decrease": "decreased", "to_normal": "normal", "from_normal": "abnormal"}
_BRINGS = {state: direction for direction, state in _DELIVERED.items()}
#: What taking a state away amounts to.
_UNDOES = {"increased": "decrease", "decreased": "increase", "abnormal": "to_normal", "normal": "from_normal"}


def parse_variable(text: str, vocabulary: Vocabulary) -> Variable:
    """Return the variable that a curator wrote: an entity, `entity:aspect:state`, or a named state expanded."""
    if text in vocabulary.states:
        return vocabulary.states[text]
    entity, _, rest = text.partition(":")
    aspect, _, state = rest.partition(":")
    return Variable(entity, aspect, state)


def compose(row: StatementRow, vocabulary: Vocabulary) -> Proposition:
    """Return the proposition of a row whose names are all known."""
    relation = vocabulary.relations[row.relation]

    def several(names: list[str]) -> tuple[Variable, ...]:
        return tuple(parse_variable(name, vocabulary) for name in names)

    subject, target = parse_variable(row.subject, vocabulary), parse_variable(row.object, vocabulary)
    if relation.turned_round_as:
        relation, subject, target = vocabulary.relations[relation.turned_round_as], target, subject
    if relation.symmetric:
        subject, target = sorted((subject, target))
    direction, baseline = row.direction or relation.direction, row.baseline or relation.implied_baseline
    if relation.family == "effect" and not relation.correlational:
        target, direction, baseline = _settle(relation, target, direction, baseline, vocabulary)
    return Proposition(
        frame=Frame(subject.entity, relation.family, target.entity),
        subject=subject,
        relation=relation.id,
        object=target,
        direction=direction,
        sign=_sign(relation, subject, target, direction, baseline, vocabulary),
        via=several(row.via),
        with_=tuple(sorted(several(row.with_))),
        without=tuple(sorted(several(row.without))),
        baseline=baseline,
        effect=parse_variable(row.effect, vocabulary) if row.effect else None,
        dimension=row.dimension,
        agency=row.agency,
        scope=tuple(sorted((key, value) for key, values in row.scope.items() for value in values)),
    )


def _settle(
    relation: Relation, target: Variable, direction: str, baseline: str, vocabulary: Vocabulary
) -> tuple[Variable, str, str]:
    """Return the object with the state that is delivered, the direction of its aspect, and its baseline.

    A state written in the object is what comes about when the relation brings something about, and what there was
    before when it takes away, changes or disturbs.
    """
    aspect = target.aspect or relation.aspect
    sign = vocabulary.signs("direction")[direction] if direction else 0
    if target.state and direction != "no_change":
        if sign > 0:
            direction = _BRINGS[target.state]
        elif sign < 0:
            baseline, direction = baseline or target.state, _UNDOES[target.state]
        else:
            baseline = baseline or target.state
    if relation.id == "disrupts" and baseline == "increased":
        direction = "decrease"
    return Variable(target.entity, aspect, _DELIVERED.get(direction, "")), direction, baseline


def _sign(
    relation: Relation, subject: Variable, target: Variable, direction: str, baseline: str, vocabulary: Vocabulary
) -> int:
    """Return the net sign: state of the subject times what happens to the object; 0 where either is open."""
    if relation.family != "effect":
        return 0
    states = vocabulary.signs("state")
    own = states[subject.state] if subject.state else 1
    if relation.correlational:
        return own * states[target.state] if subject.state and target.state else 0
    change = vocabulary.signs("direction")[direction] if direction else 0
    if direction == "to_normal" and baseline:
        change = -states[baseline]
    return own * change
