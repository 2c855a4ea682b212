"""What others made comes in as claims that stand in records: mapped by the table, joined by identifier."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from kg.build import build
from kg.check import check
from kg.errors import ForeignError
from kg.graph import Graph, open_build
from kg.imports.drugmechdb import read_drugmechdb
from kg.imports.folder import Terms, report, write_import
from kg.imports.foreign import Reading
from kg.imports.kgx import read_kgx
from kg.imports.mapping import BIOLINK, read_tables
from kg.imports.nanopub import read_publications
from kg.imports.settle import Settled
from kg.mechanisms.paths import Options
from kg.settings import Settings
from kg.vocabulary import SKOS, read_vocabulary

CORPUS = Path(__file__).parents[1] / "corpus"
FILES = CORPUS / "imports"
REAL = Path(__file__).parents[3] / "shared/import"
TINY = Settings(data=CORPUS / "data")
VOCABULARY = read_vocabulary(TINY.ontology, TINY.base)
TABLES = read_tables(VOCABULARY)
DAY = date(2026, 1, 2)
KNOWS = """@prefix np: <http://www.nanopub.org/nschema#> . @prefix : <http://example.org/np#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
:head { <http://example.org/np> a np:Nanopublication ; np:hasAssertion :a ; np:hasProvenance :p ;
  np:hasPublicationInfo :i . }
