"""Every export is read back by a tool other than ours, and holds what the graph holds."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bibtexparser
import duckdb
import networkx as nx
import pyarrow as pa
import pyarrow.parquet
import pyoxigraph as ox
import pytest
import rdflib
import sssom_pydantic

from kg.build import build
from kg.errors import LimitError, NotFoundError
from kg.exports import FORMATS, get_format
from kg.exports.delivery import save, spool
from kg.exports.edges import read_edges
from kg.exports.format import Format
from kg.exports.page import write_page
from kg.exports.tables import DataTable, list_tables, read_rows, read_tables
from kg.graph import Graph, open_build
from kg.query import NamedQuery, ask_table, read_queries
from kg.rdf.formats import select_document
from kg.rdf.lookup import open_quads
from kg.settings import Settings
from kg.stores.connect import Build

ROOT = Path(__file__).parents[2]
TABLES = list_tables(read_queries())
EVERY = pytest.mark.parametrize("form", FORMATS, ids=lambda f: f.name)
#: How DuckDB calls the types of columns.
DUCKDB = {
    "string": "VARCHAR", "iri": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN",
    "date": "DATE",
}  # fmt: skip
#: What is put into the tiny corpus: one of everything that it lacks, and signs that formats trip over.
HOSTILE = 'Nights {50%} & more_than $9 #1 \\ "~^"'
RICH = """
[[claim]]
id = "rich"
statement = "=SUM(A1) Veltrine, with sleep training, eases insomnia in patients by way of the receptor."
phrase = "slept longer"
at = [210, 267]
subject = "veltrine"
via = ["orexal-receptor:activity:decreased", "glutanol:activity:decreased"]
with = ["sleep-training"]
relation = "alleviates"
object = "dizziness"
scope = { population = "patient", condition = ["insomnia"], dose = ["low dose", "high dose"], onset = "within hours" }
voice = "work"
work = "marlow-2019"
evidence = ["review", "clinical-study"]
strength = "main"
frequency = "often"
extent = "some"
only = true
presented = "benefit"

[[claim]]
id = "guess"
statement = "It is a hypothesis that veltrine raises somnin."
phrase = "slept longer"
at = [210, 267]
subject = "veltrine"
relation = "increases_level_of"
object = "somnin"
certainty = "hypothesised"
cue = "may"
cue_at = [150, 153]

