"""What the claims answer, made comparable: end to end where steps compose, and meeting through the hierarchy.

An answer is a claim's proposition, or the proposition that a run of steps in a stated chain composes to when each step
takes up the state that the step before delivers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.model import Chain, Claim, Corpus, Frame, Proposition, Variable
from kg.vocabulary import Vocabulary


@dataclass(frozen=True, eq=False)
class Answer:
    """One answer to a frame, with the claims that give it."""

    frame: Frame
    relation: str
    aspect_class: str
    sign: int
    direction: str
    baseline: str
    #: The states that it works through, as text or chain gives them.
    via: tuple[Variable, ...]
    claims: tuple[Claim, ...]
    composed: bool = False

    @property
    def claim(self) -> Claim:
        """The claim, or the last of the chain."""
        return self.claims[-1]

    @property
    def document(self) -> str:
        """The document that gives the answer."""
        return self.claim.document

    @cached_property
    def scopes(self) -> dict[str, set[str]]:
        """The scope of all its steps, by key."""
        found: dict[str, set[str]] = defaultdict(set)
        for claim in self.claims:
            for key, value in claim.proposition.scope:
                found[key].add(value)
        return dict(found)

    def company(self, key: str) -> set[str]:
        """Return what goes with (`with_`), or is missing beside (`without`), any of its steps."""
        return {v.entity for claim in self.claims for v in getattr(claim.proposition, key)}


class Comparison:
    """The answers of a corpus, by the frames that they answer."""

    def __init__(self, corpus: Corpus, vocabulary: Vocabulary) -> None:
        self.corpus = corpus
        self.vocabulary = vocabulary
        self.rank = {token: number for number, token in enumerate(vocabulary.values("certainty"))}
        self.by_frame: dict[Frame, list[Answer]] = defaultdict(list)
        self.generic = {e.id for e in corpus.entities.values() if e.generic}
        for claim in corpus.claims:
            answer = self._of_claim(claim)
            self.by_frame[answer.frame].append(answer)
        for document in corpus.documents.values():
            for chain in document.chains:
                for answer in self._of_chain(chain):
                    self.by_frame[answer.frame].append(answer)

    def _of_claim(self, claim: Claim) -> Answer:
        p = claim.proposition
        aspect_class = self.vocabulary.aspect_classes.get(p.object.aspect, "")
        return Answer(p.frame, p.relation, aspect_class, p.sign, p.direction, p.baseline, p.via, (claim,))

    def _of_chain(self, chain: Chain) -> Iterator[Answer]:
        """Yield what each run of two or more steps composes to."""
        for start in range(len(chain.steps)):
            run = [chain.steps[start]]
            for step in chain.steps[start + 1 :]:
                if not joins(run[-1].proposition, step.proposition, self.vocabulary):
                    break
                run.append(step)
                if all(s.act == "asserts" and s.proposition.sign for s in run):
                    yield self._compose(run)

    def _compose(self, run: Sequence[Claim]) -> Answer:
        first, last = run[0].proposition, run[-1].proposition
        states, signs = self.vocabulary.signs("state"), self.vocabulary.signs("direction")
        own = states[first.subject.state] if first.subject.state else 1
        steps = [v for claim in run for v in (*claim.proposition.via, claim.proposition.object)]
        return Answer(
            frame=Frame(first.subject.entity, "effect", last.object.entity),
            relation=last.relation,
            aspect_class=self.vocabulary.aspect_classes.get(last.object.aspect, ""),
            sign=own * signs[last.direction],
            direction=last.direction,
            baseline=last.baseline,
            via=tuple(steps[:-1]),
            claims=tuple(run),
            composed=True,
        )

    # Where frames meet

    @cached_property
    def _above(self) -> dict[str, frozenset[str]]:
        entities = self.corpus.entities
        above: dict[str, frozenset[str]] = {}

        def climb(entity: str) -> frozenset[str]:
            if entity not in above:
                above[entity] = frozenset()
                direct = [b for b in entities[entity].broader if b in entities] if entity in entities else []
                above[entity] = frozenset(direct).union(*(climb(b) for b in direct))
            return above[entity]

        for entity in entities:
            climb(entity)
        return above

    def above(self, entity: str) -> frozenset[str]:
        """Return all broader entities."""
        return self._above.get(entity, frozenset())

    @cached_property
    def _symptom_of(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for claim in self.corpus.claims:
            p = claim.proposition
            if claim.act == "asserts" and p.relation == "has_symptom":
                found[p.object.entity].add(p.subject.entity)
        return found

    def is_or_under(self, narrow: str, wide: str) -> bool:
        """Tell whether an entity is another or narrower than it."""
        return narrow == wide or wide in self.above(narrow)

    def wider_frames(self, frame: Frame) -> Iterator[Frame]:
        """Yield the frames with answers that ask the same of broader entities, or of the condition of a symptom.

        Generic entities are left out: what is said of disorders at large is not said against any one of them.
        """
        wider = {*self.above(frame.object), *self._symptom_of.get(frame.object, ())} - self.generic
        for subject in sorted({frame.subject, *(self.above(frame.subject) - self.generic)}):
            for object_ in sorted({frame.object, *wider}):
                found = Frame(subject, frame.family, object_)
                if found != frame and found in self.by_frame:
                    yield found

    def compatible(self, one: Answer, other: Answer) -> bool:
        """Tell whether two answers may speak of the same case: no scope, company or baseline sets them apart."""
        if one.baseline and other.baseline and one.baseline != other.baseline:
            return False
        if one.company("with_") & other.company("without") or one.company("without") & other.company("with_"):
            return False
        shared = one.scopes.keys() & other.scopes.keys()
        return all(self._meet(key, one.scopes[key], other.scopes[key]) for key in shared)

    def _meet(self, key: str, here: set[str], there: set[str]) -> bool:
        if key not in self.vocabulary.entity_scopes:
            return bool(here & there)
        return any(self.is_or_under(a, b) or self.is_or_under(b, a) for a in here for b in there)

    def label(self, entity: str) -> str:
        """Return the label of an entity."""
        found = self.corpus.entities.get(entity)
        return found.label if found else entity


def joins(first: Proposition, second: Proposition, vocabulary: Vocabulary) -> bool:
    """Tell whether the second takes up the very state that the first delivers."""
    classes, given, taken = vocabulary.aspect_classes, first.object, second.subject
    if given.entity != taken.entity or (taken.aspect and classes[taken.aspect] != classes.get(given.aspect)):
        return False
    return given.state == (taken.state or "increased")


def asserted(answers: Iterable[Answer]) -> list[Answer]:
    """Return the answers that are asserted."""
    return [a for a in answers if all(c.act == "asserts" for c in a.claims)]
