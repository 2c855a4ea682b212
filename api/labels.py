"""The names by which readers know documents and entities, in the place of those that the data gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from api.deps import Session, templates
from kg.names import DEFAULT_PREFIXES
from kg.query import ask_table
from kg.rdf.terms import RDF

#: Columns whose values are entities, or variables, by the names that the data gives them.
_NAMED = ("subject", "object", "subject_name")


def read_titles(session: Session) -> dict[str, str]:
    """Return the title of each document."""
    rows = session.opened.graph.ask("documents").rows
    return {row["document"].rpartition("/")[2]: row["title"] for row in rows}


def read_labels(session: Session, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the labels of the entities that a table names."""
    return label_entities(session, (name_entity(row.get(column)) for row in rows for column in _NAMED))


def label_entities(session: Session, names: Iterable[str]) -> dict[str, str]:
    """Return the labels of entities; what names none is left out."""
    ids = sorted(set(names) - {""})
    if not ids:
        return {}
    query = session.service.queries["entity-names"]
    found = ask_table(session.store, query.bind({"entity": ids}, session.service.names))
    return {row["id"]: row["label"] for row in found.rows}


def name_entity(value: object) -> str:
    """Return the entity of a variable as the data names it, nothing for what is no variable.

    >>> name_entity("nmda-receptor:activity:decreased"), name_entity("http://example.org/a"), name_entity(None)
    ('nmda-receptor', '', '')
    """
    return value.partition(":")[0] if isinstance(value, str) and re.fullmatch(r"[a-z0-9:-]+", value) else ""


def tell_variable(value: str, labels: Mapping[str, str]) -> str:
    """Return a variable in words.

    >>> tell_variable("nmda-receptor:activity:decreased", {"nmda-receptor": "NMDA receptor"})
    'decreased NMDA receptor activity'
    """
    entity, *rest = value.split(":")
    words = [*rest[1:], labels.get(entity) or entity.replace("-", " "), *(r for r in rest[:1] if r != "occurrence")]
    return " ".join(words).replace("_", " ")


def cut_reason(text: str, titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return a reason in pieces, each with the document that it names; a document is named by its title.

    >>> cut_reason("rises in calm-nights, falls in doubts.", {"doubts": "Doubts", "calm-nights": "Calm nights"})
    [('rises in ', ''), ('Calm nights', 'calm-nights'), (', falls in ', ''), ('Doubts', 'doubts'), ('.', '')]
    """
    if not titles:
        return [(text, "")]
    known = "|".join(map(re.escape, sorted(titles, key=len, reverse=True)))
    pieces = re.split(rf"(?<![\w-])({known})(?![\w-])", text)
    return [(titles[piece], piece) if place % 2 else (piece, "") for place, piece in enumerate(pieces) if piece]


def tell_reason(text: str, titles: Mapping[str, str]) -> str:
    """Return a reason as plain words, its documents by their titles in quotes.

    >>> tell_reason("falls in doubts.", {"doubts": "Doubts about it"})
    'falls in “Doubts about it”.'
    """
    return "".join(f"“{piece}”" if id_ else piece for piece, id_ in cut_reason(text, titles))


def shorten_term(iri: str) -> str:
    """Return an IRI of a vocabulary that everybody knows by a prefix in its short form, any other as it is.

    >>> shorten_term("http://www.w3.org/2004/02/skos/core#prefLabel"), shorten_term("http://example.org/a")
    ('skos:prefLabel', 'http://example.org/a')
    """
    for prefix, start in {**DEFAULT_PREFIXES, "rdf": RDF}.items():
        if iri.startswith(start) and re.fullmatch(r"[\w-]+", iri.removeprefix(start)):
            return f"{prefix}:{iri.removeprefix(start)}"
    return iri


templates.env.filters["shorten_term"] = shorten_term
templates.env.filters["cut_reason"] = cut_reason
templates.env.filters["tell_reason"] = tell_reason
