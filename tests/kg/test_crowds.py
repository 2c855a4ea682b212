"""Shapes asked about many nodes at once: pySHACL tells the same of every sort of shape that leads to others."""

from pathlib import Path

import pytest
from rdflib import Graph, URIRef

from kg.shapes.crowds import Crowds
from kg.shapes.engines import find_with_pyshacl
from kg.shapes.triples import Triples, read_triples
from kg.shapes.validation import read_report, read_shapes, validate_triples

PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> .\n"
#: People, whom they know, and their names; the one at the end knows himself.
DATA = (
    "".join(f"<urn:p{n}> <urn:knows> <urn:p{n + 1}> .\n" for n in range(6))
    + "".join(f'<urn:p{n}> <urn:name> "name {n}" .\n' for n in range(0, 7, 2))
    + "<urn:p6> <urn:knows> <urn:p6> .\n"
    + '<urn:p3> <urn:name> "one" .\n<urn:p3> <urn:name> "two" .\n'
)
NAMED = ":Named a sh:PropertyShape ; sh:path :name ; sh:minCount 1 ; sh:maxCount 1 .\n"
#: How a shape leads to others.
SHAPES = {
    "property": ":S a sh:NodeShape ; sh:targetSubjectsOf :knows ; sh:property :Named .",
    "property of the values": ":S a sh:NodeShape ; sh:targetSubjectsOf :knows ; "
    "sh:property [ sh:path :knows ; sh:property :Named ] .",
    "node": ":S sh:targetObjectsOf :knows ; a sh:NodeShape ; sh:node [ a sh:NodeShape ; sh:property :Named ] .",
    "not": ":S a sh:NodeShape ; sh:targetNode :p1, :p2, :p9 ; sh:not :Named .",
    "and, or": ":S a sh:PropertyShape ; sh:targetSubjectsOf :name ; sh:path :knows ; "
    "sh:or ( :Named [ sh:path :knows ; sh:hasValue :p6 ] ) ; sh:and ( :Named ) .",
    "xone": ":S a sh:NodeShape ; sh:targetSubjectsOf :knows ; "
    "sh:xone ( :Named [ sh:path :knows ; sh:in ( :p2 :p4 ) ] ) .",
    "counted": ":S a sh:NodeShape ; sh:targetSubjectsOf :knows ; sh:property [ sh:path ( :knows :knows ) ; "
    "sh:qualifiedValueShape :Named ; sh:qualifiedMinCount 1 ] .",
    "back to itself": ":S a sh:NodeShape ; sh:targetNode :p0 ; sh:property [ sh:path :name ; sh:minCount 2 ] ; "
    "sh:property [ sh:path :met ; sh:node :S ] .",
    "to one that leads back": ":S a sh:NodeShape ; sh:targetSubjectsOf :knows ; sh:property :Met, :Named . "
    ":Met a sh:PropertyShape ; sh:path :met ; sh:property :Met ; sh:maxCount 0 .",
}


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "shapes.ttl").write_text(PREFIXES + NAMED + SHAPES[request.param], encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("folder", SHAPES, indirect=True)
def test_shapes_that_lead_to_others_say_what_they_say_of_one_node_after_another(folder: Path) -> None:
    shapes = read_shapes(folder)
    expected = {(r.focus, r.path, r.component, r.value, r.message) for r in validate_triples(DATA, shapes)}
    assert expected
    found = find_with_pyshacl(DATA, folder)
    assert {(r.focus, r.path, r.component, r.value, r.message) for r in found} == expected


@pytest.mark.parametrize("folder", ["property"], indirect=True)
def test_what_was_said_of_one_graph_is_not_said_of_the_next(folder: Path) -> None:
    shapes = read_shapes(folder)
    crowds = Crowds(shapes)

    def judge(text: str, left: frozenset[str] = frozenset()) -> set[str]:
        return {r.focus for r in read_report(*crowds.judge(read_triples(text.splitlines()), left), shapes)}

    knows = "<urn:a> <urn:knows> <urn:b> ."
    assert judge(knows) == {"urn:a"}
    assert judge(f'{knows}\n<urn:a> <urn:name> "a" .') == set()
    assert judge(knows) == {"urn:a"}
    assert judge(knows, frozenset({"urn:a"})) == set(), "another slice answers for it"


def test_triples_are_a_graph() -> None:
    a, p, b = (URIRef(f"urn:{name}") for name in "apb")
    text = '_:x <urn:p> <urn:b> .\n<urn:a> <urn:p> <urn:b> .\n<urn:a> <urn:p> "x \\"y\\" . <z>"@en .\n'
    graph, plain = read_triples(text.splitlines(keepends=True)), Graph().parse(data=text, format="nt")
    assert len(graph) == len(plain) == 3
    assert set(graph.subject_predicates(b)) == {(s, p) for s in graph.subjects(p, b)} != set()
    assert {str(o) for o in graph.objects(a, p)} == {str(o) for o in plain.objects(a, p)}
    assert set(graph.predicates(a, b)) == {p} and (a, p, b) in graph and (b, p, a) not in graph
    graph.add((b, p, a))
    assert list(graph.subjects(p, a)) == [b]
    graph.remove((a, None, None))
    assert len(graph) == 2 and list(graph.objects(a, p)) == []
    assert list(graph.query("SELECT ?s { ?s <urn:p> <urn:a> }")) == [(b,)]


def test_a_list_without_an_end_is_refused() -> None:
    turtle = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . <urn:l> rdf:first 1 ; rdf:rest <urn:l> ."
    with pytest.raises(ValueError, match="no end"):
        list(Triples(Graph().parse(data=turtle, format="turtle")).items(URIRef("urn:l")))
    fine = Graph().parse(data="<urn:s> <urn:p> (1 2 3) .", format="turtle")
    assert [int(str(n)) for n in Triples(fine).items(next(fine.objects(URIRef("urn:s"))))] == [1, 2, 3]
