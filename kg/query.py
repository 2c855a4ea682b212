"""Named queries: each is a file of `kg/queries/`, valid SPARQL, with its summary and typed parameters in comments.

    # summary: What acts on an entity.
    # param entity: entity - what is acted on
    # key: claim
    # column claim: iri - the claim that says so
    SELECT ... WHERE { VALUES ?entity { UNDEF } ... }

A parameter is bound by putting a term in the place of UNDEF in its VALUES line; unset, it constrains nothing. Tables
that are given away (`table-*.rq`) describe their columns and name those that tell their rows apart.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.called import Called
from kg.errors import NotFoundError, QueryError
from kg.names import CG, Names, nearest
from kg.stores.base import GRAPHS, RESULTS, Answer, Question, Store

_FOLDER = Path(__file__).with_name("queries")
_SUMMARY = re.compile(r"^# summary: (.+)$", re.M)
_PARAMETER = re.compile(r"^# param (\w+): (\w[\w-]*) - (.+)$", re.M)
_COLUMN = re.compile(r"^# column (\w+): (string|integer|number|boolean|date|iri) - (.+)$", re.M)
_KEY = re.compile(r"^# key: (.+)$", re.M)
#: Parameter types whose values are resources under the base.
RESOURCES = frozenset(
    {"entity", "document", "relation", "kind", "claim", "proposition", "work", "frame", "disagreement"}
)

#: Answers whose rows are counted by reading them again are no longer than this.
_COUNTED = 1 << 15


@dataclass(frozen=True)
class Parameter:
    """A parameter: a resource (`entity`), a value of a closed list (`certainty`; `value` with its list), or `text`."""

    name: str
    type: str
    description: str

    def term(self, value: str, names: Names) -> str:
        r"""Return the value as an escaped SPARQL term.

        >>> Parameter("e", "entity", "").term("ketamine", Names("http://example.org/"))
        '<http://example.org/entity/ketamine>'
        >>> Parameter("c", "certainty", "").term("stated", Names("http://example.org/"))
        '<https://w3id.org/claimgraph/vocab#certainty-stated>'
        >>> Parameter("t", "text", "").term('"} DROP ALL', Names("http://example.org/"))
        '"\\"} DROP ALL"'
        """
        if self.type == "text":
            return str(ox.Literal(value))
        if value.startswith(("http://", "https://")):
            iri = value
        elif self.type in RESOURCES or self.type == "resource":
            iri = names.iri(*([] if self.type == "resource" else [self.type]), *value.split("/"))
        elif self.type in ("value", "act"):
            iri = CG + value
        else:
            iri = f"{CG}{self.type}-{value.replace('_', '-')}"
        try:
            return str(ox.NamedNode(iri))
        except ValueError as error:
            raise QueryError(f"parameter {self.name!r}: {value!r} cannot be part of an IRI") from error


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, its type (string, integer, number, boolean, date or iri), what it holds."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class NamedQuery:
    """A query of the folder."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    text: str
    #: Of a query that describes its columns.
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()

    @property
    def is_graph(self) -> bool:
        """Whether it answers with a graph."""
        return bool(re.search(r"^\s*(CONSTRUCT|DESCRIBE)\b", self.text, re.M))

    def bind(self, values: Mapping[str, str | Sequence[str]], names: Names) -> str:
        """Return the SPARQL text with the values in their places; raise QueryError for an unknown parameter.

        Several values of a parameter mean any of them.
        """
        known = {p.name: p for p in self.parameters}
        text = self.text
        for name, value in values.items():
            if name not in known:
                takes = ", ".join(known) or "no parameter"
                raise QueryError(f"the query {self.name!r} takes {takes}, not {name!r}")
            several = [value] if isinstance(value, str) else value
            terms = " ".join(known[name].term(one, names) for one in several)
            text = text.replace(f"VALUES ?{name} {{ UNDEF }}", f"VALUES ?{name} {{ {terms} }}")
        return text


def read_queries(folder: Path = _FOLDER) -> dict[str, NamedQuery]:
    """Read all named queries of a folder."""
    return {path.stem: read_query(path) for path in sorted(folder.glob("*.rq"))}


def read_query(path: Path) -> NamedQuery:
    """Read one named query; raise QueryError when its header and its text do not agree."""
    text = path.read_text(encoding="utf-8")
    summary = _SUMMARY.search(text)
    if summary is None:
        raise QueryError(f"{path.name} has no line '# summary: ...'")
    parameters = tuple(Parameter(*found.groups()) for found in _PARAMETER.finditer(text))
    for parameter in parameters:
        if f"VALUES ?{parameter.name} {{ UNDEF }}" not in text:
            raise QueryError(f"{path.name} lacks the line 'VALUES ?{parameter.name} {{ UNDEF }}'")
    columns = tuple(Column(*found.groups()) for found in _COLUMN.finditer(text))
    if len(columns) != text.count("\n# column "):
        raise QueryError(f"{path.name} has a column line that is not '# column name: type - description'")
    key = _KEY.search(text)
    return NamedQuery(path.stem, summary[1], parameters, text, columns, tuple(key[1].split(", ")) if key else ())


