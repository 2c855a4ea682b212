"""Tables for other programs: each query `table-*.rq` is one, with typed and described columns.

A cell is what the graph has, to the letter. Spreadsheets take a text that begins with = + - or @ for a formula; putting
something before it would change the data for every program, so the CSV of a package does not, and says so in its
description. The CSV of the service's pages, made for people, puts an apostrophe there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kg.errors import LimitError, NotFoundError
from kg.exports.origin import check_document
from kg.graph import Graph
from kg.query import Column, NamedQuery

_STEM = "table-"


@dataclass(frozen=True)
class DataTable:
    """The rows of a table with what is known of its columns."""

    name: str
    query: NamedQuery
    rows: list[dict[str, Any]]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns as the header of the query describes them."""
        return self.query.columns


def list_tables(queries: Mapping[str, NamedQuery]) -> dict[str, NamedQuery]:
    """Return the queries that are tables to give away, by the name of the table."""
    return {name.removeprefix(_STEM): query for name, query in queries.items() if name.startswith(_STEM)}


def read_tables(graph: Graph, document: str | None = None) -> dict[str, DataTable]:
    """Return every table of a graph, or what concerns one document; raise NotFoundError for an unknown document."""
    if document is not None:
        check_document(graph, document)
    return {name: read_rows(graph, name, document) for name in list_tables(graph.queries)}


def read_rows(graph: Graph, name: str, document: str | None = None) -> DataTable:
    """Return one table of a graph."""
    query = graph.queries[_STEM + name]
    values = {} if document is None else {"document": document}
    try:
        return DataTable(name, query, graph.ask(query.name, **values).rows)
    except LimitError as error:
        raise LimitError(
            f"the table {name!r} is too much to ask for at once: {error}; export one document, take an RDF format,"
            " which has no such limit, or raise KG_RESULT or KG_DEADLINE"
        ) from error


def to_csv(table: DataTable) -> bytes:
    """Return a table as CSV in UTF-8: a header line, no cell changed, nothing where nothing is known."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    names = [column.name for column in table.columns]
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in table.rows)
    return out.getvalue().encode()


def _cell(value: Any) -> Any:
    """Return a value as CSV has it.

    >>> _cell(True), _cell(40.0), _cell("=1")
    ('true', 40.0, '=1')
    """
    return str(value).lower() if isinstance(value, bool) else value


def to_parquet(table: DataTable, about: Mapping[str, str]) -> bytes:
    """Return a table as Parquet; what is said about it goes into the metadata of the file."""
    _need_arrow()
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(to_arrow(table, about), out)
    return out.getvalue()


def to_feather(table: DataTable, about: Mapping[str, str]) -> bytes:
    """Return a table as an Arrow file; what is said about it goes into the metadata of the file."""
    _need_arrow()
    import pyarrow as pa

    made = to_arrow(table, about)
    out = io.BytesIO()
    with pa.ipc.new_file(out, made.schema) as writer:
        writer.write_table(made)
    return out.getvalue()


def to_arrow(table: DataTable, about: Mapping[str, str]) -> Any:
    """Return a table as a pyarrow Table, each column with its type and description."""
    _need_arrow()
    import pyarrow as pa

    types = {
        "string": pa.string(), "iri": pa.string(), "integer": pa.int64(), "number": pa.float64(),
        "boolean": pa.bool_(), "date": pa.date32(),
    }  # fmt: skip
    fields = [pa.field(c.name, types[c.type], metadata={"description": c.description}) for c in table.columns]
    columns = [[_typed(row.get(c.name), c.type) for row in table.rows] for c in table.columns]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, fields, strict=True)]
    told = {"description": table.query.summary, **about}
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=told))


def _typed(value: Any, type_: str) -> Any:
    return date.fromisoformat(value) if type_ == "date" and value is not None else value


def _need_arrow() -> None:
    """Raise NotFoundError, saying what to install, when pyarrow is not there."""
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise NotFoundError(
            "this format is written by pyarrow, which is not installed: pip install 'claimgraph[arrow]'"
        ) from error
