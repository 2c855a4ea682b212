"""A data package: every table as a file, with a description of every column, in one zip that is always the same."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, BinaryIO

import kg
from kg.exports.format import ZIP, Format
from kg.exports.origin import TITLE, Origin, origin_of
from kg.exports.tables import DataTable, read_tables, to_csv, to_feather, to_parquet
from kg.graph import Graph
from kg.stores.connect import Build

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_MEDIA_TYPES = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
}
_FIELDS = {"iri": {"type": "string", "format": "uri"}}
_DESCRIPTION = (
    "Who claims what in which words, how surely, and whether the others agree. A row of claims is one document's act"
    " upon a proposition: read it with its act and its certainty, since a proposition alone is nobody's word. Cells"
    " hold what the graph holds, unchanged; in a spreadsheet, import the columns as text, or it may take a cell that"
    " begins with = + - or @ for a formula."
)


def write(suffix: str, graph: Graph, build: Build, out: BinaryIO, document: str | None) -> None:
    """Write all tables as files of one kind, with `datapackage.json`, into a zip."""
    origin = origin_of(graph, document)
    tables = read_tables(graph, document)
    about = origin.fields
    make: dict[str, Callable[[DataTable], bytes]] = {
        "csv": to_csv,
        "parquet": partial(to_parquet, about=about),
        "arrow": partial(to_feather, about=about),
    }
    files: dict[str, bytes] = {f"{name}.{suffix}": make[suffix](table) for name, table in tables.items()}
    described = describe(tables, files, suffix, origin)
    head = json.dumps(described, ensure_ascii=False, indent=1) + "\n"
    write_zip({"datapackage.json": head.encode(), **files}.items(), out)


def write_zip(files: Iterable[tuple[str, bytes]], out: BinaryIO) -> None:
    """Write files into a zip, in their order, with one fixed date: the same files give the same bytes."""
    with zipfile.ZipFile(out, "w") as package:
        for name, body in files:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            package.writestr(entry, body)


def describe(
    tables: Mapping[str, DataTable], files: Mapping[str, bytes], suffix: str, origin: Origin
) -> dict[str, Any]:
    """Return the description of a package, after the Data Package standard."""
    keys = {table.query.key[0]: name for name, table in tables.items() if len(table.query.key) == 1}
    documents = tables["documents"].rows
    return {
        "$schema": _PROFILE,
        "name": "claimgraph",
        "title": TITLE,
        "description": _DESCRIPTION,
        "version": f"{kg.__version__}+{origin.digest[:16]}",
        "homepage": origin.base,
        "licenses": [{"path": origin.licence}],
        "sources": [{"title": row["title"], "path": row["iri"]} for row in documents],
        "claimgraph": origin.fields,
        "resources": [
            _describe_table(table, f"{name}.{suffix}", files[f"{name}.{suffix}"], suffix, keys)
            for name, table in tables.items()
        ],
    }


def _describe_table(table: DataTable, path: str, body: bytes, suffix: str, keys: Mapping[str, str]) -> dict[str, Any]:
    """Return the description of one table; a column that bears the name of another table's key points to it."""
    fields = [
        {"name": c.name, **_FIELDS.get(c.type, {"type": c.type}), "description": c.description} for c in table.columns
    ]
    links = [
        {"fields": [c.name], "reference": {"resource": keys[c.name], "fields": [c.name]}}
        for c in table.columns
        if keys.get(c.name, table.name) != table.name
    ]
    schema: dict[str, Any] = {"fields": fields, "primaryKey": list(table.query.key), "missingValues": [""]}
    return {
        "name": table.name,
        "path": path,
        "type": "table",
        "description": table.query.summary,
        "format": suffix,
        "mediatype": _MEDIA_TYPES[suffix],
        **({"encoding": "utf-8"} if suffix == "csv" else {}),
        "bytes": len(body),
        "hash": f"sha256:{hashlib.sha256(body).hexdigest()}",
        "schema": schema | ({"foreignKeys": links} if links else {}),
    }


_KEEPS = (
    "Claims with act, certainty, cue, voice, work, evidence, figures, anchors and digest of the source; propositions"
    " with means, company and every scope; entities, identifiers, relations, documents, works, chains, disagreements."
    " A data package describes every column, with licence, sources and digest of the build."
)
_LOSES = (
    "The shapes, the validation report, and definitions of the values; the order of several values, save that of via;"
    " several values stand in one cell, joined by |."
)


def _format(suffix: str, summary: str) -> Format:
    return Format(suffix, ZIP, f"{suffix}.zip", summary, _KEEPS, _LOSES, partial(write, suffix))


FORMATS = (
    _format("csv", "CSV tables with a data package description, as a zip or a folder."),
    _format("parquet", "Parquet tables with a data package description, as a zip or a folder (needs pyarrow)."),
    _format("arrow", "Arrow files with a data package description, as a zip or a folder (needs pyarrow)."),
)
