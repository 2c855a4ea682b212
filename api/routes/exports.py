"""Taking the graph away: every format of `kg.exports`, the whole graph or one document."""

from __future__ import annotations

from typing import BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.answers import read_parameters
from api.deps import Here, Session
from api.negotiate import HTML, choose
from api.pages.view import show_page
from api.tags import answer_unchanged
from kg.errors import NotFoundError
from kg.exports import FORMATS, get_format
from kg.exports.delivery import Desk
from kg.exports.format import Format
from kg.nanopubs.trusty import find_code
from kg.rdf.terms import LICENSE

router = APIRouter()
#: What an export may come as.
MEDIA_TYPES = dict.fromkeys(f.media_type for f in FORMATS)
_CHUNK = 1 << 16
#: What their list can be had as.
_LIST = {"json": "application/json", "html": HTML}


@router.get("/export", summary="The formats of the whole graph and of one document")
def list_exports(request: Request, session: Here, format: str | None = None) -> Response:
    """List the addresses of the exports, and what each format keeps and loses."""
    read_parameters(request, {"format"})
    titles = {str(row["document"]).rpartition("/")[2]: row["title"] for row in session.table("documents").rows}
    if choose(_LIST, None, format, request.headers.get("accept")) == "html":
        return show_page(
            request, session, "exports.html", "Exports", [], _LIST, "export --list", forms=FORMATS, titles=titles
        )
    listed = {
        "build": session.build.digest,
        "graph": {f.suffix: f"/export/graph.{f.suffix}" for f in FORMATS},
        "documents": {d: {f.suffix: f"/export/document/{d}.{f.suffix}" for f in FORMATS} for d in titles},
        "formats": [
            {
                "name": f.name, "suffix": f.suffix, "media_type": f.media_type, "summary": f.summary,
                "keeps": f.keeps, "loses": f.loses,
            }
            for f in FORMATS
        ],
    }  # fmt: skip
    return JSONResponse(listed, headers={"Vary": "Accept"})


@router.get("/export/graph.{suffix}", summary="The whole graph in a format")
def export_graph(suffix: str, request: Request, session: Here) -> Response:
    """Give the whole graph away; N-Quads is the canonical text that the digest names."""
    read_parameters(request, ())
    return _download(request, get_format(suffix), session, None)


@router.get("/export/document/{file}", summary="One document in a format, by the ending of the address")
def export_document(file: str, request: Request, session: Here) -> Response:
    """Give one document away, with the propositions that it speaks of."""
    read_parameters(request, ())
    document, _, suffix = file.partition(".")
    return _download(request, get_format(suffix), session, document)


@router.get("/export/{name}", summary="The whole graph, or one document, in the format of a name")
def export_format(name: str, request: Request, session: Here, document: str | None = None) -> Response:
    """Give the graph away in a format that is named, such as /export/graphml?document=..."""
    read_parameters(request, {"document"})
    return _download(request, get_format(name), session, document)


@router.get("/np/{name:path}", include_in_schema=False)
def tell_nanopublication(name: str, request: Request) -> Response:
    """Say where a nanopublication is to be had: its name is made of all that it says, and nothing keeps a list."""
    code = find_code(name.partition("/")[0])
    if not code:
        raise NotFoundError(f"there is no nanopublication {name!r}: their names end with RA and 43 signs")
    raise NotFoundError(
        f"nanopublications are not looked up by name: if {code} is of a claim of this build, /export/nanopub has it;"
        " of an earlier build, the export that published it has it"
    )


def _download(request: Request, form: Format, session: Session, document: str | None) -> Response:
    name = f"claimgraph-{quote(document or 'graph', safe='')}-{session.build.digest[:12]}.{form.suffix}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Link": f'<{LICENSE}>; rel="license"',
    }
    told = Response(media_type=form.media_type, headers=headers)
    if unchanged := answer_unchanged(request, told.headers):
        return unchanged
    desk: Desk = request.app.state.desk
    return _Download(desk.spool(form, session.opened.graph, session.build, document), form.media_type, headers)


class _Download(StreamingResponse):
    """An export on its way out, whose file is closed whatever comes of it."""

    def __init__(self, file: BinaryIO, media_type: str, headers: dict[str, str]) -> None:
        super().__init__(iter(lambda: file.read(_CHUNK), b""), media_type=media_type, headers=headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()
