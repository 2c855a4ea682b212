"""Invented corpora of any size, as a curator would write them: documents, claims, chains, entities and works as rows.

A seed and a number of claims give the same corpus everywhere. Words are made of syllables, so no text is anybody's.
Entities come up by Zipf's law within their kind; propositions are taken up again by Simon's rule (whatever was said is
said again in proportion to how often it was said), so a few are shared by very many documents and most by none.
"""

from __future__ import annotations

import hashlib
import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from kg.corpus.propositions import compose
from kg.corpus.rows import ClaimRow
from kg.model import Variable
from kg.vocabulary import Relation, Vocabulary

Row = dict[str, Any]
#: Claims of one document, about; documents of one corpus folder.
PER_DOCUMENT, PER_FOLDER = 25, 1000
_SYLLABLES = (
    "ka", "mo", "ti", "re", "lu", "san", "vor", "ex", "ine", "ol", "um", "bra", "pho", "gly", "cer", "tor", "min",
    "del", "qua", "zen", "dra", "fis", "pel", "nu",
)  # fmt: skip
#: How many entities there are of a kind, against one of a kind that is not named here.
_KINDS = {
    "Substance": 12, "Protein": 12, "Gene": 10, "BiologicalProcess": 9, "Condition": 7, "Receptor": 6, "Symptom": 6,
    "BrainRegion": 6, "Intervention": 5, "BodyPart": 4, "CellStructure": 4, "PsychologicalProcess": 4, "Hormone": 3,
    "SubstanceClass": 3, "Neurotransmitter": 3, "Outcome": 3, "DrugProduct": 2, "BrainNetwork": 2, "Population": 2,
}  # fmt: skip
#: How often a relation of a family is drawn, against one of another family.
_FAMILIES = {"effect": 6, "status": 3, "taxonomy": 2}
_ACTS = {"asserts": 80, "denies": 5, "questions": 3, "recommends": 3, "assesses": 9}
_CERTAINTIES = {"stated": 62, "possible": 20, "probable": 12, "hypothesised": 6}
_VOICES = {"document": 70, "research": 15, "work": 10, "patients": 3, "practitioners": 2}
#: Kinds of what a scope names, by key; the others are a few words.
_SCOPES = {
    "region": "BrainRegion", "population": "Population", "condition": "Condition", "species": "Organism",
    "route": "RouteOfAdministration", "after": "Intervention", "place": "Place",
}  # fmt: skip
_AGAIN = 0.4
_REMEMBERED = 200_000


@dataclass
class Text:
    """A document's own text as it grows."""

    parts: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, words: str) -> list[int]:
        """Append words and return where they stand."""
        start = self.length
        self.parts.append(words)
        self.length += len(words)
        return [start, self.length]


@dataclass(frozen=True)
class Made:
    """One document as rows, with its text."""

    corpus: str
    id: str
    document: Row
    claims: list[Row]
    chains: list[Row]
    text: str


