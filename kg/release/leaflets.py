"""The texts that go with a release: README, CITATION.cff and LICENSE, for people who have never seen the project."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.exports.format import Format
from kg.exports.origin import TITLE, Origin

#: The SPDX name of the licence of the curated data.
SPDX = "CC-BY-4.0"
ABSTRACT = (
    "A graph of claims that can be checked: which document says what about which question, in which words, how surely,"
    " on whose authority, and whether the others agree. Every claim names the place in its source, which is known by"
    " its SHA-256."
)


@dataclass(frozen=True)
class Contents:
    """What a release holds, as its texts tell it."""

    origin: Origin
    counts: Mapping[str, int]
    #: Rows of the table of documents.
    documents: Sequence[Mapping[str, Any]]
    formats: Sequence[Format]
    #: Formats that were left out on demand.
    without: Sequence[Format]

    @property
    def version(self) -> str:
        """The version of the release: that of the program and the beginning of the digest."""
        return f"{self.origin.versions.get('claimgraph', '0')}+{self.origin.digest[:16]}"

    @property
    def licences(self) -> dict[str, list[str]]:
        """The licences of imported documents, each with the documents that are under it."""
        found: dict[str, list[str]] = {}
        for row in self.documents:
            if row.get("imported"):
                found.setdefault(row.get("licence", ""), []).append(str(row["document"]))
        return found


def file_of(form: Format) -> str:
    """Return the name of the file of a format in a release."""
    return f"claimgraph.{form.suffix}"


def write_citation(contents: Contents) -> str:
    """Return CITATION.cff, in version 1.2.0 of the Citation File Format; texts are quoted as JSON, which is YAML."""
    origin = contents.origin
    fields = [
        ("cff-version", "1.2.0"),
        ("message", "Cite the data by its build, so that readers find the same claims."),
        ("type", "dataset"),
        ("title", f"{TITLE}: claims of {len(contents.documents)} documents"),
        ("abstract", ABSTRACT),
        ("authors", [{"name": TITLE, "website": origin.base}]),
        ("version", contents.version),
        ("date-released", origin.date),
        ("license", SPDX),
        ("url", origin.base),
        (
            "identifiers",
            [
                {
                    "type": "other",
                    "value": f"sha256:{origin.digest}",
                    "description": "SHA-256 of the canonical N-Quads, which names the build",
                }
            ],
        ),
    ]
    return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in fields)


def write_licence(contents: Contents) -> str:
    """Return LICENSE: what may be done with the data, and what the data does not hold."""
    origin = contents.origin
    parts = [
        f"The data of this release is licensed under Creative Commons Attribution 4.0 International ({SPDX}).\n"
        f"The terms: {origin.licence}legalcode\n\n"
        "You may share and change it for any purpose, as long as you give credit, name the licence and say what you\n"
        f"changed. Credit: {origin.citation}\n",
        "The texts of the documents are not part of the data and stay with their owners. Of each text the data holds\n"
        "positions, a SHA-256 and key phrases of at most twelve words, as quotations; statements are the curators'.\n",
    ]
    for licence, documents in contents.licences.items():
        parts.append(
            f"Taken over from others, under {licence or 'a licence that its makers did not name'}:\n"
            f"{', '.join(documents)}\n"
        )
    return "\n".join(parts)


def write_readme(contents: Contents) -> str:
    """Return README.md: what the release is, how to read each file, what each loses, how to check and to cite it."""
    return "\n".join([_introduce(contents), _list_files(contents), _READING, _cite(contents)])


def _introduce(contents: Contents) -> str:
    counts, origin = contents.counts, contents.origin
    rows = "".join(
        f"- {_title(row)} ({row['claims']} {'imported ' if row.get('imported') else ''}claims)\n"
        for row in contents.documents
    )
    return (
        f"# {TITLE}: claims of {len(contents.documents)} documents\n\n{ABSTRACT}\n\n"
        f"{counts.get('claims', 0)} claims on {counts.get('propositions', 0)} propositions, with"
        f" {counts.get('entities', 0)} entities, {counts.get('works', 0)} cited works and"
        f" {counts.get('disagreements', 0)} disagreements, from:\n\n{rows}\n"
        f"Data of {origin.date}, version {contents.version}, build `{origin.digest}`: the SHA-256 of"
        " `claimgraph.nq`.\n\n" + _MODEL
    )


def _title(row: Mapping[str, Any]) -> str:
    # In Markdown a title is no markup.
    title = "".join(f"\\{c}" if c in "\\`*_[]<>#" else c for c in str(row["title"]))
    return f"{title}, {row['issued']}" if row.get("issued") else title


_MODEL = """\
## How a claim is read

A **proposition** says something about two things: *subject, relation, object*, each in some state, with a direction,
means and scope. It is nobody's word. A **claim** is one document's act upon a proposition: it *asserts, denies,
questions, recommends* or *assesses* it, with the author's own certainty (stated, probable, possible, hypothesised), on
the document's own or another's authority. So never take a proposition alone for what a document says, and never drop
the act or the certainty: "denies" and "may" are lost with them. An **anchor** gives the passage (from and to, in code
points of the text with this SHA-256) and a key phrase. A **disagreement** names claims that do not fit together, or
only seem not to (hard, soft, apparent), and why.
"""
_READING = """\
## Reading it

All files are of one graph; take the one that your tool reads, and see above what it leaves out.

```python
import csv, io, zipfile  # a table, with nothing to install
with zipfile.ZipFile("claimgraph.csv.zip") as package:
    claims = list(csv.DictReader(io.TextIOWrapper(package.open("claims.csv"), "utf-8", newline="")))
print([c["statement"] for c in claims if c["act"] == "denies"])
```

```python
import rdflib  # the graph: pip install rdflib
graph = rdflib.Dataset(default_union=True)
graph.parse("claimgraph.nq", format="nquads")
claim = rdflib.URIRef("https://w3id.org/claimgraph/vocab#Claim")
print(len(set(graph.subjects(rdflib.RDF.type, claim))))
```

A spreadsheet may take a cell that begins with `=`, `+`, `-` or `@` for a formula: import the columns as text.
`datapackage.json` in the packages of tables describes every column; `ro-crate-metadata.json` describes every file to
programs.
"""


def _list_files(contents: Contents) -> str:
    rows = [f"| `{file_of(f)}` | {_cell(f.summary)} | {_cell(f.keeps)} | {_cell(f.loses)} |" for f in contents.formats]
    left = f"\nLeft out: {', '.join(f.name for f in contents.without)}.\n" if contents.without else ""
    head = "## The files\n\n| file | what it is | what it keeps | what it loses |\n|---|---|---|---|\n"
    return head + "\n".join(rows) + "\n" + left


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _cite(contents: Contents) -> str:
    return (
        "## Checking and citing it\n\n"
        "`sha256sum -c SHA256SUMS` proves that the files are as they were released. Whoever has the text of a document"
        " can prove every anchor of it with `kg check` of the project.\n\n"
        f"Cite: {contents.origin.citation}\n\n"
        "The same is in `CITATION.cff`; cite the documents themselves (`claimgraph.bib`) for what they say. Licence:"
        " see `LICENSE`.\n"
    )
