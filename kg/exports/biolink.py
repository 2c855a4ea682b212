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
_PLAIN = ("", "occurrence", "severity")
_AFFECTS = "biolink:affects"
#: Marks what is wider than the claim: true when asserted, but a denial of it would say more.
_VAGUE = "vague"
_QUALIFIERS = "https://w3id.org/claimgraph/vocab#biolinkQualifier"


@dataclass(frozen=True)
class Words:
    """What the ontology says of Biolink: predicates of relations, and the tables of values."""

    vocabulary: Vocabulary
    tables: Tables
    predicates: dict[str, dict[str, str]] = field(default_factory=dict)
    qualifiers: dict[str, dict[str, str]] = field(default_factory=dict)

    def word(self, claim: Mapping[str, Any], proposition: Mapping[str, Any]) -> dict[str, str] | str:
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
        if relation.family != "effect" and (proposition.get("subject_state") or proposition.get("object_state")):
            return "an edge has no place for: a state, outside effects"
        if claim["act"] == "denies" and made.pop(_VAGUE, ""):
            return "denied, and Biolink has only a wider predicate: its denial would say more"
        made.pop(_VAGUE, "")
        return made

    def _relate(self, relation: Relation) -> dict[str, str] | str:
        """Return what stands for a relation that is no effect."""
        known, qualifiers = self.predicates[relation.id], self.qualifiers[relation.id]
        predicate = known.get("exactMatch") or known.get("closeMatch")
        if predicate and not qualifiers:
            return {"predicate": predicate}
        if predicate or "broadMatch" in known:
            return {"predicate": predicate or known["broadMatch"], **qualifiers, _VAGUE: "true"}
        return f"Biolink has no predicate for: {relation.id}"

    def _affect(self, relation: Relation, proposition: Mapping[str, Any]) -> dict[str, str] | str:
        """Return what stands for an effect: its own predicate where that alone reads right, else `affects`."""
        known = self.predicates[relation.id]
        own = known.get("exactMatch") or known.get("closeMatch", "")
        made = self._side("subject", proposition)
        if made is None:
            return "Biolink has no word for the state of the subject"
        if relation.correlational:
            other = self._side("object", proposition)
            if other is None:
                return "Biolink has no word for the state of the object"
            return {"predicate": own, **made, **other}
        usual = (
            proposition.get("direction", "") == relation.direction
            and proposition.get("object_aspect", "") == relation.aspect
            and not proposition.get("baseline")
        )
        if own not in ("", _AFFECTS) and usual:
            return {"predicate": _AFFECTS, "qualified_predicate": own, **made} if made else {"predicate": own}
        target = self._target(relation, proposition)
        if "object_direction_qualifier" not in target:
            return {"predicate": _AFFECTS, **made, **target, _VAGUE: "true"}
        return {"predicate": _AFFECTS, "qualified_predicate": "biolink:causes", **made, **target}

    def _target(self, relation: Relation, proposition: Mapping[str, Any]) -> dict[str, str]:
        """Return the qualifiers of the object of an effect, as far as the proposition bears them out."""
        aspect, direction = proposition.get("object_aspect", ""), proposition.get("direction", "")
        found: dict[str, str] = {}
        if aspect in self.tables.theirs("aspect"):
            found["object_aspect_qualifier"] = self.tables.theirs("aspect")[aspect]
        if direction in self.tables.theirs("direction") and (found or aspect in _PLAIN):
            found["object_direction_qualifier"] = self.tables.theirs("direction")[direction]
        mechanism = self.qualifiers[relation.id].get("causal_mechanism_qualifier")
        if mechanism and direction == relation.direction and aspect == relation.aspect:
            found["causal_mechanism_qualifier"] = mechanism
        return found

    def _side(self, end: str, proposition: Mapping[str, Any]) -> dict[str, str] | None:
        """Return the qualifiers of one end, or None when Biolink has no word for its state."""
        aspect, state = proposition.get(f"{end}_aspect", ""), proposition.get(f"{end}_state", "")
        aspects, states = self.tables.theirs("aspect"), self.tables.theirs("state")
        found = {f"{end}_aspect_qualifier": aspects[aspect]} if aspect in aspects else {}
        if state and (state not in states or not (found or aspect in _PLAIN)):
            return None
        return found | ({f"{end}_direction_qualifier": states[state]} if state else {})


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
