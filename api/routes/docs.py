"""The documentation of the API, for reading and trying out, without any service elsewhere."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.deps import Here, templates
from api.negotiate import HTML, choose

router = APIRouter()

#: Swagger's style sheet holds its icons as data: addresses; nothing else is loosened, and only here.
_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


@router.get("/docs", summary="The documentation of the API", include_in_schema=False)
def show_docs(request: Request, session: Here, format: str | None = None) -> Response:
    """Show every operation: a table, which a script turns into a page where each can be tried."""
    choose({"html": HTML}, None, format, None)
    paths = request.app.openapi()["paths"]
    operations = [(path, method.upper(), told) for path, found in paths.items() for method, told in found.items()]
    sections: dict[str, list[tuple[str, str, Any]]] = {tag["name"]: [] for tag in request.app.openapi()["tags"]}
    for operation in operations:
        sections[operation[2]["tags"][0]].append(operation)
    context = {"title": "API", "build": session.build, "sections": sections}
    return templates.TemplateResponse(
        request, "docs.html", context, headers={"Content-Security-Policy": _POLICY, "Vary": "Accept"}
    )
