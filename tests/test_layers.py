"""Imports go down only: proved from the syntax trees."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = [
    ["kg.errors", "kg.settings"],
    [
        "kg.names", "kg.anchors", "kg.lookup", "kg.places", "kg.progress", "kg.signatures", "kg.terms", "kg.trusty",
        "kg.words",
    ],
    ["kg.vocabulary", "kg.model", "kg.rows", "kg.stores", "kg.stores.base", "kg.stores.isolation", "kg.stores.apart",
     "kg.stores.keywords", "kg.stores.trial"],
    [
        "kg.propositions", "kg.files", "kg.claims", "kg.readings", "kg.corpus", "kg.lines", "kg.sorting", "kg.rdf",
        "kg.shapes", "kg.rules", "kg.called", "kg.query",
        "kg.slices", "kg.targets", "kg.constraints", "kg.engines", "kg.verdicts", "kg.cluster",
        "kg.index", "kg.connections", "kg.spelling", "kg.wanted",
        "kg.export", "kg.nanopubs", "kg.jsonld", "kg.answers", "kg.reasons", "kg.pairs", "kg.contradictions",
        "kg.assessments", "kg.degrees", "kg.disagreements", "kg.compare", "kg.derived",
        "kg.matrix", "kg.hops", "kg.mechanisms",
        "kg.imported", "kg.imports", "kg.imports.drugmechdb", "kg.imports.folder", "kg.imports.foreign",
        "kg.imports.kgx", "kg.imports.mapping", "kg.imports.nanopub", "kg.imports.settle",
        "kg.stores.embedded", "kg.stores.cached", "kg.stores.exchange", "kg.stores.loader", "kg.stores.remote",
        "kg.stores.nursery", "kg.stores.crew", "kg.stores.penalties",
        "kg.stores.workers",
    ],
    [
        "kg", "kg.check", "kg.stores.connect", "kg.stores.transfer", "kg.stores.heir", "kg.graph",
        "kg.search", "kg.sides", "kg.versions",
        "api", "api.assets", "api.negotiate", "api.deps", "api.answers", "api.problems", "api.guard",
        "api.labels", "api.outgoing",
        "api.metrics", "api.origins", "api.parameters", "api.prepared", "api.sightings", "api.tags", "api.tools",
        "api.watch",
    ],
    [
        "kg.build", "kg.crate", "kg.dataset", "kg.diff", "kg.inquiries", "kg.leaflets", "kg.mcp", "kg.release",
        "kg.exports", "kg.exports.biolink", "kg.exports.kgx",
        "kg.exports.annotations", "kg.exports.nanopub", "kg.exports.publication",
        "kg.exports.citations", "kg.exports.cx2", "kg.exports.delivery", "kg.exports.edges",
        "kg.exports.format", "kg.exports.graphml", "kg.exports.origin", "kg.exports.package", "kg.exports.page",
        "kg.exports.rdf", "kg.exports.sssom", "kg.exports.tables",
        "api.pages", "api.pages.claim", "api.pages.document", "api.pages.entity", "api.pages.filters", "api.pages.home",
        "api.pages.lists", "api.pages.neighbourhood", "api.pages.search", "api.pages.texts", "api.pages.view",
        "api.pages.about", "api.pages.chooser", "api.pages.compare", "api.pages.mechanism", "api.pages.options",
        "api.pages.queries", "api.pages.sparql", "api.pages.validation",
        "api.routes", "api.routes.docs", "api.routes.exports", "api.routes.linked", "api.routes.meta",
        "api.routes.reasoning", "api.routes.resources", "api.routes.search", "api.routes.sparql",
    ],
    ["kg.cli", "kg.imports.commands", "api.app", "api.description", "api.server"],
]  # fmt: skip
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
WRITERS = {
    "kg.build",
    "kg.check",
    "kg.corpus",
    "kg.rdf",
    "kg.shapes",
    "kg.slices",
    "kg.targets",
    "kg.constraints",
    "kg.engines",
    "kg.verdicts",
    "kg.claims",
    "kg.files",
    "kg.readings",
    "kg.sorting",
    "kg.lines",
    "kg.rules",
    "kg.derived",
    "kg.imported",
    "kg.imports.folder",
    "kg.imports.settle",
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(p): p for folder in ("kg", "api") for p in (ROOT / folder).rglob("*.py")}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in inner}
    return {name for name in found if name.split(".")[0] in ("kg", "api")}


def test_every_module_has_a_layer() -> None:
    assert set(MODULES) == set(LEVEL)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_only(module: str) -> None:
    for imported in imports(MODULES[module]):
        assert LEVEL[imported] <= LEVEL[module], f"{module} imports {imported}"
        if module.startswith("kg"):
            assert not imported.startswith("api")
        else:
            assert imported not in WRITERS, "a server that cannot write cannot be made to"


def test_there_are_no_cycles() -> None:
    graph = {module: imports(path) - {"kg", "api"} for module, path in MODULES.items()}
    done: set[str] = set()
    while ready := {m for m, needs in graph.items() if m not in done and needs <= done | {m}}:
        done |= ready
    assert done == set(graph)


def test_no_python_builds_sparql() -> None:
    for path in MODULES.values():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"PREFIX \w*: *<|(?<!\.\.\. )WHERE \{", text), path
