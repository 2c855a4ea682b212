"""The SHACL shapes of `ontology/shapes/`, the verdict of pySHACL on a graph, and its report as RDF."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyshacl import validate
from pyshacl.errors import ValidationFailure
from rdflib import Graph, Namespace, URIRef
from rdflib.term import Node

from kg.errors import VocabularyError
from kg.names import Names, content_id
from kg.rdf.terms import integer, iri, literal

SH = Namespace("http://www.w3.org/ns/shacl#")
SEVERITIES = {str(SH.Violation): "error", str(SH.Warning): "warning", str(SH.Info): "info"}


@dataclass(frozen=True, order=True)
class Result:
    """One result of a validation."""

    focus: str
    path: str
    component: str
    value: str
    shape: str
    severity: str
    message: str


def read_shapes(folder: Path) -> Graph:
    """Read all shapes; raise VocabularyError with the file of a faulty one."""
    shapes = Graph()
    files = sorted(folder.glob("*.ttl"))
    if not files:
        raise VocabularyError(f"{folder} holds no shapes (*.ttl)")
    for path in files:
        try:
            shapes.parse(path, format="turtle")
        except Exception as error:  # rdflib's parsers raise many kinds
            raise VocabularyError(f"{path}: {error}") from error
    return shapes


def read_text(folder: Path) -> str:
    """Return the text of all shapes: what is kept of them holds as long as it is the same."""
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.ttl")))


def validate_triples(triples: str, shapes: Graph) -> list[Result]:
    """Judge N-Triples text by the shapes with pySHACL, the engine of record; return the results, sorted."""
    data = Graph()
    data.parse(data=triples, format="nt")
    return validate_graph(data, shapes)


def validate_graph(data: Graph, shapes: Graph) -> list[Result]:
    """Judge a graph by the shapes with pySHACL; return the results, sorted."""
    _, report, text = validate(
        data, shacl_graph=shapes, advanced=False, js=False, inference="none", do_owl_imports=False, meta_shacl=False
    )
    return read_report(report, text, shapes)


def read_report(report: object, text: str, shapes: Graph) -> list[Result]:
    """Return the results of a report of pySHACL, sorted; raise VocabularyError when there is none."""
    if isinstance(report, ValidationFailure) or not isinstance(report, Graph):
        raise VocabularyError(f"the shapes cannot be applied: {report if report else text}")
    return sorted(
        Result(
            focus=str(report.value(node, SH.focusNode)),
            path=_path(report, node),
            value=str(value) if (value := report.value(node, SH.value)) is not None else "",
            component=str(report.value(node, SH.sourceConstraintComponent)),
            shape=_shape_of(report.value(node, SH.sourceShape), shapes),
            severity=SEVERITIES.get(str(report.value(node, SH.resultSeverity)), "error"),
            message=" ".join(sorted(str(m) for m in report.objects(node, SH.resultMessage))),
        )
        for node in report.objects(None, SH.result)
    )


def _path(report: Graph, node: Node) -> str:
    path = report.value(node, SH.resultPath)
    return str(path) if isinstance(path, URIRef) else ""


def _shape_of(shape: Node | None, shapes: Graph) -> str:
    """Return the IRI of the node shape that a result comes from."""
    node = shape
    while node is not None and not isinstance(node, URIRef):
        node = next(iter(shapes.subjects(None, node)), None)
    return str(node or "")


def write_report(results: Iterable[Result], names: Names) -> list[str]:
    """Return the SHACL report as N-Quads lines of `graph/validation`, every node with an IRI."""
    graph, sh = names.graph("validation"), str(SH)
    results = list(results)
    report = names.iri("validation", "report")
    rdf_type = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    rows = [
        (report, rdf_type, iri(sh + "ValidationReport")),
        (report, sh + "conforms", literal("false" if results else "true", "http://www.w3.org/2001/XMLSchema#boolean")),
    ]
    for result in results:
        key = content_id(result.focus, result.path, result.component, result.value, result.message)
        node = names.iri("validation", key)
        rows += [
            (report, sh + "result", iri(node)),
            (node, rdf_type, iri(sh + "ValidationResult")),
            (node, sh + "focusNode", iri(result.focus)),
            (node, sh + "sourceConstraintComponent", iri(result.component)),
            (node, sh + "resultMessage", literal(result.message)),
            (node, sh + "resultSeverity", iri(sh + {"error": "Violation"}.get(result.severity, "Warning"))),
        ]
        links = {"sourceShape": result.shape, "resultPath": result.path, "value": result.value}
        for term, value in links.items():
            if value:
                is_iri = value.startswith(("http://", "https://"))
                rows.append((node, sh + term, iri(value) if is_iri else literal(value)))
    rows.append((report, "http://purl.org/dc/terms/extent", integer(len(results))))
    return sorted(f"<{s}> <{p}> {o} <{graph}> .\n" for s, p, o in rows)
