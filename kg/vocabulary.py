"""The vocabulary as the files of `ontology/` give it: nothing about kinds, relations or values is written in Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg.errors import VocabularyError
from kg.model import Variable
from kg.names import CG

SKOS = "http://www.w3.org/2004/02/skos/core#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SH = "http://www.w3.org/ns/shacl#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

Statements = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Relation:
    """A relation and how it answers its frame."""

    id: str
    family: str
    aspect: str
    direction: str
    turned_round_as: str
    symmetric: bool
    propagates: bool
    correlational: bool
    subject_kinds: frozenset[str]
    object_kinds: frozenset[str]
    requires: frozenset[str]
    implied_baseline: str
    conflicts_with: str
    label: str


@dataclass(frozen=True)
class Vocabulary:
    """Kinds, relations, closed lists of values, named states, hedges and prefixes."""

    triples: tuple[ox.Triple, ...]
    statements: Statements
    base: str

    def values(self, scheme: str) -> dict[str, str]:
        """Return the tokens of a closed list, in the order of the file, with their IRIs."""
        return self._schemes.get(scheme, {})

    def signs(self, scheme: str) -> dict[str, int]:
        """Return the sign of each token of a closed list."""
        if scheme not in self._signs:
            self._signs[scheme] = {t: int(self._one(iri, CG + "sign") or 0) for t, iri in self.values(scheme).items()}
        return self._signs[scheme]

    @cached_property
    def _signs(self) -> dict[str, dict[str, int]]:
        return {}

    @cached_property
    def _schemes(self) -> dict[str, dict[str, str]]:
        names = {iri: self._one(iri, SKOS + "notation") for iri in self._of_class(SKOS + "ConceptScheme")}
        lists: dict[str, dict[str, str]] = {name: {} for name in names.values()}
        for iri, found in self.statements.items():
            for scheme in found.get(SKOS + "inScheme", ()):
                lists[names[scheme]][self._one(iri, SKOS + "notation")] = iri
        return lists

    @cached_property
    def relations(self) -> dict[str, Relation]:
        """All relations, by their token."""
        token = {iri: t for scheme in self._schemes.values() for t, iri in scheme.items()}
        name = {iri: self._one(iri, SKOS + "notation") for iri in self._of_class(CG + "Relation")}

        def flag(iri: str, term: str) -> bool:
            return self._one(iri, CG + term) == "true"

        return {
            relation: Relation(
                id=relation,
                family=token[self._one(iri, CG + "family")],
                aspect=token.get(self._one(iri, CG + "aspect"), ""),
                direction=token.get(self._one(iri, CG + "direction"), ""),
                turned_round_as=name.get(self._one(iri, CG + "turnedRoundAs"), ""),
                symmetric=flag(iri, "symmetric"),
                propagates=flag(iri, "propagates"),
                correlational=flag(iri, "correlational"),
                subject_kinds=frozenset(token[k] for k in self.statements[iri].get(CG + "subjectKind", ())),
                object_kinds=frozenset(token[k] for k in self.statements[iri].get(CG + "objectKind", ())),
                requires=frozenset(p.removeprefix(CG) for p in self.statements[iri].get(CG + "requires", ())),
                implied_baseline=token.get(self._one(iri, CG + "impliedBaseline"), ""),
                conflicts_with=name.get(self._one(iri, CG + "conflictsWith"), ""),
                label=self._one(iri, SKOS + "prefLabel"),
            )
            for iri, relation in name.items()
        }

    @cached_property
    def kinds(self) -> dict[str, frozenset[str]]:
        """The kinds that an entity may have, each with itself and the groups it belongs to."""
        scheme = self.values("kind")
        token = {iri: t for t, iri in scheme.items()}
        return {
            kind: frozenset({kind, *(token[b] for b in self.statements[iri].get(SKOS + "broader", ()))})
            for kind, iri in scheme.items()
            if self._one(iri, CG + "group") != "true"
        }

    @cached_property
    def states(self) -> dict[str, Variable]:
        """The named states and the variables that they stand for."""
        aspects = {iri: t for t, iri in self.values("aspect").items()}
        states = {iri: t for t, iri in self.values("state").items()}
        return {
            self._one(iri, SKOS + "notation"): Variable(
                self._one(iri, CG + "entity").removeprefix(self.base + "entity/"),
                aspects.get(self._one(iri, CG + "aspect"), ""),
                states.get(self._one(iri, CG + "state"), ""),
            )
            for iri in self._of_class(CG + "NamedState")
        }

    @cached_property
    def hedges(self) -> dict[str, str]:
        """The hedge words and the certainty that each lowers a claim to."""
        certainty = {iri: t for t, iri in self.values("certainty").items()}
        return {word: certainty[self._one(iri, CG + "certainty")] for word, iri in self.values("hedge").items()}

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """The prefixes of vocabularies and ontologies, and their namespaces."""
        declared = self._of_class(SH + "PrefixDeclaration")
        return {self._one(iri, SH + "prefix"): self._one(iri, SH + "namespace") for iri in declared}

    @cached_property
    def aspect_classes(self) -> dict[str, str]:
        """The class of each aspect."""
        classes = {iri: t for t, iri in self.values("aspect-class").items()}
        return {a: classes[self._one(iri, CG + "aspectClass")] for a, iri in self.values("aspect").items()}

    @cached_property
    def acts(self) -> list[str]:
        """The acts: the properties that lead from a claim to a proposition."""
        ends = {RDFS + "domain": [CG + "Claim"], RDFS + "range": [CG + "Proposition"]}
        return [
            iri.removeprefix(CG)
            for iri, found in self.statements.items()
            if all(found.get(term) == value for term, value in ends.items())
        ]

    @cached_property
    def entity_scopes(self) -> frozenset[str]:
        """The scope properties whose values are entities."""
        return frozenset(s for s, range_ in self._scopes() if range_ == CG + "Entity")

    @cached_property
    def text_scopes(self) -> frozenset[str]:
        """The scope properties whose values are words."""
        return frozenset(s for s, range_ in self._scopes() if range_ != CG + "Entity")

    def _scopes(self) -> Iterator[tuple[str, str]]:
        for iri in self.statements:
            if iri.startswith(CG + "scope") and iri != CG + "scope":
                local = iri.removeprefix(CG + "scope")
                yield local.lower(), self._one(iri, RDFS + "range")

    def _of_class(self, cls: str) -> list[str]:
        return [iri for iri, found in self.statements.items() if cls in found.get(RDF_TYPE, ())]

    def _one(self, iri: str, term: str) -> str:
        return self.statements.get(iri, {}).get(term, [""])[0]


def read_vocabulary(folder: Path, base: str) -> Vocabulary:
    """Read the Turtle files of the ontology folder; raise VocabularyError with file and line for a faulty one."""
    triples: list[ox.Triple] = []
    statements: Statements = defaultdict(lambda: defaultdict(list))
    files = sorted(folder.glob("*.ttl"))
    if not files:
        raise VocabularyError(f"{folder} holds no vocabulary (*.ttl); KG_ONTOLOGY names the folder of the ontology")
    for path in files:
        try:
            parsed = list(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=base))
        except (SyntaxError, ValueError, OSError) as error:
            raise VocabularyError(f"{path}: {error}") from error
        for quad in parsed:
            triples.append(quad.triple)
            statements[quad.subject.value][quad.predicate.value].append(quad.object.value)
    return Vocabulary(tuple(triples), {s: dict(p) for s, p in statements.items()}, base)
