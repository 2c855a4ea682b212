"""Every shape, tried on the examples of tests/shapes/: `good-*.ttl` conform, `bad-*.ttl` have exactly one fault.

An example is added to the complete small graph of `common.ttl`. The first line of a bad one says which message it
expects: `# expect: <part of the message>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import OWL, RDF

from kg.settings import DEFAULT_BASE
from kg.shapes.constraints import is_asked_once
from kg.shapes.engines import ENGINES
from kg.shapes.slices import Slice
from kg.shapes.validation import Result, read_shapes, validate_triples

ROOT = Path(__file__).resolve().parent.parent
SHAPES = ROOT / "ontology" / "shapes"
EXAMPLES = Path(__file__).resolve().parent / "shapes"
GOOD = sorted(EXAMPLES.glob("*/good-*.ttl"))
BAD = sorted(EXAMPLES.glob("*/bad-*.ttl"))
SH = Namespace("http://www.w3.org/ns/shacl#")
#: What shapes look at in the lists of the ontology; labels and definitions only take time.
LOOKED_AT = ("#inScheme", "#notation", "#broader", "#group")


def _lines(path: Path) -> Iterator[str]:
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=DEFAULT_BASE):
        yield f"{quad.triple} .\n"


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _expected(path: Path) -> str:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("# expect: "), f"{path}: the first line must be '# expect: <part of the message>'"
    return first.removeprefix("# expect: ").strip()


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return read_shapes(SHAPES)


@pytest.fixture(scope="module")
def base() -> list[str]:
    lists = [
        line
        for name in ("values", "kinds", "evidence")
        for line in _lines(ROOT / "ontology" / f"{name}.ttl")
        if line.split(" ")[1].rstrip(">").endswith(LOOKED_AT)
    ]
    return lists + list(_lines(EXAMPLES / "common.ttl"))


def _validate(example: Path, base: list[str], shapes: Graph) -> list[Result]:
    """Return what pySHACL finds, after either engine found the same in the way that builds use it."""
    triples = "".join([*base, *_lines(example)])
    found = validate_triples(triples, shapes)
    for engine, judge in ENGINES.items():
        assert judge([Slice(example.stem, triples)], SHAPES) == [found], engine
    return found


def test_base_conforms(base: list[str], shapes: Graph) -> None:
    assert validate_triples("".join(base), shapes) == []


@pytest.mark.parametrize("example", GOOD, ids=_name)
def test_good_example(example: Path, base: list[str], shapes: Graph) -> None:
    assert _validate(example, base, shapes) == []


@pytest.mark.parametrize("example", BAD, ids=_name)
def test_bad_example(example: Path, base: list[str], shapes: Graph) -> None:
    expected = _expected(example)
    messages = [result.message for result in _validate(example, base, shapes)]
    assert messages, f"nothing is found wrong; expected: {expected}"
    assert [m for m in messages if expected not in m] == []


def test_every_shape_file_has_examples() -> None:
    classes = {path.stem for path in SHAPES.glob("*.ttl")} - {"prefixes"}
    assert {path.parent.name for path in GOOD} == classes
    assert {path.parent.name for path in BAD} == classes


def test_every_message_is_expected(shapes: Graph) -> None:
    expected = {_expected(path) for path in BAD}
    messages = {str(m): str(s) for s, m in shapes.subject_objects(SH.message)}
    assert {m: s for m, s in messages.items() if not any(e in m for e in expected)} == {}
    assert {e for e in expected if not any(e in m for m in messages)} == set()


def test_messages_differ(shapes: Graph) -> None:
    messages = sorted(str(m) for m in shapes.objects(None, SH.message))
    assert messages == sorted(set(messages))


def test_every_shape_has_a_name(shapes: Graph) -> None:
    named = {s for t in (SH.NodeShape, SH.PropertyShape, SH.SPARQLConstraint) for s in shapes.subjects(RDF.type, t)}
    assert named and all(isinstance(s, URIRef) for s in named)
    used = {o for p in (SH.property, SH.sparql, SH["not"], SH.node) for o in shapes.objects(None, p)}
    assert used <= named


def test_every_target_has_messages(shapes: Graph) -> None:
    """What a curator can be told: each property and query of a shape with a target, or else the shape itself."""
    targets = (SH.targetClass, SH.targetSubjectsOf)
    told = set(shapes.subjects(SH.message, None))
    for shape in {s for t in targets for s in shapes.subjects(t, None)}:
        parts = set(shapes.objects(shape, SH.property)) | set(shapes.objects(shape, SH.sparql))
        assert (parts or {shape}) <= told, shape


def test_shapes_use_nothing_in_which_engines_differ(shapes: Graph) -> None:
    """The reasons in tests/conformance/shacl-differences.toml hold."""
    assert set(shapes.objects(None, SH.severity)) <= {SH.Violation, SH.Warning, SH.Info}
    assert {str(value) for value in shapes.objects(None, SH.uniqueLang)} <= {"true", "false"}
    assert list(shapes.objects(None, OWL.imports)) == []
    queries = [str(text) for text in shapes.objects(None, SH.select)]
    assert queries and all(is_asked_once(text) for text in queries), "no $shapesGraph, no query within a query"
    declared = {str(prefix) for prefix in shapes.objects(None, SH.prefix)}
    for query, text in shapes.subject_objects(SH.select):
        assert (query, SH.prefixes, None) in shapes
        assert set(re.findall(r"\b([a-z]+):[A-Za-z]", str(text))) <= declared
