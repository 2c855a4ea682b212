"""The tools as an assistant has them: the SDK's own client, over standard input and output, to a real process."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

from kg.settings import Settings
from kg.stores.connect import Build

from .test_cli import run

CG = "PREFIX cg: <https://w3id.org/claimgraph/vocab#>"
#: What is asked in one session, by name.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "search": ("search", {"words": "veltrin dreams"}),
    "search claims": ("search", {"words": "dizziness", "kinds": ["claim"]}),
    "claims": ("claims_about", {"entity": "dizziness"}),
    "one of many": ("claims_about", {"entity": "veltrine", "count": 1}),
    "of one document": ("claims_about", {"entity": "insomnia", "document": "calm-nights"}),
    "compare": ("compare", {"entity": "glutanol"}),
    "mechanism": ("mechanism", {"source": "veltrine", "target": "deep-sleep"}),
    "queries": ("named_query", {}),
    "query": ("named_query", {"name": "denials"}),
    "graph": ("named_query", {"name": "describe-document", "parameters": {"document": "calm-nights"}}),
    "select": ("sparql", {"query": f"{CG} SELECT ?c WHERE {{ ?c a cg:Claim }} ORDER BY ?c", "count": 2}),
    "construct": ("sparql", {"query": f"{CG} CONSTRUCT {{ ?c a cg:Claim }} WHERE {{ ?c a cg:Claim ; cg:denies ?p }}"}),
    "unknown entity": ("claims_about", {"entity": "dizzines"}),
    "unknown query": ("named_query", {"name": "denial"}),
    "unknown parameter": ("named_query", {"name": "acting-on", "parameters": {"entty": "x"}}),
    "misspelt argument": ("claims_about", {"entity": "dizziness", "documnt": "calm-nights"}),
    "missing argument": ("mechanism", {"source": "veltrine"}),
    "too many": ("search", {"words": "x", "count": 10_000}),
    "unknown kind": ("search", {"words": "x", "kinds": ["person"]}),
    "wrong sparql": ("sparql", {"query": "SELECT ?x WHERE {"}),
    "update": ("sparql", {"query": "DROP ALL"}),
    "endless": ("sparql", {"query": "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"}),
    "too long": ("sparql", {"query": "CONSTRUCT WHERE { ?s ?p ?o }"}),
    "elsewhere": ("sparql", {"query": "SELECT * WHERE { SERVICE <http://127.0.0.1:8080/sparql> { ?s ?p ?o } }"}),
    "after all that": ("sparql", {"query": f"{CG} ASK {{ ?c a cg:Claim }}"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def session(built: tuple[Settings, Build]) -> tuple[list[Any], dict[str, CallToolResult]]:
    """Everything that is asked, in one session: the tools, and the answers by name."""

    async def ask() -> tuple[list[Any], dict[str, CallToolResult]]:
        env = {**os.environ, "KG_BUILDS": str(built[0].builds), "KG_WORKERS": "1", "KG_DEADLINE": "2"}
        server = StdioServerParameters(command=sys.executable, args=["-m", "kg.cli", "mcp"], env=env)
        async with Client(server) as client:
            tools = (await client.list_tools()).tools
            return tools, {key: await client.call_tool(*call) for key, call in CALLS.items()}

    return anyio.run(ask)


@pytest.fixture
def answers(session: tuple[list[Any], dict[str, CallToolResult]]) -> dict[str, dict[str, Any]]:
    return {key: found.structured_content or {} for key, found in session[1].items() if not found.is_error}


@pytest.fixture
def errors(session: tuple[list[Any], dict[str, CallToolResult]]) -> dict[str, str]:
    return {key: found.content[0].text for key, found in session[1].items() if found.is_error}  # type: ignore[union-attr]


def test_the_tools_are_described_and_read_only(session: tuple[list[Any], dict[str, CallToolResult]]) -> None:
    tools = {tool.name: tool for tool in session[0]}
    assert set(tools) == {"search", "claims_about", "compare", "mechanism", "named_query", "sparql"}
    for tool in tools.values():
        assert tool.description and tool.annotations.read_only_hint and not tool.annotations.open_world_hint
        assert tool.input_schema["additionalProperties"] is False
        assert tool.input_schema["properties"]["count"]["maximum"] == 200


def test_every_answer_names_its_build_and_has_a_source_for_every_claim(
    answers: dict[str, dict[str, Any]], built: tuple[Settings, Build]
) -> None:
    assert len(answers) == 13
    for key, found in answers.items():
        assert found["build"]["digest"] == built[1].digest, key
        assert found["shown"] == len(found["items"]) <= max(found["total"], 0), key
        sources = {source["claim"] for source in found["sources"]}
        text = json.dumps({k: v for k, v in found.items() if k not in ("sources", "turtle")})
        named = {word for word in text.split('"') if word.startswith("https://w3id.org/claimgraph/claim/")}
        assert named == sources, key
        for source in found["sources"]:
            assert source["address"] == source["claim"]
            assert {"act", "certainty", "statement", "document", "title", "phrase", "start", "end"} <= source.keys()
            assert len(source["source_sha256"]) == 64


def test_search_forgives_and_tells(answers: dict[str, dict[str, Any]]) -> None:
    assert answers["search"]["items"][0] == {
        "kind": "entity", "id": "vivid-dream", "title": "vivid dream", "note": "symptom", "snippet": "veltrine dreams",
        "address": "https://w3id.org/claimgraph/entity/vivid-dream",
    }  # fmt: skip
    claims = answers["search claims"]
    assert {item["kind"] for item in claims["items"]} == {"claim"}
    assert "Dizziness is a common side effect of veltrine." in {s["statement"] for s in claims["sources"]}


def test_claims_come_with_act_phrase_and_place(answers: dict[str, dict[str, Any]]) -> None:
    (source,) = answers["claims"]["sources"]
    (item,) = answers["claims"]["items"]
    assert (item["act"], item["certainty"]) == ("asserts", "stated"), "a denial must not read as a fact"
    assert {k: v for k, v in source.items() if k not in ("claim", "address", "source_sha256")} == {
        "act": "asserts", "certainty": "stated", "statement": "Dizziness is a common side effect of veltrine.",
        "document": "veltrine-doubts", "title": "Doubts about veltrine",
        "phrase": "Common side effects are dizziness", "start": 169, "end": 202,
    }  # fmt: skip
    assert (answers["one of many"]["shown"], answers["one of many"]["total"]) == (1, 11)
    assert {s["document"] for s in answers["of one document"]["sources"]} == {"calm-nights"}


def test_denials_are_told_as_denials(answers: dict[str, dict[str, Any]]) -> None:
    acts = {source["statement"]: source["act"] for source in answers["query"]["sources"]}
    assert acts == {
        "The Sleep Agency has not approved veltrine for insomnia.": "denies",
        "Veltrine is no treatment of insomnia.": "denies",
    }


def test_comparison_has_both_sides_and_the_reason(answers: dict[str, dict[str, Any]]) -> None:
    found = answers["compare"]
    (disagreement,) = found["disagreements"]
    assert (disagreement["hardness"], disagreement["kind"]) == ("hard", "direction")
    assert len(disagreement["claims"]) == 2
    (line,) = (i for i in found["items"] if i["object"] == "glutanol")
    assert line["documents"]["calm-nights"]["says"] == ["decreases activity of ↓"]
    assert line["documents"]["veltrine-doubts"]["says"] == ["increases activity of ↑"]


def test_a_mechanism_has_states_at_both_ends_of_each_hop(answers: dict[str, dict[str, Any]]) -> None:
    path = answers["mechanism"]["items"][0]
    assert path["hops"][-1]["object"] == "deep-sleep"
    assert ("glutanol", "decreased") in {(h["subject"], h["subject_state"]) for h in path["hops"]}
    assert all(hop["claims"] and hop["documents"] == ["calm-nights"] for hop in path["hops"])


def test_queries_are_listed_and_answered(answers: dict[str, dict[str, Any]]) -> None:
    listed = {item["name"]: item for item in answers["queries"]["items"]}
    assert [p["name"] for p in listed["acting-on"]["parameters"]] == ["entity"]
    assert "Calm nights with veltrine" in answers["graph"]["turtle"]
    assert (answers["select"]["shown"], answers["select"]["total"]) == (2, 15)
    assert len(answers["construct"]["claims"]) == 2
    assert answers["after all that"]["items"] == [{"boolean": True}], "no error hurts what comes after"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("unknown entity", "there is no entity 'dizzines'; nearest: dizziness; `search` finds names"),
        ("unknown query", "nearest: denials"),
        ("unknown parameter", "takes entity, not 'entty'; `named_query` without a name"),
        ("misspelt argument", "documnt: Extra inputs are not permitted. 'claims_about' takes entity, document, count"),
        ("missing argument", "target: Field required. 'mechanism' takes source, target, documents"),
        ("too many", "less than or equal to 200"),
        ("unknown kind", "'entity', 'document', 'work', 'claim' or 'query'"),
        ("wrong sparql", "not valid SPARQL 1.1"),
        ("update", "read only: updates are not accepted"),
        ("endless", "deadline: the query took more than 2 seconds; ask for less"),
        ("too long", "characters, over 200000: ask for fewer items"),
        ("elsewhere", "federation (SERVICE) is not offered"),
    ],
)
def test_errors_say_what_to_do(errors: dict[str, str], key: str, told: str) -> None:
    assert told in errors[key]
    assert "Traceback" not in errors[key]


def test_every_call_is_looked_at(answers: dict[str, dict[str, Any]], errors: dict[str, str]) -> None:
    assert answers.keys() | errors.keys() == CALLS.keys()
    assert len(errors) == 12


def test_without_a_build_or_the_extra_it_is_told(built_settings: Settings, tmp_path: Path) -> None:
    done = run(built_settings, "mcp", KG_BUILDS=str(tmp_path))
    assert done.returncode == 2 and "run 'kg build'" in done.stderr and not done.stdout
    (tmp_path / "mcp.py").write_text("raise ModuleNotFoundError('no', name='mcp')")
    done = run(built_settings, "mcp", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2 and "mcp is not installed: pip install 'claimgraph[mcp]'" in done.stderr
