"""Errors as answers: problem+json for programs, a page for people, never a traceback."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.deps import templates
from api.negotiate import HTML, NotAcceptableError, best_type
from api.origins import is_local, list_methods
from api.watch import outcome_of
from kg import errors

FAULTS = logging.getLogger("claimgraph.faults")
_STATUS: dict[type[Exception], int] = {
    errors.QueryError: 400,
    errors.NotFoundError: 404,
    NotAcceptableError: 406,
    errors.LimitError: 503,
    errors.StoreError: 503,
}


#: The limit whose breach tells of a query that no time would help.
_TOO_LARGE = "result size"
#: The one limit that others may have used up, so that asking again is of use.
_BUSY = "busy"


def problem(
    request: Request, status: int, detail: str, headers: dict[str, str] | None = None, **more: object
) -> Response:
    """Return an error in the form that the client reads; more are further members for programs."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        **more,
    }
    headers = {"Vary": "Accept", **(headers or {})}
    if best_type(["application/problem+json", HTML], request.headers.get("accept")) == HTML:
        return templates.TemplateResponse(request, "problem.html", body, status_code=status, headers=headers)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _tell_fault(request: Request, error: errors.StoreError) -> str:
    """Log a fault of the store, and say it to users of this machine alone: it names folders and addresses."""
    FAULTS.error("%s", error)
    if is_local(request.app.state.service.settings.hosts):
        return str(error)
    return "the graph cannot be asked at this moment; the log of the service tells why"


def install(app: FastAPI) -> None:
    """Let the application answer every error as a problem."""

    def known(request: Request, error: Exception) -> Response:
        status = next(code for cls, code in _STATUS.items() if isinstance(error, cls))
        more: dict[str, object] = {}
        if isinstance(error, errors.LimitError):
            more["limit"] = limit = outcome_of(error)
            status = 422 if limit == _TOO_LARGE else status
        elif isinstance(error, NotAcceptableError):
            more["offered"] = list(error.offered)
        told = _tell_fault(request, error) if isinstance(error, errors.StoreError) else str(error)
        again = status == 503 and more.get("limit", _BUSY) == _BUSY
        return problem(request, status, told, {"Retry-After": "1"} if again else None, **more)

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        told = str(error.detail)
        if error.status_code == 405:
            told = f"{request.method} is not answered here; there are {list_methods(request.scope)}"
        return problem(request, error.status_code, told, dict(error.headers or {}))

    def parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        told = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors())
        return problem(request, 400, told)

    for cls in _STATUS:
        app.add_exception_handler(cls, known)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, parameters)
