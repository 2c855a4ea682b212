"""The library as a researcher uses it: on a build, on a folder of builds, and on the address of a real service."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import rdflib

import kg
from kg.build import build
from kg.errors import LimitError, NotFoundError, QueryError, StoreError
from kg.graph import Graph
from kg.query import Table
from kg.settings import Settings
from kg.stores.connect import Build

CLAIMS = "SELECT ?claim WHERE { ?claim a <https://w3id.org/claimgraph/vocab#Claim> }"


@pytest.fixture(scope="module")
def service(built: tuple[Settings, Build], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Settings]]:
    """A service over builds of its own, in a process of its own."""
    settings = replace(built[0], builds=tmp_path_factory.mktemp("served"))
    build(settings)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "KG_DATA": str(settings.data), "KG_BUILDS": str(settings.builds), "KG_WORKERS": "1"}
    command = [sys.executable, "-m", "kg.cli", "serve", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"{address}/health")
            yield address, settings
        finally:
            process.terminate()


def wait_for(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address) as answer:
                if answer.status == 200:
                    return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("the service did not start")


@pytest.fixture(scope="module", params=["build", "service"])
def graph(request: pytest.FixtureRequest, built: tuple[Settings, Build]) -> Iterator[Graph]:
    where = request.getfixturevalue("service")[0] if request.param == "service" else built[1].folder
    with kg.open(where) as opened:
        yield opened


def test_the_graph_says_which_build_it_is(graph: Graph, built: tuple[Settings, Build]) -> None:
    assert graph.digest == built[1].digest
    known = {key: graph.manifest[key] for key in ("base", "date", "quads", "documents", "claims", "versions")}
    assert known == {key: built[1].manifest[key] for key in known}
    assert graph.names.base == "https://w3id.org/claimgraph/"


def test_named_queries_answer_with_tables(graph: Graph) -> None:
    found = graph.ask("acting-on", entity="glutanol")
    assert [(r["subject"], r["relation"], r["sign"]) for r in found.rows] == [
        ("veltrine", "decreases_activity_of", -1),
        ("veltrine", "increases_activity_of", 1),
    ]
    assert found.columns[0] == "subject"
    several = graph.ask("acting-on", entity=["glutanol", "deep-sleep"]).rows
    assert {r["object"].partition(":")[0] for r in several} == {"glutanol", "deep-sleep"}


def test_what_the_graph_does_not_know_is_an_error_not_silence(graph: Graph) -> None:
    with pytest.raises(NotFoundError, match="there is no entity 'glutanl'; nearest: glutanol"):
        graph.ask("acting-on", entity="glutanl")
    with pytest.raises(NotFoundError, match="knows no document 'calm-night'; nearest: calm-nights"):
        graph.claims(document="calm-night")
    with pytest.raises(NotFoundError, match="knows no kind 'receptor'"):
        graph.compare(kind="receptor")
    assert graph.ask("acting-on", entity="sleep-training").rows == []
    with pytest.raises(NotFoundError, match="nearest: acting-on"):
        graph.ask("actin-on")
    with pytest.raises(QueryError, match="takes entity, not 'entty'"):
        graph.ask("acting-on", entty="glutanol")
    with pytest.raises(QueryError, match=r"ask for it with rdf\('describe-claim'"):
        graph.ask("describe-claim")
    with pytest.raises(QueryError, match=r"ask for it with ask\('counts'"):
        graph.rdf("counts")


def test_graphs_are_those_of_rdflib(graph: Graph) -> None:
    claim = graph.claims(entity="dizziness").rows[0]["claim"]
    found = graph.rdf("describe-claim", claim=claim)
    assert isinstance(found, rdflib.Graph)
    cg = rdflib.Namespace("https://w3id.org/claimgraph/vocab#")
    assert found.value(rdflib.URIRef(claim), cg.statement) == rdflib.Literal(
        "Dizziness is a common side effect of veltrine.", lang="en"
    )
    assert "cg:statement" in found.serialize(format="turtle")


def test_claims_comparison_and_paths(graph: Graph) -> None:
    assert len(graph.claims().rows) == 15
    assert len(graph.claims(document="calm-nights").rows) == 7
    (row,) = graph.claims(entity="dizziness").rows
    assert (row["phrase"], row["start"], row["end"]) == ("Common side effects are dizziness", 169, 202)
    made = graph.compare(entity="glutanol")
    assert [d["kind_name"] for d in made.disagreements] == ["direction"]
    paths = graph.paths("veltrine", "deep-sleep", documents=["calm-nights"], longest=4)
    assert [hop.object.entity for hop in paths[0].hops][-2:] == ["somnin", "deep-sleep"]
    assert graph.paths("veltrine", "deep-sleep", documents=["veltrine-doubts"]) == []
    with pytest.raises(QueryError, match="there is no option 'longst'; there are associations, contested"):
        graph.paths("veltrine", "deep-sleep", longst=4)
    with pytest.raises(QueryError, match="'longest' is a whole number from 1 on, not -1"):
        graph.paths("veltrine", "deep-sleep", longest=-1)
    assert graph.compare(documents="calm-nights").documents == ["calm-nights"]


def test_an_entity_may_be_given_by_any_of_its_names(graph: Graph) -> None:
    assert graph.resolve("deep-sleep") == graph.resolve(" Deep Sleep") == "deep-sleep"
    assert graph.claims(entity="Dizziness").rows == graph.claims(entity="dizziness").rows != []
    assert graph.ask("acting-on", entity=["Glutanol"]).rows == graph.ask("acting-on", entity="glutanol").rows
    assert graph.compare(entity="Glutanol").lines == graph.compare(entity="glutanol").lines
    assert graph.paths("Veltrine", "deep sleep") == graph.paths("veltrine", "deep-sleep") != []
    assert graph.rdf("describe-entity", entity="Veltrine").isomorphic(graph.rdf("describe-entity", entity="veltrine"))
    with pytest.raises(NotFoundError, match="there is no entity 'veltrn'; nearest: veltrine"):
        graph.rdf("describe-entity", entity="veltrn")


def test_sparql_of_ones_own(graph: Graph) -> None:
    assert len(graph.sparql(CLAIMS).rows) == 15
    assert graph.sparql("ASK { ?s ?p ?o }").rows == [{"boolean": True}]
    with pytest.raises(QueryError, match="not valid SPARQL") as told:
        graph.sparql("SELECT ?x WHERE { ?x }")
    assert '{"' not in str(told.value), "the detail of a service's problem, not its JSON"
    with pytest.raises(QueryError, match="answers with a graph"):
        graph.sparql("CONSTRUCT WHERE { ?s a ?o }")


def test_tables_become_arrow_and_pandas(graph: Graph) -> None:
    found = graph.ask("figures")
    arrow = found.to_arrow()
    assert arrow.column_names == found.columns and arrow.num_rows == len(found.rows) == 2
    assert arrow.to_pylist() == [{c: row.get(c) for c in found.columns} for row in found.rows]
    mixed = Table(["x", "y"], [{"x": 1}, {"x": "a"}, {"x": 2.5}])
    assert mixed.to_arrow().to_pydict() == {"x": ["1", "a", "2.5"], "y": [None, None, None]}


def test_pandas_keeps_what_is_missing_apart() -> None:
    table = Table(["entity", "count", "sure"], [{"entity": "a", "count": 3}, {"entity": "b", "sure": True}])
    frame = table.to_pandas()
    assert [str(t) for t in frame.dtypes[1:]] == ["Int64", "boolean"]
    assert frame["count"].isna().tolist() == [False, True]


def test_the_example_of_the_readme_is_a_script(five: tuple[Settings, Build], tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "example.py").write_text(f"import kg\n{example}", encoding="utf-8")
    env = {**os.environ, "KG_BUILDS": str(five[0].builds), "KG_WORKERS": "1"}
    for command in ([sys.executable, str(tmp_path / "example.py")], [sys.executable, "-"]):
        done = subprocess.run(command, input=f"import kg\n{example}", env=env, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_without_the_extra_arrow_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ImportError('not here')")
    code = (
        "from kg.errors import NotFoundError\nfrom kg.query import Table\n"
        "try: Table([], []).to_arrow()\nexcept NotFoundError as error: print(error)"
    )
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout == "pyarrow is not installed: pip install 'claimgraph[arrow]'\n"


def test_importing_kg_loads_nothing_heavy() -> None:
    code = "import sys, json, kg; print(json.dumps([kg.__version__, sorted(sys.modules)]))"
    version, loaded = json.loads(subprocess.check_output([sys.executable, "-c", code]))
    assert version == kg.__version__
    assert not {"rdflib", "pyoxigraph", "pydantic", "httpx2", "networkx"} & set(loaded)


def test_it_is_typed() -> None:
    assert (Path(kg.__file__).parent / "py.typed").is_file()


def test_open_takes_what_there_is(
    built: tuple[Settings, Build], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_BUILDS", str(built[0].builds))
    monkeypatch.setenv("KG_WORKERS", "1")
    for where in (None, str(built[0].builds), built[1].folder):
        with kg.open(where) as graph:
            assert graph.digest == built[1].digest
    with pytest.raises(StoreError, match="neither a build nor a folder of builds; 'kg build' makes one"):
        kg.open(tmp_path)
    monkeypatch.setenv("KG_BUILDS", str(tmp_path))
    with pytest.raises(StoreError, match="run 'kg build'"):
        kg.open()


def test_another_base_is_taken_from_the_build(settings: Settings) -> None:
    made = build(replace(settings, base="http://example.org/g/"))
    with kg.open(made.folder) as graph:
        assert graph.claims(entity="dizziness").rows[0]["claim"].startswith("http://example.org/g/claim/")


def test_what_is_no_service_is_told(service: tuple[str, Settings]) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        kg.open("http://127.0.0.1:9/")
    with pytest.raises(StoreError, match="answered 404, and not as a Claimgraph service"):
        kg.open(f"{service[0]}/nowhere/")


def test_a_build_that_is_swapped_is_told(service: tuple[str, Settings], tmp_path: Path) -> None:
    """The last test of the service: it takes up another build."""
    address, settings = service
    with kg.open(address + "/") as graph:
        assert len(graph.sparql(CLAIMS).rows) == 15
        data = tmp_path / "data"
        data.mkdir()
        for path in settings.data.rglob("*.toml"):
            copied = data / path.relative_to(settings.data)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_text(path.read_text().replace("Doubts about", "Doubts on"))
        made = build(replace(settings, data=data))
        with pytest.raises(StoreError, match=f"took up another build, {made.digest[:12]}: open it again"):
            graph.sparql(CLAIMS + " LIMIT 1")


def test_limits_hold_for_queries_of_ones_own(built: tuple[Settings, Build], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_DEADLINE", "0.5")
    with kg.open(built[1].folder) as graph, pytest.raises(LimitError, match="deadline"):
        graph.sparql("SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