:a { <http://example.org/x> <http://xmlns.com/foaf/0.1/knows> <http://example.org/y> . }
:p { :a prov:wasAttributedTo <http://example.org/z> . }
:i { <http://example.org/np> prov:wasAttributedTo <http://example.org/z> . }
"""


def take(reading: Reading, into: Path, name: str = "taken") -> Settled:
    return write_import(reading, into, name, Terms(reading.title, True), DAY, TINY)


def lines(folder: Path, file: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()]


def told(claim: dict[str, object]) -> str:
    return " ".join(str(claim.get(key, "-")) for key in ("act", "subject", "relation", "object", "certainty"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("imports")
    take(read_kgx(FILES / "nodes.tsv", FILES / "edges.tsv"), into, "edges")
    take(read_drugmechdb(FILES / "paths.jsonl"), into, "drugmechdb")
    take(read_publications([FILES / "publications.trig"], TABLES), into, "publications")
    return into


@pytest.fixture(scope="module")
def settings(folder: Path) -> Settings:
    made = replace(TINY, builds=folder.parent / "builds", sources=(CORPUS / "texts",), imports=(folder,), workers=1)
    build(made)
    return made


@pytest.fixture(scope="module")
def graph(settings: Settings):  # type: ignore[no-untyped-def]
    with open_build(settings) as opened:
        yield opened


def test_edges_of_kgx_become_claims(folder: Path) -> None:
    claims = lines(folder / "edges", "claims")
    assert [told(c) for c in claims] == [
        "- chebi-9900001 treats insomnia -",
        "denies chebi-9900001 alleviates hp-9900002 -",
        "- chebi-9900001 decreases_activity_of uniprot-z00001 possible",
        "- uniprot-z00001::decreased contributes_to go-9900003 -",
        "- uniprot-z00001::increased associated_with go-9900003::increased -",
        "- insomnia has_symptom hp-9900002 -",
        "- nest-7 interacts_with uniprot-z00001 -",
    ]
    assert claims[0]["record"] == ["e1", "e2"], "what is said twice is one claim in two records"
    assert claims[6]["record"] == ["e14", "e15"], "either way round, where the relation is symmetric"
    assert (claims[2]["cue"], claims[2]["scope"]) == ("prediction", {"region": ["uberon-9900004"]})
    assert claims[1]["statement"] == "It is not so that veltrine alleviates yawning."


def test_what_is_not_taken_over_is_counted_with_its_reason(tmp_path: Path) -> None:
    made = take(read_kgx(FILES / "nodes.tsv", FILES / "edges.tsv"), tmp_path)
    assert (made.read, made.taken) == (16, 9)
    left = {predicate + ": " + reason.partition(":")[0]: n for (predicate, reason), n in made.unmapped.items()}
    assert left == {
        "related_to: left out": 1,
        "has_phenotype: no relation that it may become takes Gene and Symptom": 1,
        "hums_along_with: the table of the ontology does not have this predicate": 1,
        "causes: one of its ends has no category that is a kind of ours (biolink": 1,
        "causes: one of its ends is not among the nodes": 1,
        "causes: its object_direction_qualifier has no place in a claim of ours": 1,
        "interacts_with: its knowledge level 'text_co_occurrence' is no claim": 1,
    }
    written = json.loads((tmp_path / "taken/report.json").read_text(encoding="utf-8"))
    assert written == report(made)
    assert sum(row["statements"] for row in written["left_out"]) == 7


def test_a_thing_is_joined_by_its_identifier_and_never_by_its_name(folder: Path) -> None:
    entities = {e["id"]: e for e in lines(folder / "edges", "entities")}
    assert "insomnia" not in entities and "mondo-0013600" not in entities
    assert entities["chebi-9900001"]["label"] == "veltrine", "a veltrine of another identifier is another thing"
    assert entities["nest-7"] == {
        "id": "nest-7", "kind": "Gene", "label": "gene seven", "also": ["NEST:7"], "match": []
    }  # fmt: skip


def test_paths_of_drugmechdb_become_claims_and_chains(folder: Path) -> None:
    claims, chains = lines(folder / "drugmechdb", "claims"), lines(folder / "drugmechdb", "chains")
    assert [told(c) for c in claims] == [
        "- mesh-x900001 decreases_activity_of uniprot-z00001 -",
        "- uniprot-z00001 promotes go-9900005 -",
        "- go-9900005 causes insomnia -",
        "- mesh-x900001 treats insomnia -",
    ]
    assert [(c["steps"], c["record"]) for c in chains] == [
        (["claim-1", "claim-2", "claim-3"], ["DB0_MONDO_1", "DB0_MONDO_2"])
    ]
    notes = json.loads((folder / "drugmechdb/report.json").read_text(encoding="utf-8"))["notes"]
    assert notes == {
        "chains with a step that is not taken over: left out": 1,
        "links that stand twice in one record": 1,
    }


def test_a_link_that_stands_twice_is_one(folder: Path) -> None:
    assert [told(c) for c in lines(folder / "publications", "claims")] == [
        "- uniprot-z00001 participates_in go-9900003 -",
        "- uniprot-z00001 contributes_to insomnia -",
    ]
    assert lines(folder / "publications", "records") == [
        {"id": "one", "references": ["http://example.org/np/one", "https://example.org/paper"]}
    ]


def test_the_build_holds_imports_in_their_own_graphs_without_anchors(graph: Graph, settings: Settings) -> None:
    documents = {row["document"]: row for row in graph.ask("table-documents").rows}
    assert {d: (row.get("imported"), row.get("by_hand"), row["claims"]) for d, row in documents.items()} == {
        "calm-nights": (False, None, documents["calm-nights"]["claims"]),
        "veltrine-doubts": (False, None, documents["veltrine-doubts"]["claims"]),
        "edges": (True, True, 7), "drugmechdb": (True, True, 4), "publications": (True, True, 2),
    }  # fmt: skip
    rows = [r for r in graph.ask("table-claims").rows if documents[r["document"]].get("imported")]
    assert len(rows) == 13
    assert all("phrase" not in r and "start" not in r and r["records"] for r in rows)
    quads = (settings.builds / "current/graph.nq").read_text(encoding="utf-8").splitlines()
    base = settings.base
    graphs = Counter(
        line.rpartition(" <")[2][:-3] for line in quads if "#type> <https://w3id.org/claimgraph/vocab#Record>" in line
    )
    assert graphs == {
        f"{base}graph/document/{d}": n for d, n in (("edges", 16), ("drugmechdb", 3), ("publications", 1))
    }
    entity = [line for line in quads if line.startswith(f"<{base}entity/mesh-x900001>")]
    assert {line.rpartition(" <")[2][:-3] for line in entity} == {f"{base}graph/entities/drugmechdb"}
    references = {r.get("reference") for r in graph.ask("records").rows if r["identifier"] in ("e1", "DB0_MONDO_1")}
    assert references == {
        "http://identifiers.org/pubmed/1", "https://example.org/paper", "https://example.org/dozaline",
        "https://example.org/bad[place]",
    }  # fmt: skip


def test_mechanisms_and_comparison_run_through_imports(graph: Graph) -> None:
    paths = graph.mechanisms.find("mesh-x900001", "insomnia", Options(inverted=True))
    assert [(p.standing, [h.object.entity for h in p.hops]) for p in paths] == [
        ("stated", ["insomnia"]),
        ("assembled", ["uniprot-z00001", "insomnia"]),
        ("stated", ["uniprot-z00001", "go-9900005", "insomnia"]),
    ]
    assert {d for p in paths for h in p.hops for d in h.documents} == {"drugmechdb", "publications"}
    compared = graph.compare(entity="insomnia", shared_only=False)
    cells = {(line.subject, d): cell.text for line in compared.lines for d, cell in line.cells.items()}
    assert cells["chebi-9900001", "edges"] == "treats ↓"
    assert {"calm-nights", "drugmechdb"} <= {d for _, d in cells}


def test_without_imports_the_graph_is_as_it_was(settings: Settings, tmp_path: Path) -> None:
    alone = build(replace(settings, builds=tmp_path, imports=()))
    assert alone.manifest["documents"] == 2
    assert "Record>" not in "".join(
        line for line in alone.quads.read_text(encoding="utf-8").splitlines() if "/record/" in line
    )


def test_the_pages_of_imports_are_shown(settings: Settings) -> None:
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        claims = client.get("/claims?format=json&size=100").json()["items"]
        claim = next(c["claim"] for c in claims if c["document"].endswith("/drugmechdb"))
        address = "/" + claim.removeprefix(settings.base)
        page = client.get(address, headers={"accept": "text/html"})
        assert page.status_code == 200 and "DB0_MONDO_1" in page.text
        assert client.get(address + ".ttl").status_code == 200
        for path in ("/documents/drugmechdb", "/entities/mesh-x900001", "/record/drugmechdb/DB0_MONDO_1"):
            assert client.get(path, headers={"accept": "text/html"}).status_code == 200, path


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("edges.tsv", "", r"edges.tsv:1: \[header\] the columns subject, predicate, object are missing"),
        ("edges.tsv", "subject\tpredicate\tobject\n", r"\[kgx\] the file has no edges"),
        ("edges.tsv", "subject\tpredicate\tobject\na:1\tb\n", r"edges.tsv:2: \[missing\] object is empty"),
        ("edges.tsv", "subject\tpredicate\tobject\na:1\tb\tc:1\td\n", r"edges.tsv:2: \[columns\] 4 cells under 3"),
        ("edges.tsv", "id\tsubject\tpredicate\tobject\n" + "1\ta:1\tb\tc:1\n" * 2, r"edges.tsv:3: \[duplicate-id\]"),
        ("edges.tsv", "subject\tpredicate\tobject\tnegated\na:1\tb\tc:1\tmaybe\n", r"edges.tsv:2: \[negated\]"),
        ("edges.tsv", "subject\tpredicate\tobject\na:1\tb\tc:1|d:2\n", r"edges.tsv:2: \[several\]"),
        ("edges.jsonl", '{"subject": "a:1"', r"edges.jsonl:1: \[json\] not JSON"),
        ("edges.jsonl", "[1]\n", r"edges.jsonl:1: \[json\] not a JSON object"),
        ("edges.jsonl", '{"subject": {"a": 1}}\n', r"edges.jsonl:1: \[json\] subject holds a nested value"),
        ("edges.jsonl", "[" * 100_000, r"edges.jsonl:1: \[json\]"),
        ("edges.tsv", b"\xff\xfe", r"edges.tsv:1: \[encoding\] byte 0 is not UTF-8"),
        ("edges.tsv.gz", b"no gzip", r"edges.tsv.gz:1: \[gzip\]"),
        ("edges.tsv", "x" * ((1 << 22) + 1), r"edges.tsv:1: \[too-large\] a line over 4 MiB"),
    ],
)
def test_what_is_not_kgx_is_told_with_its_place(tmp_path: Path, file: str, text: str | bytes, expected: str) -> None:
    path = tmp_path / file
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ForeignError, match=expected):
        read_kgx(FILES / "nodes.tsv", path)
    with pytest.raises(ForeignError, match=r"gone.tsv: \[unreadable\]"):
        read_kgx(FILES / "nodes.tsv", tmp_path / "gone.tsv")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"links": []}, r"paths.jsonl:1: \[drugmechdb\] links: List should have at least 1 item"),
        ({"links": [{"source": "A:1", "key": "treats", "target": "B:1"}]}, r"a link names 'A:1'; add it to the nodes"),
        ({"graph": {"_id": "a b"}}, r"graph._id: String should match pattern"),
        ({"nodes": [{"id": "no-prefix", "label": "Drug", "name": "x"}]}, r"nodes.0.id: String should match pattern"),
        (None, r"\[duplicate-id\] a path 'DB0_MONDO_1' stands above already"),
    ],
)
def test_what_is_no_path_is_told_with_its_place(
    tmp_path: Path, change: dict[str, object] | None, expected: str
) -> None:
    first = json.loads((FILES / "paths.jsonl").read_text(encoding="utf-8").splitlines()[0])
    rows = [first, first] if change is None else [first | change]
    (tmp_path / "paths.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    with pytest.raises(ForeignError, match=expected):
        read_drugmechdb(tmp_path / "paths.jsonl")


def test_a_predicate_of_nobody_is_the_reason_before_its_ends(tmp_path: Path) -> None:
    (tmp_path / "knows.trig").write_text(KNOWS, encoding="utf-8")
    with pytest.raises(ForeignError, match=r"1 http://xmlns\.com/foaf/0\.1/knows: the table of"):
        take(read_publications([tmp_path / "knows.trig"], TABLES), tmp_path / "into")
    reading = Reading("nanopub", "ours", "0" * 64, notes=Counter({"publications of our own": 2}))
    with pytest.raises(ForeignError, match="of 0 records \\(2 publications of our own\\)"):
        take(reading, tmp_path / "into")


def test_a_failed_import_leaves_the_one_before_and_nothing_half_written(tmp_path: Path) -> None:
    into = tmp_path / "imports"
    take(read_drugmechdb(FILES / "paths.jsonl"), into)
    before = {p.name: p.read_bytes() for p in (into / "taken").iterdir()}
    nothing = Reading("kgx", "nothing", "0" * 64)
    with pytest.raises(ForeignError, match="none of 0 statements is taken over"):
        take(nothing, into)
    with pytest.raises(ForeignError, match="kebab-case"):
        take(read_drugmechdb(FILES / "paths.jsonl"), into, "../out")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ForeignError, match=r"\[unwritable\]"):
        take(read_drugmechdb(FILES / "paths.jsonl"), tmp_path / "file")
    assert [p.name for p in into.iterdir()] == ["taken"]
    assert {p.name: p.read_bytes() for p in (into / "taken").iterdir()} == before


def test_the_same_source_gives_the_same_folder(folder: Path, tmp_path: Path) -> None:
    take(read_drugmechdb(FILES / "paths.jsonl"), folder, "drugmechdb")
    take(read_drugmechdb(FILES / "paths.jsonl"), tmp_path, "drugmechdb")
    for file in ("claims", "chains", "records", "entities"):
        one, other = ((f / "drugmechdb" / f"{file}.jsonl").read_bytes() for f in (folder, tmp_path))
        assert one == other, f"{file}: each import stands by itself, whatever others there are"


@pytest.mark.parametrize(
    ("file", "row", "rule"),
    [
        ("claims", '{"statement": "a b c"}', "row"),
        ("claims", "{", "row"),
        ("claims", json.dumps({"id": "x", "statement": "A b c.", "subject": "nobody", "relation": "treats",
                               "object": "insomnia", "record": ["r"]}), "unknown-entity"),
        ("chains", json.dumps({"id": "x", "statement": "A b c.", "steps": ["a", "b"], "record": ["r"]}),
         "unknown-claim"),
        ("entities", json.dumps({"id": "veltrine", "kind": "Substance", "label": "x", "match": []}), "duplicate-id"),
        ("entities", json.dumps({"id": "x", "kind": "Teapot", "label": "x", "match": []}), "value"),
        ("entities", json.dumps({"id": "x", "kind": "Gene", "label": "x", "match": [
            {"id": "NOPE:1", "label": "x", "quality": "exact", "version": "1"}]}), "identifier"),
    ],
)  # fmt: skip
def test_a_folder_that_was_tampered_with_is_refused(tmp_path: Path, file: str, row: str, rule: str) -> None:
    take(read_drugmechdb(FILES / "paths.jsonl"), tmp_path)
    with (tmp_path / f"taken/{file}.jsonl").open("a", encoding="utf-8") as out:
        out.write(row + "\n")
    found = check(replace(TINY, imports=(tmp_path,)), shapes=False).errors
    assert rule in {f.rule for f in found}
    assert all(f"taken/{file}.jsonl" in f.file and f.line for f in found if f.rule == rule)


def test_an_entity_that_is_curated_later_asks_for_a_new_import(tmp_path: Path) -> None:
    take(read_drugmechdb(FILES / "paths.jsonl"), tmp_path)
    file = tmp_path / "taken/entities.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace('"UNIPROT:Z00001"', '"MONDO:0013600"'))
    found = check(replace(TINY, imports=(tmp_path,)), shapes=False).findings
    assert [f.message for f in found if f.rule == "unjoined"] == ["has the same exact identifier as 'insomnia'"]


def test_the_table_agrees_with_the_matches_of_the_relations() -> None:
    for relation in VOCABULARY.relations:
        node = VOCABULARY.statements[f"{VOCABULARY.base}relation/{relation}"]
        for iri in node.get(SKOS + "exactMatch", ()):
            name = iri.removeprefix(BIOLINK)
            if iri.startswith(BIOLINK) and name in TABLES.rows:
                assert relation in {row.relation for row in TABLES.rows[name]}, name
    assert not TABLES.rows.keys() & TABLES.excluded.keys()
    for name, rows in TABLES.rows.items():
        assert [row.rank for row in rows] == list(range(1, len(rows) + 1)), name
        assert all(row.relation in VOCABULARY.relations for row in rows)


needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the data of others is not here")


@needs_real
def test_a_hundred_real_paths_are_built(tmp_path: Path) -> None:
    with gzip.open(REAL / "drugmechdb/drugmechdb_paths.jsonl.gz", "rt", encoding="utf-8") as whole:
        (tmp_path / "some.jsonl").write_text("".join(islice(whole, 100)), encoding="utf-8")
    made = take(read_drugmechdb(tmp_path / "some.jsonl"), tmp_path / "imports", "drugmechdb")
    assert len(made.records) == 100
    assert made.taken + sum(made.unmapped.values()) == made.read
    assert made.taken > 0.85 * made.read
    found = build(replace(TINY, builds=tmp_path / "builds", imports=(tmp_path / "imports",)))
    assert found.manifest["documents"] == 3
    with open_build(replace(TINY, builds=tmp_path / "builds", workers=1)) as graph:
        rows = [r for r in graph.ask("table-claims").rows if r["document"] == "drugmechdb"]
        assert len(rows) == len(made.claims)
        assert len({r["chain"] for r in graph.ask("chains").rows if "drugmechdb" in r["document"]}) == len(made.chains)


@needs_real
def test_real_files_are_read_to_the_last_statement(tmp_path: Path) -> None:
    paths = take(read_drugmechdb(REAL / "drugmechdb/drugmechdb_paths.jsonl.gz"), tmp_path, "drugmechdb")
    edges = take(read_kgx(REAL / "kgx/graph_nodes.tsv", REAL / "kgx/graph_edges.tsv"), tmp_path, "kgx")
    assert (len(paths.records), paths.read) == (4846, 32597)
    assert edges.read == 539
    for made in (paths, edges):
        assert made.taken + sum(made.unmapped.values()) == made.read
    assert check(replace(TINY, imports=(tmp_path,)), shapes=False).errors == []
