"""Slices and engines: the same results as pySHACL over the whole graph, on every example and on seeded faults."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kg.build import prepare
from kg.errors import NotFoundError, SettingsError
from kg.names import CG, Names
from kg.pool import run_here
from kg.rdf.terms import RDF
from kg.rdf.write import triples_of
from kg.settings import Settings
from kg.shapes.constraints import is_asked_once, split
from kg.shapes.engines import ENGINES, find_with_pyshacl, find_with_shacl, judge_with_shacl
from kg.shapes.slices import Slice, cut
from kg.shapes.validation import SH, Result, read_shapes, validate_triples
from kg.shapes.verdicts import judge

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
    monkeypatch.setattr("kg.shapes.slices._LARGE", 3)
    monkeypatch.setattr("kg.shapes.slices._BATCH", 2)
    assert len(list(cut(faulty, NAMES))) > 20
    assert told(judge(cut(faulty, NAMES), SHAPES, tmp_path, "shacl")) == whole, "a large document is cut too"


class Counting:
    """An engine that finds one thing wrong with one node, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, slices: Sequence[Slice], folder: Path) -> list[list[Result]]:
        self.asked += [one.name for one in slices]
        return [[Result("urn:n", "", "c", "", "s", "error", "m")] for _ in slices]


def test_a_verdict_is_remembered_by_all_that_it_depends_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Counting()
    monkeypatch.setitem(ENGINES, "pyshacl", engine)
    one, other = Slice("one", "<urn:n> <urn:p> <urn:o> .\n"), Slice("other", "")
    for _ in range(2):
        assert [r.focus for r in judge([one], SHAPES, tmp_path)] == ["urn:n"]
    assert engine.asked == ["one"]
    judge([one, other], SHAPES, tmp_path)
    assert engine.asked == ["one", "other"], "only what is new is judged"
    judge([Slice("partial", one.text, frozenset({"urn:n"}))], SHAPES, tmp_path)
    assert engine.asked.pop() == "partial", "the verdict depends on what is held only in part"
    for path in tmp_path.glob("*.json"):
        path.write_text("[[", encoding="utf-8")
    judge([one, other], SHAPES, tmp_path)
    assert engine.asked == ["one", "other"] * 2, "a spoilt verdict is judged again"
    shapes = tmp_path / "shapes"
    shapes.mkdir()
    (shapes / "more.ttl").write_text("", encoding="utf-8")
    judge([one], shapes, tmp_path)
    assert engine.asked == ["one", "other", "one", "other", "one"], "other shapes, another verdict"


@pytest.mark.parametrize("find", [find_with_pyshacl, find_with_shacl])
def test_shapes_that_are_edited_judge_as_they_are_now(find: Callable[[str, Path], set[Result]], tmp_path: Path) -> None:
    shape = """
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        <urn:shape> a sh:NodeShape ; sh:targetNode <urn:n> ; sh:property <urn:part> .
        <urn:part> sh:path <urn:p> ; sh:minCount %d ."""
    for least, wrong in ((1, 0), (2, 1), (1, 0)):
        (tmp_path / "one.ttl").write_text(shape % least, encoding="utf-8")
        assert len(find("<urn:n> <urn:p> <urn:o> .\n", tmp_path)) == wrong


def test_a_changed_document_costs_that_document(
    lines: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Counting()
    monkeypatch.setitem(ENGINES, "pyshacl", engine)
    judge(cut(lines, NAMES), SHAPES, tmp_path, run=run_here)
    assert len(engine.asked) == len(set(engine.asked)) > 4
    for predicate in ("statement", "exact", "end"):
        engine.asked.clear()
        n, changed = next(
            (n, line) for n, line in enumerate(lines) if f"/vocab#{predicate}>" in line or f"oa#{predicate}>" in line
        )
        home = changed.rstrip(" .\n").rpartition(" <")[2].rstrip(">")
        other = f'{changed.partition("> ")[0]}> <{CG}{predicate}> "something else" <{home}> .\n'
        judge(cut([*lines[:n], other, *lines[n + 1 :]], NAMES), SHAPES, tmp_path, run=run_here)
        assert engine.asked == [f"{home} 0"], predicate


def test_what_is_said_of_a_node_of_another_slice_is_dropped() -> None:
    text = f"<urn:c> <{RDF}type> <{CG}Chain> .\n"
    for engine in ENGINES.values():
        whole, partial = engine([Slice("whole", text), Slice("partial", text, frozenset({"urn:c"}))], SHAPES)
        assert {r.focus for r in whole} == {"urn:c"}
        assert partial == []


@pytest.mark.parametrize(
    ("select", "once"),
    [
        ("SELECT $this ?value WHERE { ?value <urn:a> $this . FILTER (?value != $this) }", True),
        ("SELECT $this { { SELECT $this WHERE { $this <urn:a> ?a } } }", False),
        ("SELECT $this WHERE { { $this <urn:a> ?a } UNION { FILTER ($this = <urn:b>) } }", False),
        ("SELECT $this WHERE { BIND ($this AS ?that) $this <urn:a> ?that }", False),
        ("SELECT $this WHERE { FILTER NOT EXISTS { $this <urn:a> ?a } }", False),
        ("SELECT $this ?value WHERE { $this $PATH ?value }", False),
    ],
)
def test_a_query_is_asked_once_only_where_that_means_the_same(select: str, once: bool) -> None:
    assert is_asked_once(select) is once


def test_all_queries_of_our_shapes_are_asked_once() -> None:
    shapes = read_shapes(SHAPES)
    rest, found = split(shapes)
    assert {str(s) for s in shapes.subjects(SH.sparql, None)} == {c.shape for c in found} != set()
    assert list(rest.objects(None, SH.sparql)) == []


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert judge([Slice("none", "")], SHAPES, tmp_path / "file" / "verdicts", "shacl") == []


def test_an_unknown_engine_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there are pyshacl, shacl"):
        judge([], SHAPES, tmp_path, "magic")


def test_an_engine_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "no-such-package", judge_with_shacl)
    with pytest.raises(SettingsError, match="not installed"):
        judge([], SHAPES, tmp_path, "no-such-package")
