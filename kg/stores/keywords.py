"""Keywords of a query, told from the same letters in its strings, IRIs, names and comments."""

from __future__ import annotations

import re

from kg.errors import QueryError

#: IRIs, strings, comments.
OPAQUE = re.compile(
    r"""<[^<>"{}|^`\\\s]*>|\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\#[^\n]*""", re.S
)
#: Names with a prefix; and words that are no variables and no languages.
_NAME = re.compile(r"(?:(?<![\w.\-])[^\W\d_][\w.\-]*)?:(?:[\w:.\-]|%[0-9A-Fa-f]{2}|\\.)*")
_WORD = re.compile(r"(?<![?$@\w-])[A-Za-z]+(?![\w-])")
_UPDATES = {"INSERT", "DELETE", "WITH", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"}


def mask_opaque(text: str) -> str:
    """Return a query without its IRIs, strings and comments, so that keywords can be told.

    >>> mask_opaque('ASK { ?from a "FROM" } # FROM')
    'ASK { ?from a   }  '
    """
    return OPAQUE.sub(" ", text)


def list_keywords(text: str) -> list[str]:
    """Return the words of a query that may be keywords, in capitals.

    >>> list_keywords('BASE <b:c> select ?from { ?from a:from "FROM"@en-from } # FROM')
    ['BASE', 'SELECT']
    """
    return [word.upper() for word in _WORD.findall(_NAME.sub(" ", mask_opaque(text)))]


def has_from(text: str) -> bool:
    """Tell whether a query names its own dataset, which the engine would let the union override.

    >>> has_from("ASK FROM <a:g> {}"), has_from('ASK { ?from a "FROM" } # FROM')
    (True, False)
    """
    return "from" in text.lower() and "FROM" in list_keywords(text)


def is_update(text: str) -> bool:
    """Tell whether a text that is no query is an update.

    >>> is_update("BASE <b:c> insert data {}"), is_update("SELEC * { ?load a ?drop }")
    (True, False)
    """
    words = (word for word in list_keywords(text) if word not in ("PREFIX", "BASE"))
    return next(words, "") in _UPDATES


def refuse_federation(text: str) -> None:
    """Raise QueryError for a query that would have others asked.

    This is for a clear answer: at places the engine takes a call that fails for one that finds nothing. That no call
    gets out is not left to it, but to the isolation of workers.
    """
    if "service" in text.lower() and "SERVICE" in list_keywords(text):
        raise QueryError("federation (SERVICE) is not offered: a query is answered from this graph alone")
