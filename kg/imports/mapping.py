"""The tables of `ontology/imports.ttl`: what a foreign predicate, category, qualifier or prefix becomes, or why not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kg.names import CG
from kg.vocabulary import RDF_TYPE, SKOS, Vocabulary

BIOLINK = "https://w3id.org/biolink/vocab/"


@dataclass(frozen=True)
class Row:
    """One way to take a predicate over: the relation, and what the statement must have."""

    relation: str
    rank: int
    turned: bool
    qualifiers: frozenset[tuple[str, str]]
    subject_state: str
    object_aspect: str
    object_state: str


@dataclass(frozen=True)
class Unmapped:
    """Why a statement is not taken over."""

    reason: str


@dataclass(frozen=True)
class Tables:
    """What becomes of foreign words."""

    vocabulary: Vocabulary
    rows: dict[str, list[Row]] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    #: The predicates of other vocabularies, by IRI, in the words of the table.
    terms: dict[str, str] = field(default_factory=dict)

    def choose(
        self, predicate: str, qualifiers: Mapping[str, str], subject: str, object_: str
    ) -> tuple[Row, frozenset[str]] | Unmapped:
        """Return the row for a predicate between two kinds, with the qualifiers that it uses up, or why there is none.

        The first row counts whose qualifiers the statement has and whose relation takes the kinds.
        """
        if (unknown := self.refuse(predicate)) is not None:
            return unknown
        given = set(qualifiers.items())
        for row in self.rows[predicate]:
            ends = (object_, subject) if row.turned else (subject, object_)
            if row.qualifiers <= given and self._fits(row.relation, *ends):
                return row, frozenset(key for key, _ in row.qualifiers)
        return Unmapped(f"no relation that it may become takes {subject} and {object_}")

    def refuse(self, predicate: str) -> Unmapped | None:
        """Return why no statement with a predicate is taken over, or None when some are."""
        if predicate in self.excluded:
            return Unmapped(f"left out: {self.excluded[predicate]}")
        known = bool(self.rows.get(predicate))
        return None if known else Unmapped("the table of the ontology does not have this predicate")

    def _fits(self, relation: str, subject: str, object_: str) -> bool:
        known = self.vocabulary.relations[relation]
        pairs = ((known.subject_kinds, subject), (known.object_kinds, object_))
        return all(not kinds or kinds & self.vocabulary.kinds[kind] for kinds, kind in pairs)

    def kind(self, categories: Collection[str]) -> str:
        """Return the kind of the first category that has one, or nothing."""
        return next((self.ours("kind")[c] for c in categories if c in self.ours("kind")), "")

    def curie(self, identifier: str) -> str:
        """Return a compact identifier with its prefix as we spell it.

        >>> from kg.settings import Settings
        >>> from kg.vocabulary import read_vocabulary
        >>> read_tables(read_vocabulary(Settings().ontology, Settings().base)).curie("taxonomy:2")
        'NCBITaxon:2'
        """
        prefix, colon, local = identifier.partition(":")
        return self.ours("prefix").get(prefix, prefix) + colon + local

    def ours(self, slot: str) -> dict[str, str]:
        """Return our values of a slot by theirs: what comes in."""
        return self._correspondences[slot, True]

    def theirs(self, slot: str) -> dict[str, str]:
        """Return their values of a slot by ours: what goes out."""
        return self._correspondences[slot, False]

    @cached_property
    def _correspondences(self) -> dict[tuple[str, bool], dict[str, str]]:
        found: dict[tuple[str, bool], dict[str, str]] = defaultdict(dict)
        for node in self.vocabulary.statements.values():
            if CG + "Correspondence" in node.get(RDF_TYPE, ()):
                slot, theirs = node[CG + "slot"][0], node[CG + "theirs"][0]
                ours = token(node[CG + "ours"][0], self.vocabulary)
                found[slot, True][theirs] = ours
                if CG + "onlyIn" not in node:
                    found[slot, False][ours] = theirs
        return found


def read_tables(vocabulary: Vocabulary) -> Tables:
    """Read the tables from the vocabulary."""
    made = Tables(vocabulary)
    for node in vocabulary.statements.values():
        types = node.get(RDF_TYPE, ())
        name = node.get(SKOS + "notation", [""])[0]
        if CG + "ImportExclusion" in types:
            made.excluded[name] = node[SKOS + "note"][0]
        if CG + "ImportMapping" in types:
            made.rows.setdefault(name, []).append(_row(node, vocabulary))
            made.terms.update(dict.fromkeys(node.get(CG + "foreignTerm", ()), name))
    for rows in made.rows.values():
        rows.sort(key=lambda row: row.rank)
    for name in (*made.rows, *made.excluded):
        made.terms[BIOLINK + name] = name
    return made


def _row(node: dict[str, list[str]], vocabulary: Vocabulary) -> Row:
    def one(term: str) -> str:
        return node.get(CG + term, [""])[0]

    return Row(
        relation=token(one("mapsTo"), vocabulary),
        rank=int(one("rank")),
        turned=one("turned") == "true",
        qualifiers=frozenset((q.partition("=")[0], q.partition("=")[2]) for q in node.get(CG + "qualifier", ())),
        subject_state=token(one("subjectState"), vocabulary) if one("subjectState") else "",
        object_aspect=token(one("objectAspect"), vocabulary) if one("objectAspect") else "",
        object_state=token(one("objectState"), vocabulary) if one("objectState") else "",
    )


def token(iri: str, vocabulary: Vocabulary) -> str:
    """Return the token of a value, relation or prefix; of a scope property the name of its key."""
    node = vocabulary.statements.get(iri, {})
    for term in (SKOS + "notation", "http://www.w3.org/ns/shacl#prefix"):
        if term in node:
            return node[term][0]
    return iri.removeprefix(CG + "scope").lower()
