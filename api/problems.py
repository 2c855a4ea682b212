"""Errors as answers: problem+json for programs, a page for people, never a traceback."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.deps import templates
from api.negotiate import HTML, NotAcceptableError, best_type
from kg import errors

_STATUS: dict[type[Exception], int] = {
    errors.QueryError: 400,
    errors.NotFoundError: 404,
    NotAcceptableError: 406,
    errors.LimitError: 503,
    errors.StoreError: 503,
}


def problem(request: Request, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Return an error in the form that the client reads."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
    }
    headers = {"Vary": "Accept", **(headers or {})}
    if best_type(["application/problem+json", HTML], request.headers.get("accept")) == HTML:
        return templates.TemplateResponse(request, "problem.html", body, status_code=status, headers=headers)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Let the application answer every error as a problem."""

    def known(request: Request, error: Exception) -> Response:
        status = next(code for cls, code in _STATUS.items() if isinstance(error, cls))
        if isinstance(error, errors.LimitError) and str(error).startswith("not acceptable"):
            status = 406
        return problem(request, status, str(error), {"Retry-After": "1"} if status == 503 else None)

    def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem(request, error.status_code, str(error.detail), dict(error.headers or {}))

    def parameters(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        told = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors())
        return problem(request, 400, told)

    def unforeseen(request: Request, _error: Exception) -> Response:
        return problem(request, 500, "the service failed on this request; its log tells more")

    for cls in _STATUS:
        app.add_exception_handler(cls, known)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, parameters)
    app.add_exception_handler(Exception, unforeseen)