class Invention:
    """A corpus of so many claims."""

    def __init__(self, claims: int, vocabulary: Vocabulary, seed: int = 7) -> None:
        self.claims, self.vocabulary, self.dice = claims, vocabulary, random.Random(f"{seed} {claims}")
        size = int(60 * claims**0.5) + 100
        share = {kind: _KINDS.get(kind, 1) for kind in vocabulary.kinds}
        whole = sum(share.values())
        names = iter(self._names(2 * size + 100))
        self.pools = {k: [next(names) for _ in range(max(3, size * n // whole))] for k, n in share.items()}
        self.kind_of = {name: kind for kind, pool in self.pools.items() for name in pool}
        self.odds = {k: list(accumulate(1 / (n + 2) for n in range(len(pool)))) for k, pool in self.pools.items()}
        self.relations = list(vocabulary.relations.values())
        self.relation_odds = list(accumulate(_FAMILIES.get(r.family, 1) for r in self.relations))
        self.cues = {c: [h for h, found in vocabulary.hedges.items() if found == c] for c in _CERTAINTIES}
        self.works_known = max(3, claims // 50)
        self.said: list[Row] = []
        self.used: set[str] = set()
        self.cited: set[str] = set()

    def _names(self, count: int) -> list[str]:
        """Return so many words of two to four syllables, each once."""
        n = len(_SYLLABLES)
        numbers = self.dice.sample(range(n, n**3 + n**2), min(count, n**3))
        numbers += range(n**3 + n**2, n**3 + n**2 + count - len(numbers))
        words = []
        for number in numbers:
            word = ""
            while number:
                number, rest = divmod(number, n)
                word += _SYLLABLES[rest]
            words.append(word if len(word) > 4 else word + "um")
        return list(dict.fromkeys(words))

    # Drawing

    def pick(self, weights: dict[str, int]) -> str:
        """Draw one of several tokens."""
        return self.dice.choices(list(weights), list(weights.values()))[0]

    def entity(self, kinds: Sequence[str]) -> str:
        """Draw an entity of one of several kinds, by Zipf's law."""
        kind = self.dice.choices(kinds, [len(self.pools[k]) for k in kinds])[0]
        odds = self.odds[kind]
        found = self.pools[kind][bisect(odds, self.dice.random() * odds[-1])]
        self.used.add(found)
        return found

    def work(self) -> str:
        """Draw a cited work; a few are cited everywhere."""
        found = f"work-{int(self.works_known * self.dice.random() ** 3)}"
        self.cited.add(found)
        return found

    def fitting(self, groups: frozenset[str]) -> list[str]:
        """Return the kinds that a relation takes at one end."""
        return [k for k, held in self.vocabulary.kinds.items() if not groups or groups & held]

    # What is said

    def proposition(self, subject: str = "") -> Row:
        """Draw a proposition, one that was said before or a new one."""
        if self.said and not subject and self.dice.random() < _AGAIN:
            again = self.dice.choice(self.said)
            self.used.update(n for n in (again["subject"], again["object"]) if n in self.kind_of)
            return again
        while True:
            relation = self.relations[bisect(self.relation_odds, self.dice.random() * self.relation_odds[-1])]
            kinds = self.fitting(relation.subject_kinds)
            if subject and self.kind_of[subject.partition(":")[0]] not in kinds:
                continue
            begin = subject or self.entity(kinds)
            end = self.entity(self.fitting(relation.object_kinds))
            if end != begin.partition(":")[0]:
                return self.qualify(relation, {"subject": begin, "relation": relation.id, "object": end})

    def qualify(self, relation: Relation, row: Row) -> Row:
        """Add what the relation calls for, and now and then what a text may say besides."""
        roll, effect = self.dice.random, relation.family == "effect" and not relation.correlational
        if "dimension" in relation.requires:
            row["dimension"] = self.dice.choice(("mechanism", "onset", "target"))
        if relation.family == "modification" and relation.direction:
            row["effect"] = f"{self.entity(['Condition'])}:severity:decreased"
        if relation.id in ("approved_for", "scheduled_as"):
            row["agency"] = self.entity(["Organisation"])
        if effect and roll() < 0.15 and ":" not in row["subject"]:
            row["subject"] += f":activity:{self.dice.choice(('increased', 'decreased'))}"
        if effect and roll() < 0.12:
            row["via"] = [self.state() for _ in range(self.dice.choice((1, 1, 2)))]
        if effect and roll() < 0.02:
            row["direction"] = "no_change"
        elif effect and relation.direction == "decrease" and roll() < 0.05:
            row["baseline"] = "increased"
        if roll() < 0.05:
            row["with" if roll() < 0.8 else "without"] = [self.entity(["Intervention", "Substance"])]
        if roll() < 0.25:
            row["scope"] = self.scope()
        return row

    def state(self) -> str:
        """Draw a state that something works through."""
        kinds = ["Receptor", "Protein", "Neurotransmitter"]
        return f"{self.entity(kinds)}:activity:{self.dice.choice(('increased', 'decreased'))}"

    def scope(self) -> Row:
        """Draw one or two limits to what is said."""
        words = {"dose": "0.5 mg/kg", "time": "after one day", "onset": "within hours", "setting": "clinic"}
        keys = self.dice.sample([*_SCOPES, *words], self.dice.choice((1, 1, 1, 2)))
        return {key: self.entity([_SCOPES[key]]) if key in _SCOPES else words[key] for key in sorted(keys)}

    def remember(self, row: Row) -> None:
        """Keep what was said, so that it is said again."""
        if len(self.said) < _REMEMBERED:
            self.said.append(row)
        else:
            self.said[self.dice.randrange(_REMEMBERED)] = row

    # Documents

    def documents(self) -> Iterator[Made]:
        """Yield the documents in their order."""
        left, number = self.claims, 0
        while left:
            here = min(left, PER_DOCUMENT)
            yield Document(self, number, here).make()
            left -= here
            number += 1

    def entities(self) -> dict[str, list[Row]]:
        """Return, by kind, the entities that the documents so far speak of, and what is broader than these."""
        rows: dict[str, list[Row]] = {}
        for kind, pool in self.pools.items():
            place = {name: n for n, name in enumerate(pool)}
            wanted = {name for name in pool if name in self.used}
            for name in list(wanted):
                while self._has_broader(place[name]) and (name := pool[(place[name] - 1) // 8]) not in wanted:
                    wanted.add(name)
            rows[kind] = [self._entity(kind, pool, place[name]) for name in pool if name in wanted]
        return {kind: found for kind, found in rows.items() if found}

    @staticmethod
    def _has_broader(place: int) -> bool:
        return place % 5 in (1, 3)

    def _entity(self, kind: str, pool: list[str], place: int) -> Row:
        name, number = pool[place], int(hashlib.sha256(pool[place].encode()).hexdigest()[:6], 16)
        row: Row = {"id": name, "kind": kind, "label": name}
        if number % 2:
            row["also"] = [f"{name}e", f"{name} {kind.lower()}"][: 1 + number % 3 // 2]
        if self._has_broader(place):
            row["broader"] = [pool[(place - 1) // 8]]
        if place == 7:
            row["generic"] = True
        match = {"id": f"MESH:X{number}", "label": name, "quality": "exact" if number % 4 else "close"}
        row["match"] = [{**match, "version": "invented"}] if number % 5 < 3 else []
        return row

    def works(self) -> list[Row]:
        """Return the works that the documents so far cite."""
        ordered = sorted(self.cited, key=lambda w: int(w[5:]))
        return [
            {
                "id": work, "title": f"On {self.pools['Condition'][n % len(self.pools['Condition'])]}, part {n}",
                "type": "journal-article" if n % 3 else "review", "creator": [f"Marlow, {'ABCDE'[n % 5]}."],
                "issued": str(1990 + n % 35), "container": "Annals of the Invented",
            }
            for n, work in enumerate(ordered)
        ]  # fmt: skip


class Document:
    """One document of an invention while it is written."""

    def __init__(self, whole: Invention, number: int, claims: int) -> None:
        self.whole, self.number, self.count, self.dice = whole, number, claims, whole.dice
        self.text, self.claims, self.chains = Text(), list[Row](), list[Row]()
        self.said: set[str] = set()
        #: Where something was named before.
        self.named: list[Row] = []

    def make(self) -> Made:
        """Write the document."""
        title = f"What is told of {self.dice.choice(self.whole.pools['Condition'])}, number {self.number}"
        top = self.text.add(title)
        self.text.add(". ")
        while len(self.claims) < self.count:
            if self.count - len(self.claims) >= 3 and not self.chains and self.dice.random() < 0.05:
                self.add_chain()
            else:
                self.add_claim(self.fresh())
        text = "".join(self.text.parts)
        cites = {self.whole.work() for _ in range(self.dice.randint(0, 8))} | {
            c["work"] for c in self.claims if "work" in c
        }
        row: Row = {
            "title": title, "type": self.dice.choice(("journal-article", "review", "web-page", "blog-post")),
            "language": "en", "sha256": hashlib.sha256(text.encode()).hexdigest(), "length": len(text),
            "cites": sorted(cites), "curated": date(2026, 1, 1) + timedelta(self.number % 300),
            "creator": [f"Vale, {'ABCDEFG'[self.number % 7]}."], "issued": str(2000 + self.number % 26),
            "omission": [{"at": top, "reason": "title"}],
        }  # fmt: skip
        folder = f"set-{self.number // PER_FOLDER:03}"
        return Made(folder, f"told-{self.number:06}", row, self.claims, self.chains, text)

    def fresh(self, subject: str = "") -> Row:
        """Draw a proposition that the document has not said yet: it never says one thing and its opposite."""
        while True:
            row = self.whole.proposition(subject)
            key = repr(row)
            if key not in self.said:
                self.said.add(key)
                self.whole.remember(row)
                return row

    def add_chain(self) -> None:
        """Write two or three claims of which each takes up what the one before delivers, and join them."""
        steps, subject = list[str](), ""
        wanted = self.dice.choice((2, 3))
        while len(steps) < wanted:
            row = self.fresh(subject)
            delivered = self.delivers(row)
            if not delivered.state or row.get("direction"):
                if len(self.claims) + wanted - len(steps) >= self.count:
                    return
                self.add_claim(row)
                continue
            steps.append(f"step-{len(self.claims) + 1}")
            self.add_claim({**row, "id": steps[-1]}, plain=True)
            subject = delivered.name
        named = " and then ".join(step.replace("-", " ") for step in steps)
        self.chains.append({"id": "chain", "statement": f"The text joins {named} into one course.", "steps": steps})

    def delivers(self, row: Row) -> Variable:
        """Return the state that a proposition leaves its object in."""
        whole = {"statement": "x", "phrase": "x", "at": [0, 1], **row}
        return compose(ClaimRow.model_validate(whole), self.whole.vocabulary).object

    def add_claim(self, proposition: Row, plain: bool = False) -> None:
        """Write a claim: its words into the text, the rest beside them."""
        whole, dice = self.whole, self.dice
        row: Row = dict(proposition)
        act = "asserts" if plain else whole.pick(_ACTS)
        certainty = whole.pick(_CERTAINTIES) if act == "asserts" and not plain else "stated"
        if act != "asserts":
            row["act"] = act
        if act == "assesses":
            row["of"], row["finding"] = dice.choice(("mechanism", "use", "amount")), dice.choice(("limited", "known"))
        if certainty != "stated":
            row["certainty"], row["cue"] = certainty, dice.choice(whole.cues[certainty])
        voice = "document" if plain else whole.pick(_VOICES)
        if voice != "document":
            row["voice"] = voice
        if voice == "work" or dice.random() < 0.05:
            row["work"] = whole.work()
        for chance, key, values in (
            (0.15, "evidence", ("clinical-study", "review", "animal-study")), (0.06, "strength", ("main", "minor")),
            (0.08, "frequency", ("often", "some", "rare")), (0.04, "extent", ("some", "most")), (0.02, "only", (True,)),
            (0.08, "presented", ("benefit", "harm")),
        ):  # fmt: skip
            if not plain and dice.random() < chance:
                row[key] = dice.choice(values)
        figured = act == "asserts" and not plain and dice.random() < 0.07
        if figured:
            row["figure"] = [self.figure()]
        self.write(row, act, figured)
        self.claims.append(row)

    def figure(self) -> Row:
        """Draw a figure."""
        low = self.dice.randint(1, 60)
        told: Row = {"unit": "percent", "counted": self.dice.choice(("patients who respond", "cases"))}
        told |= {"value": low} if self.dice.random() < 0.7 else {"low": low, "high": low + 20}
        return told | ({"population": self.whole.entity(["Population"])} if self.dice.random() < 0.5 else {})

    def write(self, row: Row, act: str, figured: bool) -> None:
        """Write the sentence of a claim, and note where it stands."""
        subject, object_ = (row[end].partition(":")[0] for end in ("subject", "object"))
        label = self.whole.vocabulary.relations[row["relation"]].label
        cue, start = row.get("cue", ""), self.text.length
        if cue and self.dice.random() < 0.15:  # the cue stands before the words that tell
            row["cue_at"], cue = self.text.add(cue), ""
            self.text.add(": ")
        named = self.text.add(subject)
        between = {"denies": "does not", "questions": "or whether it", "recommends": "should"}.get(act, cue)
        words = f"{between} {label} {object_}".split()
        self.text.add(f" {' '.join(words)}")
        row["phrase"] = " ".join([subject, *words][:12])
        if figured:
            told = row["figure"][0]
            self.text.add(f" in {told.get('value', told.get('low'))} percent")
        self.text.add(f" among the {self.dice.choice(self.whole.pools['Population'])}")
        row["at"] = [start, self.text.length]
        self.text.add(". ")
        if self.named and self.dice.random() < 0.1:
            row["antecedents"] = [self.dice.choice(self.named)]
        self.named = [*self.named[-5:], {"phrase": subject, "at": named}]
        row["statement"] = f"Of {object_} the text tells that {subject} {label} it, in sentence {len(self.claims) + 1}."
