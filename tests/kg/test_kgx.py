"""The KGX export, read by DuckDB and networkx and held against the Biolink model itself."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import networkx as nx
import pytest
import yaml

from kg.corpus.propositions import compose
from kg.corpus.rows import ImportedRow
from kg.exports import get_format
from kg.exports.biolink import read_words
from kg.exports.kgx import BIOLINK_VERSION, PREFIX
from kg.graph import Graph, open_build
from kg.imports.folder import Terms, write_import
from kg.imports.kgx import read_kgx
from kg.settings import Settings
from kg.stores.connect import Build
from kg.vocabulary import read_vocabulary
from tests.kg.test_import import DAY

VOCABULARY = read_vocabulary(Settings().ontology, Settings().base)
WORDS = read_words(VOCABULARY)


@cache
def model() -> dict[str, Any]:
    spec = find_spec("biolink_model")
    assert spec and spec.submodule_search_locations
    path = Path(spec.submodule_search_locations[0]) / "schema" / "biolink_model.yaml"
    found: dict[str, Any] = yaml.load(
        path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    return found


def values(enum: str) -> set[str]:
    return set(model()["enums"][enum]["permissible_values"])


def is_under(slot: str, above: str) -> bool:
    while slot and slot != above:
        slot = model()["slots"].get(slot, {}).get("is_a", "")
    return slot == above


def is_predicate(curie: str) -> bool:
    name = curie.removeprefix("biolink:").replace("_", " ")
    return name in model()["slots"] and is_under(name, "related to")


def is_category(curie: str) -> bool:
    classes = {re.sub(r"\W", "", "".join(w[:1].upper() + w[1:] for w in c.split())): c for c in model()["classes"]}
    found = model()["classes"].get(classes.get(curie.removeprefix("biolink:"), ""))
    return found is not None and not found.get("abstract") and not found.get("mixin")


@pytest.fixture(scope="module")
def graph(built: tuple[Settings, Build]) -> Iterator[Graph]:
    with open_build(built[0]) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(graph: Graph, built: tuple[Settings, Build], tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("kgx")
    for name in ("kgx", "kgx-jsonl"):
        out = io.BytesIO()
        get_format(name).write(graph, built[1], out, None)
        zipfile.ZipFile(out).extractall(into)
    return into


def read(folder: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{table}.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_model_is_the_one_that_is_named() -> None:
    assert model()["version"] == BIOLINK_VERSION


def test_all_that_the_ontology_takes_from_biolink_is_there() -> None:
    theirs = WORDS.tables.theirs
    assert set(theirs("aspect").values()) <= values("GeneOrGeneProductOrChemicalEntityAspectEnum")
    assert {*theirs("direction").values(), *theirs("state").values()} <= values("DirectionQualifierEnum")
    assert set(theirs("knowledge_level").values()) | {"not_provided"} <= values("KnowledgeLevelEnum")
    assert {"manual_agent", "not_provided"} <= values("AgentTypeEnum")
    assert [c for c in theirs("category").values() if not is_category(c)] == []
    assert set(theirs("category")) == set(VOCABULARY.kinds)
    assert [s for s in theirs("scope").values() if s.replace("_", " ") not in model()["slots"]] == []
    for relation, known in WORDS.predicates.items():
        assert [p for p in known.values() if not is_predicate(p)] == [], relation
        for key, value in WORDS.qualifiers[relation].items():
            if key == "clinical_approval_status":
                assert value in values("ClinicalApprovalStatusEnum")
            if key == "causal_mechanism_qualifier":
                assert value in values("CausalMechanismQualifierEnum")


def test_every_column_is_a_slot_of_biolink_or_marked_as_ours(folder: Path) -> None:
    for table in ("nodes", "edges"):
        header = (folder / f"{table}.tsv").read_text(encoding="utf-8").partition("\n")[0].split("\t")
        unknown = [c for c in header if c.replace("_", " ") not in model()["slots"] and not c.startswith("claimgraph_")]
        assert unknown == []


def test_the_tables_hold_what_the_graph_holds(folder: Path, graph: Graph) -> None:
    claims, entities = graph.ask("table-claims").rows, graph.ask("table-entities").rows
    about = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    with duckdb.connect() as database:
        nodes, edges = (
            database.sql(
                f"SELECT * FROM read_csv('{folder / table}.tsv', delim='\t', quote='', escape='', all_varchar=true)"
            ).fetchall()
            for table in ("nodes", "edges")
        )
    assert len(nodes) == len(entities) == about["nodes"]
    assert len(edges) == about["edges"]
    assert len(edges) + sum(about["left_out"].values()) == len(claims) == about["claims"]
    assert about["build"] == graph.digest
    ids = {row["id"] for row in read(folder, "edges")}
    left = [c for c in claims if c["claim"] not in ids]
    assert sum(c["act"] in ("questions", "recommends", "assesses") for c in left) == sum(
        count for reason, count in about["left_out"].items() if reason.startswith("act: ")
    )


def test_networkx_reads_one_graph_with_every_end(folder: Path) -> None:
    made: Any = nx.MultiDiGraph()
    made.add_nodes_from((row["id"], row) for row in read(folder, "nodes"))
    before = made.number_of_nodes()
    made.add_edges_from((row["subject"], row["object"], row["id"], row) for row in read(folder, "edges"))
    assert made.number_of_nodes() == before, "every end of an edge is a node"
    assert made.number_of_edges() == len(read(folder, "edges")) > 5
    assert "MONDO:0013600" in made and f"{PREFIX}:veltrine" in made


def test_what_is_denied_or_hedged_is_never_a_plain_fact(folder: Path, graph: Graph) -> None:
    claims = {row["claim"]: row for row in graph.ask("table-claims").rows}
    for edge in read(folder, "edges"):
        claim = claims[edge["id"]]
        assert claim["act"] in ("asserts", "denies") and claim["certainty"] != "hypothesised"
        assert edge["negated"] is (claim["act"] == "denies")
        assert edge["claimgraph_certainty"] == claim["certainty"]
        assert (edge["knowledge_level"] == "knowledge_assertion") is (claim["certainty"] == "stated")
        assert edge["primary_knowledge_source"].endswith("/document/" + claim["document"])
        assert edge["supporting_text"] == [claim["phrase"]]
        assert is_predicate(edge["predicate"])
    assert any(edge["negated"] for edge in read(folder, "edges"))


def word(subject: str, relation: str, object_: str, act: str = "asserts", **more: Any) -> dict[str, str] | str:
    """Return what Biolink has for a claim."""
    row = ImportedRow.model_validate(
        {"statement": "A b c.", "record": ["r"], "subject": subject, "relation": relation, "object": object_, **more}
    )
    p = compose(row, VOCABULARY)
    proposition = {
        "relation": p.relation, "direction": p.direction, "baseline": p.baseline,
        "subject_aspect": p.subject.aspect, "subject_state": p.subject.state,
        "object_aspect": p.object.aspect, "object_state": p.object.state,
        "with": "|".join(v.name for v in p.with_), "without": "|".join(v.name for v in p.without),
    }  # fmt: skip
    return WORDS.word({"act": act, "certainty": more.get("certainty", "stated")}, proposition)


AFFECTS, CAUSES = "biolink:affects", "biolink:causes"


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (("a", "treats", "b"), {"predicate": "biolink:treats"}),
        (("a", "causes", "b"), {"predicate": CAUSES}),
        (("a", "contributes_to", "b:severity:decreased"),
         {"predicate": AFFECTS, "qualified_predicate": CAUSES, "object_direction_qualifier": "decreased"}),
        (("a", "causes", "b:release:increased"),
         {"predicate": AFFECTS, "qualified_predicate": CAUSES, "object_aspect_qualifier": "release",
          "object_direction_qualifier": "increased"}),
        (("a:activity:decreased", "treats", "b"),
         {"predicate": AFFECTS, "qualified_predicate": "biolink:treats", "subject_aspect_qualifier": "activity",
          "subject_direction_qualifier": "decreased"}),
        (("a", "antagonises", "b"),
         {"predicate": AFFECTS, "qualified_predicate": CAUSES, "object_aspect_qualifier": "activity",
          "object_direction_qualifier": "decreased", "causal_mechanism_qualifier": "antagonism"}),
        (("a", "associated_with", "b"), {"predicate": "biolink:associated_with"}),
        (("a::increased", "associated_with", "b::decreased"),
         {"predicate": "biolink:associated_with", "subject_direction_qualifier": "increased",
          "object_direction_qualifier": "decreased"}),
        (("a", "decreases_activity_of", "b:connectivity"), {"predicate": AFFECTS}),
        (("a", "normalises", "b"), {"predicate": AFFECTS, "object_aspect_qualifier": "abundance"}),
        (("a:connectivity:increased", "causes", "b"), "Biolink has no word for the state of the subject"),
        (("a::normal", "causes", "b"), "Biolink has no word for the state of the subject"),
        (("a", "used_for", "b"), "Biolink has no predicate for: used_for"),
        (("a", "is_a", "b"), {"predicate": "biolink:subclass_of"}),
    ],
)  # fmt: skip
def test_an_edge_says_what_the_claim_says(claim: tuple[str, str, str], expected: dict[str, str] | str) -> None:
    assert word(*claim) == expected


def test_what_has_no_place_in_an_edge_is_none() -> None:
    assert word("a", "treats", "b", act="denies") == {"predicate": "biolink:treats"}
    assert "denial would say more" in str(word("a", "normalises", "b", act="denies"))
    assert "denial would say more" in str(word("a", "approved_for", "b", act="denies"))
    assert word("a", "treats", "b", act="recommends") == "act: recommends"
    assert word("a", "treats", "b", certainty="hypothesised", cue="theory") == "certainty: hypothesised"
    assert word("a", "treats", "b", direction="no_change") == "an edge has no place for: no change"
    for key in ("with", "without"):
        assert word("a", "treats", "b", **{key: ["c"]}) == f"an edge has no place for: {key}"


def test_our_own_edges_come_in_again(folder: Path, built: tuple[Settings, Build], tmp_path: Path) -> None:
    reading = read_kgx(folder / "nodes.tsv", folder / "edges.tsv")
    made = write_import(reading, tmp_path, "again", Terms("Again", False), DAY, built[0])
    entities = {e for line in made.claims for e in (line["subject"], line["object"])}
    assert made.entities == [], "every thing is known here by its identifier"
    assert {e.partition(":")[0] for e in entities} <= {row["claimgraph_entity"] for row in read(folder, "nodes")}
    acts = [line.get("act", "asserts") for line in made.claims]
    assert made.taken + sum(made.unmapped.values()) == len(read(folder, "edges"))
    assert acts.count("denies") == sum(e["negated"] for e in read(folder, "edges"))
    for line in made.claims:
        edges = [e for e in read(folder, "edges") if e["id"] in line["record"]]
        assert {e["claimgraph_certainty"] for e in edges} == {line.get("certainty", "stated")}
        assert not any(e.get("claimgraph_via") or e.get("claimgraph_dose") for e in edges)
        assert {e["claimgraph_subject"].partition(":")[0] for e in edges} == {line["subject"].partition(":")[0]}
