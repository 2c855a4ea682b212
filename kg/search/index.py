"""The search index of a build: the words of entities, documents, works and claims, in an SQLite database.

    items      what is shown of each thing; the rows of one kind stand together, entities first
    kinds      which rows are of which kind
    labels     the whole names of entities, folded, and the one word that each makes together
    texts      FTS5: the words of each thing by column, folded here, so that it splits at spaces only
    terms      each word with the number of things that have it
    pieces     FTS5: the letters of each word by threes, for words inside of words and for typing errors

The words of a thing alone are searched; what it is shown with is read from `items`.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from kg.errors import BuildError
from kg.model import Claim, Corpus, Document, Entity, Work
from kg.rdf.terms import SKOS
from kg.search.words import fold_text
from kg.vocabulary import Vocabulary

#: The file of a build that holds its index, and the number of its form.
FILE, FORM = "search.sqlite", 2
#: Between the lines of an item; no text of a build can hold it.
SEPARATOR = "\x1f"
_SCHEMA = """
CREATE TABLE items (item INTEGER PRIMARY KEY, id TEXT, title TEXT, note TEXT, lines TEXT);
CREATE TABLE kinds (kind TEXT, first INTEGER, last INTEGER);
CREATE TABLE labels (label TEXT, item INTEGER, joined TEXT, PRIMARY KEY (label, item)) WITHOUT ROWID;
CREATE INDEX joined_labels ON labels (joined);
CREATE VIRTUAL TABLE texts USING fts5 (label, also, statement, phrase, context, joined, content='', prefix='2 3',
    tokenize='ascii');
CREATE TABLE terms (term TEXT PRIMARY KEY, count INTEGER);
CREATE VIRTUAL TABLE pieces USING fts5 (term, content='', tokenize='trigram');
CREATE VIRTUAL TABLE temp.words USING fts5vocab (main, texts, row);
"""


@dataclass(frozen=True)
class Item:
    """One thing that can be found: what is shown of it, and in which columns its words are searched."""

    kind: str
    id: str
    title: str
    #: The kind of an entity, the document of a claim.
    note: str = ""
    #: What is shown below the title, where the words are found there.
    lines: tuple[str, ...] = ()
    label: str = ""
    also: str = ""
    statement: str = ""
    phrase: str = ""
    context: str = ""
    #: The names that mean this thing and nothing else.
    names: tuple[str, ...] = ()


def write_index(path: Path, corpus: Corpus, vocabulary: Vocabulary) -> None:
    """Write the index of a corpus to a new file; raise BuildError when SQLite cannot."""
    try:
        database = sqlite3.connect(path)
        try:
            database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
            _fill(database, read_items(corpus, vocabulary))
            database.execute(f"PRAGMA user_version = {FORM}")
            database.commit()
        finally:
            database.close()
    except sqlite3.Error as error:
        raise BuildError(f"the search index {path} could not be written: {error}") from error


def _fill(database: sqlite3.Connection, items: Iterable[Item]) -> None:
    """Write the items, kind by kind, then the list of their words."""
    number = 0
    for kind, members in groupby(items, key=lambda item: item.kind):
        first = number + 1
        for number, item in enumerate(members, first):
            _add(database, number, item)
        database.execute("INSERT INTO kinds VALUES (?, ?, ?)", (kind, first, number))
    database.execute("INSERT INTO texts (texts) VALUES ('optimize')")
    database.execute("INSERT INTO terms SELECT term, doc FROM words ORDER BY term")
    database.execute("INSERT INTO pieces (rowid, term) SELECT rowid, term FROM terms")
    database.execute("INSERT INTO pieces (pieces) VALUES ('optimize')")


def _add(database: sqlite3.Connection, number: int, item: Item) -> None:
    shown = (number, item.id, item.title, item.note, SEPARATOR.join(item.lines))
    database.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?)", shown)
    texts = (item.label, item.also, item.statement, item.phrase, item.context)
    columns = [fold_text(text) if text else ("", "") for text in texts]
    joined = " ".join(j for _, j in columns if j)
    database.execute("INSERT INTO texts (rowid, label, also, statement, phrase, context, joined) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?)", (number, *(words for words, _ in columns), joined))  # fmt: skip
    for name in item.names:
        label = fold_text(name)[0]
        database.execute("INSERT OR IGNORE INTO labels VALUES (?, ?, ?)", (label, number, label.replace(" ", "")))


def read_items(corpus: Corpus, vocabulary: Vocabulary) -> Iterator[Item]:
    """Yield all that can be found; entities and claims in the order of how often documents take them up."""
    claims, propositions = list(corpus.claims), {c.proposition.id: c.proposition for c in corpus.claims}
    taken_up = Counter(p for d in corpus.documents.values() for p in {c.proposition.id for c in d.claims})
    about = {id_: list(dict.fromkeys(p.entities(vocabulary.entity_scopes))) for id_, p in propositions.items()}
    used: Counter[str] = Counter()
    for id_, entities in about.items():
        used.update(dict.fromkeys(entities, taken_up[id_]))
    kinds = {token: vocabulary.statements[iri] for token, iri in vocabulary.values("kind").items()}
    for entity in sorted(corpus.entities.values(), key=lambda e: -used[e.id]):
        yield describe_entity(entity, kinds[entity.kind][SKOS + "prefLabel"][0])
    for document in corpus.documents.values():
        yield describe_document(document)
    for work in corpus.works.values():
        yield describe_work(work)
    for claim in sorted(claims, key=lambda c: -taken_up[c.proposition.id]):
        relation = vocabulary.relations[claim.proposition.relation].label
        yield describe_claim(claim, relation, [corpus.entities[e].label for e in about[claim.proposition.id]])


def describe_entity(entity: Entity, kind: str) -> Item:
    """Return an entity with all its labels and identifiers."""
    matches = dict.fromkeys(f"{m.id} {m.label}" for m in entity.matches)
    return Item(
        "entity", entity.id, entity.label, kind,
        lines=(*entity.also, *matches),
        label=entity.label,
        also=" ; ".join(entity.also),
        context=" ; ".join([kind, entity.id, *matches]),
        names=(entity.label, *entity.also),
    )  # fmt: skip


def describe_document(document: Document) -> Item:
    """Return a document with who made it."""
    made = ", ".join(w for w in (*document.creator, document.publisher) if w)
    return Item(
        "document", document.id, document.title, document.issued,
        lines=(made,) if made else (),
        label=document.title,
        also=made,
        context=f"{document.id} {document.issued}",
    )  # fmt: skip


def describe_work(work: Work) -> Item:
    """Return a cited work with who wrote it and where it came out."""
    lines = tuple(line for line in (work.subtitle, ", ".join(work.creator), work.container, work.doi) if line)
    return Item(
        "work", work.id, work.title, work.issued,
        lines=lines,
        label=work.title,
        also=" ; ".join(lines),
        context=f"{work.id} {work.issued}",
    )  # fmt: skip


def describe_claim(claim: Claim, relation: str, entities: list[str]) -> Item:
    """Return a claim with its phrase and cue, and the labels of what it speaks of."""
    spoken = [claim.hedge] if claim.hedge else []
    phrases = [claim.anchor.exact] if claim.anchor else []
    about = [*entities, relation]
    return Item(
        "claim", claim.id, claim.statement, claim.document,
        lines=(*phrases, *spoken, " · ".join(about)),
        statement=claim.statement,
        phrase=" ; ".join(phrases),
        context=" ; ".join([*spoken, *about]),
    )  # fmt: skip