[[claim]]
id = "no-change"
statement = "Veltrine leaves somnin as it is."
phrase = "slept longer"
at = [210, 267]
subject = "veltrine"
relation = "acts_on"
object = "deep-sleep"
direction = "no_change"
"""


@pytest.fixture(scope="module")
def opened(built: tuple[Settings, Build]) -> Iterator[tuple[Graph, Build]]:
    with open_build(built[0], built[1]) as graph:
        yield graph, built[1]


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Graph, Build]]:
    """The tiny corpus with one of everything that it lacks."""
    folder = tmp_path_factory.mktemp("rich")
    shutil.copytree(ROOT / "tests/corpus/data", folder / "data")

    def change(name: str, *changes: tuple[str, str], more: str = "") -> None:
        text = (folder / "data" / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / "data" / name).write_text(text + more, encoding="utf-8")

    change("sleep/calm-nights/claims.toml", more=RICH)
    change("sleep/calm-nights/document.toml", ('type = "web-page"', 'type = "web-page"\npublisher = "@calm"'))
    change("entities/all.toml", ('also = ["glutanole"]', 'also = ["glut|anole", "=1+1"]'))
    change(
        "works.toml",
        ('title = "Nights counted"', f"title = '''{HOSTILE}'''"),
        ('issued = "2019"', 'issued = "2019-03-07"'),
        ('["Marlow, A."]', '["Marlow, A.", "Board of Sleep & Dreams", "Abel, B."]'),
        more='subtitle = "A_b"\ncontainer = "Sleep & Rest"\ndoi = "10.1000/a_b"\n'
        'url = "https://example.org/a?b=1&c=%20d"\n',
    )
    made = Settings(data=folder / "data", builds=folder / "builds", sources=(ROOT / "tests/corpus/texts",), workers=1)
    found = build(made)
    with open_build(made, found) as graph:
        yield graph, found


@pytest.fixture(scope="module")
def tables(rich: tuple[Graph, Build]) -> dict[str, DataTable]:
    return read_tables(rich[0])


@pytest.fixture(scope="module")
def packages(rich: tuple[Graph, Build]) -> dict[str, dict[str, bytes]]:
    return {suffix: files_of(suffix, rich) for suffix in ("csv", "parquet", "arrow")}


@pytest.fixture(scope="module")
def union(rich: tuple[Graph, Build]) -> rdflib.Graph:
    """The whole graph without its parts, in rdflib."""
    found = rdflib.Graph()
    for quad in ox.parse(path=str(rich[1].quads), format=ox.RdfFormat.N_QUADS):
        found.add(tuple(rdflib.util.from_n3(str(term)) for term in (quad.subject, quad.predicate, quad.object)))
    return found


def body_of(name: str, opened: tuple[Graph, Build], document: str | None = None) -> bytes:
    with spool(get_format(name), *opened, document) as body:
        return body.read()


def files_of(name: str, opened: tuple[Graph, Build], document: str | None = None) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body_of(name, opened, document))) as package:
        assert package.testzip() is None
        return {entry: package.read(entry) for entry in package.namelist()}


# All formats


def test_names_and_endings_are_told_apart() -> None:
    for names in ([f.name for f in FORMATS], [f.suffix for f in FORMATS]):
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", name) for name in names)
    for form in FORMATS:
        assert get_format(form.name) is get_format(form.suffix) is form
        assert all(text.endswith(".") for text in (form.summary, form.keeps, form.loses)), form.name


@EVERY
@pytest.mark.parametrize("document", [None, "calm-nights"])
def test_an_export_is_always_the_same_and_names_its_build(
    opened: tuple[Graph, Build], form: Format, document: str | None
) -> None:
    body = body_of(form.name, opened, document)
    assert body and body == body_of(form.name, opened, document)
    digest = opened[1].digest
    if form.name == "nq" and document is None:
        assert hashlib.sha256(body).hexdigest() == digest
        return
    told = b"".join(files_of(form.name, opened, document).values()) if form.is_package else body
    assert digest.encode() in told
    if form.name != "jsonld":
        assert b"creativecommons.org/licenses/by/4.0/" in told
        assert b"claimgraph 0.1.0" in told and b"data of 2026-01-02" in told


@EVERY
def test_one_document_says_nothing_of_another(opened: tuple[Graph, Build], form: Format) -> None:
    files = (
        files_of(form.name, opened, "calm-nights")
        if form.is_package
        else {"": body_of(form.name, opened, "calm-nights")}
    )
    for text in (b"Doubts about veltrine", b"Veltrine makes glutanol more active"):
        assert not any(text in body for body in files.values()), form.name
    with pytest.raises(NotFoundError, match="nearest: calm-nights"):
        body_of(form.name, opened, "calm-night")


def test_an_unknown_format_is_told_with_those_that_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"no format 'grphml'; there are nq, trig.*nearest: graphml"):
        get_format("grphml")


def test_the_page_of_formats_is_up_to_date() -> None:
    assert (ROOT / "docs/FORMATS.md").read_text(encoding="utf-8") == write_page(), (
        "python -m kg.exports.page > docs/FORMATS.md"
    )


def test_a_package_is_saved_as_a_folder_and_a_file_as_a_file(opened: tuple[Graph, Build], tmp_path: Path) -> None:
    written = save(get_format("csv"), *opened, None, tmp_path / "tables")
    assert {p.name for p in written} == {"datapackage.json", *(f"{name}.csv" for name in TABLES)}
    assert all(p.is_file() for p in written)
    assert save(get_format("csv"), *opened, None, tmp_path / "x.zip") == [tmp_path / "x.zip"]
    assert zipfile.is_zipfile(tmp_path / "x.zip")
    with pytest.raises(NotFoundError, match="is a folder"):
        save(get_format("graphml"), *opened, None, tmp_path)
    with pytest.raises(NotFoundError, match="cannot be written"):
        save(get_format("graphml"), *opened, None, tmp_path / "no" / "where.graphml")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["tables", "x.zip"]


def test_the_command_lists_formats_and_writes_folders(built: tuple[Settings, Build], tmp_path: Path) -> None:
    settings = built[0]
    told = {"KG_DATA": str(settings.data), "KG_BUILDS": str(settings.builds), "KG_WORKERS": "1"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from kg.cli.__main__ import main; main()", "export", *arguments]
        return subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, check=False)

    listed = [line.split("\t")[0] for line in run("--list").stdout.splitlines()]
    assert listed == ["format", *(f.name for f in FORMATS)]
    assert run("--format", "parquet", "-o", str(tmp_path / "tables")).returncode == 0
    assert (tmp_path / "tables/claims.parquet").is_file()
    assert (
        json.loads(run("--format", "csl.json", "--document", "calm-nights").stdout)[0]["id"] == "document:calm-nights"
    )
    wrong = run("--format", "grphml")
    assert wrong.returncode == 2 and "nearest: graphml" in wrong.stderr


# RDF


@pytest.mark.parametrize("name", ["nq", "trig", "jsonld", "ttl", "nt", "rdf"])
def test_rdf_is_read_back_by_rdflib(opened: tuple[Graph, Build], name: str) -> None:
    lines = opened[1].quads.read_text(encoding="utf-8").splitlines()
    parsers = {"nq": "nquads", "jsonld": "json-ld", "ttl": "turtle", "rdf": "xml"}
    found = rdflib.Dataset()
    found.parse(data=body_of(name, opened), format=parsers.get(name, name))
    quads = [q for q in found.quads() if not str(q[3]).endswith("/graph/dataset")]
    whole = len(lines) if name in ("nq", "trig", "jsonld") else len({line.rsplit(" <", 1)[0] for line in lines})
    assert len(quads) == whole


# Tables


@pytest.mark.parametrize("name", TABLES)
def test_the_header_of_a_table_names_its_columns_and_its_key(rich: tuple[Graph, Build], name: str) -> None:
    query = TABLES[name]
    select = re.search(r"^SELECT (?:DISTINCT )?(.+)$", query.text, re.M)
    assert select and [f"?{c.name}" for c in query.columns] == select[1].split()
    assert query.key and set(query.key) <= {c.name for c in query.columns}
    rows = ask_table(rich[0].store, query.text).rows
    keys = [tuple(row[k] for k in query.key) for row in rows]
    assert rows and len(set(keys)) == len(keys), "a row stands twice"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_the_same_in_another_sparql_engine(
    union: rdflib.Graph, tables: dict[str, DataTable], name: str
) -> None:
    def plain(row: dict[str, object]) -> dict[str, str]:
        texts = {k: str(v).lower() if isinstance(v, bool) else str(v) for k, v in row.items()}
        return {k: v.removesuffix(".0") for k, v in texts.items() if v}

    theirs = [plain({str(k): v for k, v in row.asdict().items()}) for row in union.query(TABLES[name].text)]
    ours = [plain(row) for row in tables[name].rows]
    key = lambda row: sorted(row.items())  # noqa: E731
    assert sorted(ours, key=key) == sorted(theirs, key=key)


def test_tables_count_what_the_graph_counts(rich: tuple[Graph, Build], tables: dict[str, DataTable]) -> None:
    counts = {row["what"]: row["count"] for row in rich[0].ask("counts").rows}
    for name in ("claims", "propositions", "entities", "relations", "documents", "works", "figures"):
        assert len(tables[name].rows) == counts[name], name
    assert len(tables["disagreements"].rows) == len(rich[0].ask("disagreements").rows)
    assert len({row["chain"] for row in tables["chains"].rows}) == counts["chains"]
    anchored = {row["claim"] for row in tables["anchors"].rows}
    assert anchored == {row["claim"] for row in tables["claims"].rows}


def test_one_document_has_its_own_part_of_every_table(rich: tuple[Graph, Build], tables: dict[str, DataTable]) -> None:
    whole, own = tables, read_tables(rich[0], "calm-nights")
    for name, table in own.items():
        assert all(row in whole[name].rows for row in table.rows), name
        for row in table.rows:
            assert row.get("document", "calm-nights") == "calm-nights"
    assert {row["document"] for row in own["documents"].rows} == {"calm-nights"}
    assert {row["proposition"] for row in own["claims"].rows} == {
        row["proposition"] for row in own["propositions"].rows
    }
    assert "vivid-dream" not in {row["entity"] for row in own["entities"].rows}


def test_a_claim_has_all_its_features(tables: dict[str, DataTable]) -> None:
    (row,) = [dict(r) for r in tables["claims"].rows if r["statement"].startswith("=SUM")]
    del row["claim"], row["frame"]
    about = row.pop("proposition")
    (proposition,) = [dict(r) for r in tables["propositions"].rows if r["proposition"] == about]
    assert row == {
        "document": "calm-nights", "act": "asserts", "certainty": "stated", "voice": "work",
        "cited_work": "marlow-2019", "evidence": "clinical-study|review", "strength": "main",
        "frequency": "often", "extent": "some", "only": True, "presented": "benefit",
        "subject": "veltrine", "relation": "alleviates", "object": "dizziness:severity:decreased",
        "direction": "decrease", "phrase": "slept longer", "start": 210, "end": 267,
        "statement": "=SUM(A1) Veltrine, with sleep training, eases insomnia in patients by way of the receptor.",
        "source_sha256": hashlib.sha256((ROOT / "tests/corpus/texts/calm-nights.txt").read_bytes()).hexdigest(),
    }  # fmt: skip
    del proposition["proposition"], proposition["frame"]
    assert proposition == {
        "family": "effect", "subject": "veltrine", "relation": "alleviates", "object": "dizziness",
        "object_aspect": "severity", "object_state": "decreased", "direction": "decrease", "sign": -1,
        "via": "orexal-receptor:activity:decreased|glutanol:activity:decreased", "with": "sleep-training",
        "population": "patient", "condition": "insomnia", "dose": "high dose|low dose", "onset": "within hours",
        "asserted_in": "calm-nights", "independent_sources": 1, "certainty": "stated", "edge": True,
    }  # fmt: skip
    assessed = [r for r in tables["claims"].rows if r["act"] == "assesses"]
    assert [(r["assessment_of"], r["finding"]) for r in assessed] == [("mechanism", "unknown")]


@pytest.mark.parametrize("name", TABLES)
def test_csv_and_parquet_are_read_back_by_duckdb(
    tables: dict[str, DataTable], packages: dict[str, dict[str, bytes]], tmp_path: Path, name: str
) -> None:
    table = tables[name]
    for suffix in ("csv", "parquet"):
        (tmp_path / f"{name}.{suffix}").write_bytes(packages[suffix][f"{name}.{suffix}"])
    types = ", ".join(f"'{c.name}': '{DUCKDB[c.type]}'" for c in table.columns)
    sources = {
        "csv": f"read_csv('{tmp_path}/{name}.csv', header = true, columns = {{{types}}}, auto_detect = false)",
        "parquet": f"read_parquet('{tmp_path}/{name}.parquet')",
    }
    expected = [tuple(row.get(c.name) for c in table.columns) for row in table.rows]
    for source in sources.values():
        with duckdb.connect() as connection:
            found = connection.sql(f"SELECT * FROM {source}")
            assert found.columns == [c.name for c in table.columns]
            assert [str(t) for t in found.types] == [DUCKDB[c.type] for c in table.columns]
            rows = [tuple(v.isoformat() if hasattr(v, "isoformat") else v for v in row) for row in found.fetchall()]
        assert rows == expected


@pytest.mark.parametrize("name", TABLES)
def test_arrow_files_are_read_back_with_descriptions(
    rich: tuple[Graph, Build], tables: dict[str, DataTable], packages: dict[str, dict[str, bytes]], name: str
) -> None:
    read = pa.ipc.open_file(packages["arrow"][f"{name}.arrow"]).read_all()
    assert read.num_rows == len(tables[name].rows)
    assert read.schema.metadata[b"build"].decode() == rich[1].digest
    for column in tables[name].columns:
        assert read.schema.field(column.name).metadata[b"description"].decode() == column.description
    assert read == pyarrow.parquet.read_table(io.BytesIO(packages["parquet"][f"{name}.parquet"]))


@pytest.mark.parametrize("suffix", ["csv", "parquet", "arrow"])
@pytest.mark.parametrize("document", [None, "calm-nights"])
def test_a_data_package_describes_every_column(rich: tuple[Graph, Build], suffix: str, document: str | None) -> None:
    files = files_of(suffix, rich, document)
    package = json.loads(files["datapackage.json"])
    assert package["claimgraph"]["build"] == rich[1].digest
    assert package["claimgraph"]["citation"] and package["licenses"][0]["path"].endswith("/by/4.0/")
    assert {r["path"] for r in package["resources"]} == files.keys() - {"datapackage.json"}
    tables = read_tables(rich[0], document)
    rows = {r["name"]: tables[r["name"]].rows for r in package["resources"]}
    for resource in package["resources"]:
        body, schema = files[resource["path"]], resource["schema"]
        assert resource["bytes"] == len(body)
        assert resource["hash"] == f"sha256:{hashlib.sha256(body).hexdigest()}"
        assert [f["name"] for f in schema["fields"]] == [c.name for c in tables[resource["name"]].columns]
        assert all(f["description"] and f["type"] for f in schema["fields"])
        for link in schema.get("foreignKeys", ()):
            (column,), other = link["fields"], link["reference"]
            known = {row[other["fields"][0]] for row in rows[other["resource"]]}
            assert {row[column] for row in rows[resource["name"]] if column in row} <= known, (resource["name"], column)


def test_no_cell_is_changed(packages: dict[str, dict[str, bytes]]) -> None:
    files = packages["csv"]
    claims = list(csv.DictReader(io.StringIO(files["claims.csv"].decode(), newline="")))
    assert any(row["statement"].startswith("=SUM(A1)") for row in claims)
    documents = list(csv.DictReader(io.StringIO(files["documents.csv"].decode(), newline="")))
    assert [row["publisher"] for row in documents] == ["@calm", ""]
    entities = {row["entity"]: row for row in csv.DictReader(io.StringIO(files["entities.csv"].decode(), newline=""))}
    assert entities["glutanol"]["also"] == "=1+1|glut%7Canole"


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_without_pyarrow_it_is_said_what_to_install(
    opened: tuple[Graph, Build], monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(NotFoundError, match=r"pip install 'claimgraph\[arrow\]'"):
        body_of(suffix, opened)
    assert files_of("csv", opened)["claims.csv"]


# Graphs


def test_edges_are_what_the_edges_graph_of_the_build_holds(rich: tuple[Graph, Build]) -> None:
    _, edges = read_edges(rich[0])
    base = rich[0].names.base
    plain = {
        tuple(term.value.removeprefix(base).partition("/")[2] for term in (q.subject, q.predicate, q.object))
        for q in ox.parse(path=str(rich[1].quads), format=ox.RdfFormat.N_QUADS)
        if str(q.graph_name) == f"<{rich[0].names.graph('edges')}>"
    }
    assert {(e.source, e.attributes["relation"], e.target) for e in edges} == plain


def test_what_is_not_plainly_asserted_is_no_edge(rich: tuple[Graph, Build], tables: dict[str, DataTable]) -> None:
    nodes, edges = read_edges(rich[0])
    rows = tables["claims"].rows
    plain = {r["claim"] for r in rows if r["act"] == "asserts" and r["certainty"] != "hypothesised"}
    assert {c for e in edges for c in e.attributes["claims"].split("|")} < plain
    relations = {e.attributes["relation"] for e in edges}
    assert not relations & {"approved_for", "used_with", "precedes", "increases_level_of", "acts_on"}
    (denied,) = [e for e in edges if "denied_in" in e.attributes]
    assert denied.attributes["denied_in"] == "veltrine-doubts"
    assert denied.attributes["documents"] == "calm-nights|veltrine-doubts"
    assert denied.attributes["contested"] == "stance"
    (hedged,) = [e for e in edges if e.attributes["relation"] == "increases_release_of"]
    assert hedged.attributes["certainty"] == "possible"
    assert hedged.source == "glutanol:activity:decreased"
    assert {n.id: n.attributes["label"] for n in nodes}[hedged.source] == "glutanol (activity decreased)"


def test_graphml_is_read_back_by_networkx(rich: tuple[Graph, Build]) -> None:
    nodes, edges = read_edges(rich[0])
    found = nx.read_graphml(io.BytesIO(body_of("graphml", rich)), force_multigraph=True)
    assert found.is_directed()
    assert found.graph["build"] == rich[1].digest
    assert dict(found.nodes(data=True)) == {n.id: n.attributes for n in nodes}
    read = {key: (source, target, data) for source, target, key, data in found.edges(keys=True, data=True)}
    assert read == {e.id: (e.source, e.target, e.attributes) for e in edges}
    one = nx.read_graphml(io.BytesIO(body_of("graphml", rich, "veltrine-doubts")), force_multigraph=True)
    assert {d["documents"] for _, _, d in one.edges(data=True)} == {"veltrine-doubts"}


def test_cx2_has_the_parts_and_types_that_it_declares(rich: tuple[Graph, Build]) -> None:
    nodes, edges = read_edges(rich[0])
    parts = json.loads(body_of("cx2", rich))
    assert parts[0] == {"CXVersion": "2.0", "hasFragments": False}
    assert parts[-1] == {"status": [{"success": True, "error": ""}]}
    assert all(len(part) == 1 for part in parts[1:])
    aspects = {name: rows for part in parts[2:-1] for name, rows in part.items()}
    assert {m["name"]: m["elementCount"] for m in parts[1]["metaData"]} == {n: len(r) for n, r in aspects.items()}
    (declared,) = aspects["attributeDeclarations"]
    types = {"string": str, "long": int, "boolean": bool, "double": float}
    rows = {"networkAttributes": aspects["networkAttributes"]}
    rows |= {name: [row["v"] for row in aspects[name]] for name in ("nodes", "edges")}
    for name, found in rows.items():
        for row in found:
            assert row.keys() <= declared[name].keys()
            assert all(type(value) is types[declared[name][key]["d"]] for key, value in row.items())
    numbers = {row["id"]: row["v"]["name"] for row in aspects["nodes"]}
    assert len(numbers) == len(nodes)
    assert {(numbers[e["s"]], e["v"]["name"], numbers[e["t"]]) for e in aspects["edges"]} == {
        (e.source, e.id, e.target) for e in edges
    }
    assert aspects["networkAttributes"][0]["build"] == rich[1].digest


# Citations and mappings


def test_csl_json_has_what_processors_need(rich: tuple[Graph, Build]) -> None:
    items = {item["id"]: item for item in json.loads(body_of("csl-json", rich))}
    assert set(items) == {"document:calm-nights", "document:veltrine-doubts", "work:marlow-2019"}
    assert all(item["type"] and item["title"] for item in items.values())
    work, document = items["work:marlow-2019"], items["document:calm-nights"]
    assert work["type"] == "article-journal"
    assert work["title"] == f"{HOSTILE}: A_b"
    assert work["author"] == [
        {"family": "Marlow", "given": "A."},
        {"literal": "Board of Sleep & Dreams"},
        {"family": "Abel", "given": "B."},
    ]
    assert work["issued"] == {"date-parts": [[2019, 3, 7]]}
    assert (work["DOI"], work["URL"]) == ("10.1000/a_b", "https://example.org/a?b=1&c=%20d")
    assert work["container-title"] == "Sleep & Rest"
    assert document["type"] == "webpage" and document["publisher"] == "@calm" and "author" not in document
    assert document["issued"] == {"date-parts": [[2025]]}
    assert document["custom"]["build"] == rich[1].digest
    only = json.loads(body_of("csl-json", rich, "veltrine-doubts"))
    assert {item["id"] for item in only} == {"document:veltrine-doubts", "work:marlow-2019"}


def test_bibtex_is_read_back_by_bibtexparser(rich: tuple[Graph, Build]) -> None:
    text = body_of("bibtex", rich).decode()
    found = bibtexparser.parse_string(text)
    assert not found.failed_blocks
    entries = found.entries_dict
    assert set(entries) == {"document:calm-nights", "document:veltrine-doubts", "work:marlow-2019"}
    work = {field.key: field.value for field in entries["work:marlow-2019"].fields}
    assert entries["work:marlow-2019"].entry_type == "article"
    assert work["title"] == (
        r'{Nights \{50\%\} \& more\_than \$9 \#1 \textbackslash{} "\textasciitilde{}\textasciicircum{}": A\_b}'
    )
    assert work["author"] == r"Marlow, A. and {Board of Sleep \& Dreams} and Abel, B."
    assert (work["year"], work["month"], work["journal"]) == ("2019", "3", r"Sleep \& Rest")
    assert (work["doi"], work["url"]) == ("10.1000/a_b", "https://example.org/a?b=1&c=%20d")
    page = {field.key: field.value for field in entries["document:calm-nights"].fields}
    assert entries["document:calm-nights"].entry_type == "misc"
    assert page == {
        "title": "{Calm nights with veltrine}", "howpublished": "@calm", "year": "2025", "language": "en",
        "note": page["note"],
    }  # fmt: skip
    assert "author" not in page


def test_sssom_is_read_back_by_sssom_pydantic(rich: tuple[Graph, Build], tmp_path: Path) -> None:
    file = tmp_path / "mappings.sssom.tsv"
    file.write_bytes(body_of("sssom", rich))
    mappings, converter, about = sssom_pydantic.read(file)[:3]
    assert len(mappings) == len(read_tables(rich[0])["mappings"].rows) == 1
    (mapping,) = mappings
    assert mapping.subject.curie == "claimgraph:insomnia"
    assert mapping.predicate.curie == "skos:exactMatch"
    assert mapping.object.curie == "MONDO:0013600"
    assert mapping.justification.curie == "semapv:ManualMappingCuration"
    assert mapping.confidence is None
    assert converter.expand("MONDO:0013600") == "http://purl.obolibrary.org/obo/MONDO_0013600"
    assert about.version == rich[1].digest


def test_a_table_query_with_a_wrong_column_line_is_told(tmp_path: Path) -> None:
    from kg.errors import QueryError
    from kg.query import read_query

    file = tmp_path / "table-x.rq"
    file.write_text("# summary: All.\n# column s: text - the subject\nSELECT ?s WHERE { ?s ?p ?o }\n")
    with pytest.raises(QueryError, match="column name: type - description"):
        read_query(file)
    file.write_text("# summary: All.\n# key: s\n# column s: iri - the subject\nSELECT ?s WHERE { ?s ?p ?o }\n")
    read: NamedQuery = read_query(file)
    assert [c.type for c in read.columns] == ["iri"] and read.key == ("s",)


def test_a_subject_is_found_in_sorted_quads_by_halving(built: tuple[Settings, Build]) -> None:
    lines = built[1].quads.read_bytes().splitlines(keepends=True)
    by_subject: dict[str, list[bytes]] = {}
    for line in lines:
        by_subject.setdefault(line[1 : line.index(b">")].decode(), []).append(line)
    with open_quads(built[1].quads) as quads:
        assert list(quads) == lines
        for subject, own in by_subject.items():
            assert quads.find(subject) == own
            assert quads.find(subject + "0") == by_subject.get(subject + "0", [])
            assert quads.find(subject[:-1]) == by_subject.get(subject[:-1], [])
        assert quads.find("") == quads.find("a:") == quads.find("z:z") == []


def test_one_document_is_a_part_of_the_sorted_quads_that_leads_nowhere_else(
    opened: tuple[Graph, Build], built: tuple[Settings, Build]
) -> None:
    names, lines = opened[0].names, built[1].quads.read_text(encoding="utf-8").splitlines()
    chosen = [f"{quad} ." for quad in select_document(built[1].quads, "calm-nights", names)]
    assert chosen == [line for line in lines if line in set(chosen)] != []
    own, shared = names.graph("document", "calm-nights"), f"<{names.graph('propositions')}> ."
    assert [line for line in lines if f"<{own}>" in line.rsplit(" ", 2)[1]] == [
        c for c in chosen if own in c.split()[-2]
    ]
    subjects = {line.split()[0] for line in chosen}
    told = {line.split()[0] for line in lines if line.endswith(shared)}
    assert {line.split()[2] for line in chosen if line.endswith(shared)} & told <= subjects


def test_a_table_that_is_too_large_names_the_remedy(built: tuple[Settings, Build]) -> None:
    with open_build(replace(built[0], max_result=0), built[1]) as graph:
        with pytest.raises(LimitError, match=r"'claims' is too much to ask for at once: .*KG_RESULT"):
            read_rows(graph, "claims")
        assert b"@prefix" in body_of("trig", (graph, built[1]))
