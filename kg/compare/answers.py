"""What the claims answer, made comparable: end to end where steps compose, and meeting through the hierarchy.

An answer is a claim's proposition, or one that follows from what a document itself joins: what a run of steps in a
stated chain composes to when each step takes up the state that the step before delivers, and what the states that a
claim works through do to its object.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
    #: The state of the subject that it speaks of, when it gives one.
    state: str = ""
    #: How it follows from the claims when none of them says it as such: "end to end" or "as a means".
    composed: str = ""

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
        #: What several rules ask for.
        self._told: dict[tuple[Frame, tuple[str, ...]], list[Answer]] = {}
        self._wider: dict[Frame, list[Frame]] = {}
        self.generic = {e.id for e in corpus.entities.values() if e.generic}
        for claim in corpus.claims:
            for answer in (self._of_claim(claim), *self._of_means(claim)):
                self.by_frame[answer.frame].append(answer)
        for document in corpus.documents.values():
            for chain in document.chains:
                for answer in self._of_chain(chain):
                    self.by_frame[answer.frame].append(answer)

    def _of_claim(self, claim: Claim) -> Answer:
        p = claim.proposition
        aspect_class = self.vocabulary.aspect_classes.get(p.object.aspect, "")
        given = (p.relation, aspect_class, p.sign, p.direction, p.baseline, p.via, (claim,), p.subject.state)
        return Answer(p.frame, *given)

    def _of_means(self, claim: Claim) -> Iterator[Answer]:
        """Yield what the states that an effect runs through do to its object: "by M, S lowers O" says it of M too."""
        p = claim.proposition
        if claim.act != "asserts" or not p.sign or p.without or not self.vocabulary.relations[p.relation].propagates:
            return
        whole, signs = self._of_claim(claim), self.vocabulary.signs("state")
        change = p.sign * (signs[p.subject.state] if p.subject.state else 1)
        for number, means in enumerate(p.via):
            if all(v.state for v in p.via[number:]) and means.entity not in (p.subject.entity, p.object.entity):
                frame = Frame(means.entity, "effect", p.object.entity)
                yield replace(
                    whole, frame=frame, sign=signs[means.state] * change, via=p.via[number + 1 :], state=means.state,
                    composed="as a means",
                )  # fmt: skip

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
            state=first.subject.state,
            composed="end to end",
        )

    # Where frames meet

    @cached_property
    def by_subject(self) -> dict[tuple[str, str], list[Frame]]:
        """The frames of each subject and family."""
        found: dict[tuple[str, str], list[Frame]] = defaultdict(list)
        for frame in self.by_frame:
            found[frame.subject, frame.family].append(frame)
        return found

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

    def told(self, frame: Frame, acts: tuple[str, ...]) -> list[Answer]:
        """Return the answers to a frame whose claims are all of some acts."""
        if (frame, acts) not in self._told:
            self._told[frame, acts] = [a for a in self.by_frame[frame] if all(c.act in acts for c in a.claims)]
        return self._told[frame, acts]

    def wider_frames(self, frame: Frame) -> list[Frame]:
        """Return the frames with answers that ask the same of broader entities, or of the condition of a symptom.

        Generic entities are left out: what is said of disorders at large is not said against any one of them.
        """
        if frame not in self._wider:
            wider = {*self.above(frame.object), *self._symptom_of.get(frame.object, ())} - self.generic
            subjects = sorted({frame.subject, *(self.above(frame.subject) - self.generic)})
            found = (Frame(s, frame.family, o) for s in subjects for o in sorted({frame.object, *wider}))
            self._wider[frame] = [f for f in found if f != frame and f in self.by_frame]
        return self._wider[frame]

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
