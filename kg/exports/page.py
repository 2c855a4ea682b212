"""The page of formats, `docs/FORMATS.md`, from the formats and the headers of the tables.

python -m kg.exports.page > docs/FORMATS.md
"""

from __future__ import annotations

import sys

from kg.exports import FORMATS
from kg.exports.tables import list_tables
from kg.query import read_queries

_BAR = "\\|"
_HEAD = """\
# Formats

What the graph can be taken away in: `kg export --format NAME [--document NAME] [-o FILE]`, or from the service at
`/export/NAME`, `/export/graph.ENDING` and `/export/document/DOCUMENT.ENDING`. This page is written by
`python -m kg.exports.page`.

Every export says which build it is of, by digest, date and versions, with licence and citation: inside the file where
the format has a place for it, in a comment where it has comments. N-Quads of the whole have neither, for they are the
text whose SHA-256 is the digest. A denied, questioned or hedged claim is never given as a plain fact: what has no place
for stance and certainty carries only what is asserted, and keeps how surely.

RDF and nanopublications are written while the build is read: a million claims take no more memory than a hundred. All
other formats are asked of the store and put together in memory: of more than some 50,000 claims take one document at a
time, or raise `KG_RESULT`, the megabytes that an answer may take, and `KG_DEADLINE`.

A nanopublication is named after its content, `<base>np/RA…`, or `https://w3id.org/np/RA…` when it is signed. The
service keeps no list of those names: at `/np/RA…` it answers 404 and says where the nanopublications of its build are,
which is `/export/nanopub`. Whoever wants the addresses to answer publishes the export to a nanopublication server.
"""
_TABLES = """\
## Tables

The columns of the CSV, Parquet and Arrow packages; `datapackage.json` says the same to programs. Cells hold what the
graph holds, unchanged. A spreadsheet may take a text that begins with `=`, `+`, `-` or `@` for a formula: import the
columns as text, or take the CSV of the service's pages, such as `/claims.csv`, which puts an apostrophe there.
"""


def write_page() -> str:
    """Return the page of formats as Markdown."""
    rows = [_row(f"`{f.name}`", f"`.{f.suffix}`", f.summary, f.keeps, f.loses) for f in FORMATS]
    parts = [_HEAD, "\n".join(["| name | ending | what it is | keeps | loses |", "|---|---|---|---|---|", *rows, ""])]
    parts.append(_TABLES)
    for name, query in list_tables(read_queries()).items():
        columns = [_row(f"`{c.name}`", c.type, c.description) for c in query.columns]
        head = [f"### {name}", "", query.summary, "", "| column | type | what it holds |", "|---|---|---|"]
        parts.append("\n".join([*head, *columns, ""]))
    return "\n".join(parts)


def _row(*cells: str) -> str:
    r"""Return a line of a table in Markdown.

    >>> _row("a", "joined by |")
    '| a | joined by \\| |'
    """
    return f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(write_page())
