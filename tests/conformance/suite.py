"""Reading the W3C suites: what a test asks, what it expects, and whether an answer is the same."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.query import Result
from rdflib.term import Node

from kg.rdf.write import digest
from kg.settings import DEFAULT_BASE
from kg.stores.base import GRAPHS, RESULTS
from kg.stores.embedded import EmbeddedStore

#: Where the suites are published: the base of every IRI in them, wherever the folder is.
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
#: A graph that no suite has, to say "an empty default graph" to a store of many graphs.
NOTHING = BASE + "nothing"
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
RDFS_LABEL = URIRef("http://www.w3.org/2000/01/rdf-schema#label")


@dataclass(frozen=True)
class Request:
    """One HTTP request of a protocol test, with what the answer must be."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    status: frozenset[int]
    form: str | None
    boolean: bool | None


@dataclass(frozen=True)
class Protocol:
    """A protocol test."""

    name: str
    requests: tuple[Request, ...]


@dataclass(frozen=True)
class Evaluation:
    """A query evaluation test; data are named by IRI, as the graphs of the store are."""

    name: str
    base: str
    query: str
    default: tuple[str, ...]
    named: tuple[str, ...]
    result: Path

    @property
    def dataset(self) -> list[tuple[str, str]]:
        """The dataset as the protocol sends it; none when the query says its own."""
        if not self.default and re.search(r"\bFROM\s*(NAMED\s*)?<", self.query):
            return []
        pairs = [("default-graph-uri", g) for g in self.default or (NOTHING,)]
        return pairs + [("named-graph-uri", g) for g in self.named]


def _read(folder: Path, path: str) -> Graph:
    return Graph().parse(folder / path, format="turtle", publicID=BASE + path)


def _local(folder: Path, iri: str) -> Path:
    return folder / iri.removeprefix(BASE)


def _entries(graph: Graph, kind: str) -> Iterator[Node]:
    for entries in graph.objects(None, MF.entries):
        yield from (e for e in graph.items(entries) if (e, RDF.type, MF[kind]) in graph)


def read_protocol(folder: Path) -> list[Protocol]:
    """Return the protocol tests, in the order of the manifest."""
    graph, found = _read(folder, "protocol/manifest.ttl"), []
    for entry in _entries(graph, "ProtocolTest"):
        listed = graph.value(graph.value(entry, MF.action), HT.requests)
        requests = tuple(_request(graph, r) for r in graph.items(listed))
        found.append(Protocol(f"protocol/{str(entry).partition('#')[2]}", requests))
    return found


def _request(graph: Graph, node: Node) -> Request:
    body, answer = graph.value(node, HT.body), graph.value(node, HT.resp)
    names = graph.items(graph.value(node, HT.headers) or RDF.nil)
    boolean = graph.value(answer, MF.expectedBoolean)
    form = graph.value(answer, MF.expectedFormat)
    return Request(
        method=str(graph.value(node, HT.methodName)),
        target=re.sub("^/sparql/", "/sparql", str(graph.value(node, HT.absolutePath))),
        headers=tuple((str(graph.value(n, HT.fieldName)), str(graph.value(n, HT.fieldValue))) for n in names),
        body=str(graph.value(body, CNT.chars)).encode(str(graph.value(body, CNT.characterEncoding))) if body else None,
        status=frozenset(int(str(s)[-3]) for s in graph.objects(answer, MF.expectedStatus)),
        form=str(form) if form else None,
        boolean=boolean.toPython() if isinstance(boolean, Literal) else None,
    )


def read_evaluations(folder: Path) -> list[Evaluation]:
    """Return the query evaluation tests of every manifest that the query manifest includes."""
    top, found = _read(folder, "manifest-sparql11-query.ttl"), []
    for part in [str(m) for listed in top.objects(None, MF.include) for m in top.items(listed)]:
        graph = _read(folder, part.removeprefix(BASE))
        for entry in _entries(graph, "QueryEvaluationTest"):
            action = graph.value(entry, MF.action)
            query = str(graph.value(action, QT.query))
            found.append(
                Evaluation(
                    name=f"{part.split('/')[-2]}/{str(entry).partition('#')[2]}",
                    base=query,
                    query=_local(folder, query).read_text(encoding="utf-8"),
                    default=tuple(str(d) for d in graph.objects(action, QT.data)),
                    named=tuple(str(d) for d in graph.objects(action, QT.graphData)),
                    result=_local(folder, str(graph.value(entry, MF.result))),
                )
            )
    return found


def read_quads(folder: Path) -> Iterator[str]:
    """Yield N-Quads lines of all data of all tests, each file a graph."""
    files = {g: _local(folder, g) for test in read_evaluations(folder) for g in (*test.default, *test.named)}
    manifest = _read(folder, "protocol/manifest.ttl")
    for node in manifest.objects(None, UT.graphData):
        files[str(manifest.value(node, RDFS_LABEL))] = _local(folder, str(manifest.value(node, UT.graph)))
    for graph, path in files.items():
        base = BASE + path.relative_to(folder).as_posix()
        for quad in ox.parse(path=str(path), base_iri=base, rename_blank_nodes=True):
            yield f"{quad.triple} <{graph}> .\n"


