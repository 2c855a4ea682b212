"""For the web of data: the description of the dataset, the context of our JSON-LD, annotations of documents."""

from __future__ import annotations

from typing import Annotated

import pyoxigraph as ox
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.answers import answer_resource, headers
from api.deps import Here, Session
from api.negotiate import RESOURCE, choose
from kg.errors import QueryError
from kg.exports import FORMATS
from kg.exports.annotations import W3C, annotate
from kg.exports.dataset import describe_formats
from kg.rdf.formats import serialize
from kg.rdf.jsonld import write_jsonld
from kg.stores.base import GRAPHS

router = APIRouter()
_ANNOTATIONS = f'{GRAPHS["jsonld"]}; profile="{W3C}"'


@router.get("/.well-known/void", summary="The description of the dataset")
@router.get("/.well-known/void.{suffix}", include_in_schema=False)
@router.get("/dataset", include_in_schema=False)
@router.get("/dataset.{suffix}", include_in_schema=False)
def show_void(request: Request, session: Here, format: str | None = None) -> Response:
    """Describe the dataset in VoID and DCAT: counts, licence, links, and in which formats it can be had."""
    chosen = choose(RESOURCE, request.path_params.get("suffix"), format, request.headers.get("accept"), default="ttl")
    if chosen not in GRAPHS:
        sections = [("statements", "statements", {"resource": session.service.names.iri("dataset")})]
        return answer_resource(request, session, "dataset", chosen, sections[0][2]["resource"], sections)
    lines = (
        session.graph("dataset", GRAPHS["nt"]).body + "".join(describe_formats(FORMATS, session.service.names)).encode()
    )
    triples = list(ox.parse(lines, format=ox.RdfFormat.N_TRIPLES))
    if chosen == "jsonld":
        body = write_jsonld((t.triple for t in triples), session.opened.graph.context)
    else:
        body = serialize(triples, chosen)
    return Response(body, media_type=RESOURCE[chosen], headers=headers(session, "dataset", {}))


@router.get("/context/v1.jsonld", summary="The context of JSON-LD that is written in our vocabulary")
def show_context(session: Here) -> Response:
    """Give the names of our vocabulary in JSON-LD; further ones may join these, and none of them changes."""
    context = session.opened.graph.context
    return JSONResponse({"@context": context}, media_type=GRAPHS["jsonld"])


Inside = Annotated[str, Query(description="link, as the W3C demands; inline, to read it without a network")]


@router.get("/documents/{name}/annotations", summary="The passages of a document as Web Annotations")
@router.get("/documents/{name}/annotations.jsonld", include_in_schema=False)
@router.get("/document/{name}/annotations", include_in_schema=False)
def show_annotations(name: str, session: Here, context: Inside = "link") -> Response:
    """Give what claims point to in a document, as one collection with one page."""
    return _answer_annotations(session, name, context)


@router.get("/annotations", summary="The passages of all documents as Web Annotations")
def show_all_annotations(session: Here, context: Inside = "link", format: str | None = None) -> Response:
    """Give what claims point to in all documents, as one collection with one page."""
    choose({"jsonld": _ANNOTATIONS}, None, format, None)
    return _answer_annotations(session, None, context)


def _answer_annotations(session: Session, name: str | None, context: str) -> Response:
    if context not in ("link", "inline"):
        raise QueryError(f"there is no context {context!r}; there are link, inline")
    found = annotate(session.opened.graph, name, context == "inline")
    return JSONResponse(found, media_type=_ANNOTATIONS if context == "link" else GRAPHS["jsonld"])
