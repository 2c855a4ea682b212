"""The benchmarks run, at a size that tells nothing, and what they run on is a corpus without a finding."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from kg.build import build
from kg.check import check
from kg.settings import Settings
from tests.benchmarks import material
from tests.benchmarks.__main__ import main
from tests.benchmarks.corpus import Invention
from tests.benchmarks.harness import Result, exponent
from tests.benchmarks.paths import ours as search_paths
from tests.benchmarks.shapes import sliced as judge_sliced
from tests.benchmarks.targets import Results, Target

CLAIMS = 150


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return material.data(tmp_path_factory.mktemp("invented"), CLAIMS)


def test_an_invented_corpus_has_no_finding(data: Settings) -> None:
    verdict = check(data)
    assert verdict.findings == []
    assert verdict.unproved == 0
    assert sum(1 for _ in verdict.corpus.claims) == CLAIMS


def test_an_invented_corpus_has_every_feature_of_a_claim() -> None:
    rows = [row for made in Invention(3000, material.vocabulary()).documents() for row in made.claims]
    assert {row.get("act", "asserts") for row in rows} == set(material.vocabulary().acts)
    assert {row.get("certainty", "stated") for row in rows} == set(material.vocabulary().values("certainty"))
    wanted = "via with without baseline direction effect dimension agency scope cue cue_at work evidence strength"
    wanted += " frequency extent only presented of finding figure antecedents voice id"
    assert set(wanted.split()) <= {key for row in rows for key in row}


def test_a_seed_gives_one_corpus() -> None:
    words = material.vocabulary()
    first, second = ([made.text for made in Invention(100, words).documents()] for _ in range(2))
    assert first == second
    assert first != [made.text for made in Invention(100, words, seed=8).documents()]


def test_the_way_without_files_makes_the_same_graph(data: Settings, tmp_path: Path) -> None:
    made = build(replace(data, builds=tmp_path / "builds"))
    short = material.built(data.data.parents[1], CLAIMS).builds / "current"
    assert hashlib.sha256((short / "graph.nq").read_bytes()).hexdigest() == made.digest


def test_faults_are_found_alike_by_both_engines() -> None:
    told = [judge_sliced(100, engine) for engine in ("shacl", "pyshacl")]
    assert told[0]["results"] > 0
    assert told[0]["digest"] == told[1]["digest"]


def test_growth_is_the_power_of_the_size() -> None:
    assert exponent([(10, 3.0), (100, 30.0), (1000, 300.0)]) == 1.0
    assert exponent([(10, 3.0)]) is None


def test_a_target_is_met_missed_or_not_measured() -> None:
    found = Results([Result("quads", "x", 10, "s", {"ours": 2.0, "theirs": 10.0})])
    target = Target("x", 4, lambda r: r.ratio("quads", "x", "ours", "theirs"))
    assert target.verdict(found) == (5.0, "met")
    assert replace(target, bound=20).verdict(found) == (5.0, "missed by a factor of 4")
    assert target.verdict(Results([])) == (None, "not measured")


def test_paths_are_found() -> None:
    told = search_paths(2000)
    assert told["paths"] > 0
    assert told["refused"] == 0


def test_the_command_prints_what_it_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sizes", "60", "--runs", "1", "--only", "quads,exports", "--json", "--place", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    quads = next(r for r in told["results"] if r["bench"] == "quads")
    assert quads["facts"]["claimgraph"]["quads"] == quads["facts"]["rdflib Dataset"]["quads"]
    assert {r["what"] for r in told["results"] if r["bench"] == "exports"} == {"nq", "trig", "ttl", "jsonld"}


def test_an_unknown_benchmark_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "nothing"]) == 2
    assert "there is no benchmark 'nothing'" in capsys.readouterr().err
