"""Reading the W3C suite of SHACL: what a test judges, by which shapes, and the report that it expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, BNode, Graph, Namespace, URIRef
from rdflib.term import Node

from kg.shapes.validation import SEVERITIES, SH, Result

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
#: Focus node, path, component and severity of a result, told once; a blank node is any.
Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class Validation:
    """A validation test; it expects a report, or that the shapes are refused."""

    name: str
    data: Path
    shapes: Path
    expected: set[Row] | None


def read_tests(folder: Path) -> Iterator[Validation]:
    """Yield the tests of a manifest and of those that it includes."""
    yield from _read(folder / "manifest.ttl", folder)


def _read(path: Path, top: Path) -> Iterator[Validation]:
    graph = Graph().parse(path, format="turtle", publicID=path.as_uri())
    for part in sorted(graph.objects(None, MF.include), key=str):
        yield from _read(_path(part), top)
    for entry in sorted(graph.subjects(RDF.type, SHT.Validate), key=str):
        action, result = graph.value(entry, MF.action), graph.value(entry, MF.result)
        name = f"{path.parent.relative_to(top)}/{str(entry).rpartition('/')[2]}"
        expected = None if result == SHT.Failure else set(_rows(graph, result))
        yield Validation(
            name, _path(graph.value(action, SHT.dataGraph)), _path(graph.value(action, SHT.shapesGraph)), expected
        )


def _path(iri: Node | None) -> Path:
    return Path(str(iri).removeprefix("file://"))


def _rows(graph: Graph, report: Node | None) -> Iterator[Row]:
    for node in graph.objects(report, SH.result):
        focus, path = graph.value(node, SH.focusNode), graph.value(node, SH.resultPath)
        component, severity = graph.value(node, SH.sourceConstraintComponent), graph.value(node, SH.resultSeverity)
        yield (
            "_" if isinstance(focus, BNode) else str(focus),
            str(path) if isinstance(path, URIRef) else "",
            str(component),
            SEVERITIES.get(str(severity), str(severity)),
        )


def judge(test: Validation, find: Callable[[str, Path], set[Result]], folder: Path) -> set[Row]:
    """Return what an engine finds, by shapes that are put into a folder as ours are."""
    folder.mkdir()
    (folder / "shapes.ttl").write_bytes(f"@base <{test.shapes.as_uri()}> .\n".encode() + test.shapes.read_bytes())
    triples = [q.triple for q in ox.parse(path=str(test.data), base_iri=test.data.as_uri())]
    blank = {t.value for triple in triples for t in (triple.subject, triple.object) if isinstance(t, ox.BlankNode)}
    found = find("".join(f"{triple} .\n" for triple in triples), folder)

    def plain(term: str) -> str:
        if term.startswith('"'):
            return str(next(iter(Graph().parse(data=f"<urn:s> <urn:p> {term} .", format="nt").objects())))
        return "_" if term.startswith("_:") or term in blank else term

    return {(plain(r.focus), r.path, r.component, r.severity) for r in found}
