"""CSL-JSON and BibTeX of the documents and of the works that they cite: what the data says and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from kg.exports.format import Format
from kg.exports.origin import TITLE, Origin, origin_of
from kg.exports.tables import read_rows
from kg.graph import Graph
from kg.stores.connect import Build

#: Types of CSL and of BibTeX, by class of FaBiO; what has none is a document, or miscellaneous.
_TYPES = {
    "JournalArticle": ("article-journal", "article"),
    "ReviewArticle": ("article-journal", "article"),
    "BlogPost": ("post-weblog", "misc"),
    "WebPage": ("webpage", "misc"),
}
_OTHER = ("document", "misc")
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX |= {character: "\\" + character for character in "&%$#_{}"}


def read_sources(graph: Graph, document: str | None) -> list[dict[str, Any]]:
    """Return documents and works as rows, each with the key that it is cited by."""
    documents, works = (read_rows(graph, name, document).rows for name in ("documents", "works"))
    return [
        *({**row, "key": f"document:{row['document']}"} for row in documents),
        *({**row, "key": f"work:{row['work']}"} for row in works),
    ]


def write_csl(graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
    """Write CSL-JSON: one array of items."""
    origin = origin_of(graph, document)
    items = [_item(row, origin) for row in read_sources(graph, document)]
    out.write((json.dumps(items, ensure_ascii=False, indent=1) + "\n").encode())


def _item(row: dict[str, Any], origin: Origin) -> dict[str, Any]:
    custom = {"iri": row["iri"], "sha256": row.get("source_sha256"), **origin.fields}
    item = {
        "id": row["key"],
        "type": _TYPES.get(row.get("type", ""), _OTHER)[0],
        "title": _title(row),
        "author": [_person(name) for name in _creators(row)],
        "issued": {"date-parts": [[int(part) for part in row.get("issued", "").split("-") if part]]},
        "container-title": row.get("container"),
        "publisher": row.get("publisher"),
        "language": row.get("language"),
        "DOI": row.get("doi"),
        "URL": row.get("url"),
        "source": f"{TITLE}, build {origin.digest}",
        "custom": {key: value for key, value in custom.items() if value},
    }
    return {key: value for key, value in item.items() if value and value != {"date-parts": [[]]}}


def _person(name: str) -> dict[str, str]:
    """Return a name as CSL has it; one without a comma is not taken apart.

    >>> _person("Marlow, A."), _person("Sleep Agency")
    ({'family': 'Marlow', 'given': 'A.'}, {'literal': 'Sleep Agency'})
    """
    family, comma, given = name.partition(", ")
    return {"family": family, "given": given} if comma else {"literal": name}


def _creators(row: dict[str, Any]) -> list[str]:
    return [name.replace("%7C", "|") for name in row.get("creators", "").split("|") if name]


def _title(row: dict[str, Any]) -> str:
    return f"{row['title']}: {row['subtitle']}" if row.get("subtitle") else str(row["title"])


def write_bibtex(graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
    """Write BibTeX in UTF-8, with the build in comments."""
    out.write("".join(f"% {line}\n" for line in origin_of(graph, document).lines).encode())
    for row in read_sources(graph, document):
        fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(row))
        kind = _TYPES.get(row.get("type", ""), _OTHER)[1]
        out.write(f"\n@{kind}{{{row['key']},\n{fields}}}\n".encode())


def _fields(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the fields of an entry; a second pair of braces keeps capitals, and names of bodies, as they are."""
    year, _, rest = row.get("issued", "").partition("-")
    people = [name if ", " in name else f"{{{name}}}" for name in map(escape_tex, _creators(row))]
    known = {
        "title": f"{{{escape_tex(_title(row))}}}",
        "author": " and ".join(people),
        "journal" if row.get("type") in ("JournalArticle", "ReviewArticle") else "howpublished": escape_tex(
            row.get("container", row.get("publisher", ""))
        ),
        "year": year,
        "month": rest.partition("-")[0].lstrip("0"),
        "language": row.get("language", ""),
        # Addresses are read to the letter; those of the data hold no braces and no backslashes.
        "doi": row.get("doi", ""),
        "url": row.get("url", ""),
        "note": f"SHA-256 of the text: {row['source_sha256']}" if "source_sha256" in row else "",
    }
    yield from ((name, value) for name, value in known.items() if value)


def escape_tex(text: str) -> str:
    r"""Return a text that LaTeX prints as it is.

    >>> escape_tex("50% of $x_1 & {y}")
    '50\\% of \\$x\\_1 \\& \\{y\\}'
    """
    return "".join(_TEX.get(character, character) for character in text)


_KEEPS = (
    "Documents and cited works with title, authors, date, container, publisher, DOI and address, where they are known."
)
_LOSES = "Claims and everything else"

FORMATS = (
    Format(
        "csl-json", "application/vnd.citationstyles.csl+json", "csl.json",
        "CSL-JSON of the documents and the works they cite, for Zotero, Mendeley and pandoc.",
        f"{_KEEPS} The digest of each text and the build stand under custom.", f"{_LOSES}.", write_csl,
    ),
    Format(
        "bibtex", "application/x-bibtex", "bib",
        "BibTeX of the documents and the works they cite, for LaTeX.",
        f"{_KEEPS} The digest of each text is its note; the build stands in a comment.",
        f"{_LOSES}; the day of the month.", write_bibtex,
    ),
)  # fmt: skip
