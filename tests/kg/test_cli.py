"""The command line as a user runs it: real processes over the tiny corpus."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kg.settings import Settings

SPARQL = "SELECT (COUNT(*) AS ?n) WHERE { ?c a <https://w3id.org/claimgraph/vocab#Claim> }"


def run(settings: Settings, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    variables = {
        **os.environ,
        "KG_DATA": str(settings.data),
        "KG_BUILDS": str(settings.builds),
        "KG_SOURCES": os.pathsep.join(str(s) for s in settings.sources),
        "KG_WORKERS": "1",
        **env,
    }
    return subprocess.run([sys.executable, "-m", "kg.cli", *arguments], env=variables, capture_output=True, text=True)


def test_queries_by_name_and_text_in_every_format(built_settings: Settings) -> None:
    assert "claims\t15" in run(built_settings, "query", "counts").stdout
    assert run(built_settings, "query", SPARQL).stdout.split() == ["n", "15"]
    assert run(built_settings, "query", "counts", "--format", "csv").stdout.startswith("what,count")
    rows = json.loads(run(built_settings, "query", "claims-of-work", "work=marlow-2019", "--format", "json").stdout)
    assert len(rows["results"]["bindings"]) == 1
    assert "@prefix" in run(built_settings, "query", "describe-entity", "entity=veltrine").stdout
    assert "claims-about" in run(built_settings, "query").stdout


def test_exports(built_settings: Settings, tmp_path: Path) -> None:
    whole = run(built_settings, "export", "--format", "nq").stdout
    one = run(built_settings, "export", "--format", "trig", "--document", "calm-nights").stdout
    assert whole.count("\n") > 1000
    assert "Calm nights" in one and "Doubts about" not in one
    assert run(built_settings, "export", "--format", "ttl", "-o", str(tmp_path / "graph.ttl")).returncode == 0
    assert (tmp_path / "graph.ttl").stat().st_size > 1000


def test_check_prints_findings_and_tells_them_by_its_code(settings: Settings) -> None:
    clean = run(settings, "check")
    assert clean.returncode == 0
    assert "15 claims in 2 documents: 0 errors, 0 warnings; 19 anchors proved" in clean.stdout
    claims = settings.data / "sleep/calm-nights/claims.toml"
    claims.write_text(claims.read_text().replace('object = "deep-sleep"', 'object = "deepsleep"'))
    found = run(settings, "check", "--json")
    assert found.returncode == 1
    findings = [json.loads(line) for line in found.stdout.splitlines()]
    assert f"{sum(f['severity'] == 'error' for f in findings)} errors" in found.stderr, "the summary, aside"
    assert {f["hint"] for f in findings if f["rule"] == "unknown-entity"} == {"nearest: deep-sleep"}
    other = run(settings, "check", "--document", "veltrine-doubts")
    assert "deepsleep" not in other.stdout


def test_a_folder_that_is_not_there_is_told_by_its_name(built_settings: Settings) -> None:
    found = run(built_settings, "check", KG_DATA="/nonexistent")
    assert found.returncode == 1
    assert found.stdout.startswith("/nonexistent: error [missing] there is no such folder")
    assert "0 errors" not in found.stdout and "kg new" not in found.stdout


def test_build_refuses_errors_with_code_1(settings: Settings) -> None:
    claims = settings.data / "sleep/calm-nights/claims.toml"
    claims.write_text("[[claim]\n")
    done = run(settings, "build")
    assert done.returncode == 1
    assert "toml" in done.stdout
    assert "Traceback" not in done.stderr
    assert not (settings.builds / "current").exists()


def test_anchor_prints_every_place_or_the_nearest(settings: Settings) -> None:
    assert run(settings, "anchor", "calm-nights", "deep sleep").stdout.count("deep sleep") == 2
    missed = run(settings, "anchor", "calm-nights", "raises the release of somnin")
    assert missed.returncode == 1
    assert "'raises' is 'may raise' in the text" in missed.stdout or "is 'raise' in the text" in missed.stdout


def test_coverage_lists_what_is_left(settings: Settings) -> None:
    assert "0 sentences uncovered" in run(settings, "coverage", "calm-nights").stdout
    document = settings.data / "sleep/calm-nights/document.toml"
    document.write_text(document.read_text().partition("[[omission]]")[0])
    left = run(settings, "coverage", "calm-nights")
    assert left.returncode == 1
    assert "[0, 25] Calm nights with veltrine" in left.stdout


def test_new_starts_a_document_and_overwrites_none(settings: Settings, tmp_path: Path) -> None:
    text = tmp_path / "naps.txt"
    text.write_text("Naps help. 🙂", encoding="utf-8")
    assert run(settings, "new", "sleep/naps", "--text", str(text), "--title", "Naps").returncode == 0
    written = (settings.data / "sleep/naps/document.toml").read_text()
    assert "length = 12" in written
    again = run(settings, "new", "sleep/naps", "--text", str(text))
    assert again.returncode == 2
    assert "exists already" in again.stderr
    assert "no claims.toml" in run(settings, "check").stdout
    twice = run(settings, "new", "sleep/more-naps", "--text", str(text))
    assert twice.returncode == 2
    assert "the document 'naps' has this text already" in twice.stderr
    (settings.data / "full").write_text("a file")
    shut = run(settings, "new", "full/naps-again", "--text", str(settings.data / "full"))
    assert shut.returncode == 2
    assert "cannot be written" in shut.stderr and "Traceback" not in shut.stderr


def test_stats_count_by_document_act_certainty_and_voice(built_settings: Settings) -> None:
    counts = json.loads(run(built_settings, "stats", "--json").stdout)
    assert counts["document"] == {"veltrine-doubts": 8, "calm-nights": 7}
    assert counts["act"] == {"asserts": 10, "denies": 2, "questions": 1, "assesses": 1, "recommends": 1}
    assert counts["certainty"] == {"stated": 13, "possible": 2}
    assert sum(counts["voice"].values()) == 15


def test_compare_and_mechanism_without_a_server(built_settings: Settings) -> None:
    text = run(built_settings, "compare", "--entity", "glutanol").stdout
    assert "veltrine / effect / glutanol" in text
    assert "hard direction: veltrine on glutanol" in text
    assert "| question |" in run(built_settings, "compare", "--format", "markdown").stdout
    one = run(built_settings, "compare", "--frame", "veltrine / effect / glutanol").stdout
    assert one.startswith("veltrine / effect / glutanol\n") and "1 questions, 1 disagreements" in one
    assert json.loads(run(built_settings, "compare", "--format", "json").stdout)["documents"]
    path = run(built_settings, "mechanism", "veltrine", "deep-sleep").stdout
    hop = "glutanol decreased increases release of -> somnin release increased (possible)"
    assert f"{hop}\n        calm-nights: " in path
    assert path.endswith("1 paths; 1 more with --inverted\n")
    assert json.loads(run(built_settings, "mechanism", "veltrine", "deep-sleep", "--json").stdout)[0]["hops"]
    assert "somnin promotes -> deep-sleep" in run(built_settings, "mechanism", "deep-sleep", "--upstream").stdout
    assert (
        json.loads(run(built_settings, "mechanism", "somnin", "--json").stdout)[0]["object"]["entity"] == "deep-sleep"
    )


def test_an_entity_is_named_as_people_name_it(built_settings: Settings) -> None:
    by_id = run(built_settings, "query", "claims-about", "entity=deep-sleep").stdout
    assert run(built_settings, "query", "claims-about", "entity=Deep sleep").stdout == by_id
    assert by_id.count("\n") > 1
    path = run(built_settings, "mechanism", "Veltrine", "deep sleep").stdout
    assert path == run(built_settings, "mechanism", "veltrine", "deep-sleep").stdout != ""
    assert "veltrine / effect / glutanol" in run(built_settings, "compare", "--entity", "Glutanol").stdout


@pytest.mark.parametrize(
    ("arguments", "env", "told"),
    [
        (["query", "count"], {}, "nearest: counts"),
        (["query", "SELECT ?s WHERE {"], {}, "not valid SPARQL"),
        (["query", "counts", "--format", "png"], {}, "png"),
        (["query", "claims-about", "entity"], {}, "key=value"),
        (["query", "counts"], {"KG_BUILDS": "/nonexistent"}, "run 'kg build'"),
        (["query", "acting-on", "entity=glutanl"], {}, "nearest: glutanol"),
        (["query", "claims-about", "entity=glutanl", "--format", "csv"], {}, "nearest: glutanol"),
        (["query", "describe-entity", "entity=glutanl"], {}, "nearest: glutanol"),
        (["query", "INSERT DATA { <a:b> <a:b> <a:b> }"], {}, "read only"),
        (["query", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"], {}, "federation"),
        (["compare", "--kind", "receptor"], {}, "knows no kind 'receptor'"),
        (["export", "--format", "nanopub", "--previous", "old"], {}, "a name without an ending: it is none of .trig"),
        (
            ["compare", "--frame", "veltrine / effect / nothing"],
            {},
            "there is no question 'veltrine / effect / nothing'",
        ),
        (["export", "--format", "png"], {}, "png"),
        (["mechanism", "veltrin", "deep-sleep"], {}, "nearest: veltrine"),
        (["compare", "--format", "png"], {}, "png"),
        (["anchor", "calm-night", "x"], {}, "nearest: calm-nights"),
        (["anchor", "CALM-NIGHTS", "x"], {}, "nearest: calm-nights"),
        (["anchor", "calm-nights", " "], {}, "the phrase is empty"),
        (["anchor", "calm-nights", "x"], {"KG_SOURCES": ""}, "KG_SOURCES"),
        (["query", "ASK { SERVICE <a:b> { ?s ?p ?o } }"], {}, "federation (SERVICE) is not offered"),
        (["query", "INSERT DATA { <a:s> <a:p> <a:o> }"], {}, "read only"),
        (["check"], {"KG_BASE": "nonsense"}, "KG_BASE"),
        (["check"], {"KG_SOURCES": "/nonexistent"}, "/nonexistent"),
        (["check"], {"KG_WORKERS": "many"}, "KG_WORKERS"),
        (["new", "Not Kebab", "--text", "x"], {}, "kebab-case"),
        (["new", "sleep/naps", "--text", "/nonexistent"], {}, "cannot be read"),
    ],
)
def test_what_cannot_run_is_one_sentence_and_code_2(
    built_settings: Settings, arguments: list[str], env: dict[str, str], told: str
) -> None:
    done = run(built_settings, *arguments, **env)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
