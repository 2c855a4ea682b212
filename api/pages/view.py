"""One page: a template with the build that it was made from, and the tools that every view offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from api.answers import links
from api.deps import Session, templates
from api.labels import read_titles
from api.tools import Asked as Asked
from api.tools import make_tools


def show_page(
    request: Request,
    session: Session,
    template: str,
    title: str,
    asked: Sequence[Asked],
    formats: Mapping[str, str],
    command: str = "",
    addresses: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    """Answer with a page; formats are those the view can be had as, command the words after `kg`.

    The address of the view in each format is its own, unless addresses tells others.
    """
    if addresses is None:
        addresses = links(request, formats)
    context |= {
        "title": title,
        "build": session.build,
        "base": session.service.settings.base,
        "titles": read_titles(session),
        "tools": make_tools(request, session, title, asked, addresses, command),
    }
    return templates.TemplateResponse(request, template, context, headers={"Vary": "Accept"})
