"""Resources: lists and single ones, in JSON, JSON-LD, Turtle, N-Triples, RDF/XML, CSV and HTML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from api.answers import MAX_PAGE, PAGE, answer_graph, answer_list, answer_resource, read_parameters
from api.deps import Here
from api.negotiate import HTML, RESOURCE, TABLE, choose, split_suffix
from api.pages import claim, disagreement, document, entity, lists, neighbourhood, proposition, work
from api.pages.chooser import read_chooser
from kg.errors import NotFoundError, QueryError
from kg.names import CG, nearest
from kg.stores.base import GRAPHS, RESULTS

router = APIRouter()


@dataclass(frozen=True)
class View:
    """How a class of resources is shown: the query of its list, those of one resource, and that of its graph."""

    singular: str
    list: str
    #: Section title, named query; each takes the resource as a parameter of the same name as the class.
    sections: tuple[tuple[str, str], ...]
    graph: str
    #: What shows one of them, and their list, as a page of its own; without, they are shown as tables.
    page: Callable[..., Response] | None = None
    page_of_list: Callable[..., Response] | None = None


VIEWS = {
    "documents": View(
        "document",
        "documents",
        (("document", "documents"), ("chains", "chains"), ("claims", "document-claims")),
        "describe-document",
        document.show,
        lists.show_documents,
    ),
    "entities": View(
        "entity",
        "entities",
        (
            ("entity", "entity"),
            ("acting on it", "acting-on"),
            ("acted on by it", "acted-on-by"),
            ("claims", "claims-about"),
        ),
        "describe-entity",
        entity.show,
        lists.show_entities,
    ),
    "claims": View("claim", "claims", (("claim", "claim"),), "describe-claim", claim.show, lists.show_claims),
    "propositions": View(
        "proposition",
        "propositions",
        (("proposition", "proposition"), ("claims", "proposition-claims")),
        "describe-proposition",
        proposition.show,
        page_of_list=lists.show_propositions,
    ),
    "relations": View("relation", "relations", (("relation", "relation"),), "describe-relation"),
    "disagreements": View(
        "disagreement",
        "disagreements",
        (("disagreement", "disagreement-claims"),),
        "describe-disagreement",
        disagreement.show,
        page_of_list=lists.show_disagreements,
    ),
    "works": View("work", "works", (("work", "works"), ("claims", "claims-of-work")), "describe", work.show),
}
_BY_SINGULAR = {view.singular: name for name, view in VIEWS.items()}
_RESERVED = {"format", "page", "size"}
#: Views of other modules, which take a format by suffix too, and the suffixes that only they have.
_OTHERS = {
    "about", "annotations", "compare", "docs", "export", "health", "mechanisms", "ontology", "queries", "search",
    "shapes", "sparql", "validation",
}  # fmt: skip
_SUFFIXES = {**RESOURCE, **RESULTS, "md": "", "tex": ""}

Format = Annotated[str | None, Query(description="json, html, csv, ttl, nt, jsonld or rdf; before Accept")]
Page = Annotated[int, Query(ge=1)]
Size = Annotated[int, Query(ge=1, le=MAX_PAGE)]


@router.get("/{plural}", include_in_schema=False)
def show_list_or_fail(
    plural: str, request: Request, session: Here, format: Format = None, page: Page = 1, size: Size = PAGE
) -> Response:
    """Answer with a list of resources."""
    name, suffix = split_suffix(plural, _SUFFIXES)
    if name in ("vocab", "kind"):
        return RedirectResponse("/ontology" + (f"?format={suffix}" if suffix else ""), 303)
    if suffix and name in _OTHERS:
        return RedirectResponse(f"/{name}?{request.url.include_query_params(format=suffix).query}", 307)
    if name not in VIEWS:
        raise NotFoundError(f"there is no {request.url.path!r} here")
    view = VIEWS[name]
    chosen = choose(RESOURCE, suffix, format, request.headers.get("accept"))
    given = read_parameters(request)
    values = {k: v for k, v in given.items() if k not in _RESERVED}
    if chosen in GRAPHS:
        if values:
            raise QueryError("a list in RDF takes no filter; ask /sparql or a single resource")
        return answer_graph(session, "members", chosen, {"class": CG + view.singular.capitalize()})
    if chosen == "html" and view.page_of_list:
        # A form sends all of its choices, those that were left open too.
        return view.page_of_list(request, session, {k: v for k, v in values.items() if v}, page, size)
    offered = TABLE if values else RESOURCE
    return answer_list(request, session, name, view.list, chosen, values, page, size, offered)


@router.get("/entities/{name}/neighbourhood", summary="What stands around an entity, as nodes and edges to be drawn")
def show_neighbourhood(name: str, session: Here) -> JSONResponse:
    """Answer with what some document asserts of an entity and its neighbours."""
    if not session.is_known("entity", name):
        raise NotFoundError(_not_found(session, VIEWS["entities"], name))
    return JSONResponse({"build": session.build.digest, **neighbourhood.draw(session, name)})


@router.get("/documents/{name}/text", summary="The text of a document, its claims marked, when it is at hand")
def show_text(name: str, request: Request, session: Here) -> Response:
    """Answer with a page: the text of a source is in no other format."""
    choose({"html": HTML}, None, None, request.headers.get("accept"))
    return document.show_text(request, session, name)


@router.get("/{plural}/{name:path}", include_in_schema=False)
def show_one_or_fail(
    plural: str,
    name: str,
    request: Request,
    session: Here,
    format: Format = None,
    act: str = "",
    certainty: str = "",
    relation: str = "",
    kind: str = "",
    page: Page = 1,
) -> Response:
    """Answer with one resource; an IRI of the graph is answered for at its own path."""
    plural = _BY_SINGULAR.get(plural, plural)
    id_, suffix = split_suffix(name, RESOURCE)
    chosen = choose(RESOURCE, suffix, format, request.headers.get("accept"))
    if plural not in VIEWS or "/" in id_:
        return _show_any(request, session, f"{VIEWS[plural].singular if plural in VIEWS else plural}/{id_}", chosen)
    view = VIEWS[plural]
    if not session.is_known(view.singular, *id_.split("/")):
        raise NotFoundError(_not_found(session, view, id_))
    values = {view.singular: id_}
    if chosen in GRAPHS:
        parameter = {"resource": session.service.names.iri(view.singular, id_)} if view.graph == "describe" else values
        return answer_graph(session, view.graph, chosen, parameter)
    if (act or certainty or relation or kind or page > 1) and (chosen, plural) != ("html", "documents"):
        raise QueryError("only the page of a document takes filters and pages; ask /queries/readable-claims for others")
    if chosen == "html" and view.page:
        return view.page(request, session, id_)
    iri = session.service.names.iri(view.singular, id_)
    sections = [(section, query, values) for section, query in view.sections]
    return answer_resource(request, session, id_, chosen, iri, sections)


def _show_any(request: Request, session: Here, path: str, chosen: str) -> Response:
    """Answer for a resource that has no view of its own, with what the graph says of it."""
    iri = session.service.names.iri(*path.split("/"))
    if not session.is_known(*path.split("/")):
        raise NotFoundError(f"the graph has nothing at {iri}")
    if chosen in GRAPHS:
        return answer_graph(session, "describe", chosen, {"resource": iri})
    folder, _, id_ = path.partition("/")
    if chosen == "html" and folder == "frame":  # a question is read where its answers stand
        return RedirectResponse(f"/compare?frame={id_}", 303, {"Vary": "Accept"})
    return answer_resource(request, session, path, chosen, iri, [("statements", "statements", {"resource": iri})])


def _not_found(session: Here, view: View, id_: str) -> str:
    """Say that a resource is unknown, with the nearest known ones."""
    if view.singular == "entity":
        near = read_chooser(session).list_near(id_)
    else:
        near = nearest(id_, [str(row[view.singular]).rpartition("/")[2] for row in session.table(view.list).rows])
    return f"there is no {view.singular} {id_!r}" + (f"; nearest: {', '.join(near)}" if near else "")
