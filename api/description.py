"""What the OpenAPI document says of the service: what the routes tell, and besides it each resource and named query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from fastapi import FastAPI

from api.answers import MAX_PAGE, PAGE
from api.negotiate import RESOURCE, TABLE
from api.routes.resources import VIEWS, View
from kg.query import RESOURCES, NamedQuery
from kg.query import Parameter as Asked
from kg.stores.base import GRAPHS, RESULTS

Told = dict[str, Any]
#: The sections of the documentation in their order, with the modules whose routes stand in them.
SECTIONS = {
    "Resources": ("resources", "Documents, entities, claims and the rest: each in a list, and each alone."),
    "Comparison and mechanisms": ("reasoning", "Documents side by side; signed paths from one entity to another."),
    "Search": ("search", "Words, with typing errors forgiven."),
    "SPARQL": ("sparql", "The SPARQL 1.1 Protocol for queries."),
    "Named queries": ("queries", "The queries that every view comes from, each with its parameters."),
    "Exports and linked data": ("exports linked", "The whole graph or one document, and what describes it."),
    "The service": ("meta docs", "What it is, from which data it answers, and whether it is well."),
}
#: What a protocol of SPARQL takes besides the query.
_DATASET = ("default-graph-uri", "named-graph-uri")
#: The choices on the page of a document; other formats refuse them.
_FILTERS = ("act", "certainty", "relation", "kind")


def find_section(module: ModuleType) -> str:
    """Return the section in which the routes of a module stand."""
    name = module.__name__.rpartition(".")[2]
    return next(section for section, (modules, _) in SECTIONS.items() if name in modules.split())


def describe(app: FastAPI, queries: Mapping[str, NamedQuery], problems: Mapping[int | str, Told]) -> None:
    """Let the application describe, besides its routes, every resource and every named query."""
    told = app.openapi

    def openapi() -> Told:
        if app.openapi_schema is None:
            made = told()
            failing = {str(status): answer for status, answer in problems.items()}
            made["tags"] = [{"name": section, "description": words} for section, (_, words) in SECTIONS.items()]
            views = [tell_view(name, view, queries) for name, view in VIEWS.items()]
            asked = {f"/queries/{query.name}": {"get": tell_query(query)} for query in queries.values()}
            made["paths"] = {path: found for paths in (*views, made["paths"], asked) for path, found in paths.items()}
            for path in made["paths"].values():
                for operation in path.values():
                    operation["responses"] = failing | operation["responses"]
            made["paths"]["/queries"]["get"]["tags"] = ["Named queries"]
            tell_protocol(made["paths"]["/sparql"])
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]


def tell_view(name: str, view: View, queries: Mapping[str, NamedQuery]) -> Told:
    """Return what is said of a class of resources: their list, and one of them."""
    listed = [tell_parameter(parameter) for parameter in queries[view.list].parameters]
    one = [{**_tell("name", f"the {view.singular}"), "in": "path", "required": True}, _format(RESOURCE)]
    if name == "documents":
        one += [_tell(filter_, "of the page (format=html) alone: only claims of this") for filter_ in _FILTERS]
        one += [_number("page", 1, None)]
    return {
        f"/{name}": {"get": _operation("Resources", f"All {name}", [*listed, *_paging(RESOURCE)], RESOURCE)},
        f"/{name}/{{name}}": {"get": _operation("Resources", f"One {view.singular}", one, RESOURCE)},
    }


def tell_query(query: NamedQuery) -> Told:
    """Return what is said of a named query."""
    offered = GRAPHS if query.is_graph else TABLE | {suffix: RESULTS[suffix] for suffix in ("tsv", "xml")}
    paging = [_format(offered)] if query.is_graph else _paging(offered)
    parameters = [tell_parameter(parameter) for parameter in query.parameters]
    return _operation("Named queries", query.summary, [*parameters, *paging], offered)


def tell_parameter(parameter: Asked) -> Told:
    """Return what is said of a parameter of a named query.

    >>> tell_parameter(Asked("entity", "entity", "what acts"))["description"]
    'what acts: the name or IRI of an entity'
    """
    article = "an" if parameter.type[0] in "aeiou" else "a"
    kind = f"the name or IRI of {article} {parameter.type}" if parameter.type in RESOURCES else parameter.type
    told = parameter.description if parameter.type == "text" else f"{parameter.description}: {kind}"
    return _tell(parameter.name, told) | ({"required": True} if parameter.type == "text" else {})


def tell_protocol(path: Told) -> None:
    """Add what the protocol of SPARQL takes: the graphs of a query, and a query in the body."""
    graphs = [_tell(name, "graphs to be asked", {"type": "array", "items": {"type": "string"}}) for name in _DATASET]
    path["get"]["parameters"] = [*path["get"].get("parameters", []), *graphs]
    fields = {"query": {"type": "string"}, "format": {"type": "string"}}
    fields |= {told["name"]: told["schema"] for told in graphs}
    form = {"type": "object", "required": ["query"], "properties": fields}
    path["post"]["parameters"] = graphs
    path["post"]["requestBody"] = {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {"schema": form},
            "application/sparql-query": {"schema": {"type": "string"}},
        },
    }


# The pieces


def _operation(section: str, summary: str, parameters: Iterable[Told], offered: Mapping[str, str]) -> Told:
    answer = {"description": "The answer", "content": {media_type: {} for media_type in offered.values()}}
    return {"tags": [section], "summary": summary, "parameters": list(parameters), "responses": {"200": answer}}


def _paging(offered: Mapping[str, str]) -> list[Told]:
    return [_format(offered), _number("page", 1, None), _number("size", PAGE, MAX_PAGE)]


def _format(offered: Mapping[str, str]) -> Told:
    return _tell("format", "how it is answered, before Accept", {"type": "string", "enum": list(offered)})


def _number(name: str, default: int, most: int | None) -> Told:
    schema: Told = {"type": "integer", "minimum": 1, "default": default} | ({"maximum": most} if most else {})
    return _tell(name, {"page": "which page", "size": "how many on a page"}[name], schema)


def _tell(name: str, description: str, schema: Told | None = None) -> Told:
    return {"name": name, "in": "query", "description": description, "schema": schema or {"type": "string"}}