def get_query(name: str, queries: Mapping[str, NamedQuery]) -> NamedQuery:
    """Return a query by its name; raise NotFoundError with the nearest names."""
    if name not in queries:
        near = ", ".join(nearest(name, queries))
        told = f"nearest: {near}" if near else "'kg query' lists them, and a service at /queries"
        raise NotFoundError(f"there is no query {name!r}; {told}")
    return queries[name]


@dataclass(frozen=True)
class Table:
    """The rows of a SELECT, each value a string, number or boolean; unbound ones are left out."""

    columns: list[str]
    rows: list[dict[str, Any]]

    def to_arrow(self) -> Any:
        """Return a pyarrow Table; a column whose values are of several types becomes text.

        >>> Table(["entity", "count"], [{"entity": "ketamine", "count": 3}, {"entity": "bdnf"}]).to_arrow().to_pylist()
        [{'entity': 'ketamine', 'count': 3}, {'entity': 'bdnf', 'count': None}]
        """
        try:
            import pyarrow as pa
        except ImportError as error:
            raise NotFoundError("pyarrow is not installed: pip install 'claimgraph[arrow]'") from error
        made = {}
        for name in self.columns:
            values = [row.get(name) for row in self.rows]
            if len({type(v) for v in values} - {type(None)}) > 1:
                values = [None if v is None else str(v) for v in values]
            made[name] = pa.array(values)
        return pa.table(made)

    def to_pandas(self) -> Any:
        """Return a pandas DataFrame, with types that know of missing values."""
        try:
            import pandas as pd
        except ImportError as error:
            raise NotFoundError("pandas is not installed: pip install 'claimgraph[pandas]'") from error
        return pd.DataFrame(self.rows, columns=self.columns).convert_dtypes()


def ask_table(store: Store, text: str) -> Table:
    """Ask a SELECT query and return its table."""
    return read_table(store.query(Question(text, trusted=True)))


def read_table(answer: Answer) -> Table:
    """Return the table of an answer in JSON."""
    found = json.loads(answer.body)
    if "boolean" in found:
        return Table(["boolean"], [{"boolean": found["boolean"]}])
    rows = [{k: _plain(v) for k, v in row.items()} for row in found["results"]["bindings"]]
    return Table(found["head"]["vars"], rows)


def count_rows(answer: Answer) -> int | None:
    r"""Return the number of rows of a SELECT's answer; None for other answers, and for large ones that tell it late.

    >>> count_rows(Answer(RESULTS["tsv"], b'?x\n"a"\n"b"\n'))
    2
    """
    if answer.body in (b"true", b"false"):  # of an ASK
        return None
    short = len(answer.body) <= _COUNTED
    match next((suffix for suffix, media_type in RESULTS.items() if media_type == answer.media_type), ""):
        case "tsv":  # line ends within values are escaped
            return max(0, answer.body.count(b"\n") - 1)
        case "xml":  # so are brackets
            return None if b"<boolean>" in answer.body else answer.body.count(b"<result>")
        case "json" if short:
            found = json.loads(answer.body)
            return len(found["results"]["bindings"]) if "results" in found else None
        case "csv" if short:
            return max(0, sum(1 for _ in csv.reader(io.StringIO(answer.body.decode("utf-8"), newline=""))) - 1)
    return None


def is_known(store: Store, iri: str, names: Names) -> bool:
    """Tell whether the graph says anything of a resource."""
    text = read_query(_FOLDER / "describe.rq").bind({"resource": iri}, names)
    return bool(store.query(Question(text, graph=GRAPHS["nt"], trusted=True)).body.strip())


def check_known(store: Store, query: NamedQuery, values: Mapping[str, str], names: Names) -> None:
    """Raise NotFoundError for a value that the graph knows nothing of: an empty answer would read as silence."""
    for parameter in query.parameters:
        value = values.get(parameter.name)
        if value is None or parameter.type in ("text", "resource"):
            continue
        if not is_known(store, parameter.term(value, names).strip("<>"), names):
            near = _list_near(store, parameter.type, value)
            told = f"; nearest: {', '.join(near)}" if near else ""
            raise NotFoundError(f"{parameter.name}: the graph knows no {parameter.type} {value!r}{told}")


def _list_near(store: Store, type_: str, name: str) -> list[str]:
    """Return what is meant perhaps."""
    if type_ not in ("document", "entity", "kind"):
        return []
    asked = "documents" if type_ == "document" else "entity-names"
    rows = ask_table(store, read_query(_FOLDER / f"{asked}.rq").text).rows
    if type_ == "entity":
        return Called(rows).list_near(name)
    return nearest(name, {str(row[type_]).rpartition("/")[2] for row in rows})


def _plain(term: Mapping[str, str]) -> Any:
    """Return the Python value of a term of a JSON result; a number that is none stays the text that it is."""
    namespace, _, datatype = term.get("datatype", "").rpartition("#")
    value = term["value"]
    if namespace != "http://www.w3.org/2001/XMLSchema":
        return value
    try:
        if datatype == "integer":
            return int(value)
        if datatype in ("decimal", "double") and math.isfinite(number := float(value)):
            return number
    except ValueError:
        return value
    return value in ("true", "1") if datatype == "boolean" and value in ("true", "false", "1", "0") else value
