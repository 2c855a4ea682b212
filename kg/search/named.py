"""The entities that somebody names among other words: "what does ketamine do to NMDA receptors" names two."""

from __future__ import annotations

from kg.search.connections import lend_connection
from kg.search.find import MAX_LENGTH, MAX_WORDS, Index
from kg.search.words import read_words

#: Of how many words a name is at most.
_LONGEST = 6


def find_named(index: Index, words: str) -> dict[str, str]:
    """Return the entities that the words name, in their order, with their labels; a long name hides those inside it."""
    said = [word.text for word in read_words(words[:MAX_LENGTH])][: 2 * MAX_WORDS]
    spans = [(at, at + size) for size in range(_LONGEST, 0, -1) for at in range(len(said) - size + 1)]
    known = _read_labels(index, {" ".join(said[first:last]) for first, last in spans})
    found: dict[int, tuple[str, str]] = {}
    taken: set[int] = set()
    for first, last in spans:
        entity = known.get(" ".join(said[first:last]))
        if entity and taken.isdisjoint(range(first, last)):
            taken.update(range(first, last))
            found[first] = entity
    return dict(found[first] for first in sorted(found))


def _read_labels(index: Index, names: set[str]) -> dict[str, tuple[str, str]]:
    """Return what each name names: of several entities of one name, that which claims take up most."""
    query = "SELECT label, id, title FROM labels JOIN items USING (item) WHERE label IN ({}) ORDER BY item DESC"
    with lend_connection(index.path, index.deadline) as database:
        rows = database.execute(query.format(", ".join("?" * len(names))), sorted(names)).fetchall()
    return {label: (id_, title) for label, id_, title in rows}
