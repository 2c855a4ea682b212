"""Imports go down only: proved from the syntax trees."""

import ast
import re
from collections.abc import Collection
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: A package stands for its modules, unless one has a line of its own.
LAYERS = [
    ["kg.errors", "kg.settings"],
    ["kg.names", "kg.anchors", "kg.garbage", "kg.places", "kg.progress", "kg.rdf.terms", "kg.nanopubs.signatures",
     "kg.nanopubs.trusty", "kg.search.words"],
    ["kg.vocabulary", "kg.model", "kg.corpus.rows", "kg.stores.base", "kg.stores.isolation", "kg.stores.apart",
     "kg.stores.keywords", "kg.stores.trial", "kg.pool"],
    ["kg.called", "kg.query", "kg.corpus", "kg.rdf", "kg.shapes", "kg.compare", "kg.mechanisms", "kg.search",
     "kg.nanopubs", "kg.imports", "kg.stores"],
    ["kg", "kg.check", "kg.documents", "kg.preparation",
     "kg.graph", "kg.diff", "kg.search.find", "kg.search.named", "kg.stores.connect",
     "kg.stores.heir", "kg.stores.transfer",
     "api", "api.assets", "api.negotiate", "api.deps", "api.answers", "api.problems", "api.guard", "api.labels",
     "api.later", "api.metrics", "api.origins", "api.outgoing", "api.parameters", "api.pinned", "api.prepared",
     "api.sightings", "api.tags", "api.tools", "api.watch"],
    ["kg.build", "kg.exports", "kg.release", "kg.mcp", "api.pages", "api.routes"],
    ["kg.cli", "api.app", "api.description", "api.server"],
]  # fmt: skip
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
#: What a service has no business with.
WRITERS = {
    "kg.build", "kg.check", "kg.documents", "kg.preparation",
    "kg.corpus", "kg.shapes", "kg.rdf.write", "kg.rdf.lines", "kg.rdf.sorting",
    "kg.rdf.derived", "kg.imports",
}  # fmt: skip


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


def line_of(module: str, names: Collection[str]) -> str | None:
    """Return the module's own line or its package's; a module at the top must have one."""
    package = module.rpartition(".")[0]
    return module if module in names else package if package in names and "." in package else None


def test_every_module_has_a_layer() -> None:
    lines = {module: line_of(module, LEVEL) for module in MODULES}
    assert set(lines.values()) == set(LEVEL), [module for module, line in lines.items() if line is None]


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down_only(module: str) -> None:
    level = {name: LEVEL[line_of(name, LEVEL) or ""] for name in (module, *imports(MODULES[module]))}
    for imported in imports(MODULES[module]):
        assert level[imported] <= level[module], f"{module} imports {imported}"
        if module.startswith("kg"):
            assert not imported.startswith("api")
        else:
            assert line_of(imported, WRITERS) is None, "a server that cannot write cannot be made to"


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
