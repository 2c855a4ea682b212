"""The real corpus: no finding, every anchor re-proved where the texts are given, the committed graph up to date."""

import os
from pathlib import Path

import pytest

from kg.anchors import read_sources
from kg.build import write_graph
from kg.check import Verdict, check
from kg.corpus.rules import uncovered
from kg.settings import Settings

SETTINGS = Settings.from_environment({k: v for k, v in os.environ.items() if k == "KG_SOURCES"})
LABELS = SETTINGS.sources[0].parent / "vocab" / "labels" if SETTINGS.sources else Path("nowhere")


@pytest.fixture(scope="module")
def verdict() -> Verdict:
    return check(SETTINGS)


def test_there_are_no_findings(verdict: Verdict) -> None:
    assert [str(f) for f in verdict.findings] == []


def test_every_anchor_is_proved_where_the_texts_are_given(verdict: Verdict) -> None:
    anchors = sum(1 for claim in verdict.corpus.claims for _ in claim.anchors)
    assert (verdict.proved, verdict.unproved) == ((anchors, 0) if SETTINGS.sources else (0, anchors))


def test_there_are_enough_claims_of_every_sort(verdict: Verdict) -> None:
    claims = list(verdict.corpus.claims)
    assert len(claims) >= 550
    assert {c.act for c in claims} == set(verdict.vocabulary.acts)
    assert {c.certainty for c in claims} == set(verdict.vocabulary.values("certainty"))
    assert all(len(d.claims) >= 30 for d in verdict.corpus.documents.values())
    assert any(c.proposition.via for c in claims)
    assert any(c.figures for c in claims)


def test_every_sentence_is_anchored_or_listed(verdict: Verdict) -> None:
    sources, _ = read_sources(SETTINGS.sources)
    for document in verdict.corpus.documents.values():
        if document.sha256 in sources:
            assert uncovered(document, sources[document.sha256].text) == [], document.id
        assert document.omissions


@pytest.mark.skipif(not LABELS.is_dir(), reason="no label tables at hand")
def test_no_label_has_drifted(verdict: Verdict) -> None:
    from kg.check import check_labels

    assert [str(f) for f in check_labels(verdict.corpus, LABELS)] == []


def test_the_committed_graph_is_what_the_build_makes(tmp_path: Path) -> None:
    written = {p.name: p.read_bytes() for p in write_graph(SETTINGS, tmp_path)}
    committed = {p.name: p.read_bytes() for p in (SETTINGS.data / "graph").glob("*.trig")}
    assert set(written) == set(committed), "run 'kg build --write-graph'"
    assert [name for name in written if written[name] != committed[name]] == [], "run 'kg build --write-graph'"
