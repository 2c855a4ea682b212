"""One claim in the words of the Biolink model, or the reason why it has none.

An edge is read by tools that look at subject, predicate and object alone, so what the bare triple would misstate is put
under `affects`, with the rest in qualifiers, or is no edge at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.imports.mapping import BIOLINK, Tables, read_tables
from kg.vocabulary import SKOS, Relation, Vocabulary

#: What an edge says of the aspects that are the thing itself, so that a direction alone reads right.
_PLAIN = ("occurrence", "severity")
_QUALIFIERS = "https://w3id.org/claimgraph/vocab#biolinkQualifier"


@dataclass(frozen=True)
class Words:
    """What the ontology says of Biolink: predicates of relations, and the tables of values."""

    vocabulary: Vocabulary
    tables: Tables
    predicates: dict[str, dict[str, str]] = field(default_factory=dict)
    qualifiers: dict[str, dict[str, str]] = field(default_factory=dict)

    def state(self, claim: Mapping[str, Any], proposition: Mapping[str, Any]) -> dict[str, str] | str:
        """Return predicate and qualifiers of a claim with its proposition, or why it is not an edge."""
        if claim["act"] not in ("asserts", "denies"):
            return f"act: {claim['act']}"
        if claim["certainty"] == "hypothesised":
            return "certainty: hypothesised"
        for key in ("without", "with", "effect", "dimension"):
            if proposition.get(key):
                return f"an edge has no place for: {key}"
        if proposition.get("direction") == "no_change":
            return "an edge has no place for: no change"
        relation = self.vocabulary.relations[proposition["relation"]]
        made = self._affect(relation, proposition) if relation.family == "effect" else self._relate(relation)
        if isinstance(made, str):
            return made
        if any(proposition.get(f"subject_{k}") for k in ("aspect", "state")) and relation.family != "effect":
            return "an edge has no place for: a state of the subject, outside effects"
        if claim["act"] == "denies" and made.pop("vague", ""):
            return "denied, and Biolink has only a wider predicate: its denial would say more"
        made.pop("vague", "")
        return made

    def _relate(self, relation: Relation) -> dict[str, str] | str:
        """Return what stands for a relation that is no effect."""
        known = self.predicates[relation.id]
        predicate = known.get("exactMatch") or known.get("closeMatch")
        if predicate:
            return {"predicate": predicate, **self.qualifiers[relation.id]}
        if broad := known.get("broadMatch"):
            return {"predicate": broad, **self.qualifiers[relation.id], "vague": "true"}
        return f"Biolink has no predicate for: {relation.id}"

    def _affect(self, relation: Relation, proposition: Mapping[str, Any]) -> dict[str, str] | str:
        """Return what stands for an effect: its own predicate where that alone reads right, else `affects`."""
        known = self.predicates[relation.id]
        own = known.get("exactMatch") or known.get("closeMatch", "")
        made = self._side("subject", proposition.get("subject_aspect"), proposition.get("subject_state"))
        if made is None:
            return f"Biolink has no direction for: a subject that is {proposition['subject_state']}"
        if relation.correlational:
            other = self._side("object", proposition.get("object_aspect"), proposition.get("object_state"))
            if other is None or not own:
                return f"Biolink has no direction for: an object that is {proposition.get('object_state')}"
            return {"predicate": own, **made, **other}
        usual = proposition.get("direction") == relation.direction and not proposition.get("baseline")
        if own and own != BIOLINK_AFFECTS and not made and usual:
            return {"predicate": own}
        target = self._target(relation, proposition)
        qualified = {"qualified_predicate": own if own and own != BIOLINK_AFFECTS and usual else "biolink:causes"}
        if own and own != BIOLINK_AFFECTS and usual:
            return {"predicate": BIOLINK_AFFECTS, **qualified, **made}
        if "object_direction_qualifier" not in target:
            return {"predicate": BIOLINK_AFFECTS, **made, **target, "vague": "true"}
        return {"predicate": BIOLINK_AFFECTS, **qualified, **made, **target}

    def _target(self, relation: Relation, proposition: Mapping[str, Any]) -> dict[str, str]:
        """Return the qualifiers of the object of an effect: those of the relation, as far as the proposition bears out."""
        aspect, direction = proposition.get("object_aspect", ""), proposition.get("direction", "")
        found: dict[str, str] = {}
        if aspect in self.tables.theirs("aspect"):
            found["object_aspect_qualifier"] = self.tables.theirs("aspect")[aspect]
        named = found or aspect in _PLAIN or not aspect
        if direction in self.tables.theirs("direction") and named:
            found["object_direction_qualifier"] = self.tables.theirs("direction")[direction]
        mechanism = self.qualifiers[relation.id].get("causal_mechanism_qualifier")
        if mechanism and direction == relation.direction and aspect == relation.aspect:
            found["causal_mechanism_qualifier"] = mechanism
        return found

    def _side(self, end: str, aspect: str | None, state: str | None) -> dict[str, str] | None:
        """Return the qualifiers of one end, or None when its state has no word in Biolink."""
        found: dict[str, str] = {}
        if aspect in self.tables.theirs("aspect"):
            found[f"{end}_aspect_qualifier"] = self.tables.theirs("aspect")[str(aspect)]
        if state:
            if state not in self.tables.theirs("state"):
                return None
            found[f"{end}_direction_qualifier"] = self.tables.theirs("state")[state]
        return found


BIOLINK_AFFECTS = "biolink:affects"


def read_words(vocabulary: Vocabulary) -> Words:
    """Read from the vocabulary what Biolink has for each relation and value."""
    words = Words(vocabulary, read_tables(vocabulary))
    for relation in vocabulary.relations:
        node = vocabulary.statements[f"{vocabulary.base}relation/{relation}"]
        words.predicates[relation] = {
            quality: "biolink:" + iri.removeprefix(BIOLINK)
            for quality in ("exactMatch", "closeMatch", "broadMatch")
            for iri in node.get(SKOS + quality, ())
            if iri.startswith(BIOLINK)
        }
        pairs = (q.partition("=") for q in node.get(_QUALIFIERS, ()))
        words.qualifiers[relation] = {key: value for key, _, value in pairs}
    return words