def make_build(builds: Path, lines: Iterable[str]) -> None:
    """Make a build folder of any quads and put it into service, with what the service reads of a build."""
    ordered = sorted(set(lines))
    name = digest(ordered)
    folder = builds / name[:16]
    folder.mkdir(parents=True)
    (folder / "graph.nq").write_text("".join(ordered), encoding="utf-8")
    store = EmbeddedStore.create(folder / "store")
    store.load(ordered)
    store.optimize()
    store.close()
    counts = {"quads": len(ordered), "documents": 0, "claims": 0}
    manifest = {"digest": name, "base": DEFAULT_BASE, "date": "1970-01-01", **counts, "files": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (builds / "current").symlink_to(folder.name)


def accept(test: Evaluation) -> str:
    """Return the media type to ask for: that of the expected result where it has one."""
    suffix = {"srx": "xml", "srj": "json"}.get(test.result.suffix[1:], test.result.suffix[1:])
    return f"{RESULTS[suffix]}, */*;q=0.1" if suffix in RESULTS else f"{RESULTS['json']}, {GRAPHS['ttl']}"


def differ(test: Evaluation, media_type: str, body: bytes) -> str:
    """Say how an answer differs from what is expected; nothing when it is the same."""
    suffix, expected = test.result.suffix[1:], test.result.read_bytes()
    if suffix == "ttl":
        graph = Graph().parse(data=expected, format="turtle", publicID=BASE + "/".join(test.result.parts[-2:]))
        if media_type == GRAPHS["ttl"]:
            same = isomorphic(graph, Graph().parse(data=body, format="turtle"))
            return "" if same else f"another graph: {body.decode()[:300]}"
        wanted = _rows_of_graph(graph)
    else:
        result = read_result({"srx": "xml", "srj": "json"}.get(suffix, suffix), expected)
        if result.type == "ASK":
            answer = read_result(_suffix(media_type), body)
            return "" if answer.type == "ASK" and answer.askAnswer == result.askAnswer else f"{body.decode()[:300]}"
        wanted = _rows(result)
    got = _rows(read_result(_suffix(media_type), body))
    if isomorphic(_as_graph(wanted), _as_graph(got)):
        return ""
    return f"missing {_shown(wanted - got)}, too many {_shown(got - wanted)}"


def _suffix(media_type: str) -> str:
    return next((s for s, m in RESULTS.items() if m == media_type), media_type)


def read_result(suffix: str, body: bytes) -> Result:
    """Read results in the XML, JSON, CSV or TSV form by a parser that is not the service's own."""
    return Result.parse(io.BytesIO(body), format=suffix)


Row = frozenset[tuple[str, Node]]
#: The one form of a value, by datatype.
_VALUES: dict[URIRef | None, Callable[[str], str]] = {
    XSD.integer: lambda text: str(int(text)),
    XSD.decimal: lambda text: f"{Decimal(text).normalize():f}",
    XSD.double: lambda text: str(float(text)),
    XSD.float: lambda text: str(float(text)),
    XSD.boolean: lambda text: {"1": "true", "0": "false"}.get(text, text),
}


def _term(term: Node | None) -> Node:
    """Return a term with one form for each value of a datatype, as the suite compares them: by value, by datatype.

    Computed numbers have no lexical form that the standard fixes, and the suite's own are of both kinds. Of the rest,
    xsd:string is what a simple literal has, and language tags know no case.

    >>> _term(Literal("2.0", datatype=XSD.decimal)) == _term(Literal("2", datatype=XSD.decimal))
    True
    >>> _term(Literal("2", datatype=XSD.integer)) == _term(Literal("2", datatype=XSD.decimal))
    False
    """
    assert term is not None
    if not isinstance(term, Literal):
        return term
    if term.language:
        return Literal(str(term), lang=term.language.lower())
    if term.datatype == XSD.string:
        return Literal(str(term))
    if term.datatype in _VALUES:
        with contextlib.suppress(ValueError, ArithmeticError):
            return Literal(_VALUES[term.datatype](str(term)), datatype=term.datatype, normalize=False)
    return term


def _rows(result: Result) -> Counter[Row]:
    assert result.type == "SELECT", f"not a table but {result.type}"
    return Counter(frozenset((str(k), _term(v)) for k, v in row.items()) for row in result.bindings)


def _rows_of_graph(graph: Graph) -> Counter[Row]:
    """Return rows that are written as a graph of the result-set vocabulary."""
    return Counter(
        frozenset(
            (str(graph.value(b, RS.variable)), _term(graph.value(b, RS.value)))
            for b in graph.objects(solution, RS.binding)
        )
        for solution in graph.objects(None, RS.solution)
    )


def _as_graph(rows: Counter[Row]) -> Graph:
    """Return rows as a graph, so that blank nodes are matched across rows and repeated rows are counted."""
    graph = Graph()
    for row, count in rows.items():
        node = BNode()
        graph.add((node, RS["index"], Literal(count)))
        for name, value in row:
            graph.add((node, RS[f"variable/{name}"], value))
    return graph


def _shown(rows: Counter[Row]) -> str:
    shown = [" ".join(sorted(f"?{k}={v.n3()}" for k, v in row)) + f" x{n}" for row, n in rows.items()]  # type: ignore[attr-defined]
    return "; ".join(sorted(shown)[:4]) or "none"
