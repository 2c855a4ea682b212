"""Addresses that name the build which they answer from, so that a citation never says something else later."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Query, Request

from api.deps import Session
from kg.errors import NotFoundError, QueryError
from kg.stores.connect import list_builds

#: The parameter of such an address.
Pinned = Annotated[str | None, Query(description="The digest that the answer must come from")]
#: How much of a digest is enough for a reader to know it by.
_SHOWN = 16


def require_build(session: Session, build: str | None) -> None:
    """Raise NotFoundError when another build is in service than the address names; say how it can be had again."""
    if build is None:
        return
    if not re.fullmatch("[0-9a-f]{8,64}", build):
        raise QueryError(f"a build is named by at least 8 hexadecimal digits of its digest, not by {build!r}")
    if session.build.digest.startswith(build):
        return
    name, serving = build[:_SHOWN], f"the build in service is {session.build.digest[:_SHOWN]}"
    if any(kept.digest.startswith(build) for kept in list_builds(session.service.settings)):
        raise NotFoundError(
            f"this address answers from the build {name} alone, which is kept but not in service ({serving}); whoever"
            f" runs the service puts it back with 'kg rollback {name}'"
        )
    raise NotFoundError(
        f"this address answers from the build {name} alone, which is not kept here ({serving}); it can be built again"
        " from the data that it was built from"
    )


def pin(request: Request, session: Session) -> str:
    """Return the address of this very view that answers from this build alone."""
    return f"{request.url.path}?{request.url.include_query_params(build=session.build.digest).query}"
