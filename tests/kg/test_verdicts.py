"""Slices and engines: the same results as pySHACL over the whole graph, on every example and on seeded faults."""

import random
from pathlib import Path

import pytest

from kg import verdicts
from kg.build import prepare
from kg.errors import NotFoundError, SettingsError
from kg.names import Names
from kg.rdf import triples_of
from kg.settings import Settings
from kg.shapes import Result, read_shapes, validate_triples
from kg.slices import Slice, cut
from kg.verdicts import ENGINES, judge

SHAPES = Settings().ontology / "shapes"
NAMES = Names(Settings().base)


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("lines")
    data = Path(__file__).parents[1] / "corpus/data"
    _, lines = prepare(Settings(data=data, builds=folder))
    return [line for line in lines if "/graph/validation>" not in line]


def seeded(lines: list[str], seed: int) -> list[str]:
    """Return the lines with some faults: one dropped, one pointed elsewhere, one doubled with another object."""
    rng = random.Random(seed)
    chosen = [line for line in lines if "/graph/edges>" not in line]
    dropped, turned, doubled = rng.sample(chosen, 3)
    other = rng.choice(chosen)
    ends = [line.split("> ", 2) for line in (turned, doubled, other)]
    made = [f"{ends[0][0]}> {ends[0][1]}> {ends[2][2].rpartition(' <')[0]} {turned[turned.rindex(' <') + 1 :]}"]
    made.append(f'{ends[1][0]}> {ends[1][1]}> "{seed}" {doubled[doubled.rindex(" <") + 1 :]}')
    return sorted({*lines, *made} - {dropped, turned})


def told(results: list[Result]) -> set[tuple[str, ...]]:
    return {(r.focus, r.component, r.severity, r.message, r.shape, r.path) for r in results}


@pytest.mark.parametrize("seed", range(5))
def test_slices_and_engines_tell_what_pyshacl_tells_of_the_whole_graph(
    lines: list[str], seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = seeded(lines, seed)
    whole = told(validate_triples("".join(triples_of(faulty)), read_shapes(SHAPES)))
    for engine in ENGINES:
        assert told(judge(cut(faulty, NAMES), SHAPES, tmp_path, engine)) == whole, engine
    monkeypatch.setattr("kg.slices._LARGE", 3)
    monkeypatch.setattr("kg.slices._BATCH", 2)
    assert len(list(cut(faulty, NAMES))) > 20
    assert told(judge(cut(faulty, NAMES), SHAPES, tmp_path, "shacl")) == whole, "a large document is cut too"


def test_a_verdict_is_remembered_by_all_that_it_depends_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def count(text: str, folder: Path) -> list[Result]:
        asked.append(text)
        return [Result("urn:n", "", "c", "", "s", "error", "m"), Result("urn:part", "", "c", "", "s", "error", "m")]

    monkeypatch.setitem(ENGINES, "pyshacl", count)
    one, other = Slice("one", "<urn:n> <urn:p> <urn:o> .\n", frozenset({"urn:part"})), Slice("other", "")
    for _ in range(2):
        assert [r.focus for r in judge([one], SHAPES, tmp_path)] == ["urn:n"], "what is held in part is not judged"
    assert len(asked) == 1
    judge([one, other], SHAPES, tmp_path)
    assert len(asked) == 2, "only what is new is judged"
    next(tmp_path.glob("*.json")).write_text("[[", encoding="utf-8")
    sorted(tmp_path.glob("*.json"))[-1].write_text("not a verdict", encoding="utf-8")
    judge([one, other], SHAPES, tmp_path)
    assert len(asked) > 2, "a spoilt verdict is judged again"
    shapes = tmp_path / "shapes"
    shapes.mkdir()
    (shapes / "more.ttl").write_text("", encoding="utf-8")
    before = len(asked)
    judge([one], shapes, tmp_path)
    assert len(asked) == before + 1, "other shapes, another verdict"


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert judge([Slice("none", "")], SHAPES, tmp_path / "file" / "verdicts", "shacl") == []


def test_an_unknown_engine_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there are pyshacl, shacl"):
        judge([], SHAPES, tmp_path, "magic")


def test_an_engine_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(verdicts.ENGINES, "no-such-package", verdicts.judge_with_shacl)
    with pytest.raises(SettingsError, match="not installed"):
        judge([], SHAPES, tmp_path, "no-such-package")
