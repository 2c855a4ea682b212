"""The application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Response
from fastapi.staticfiles import StaticFiles

import kg
from api import problems
from api.deps import Service
from api.guard import Guard
from api.negotiate import HTML
from api.parameters import refuse_unknown
from api.routes import docs, exports, linked, meta, reasoning, resources, search, sparql
from kg.settings import Settings
from kg.stores.base import GRAPHS, RESULTS

#: What the OpenAPI document says of errors and of answers to queries; others are negotiated as the README tells.
_PROBLEM = {"description": "A problem", "content": {"application/problem+json": {}, "text/html": {}}}
_PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": _PROBLEM, 503: _PROBLEM}
_SPARQL = (*RESULTS.values(), *GRAPHS.values(), HTML)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application over the build in service; the workers start with the first request or at start-up."""
    service = Service(settings or Settings.from_environment())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.release(service.acquire())
        logging.getLogger("uvicorn").info("serving the build in %s", service.settings.builds)
        yield
        service.close()

    app = FastAPI(
        title="Claimgraph",
        version=kg.__version__,
        description="Who says so, in which words, how surely, and do the others agree?",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    problems.install(app)
    app.mount("/static", StaticFiles(directory=Path(__file__).with_name("static")), name="static")
    for module, types in (
        (meta, ()),
        (docs, ()),
        (linked, ()),
        (exports, exports.MEDIA_TYPES),
        (sparql, _SPARQL),
        (reasoning, reasoning.COMPARISON.values()),
        (search, ()),
        (resources, ()),
    ):
        told = {**_PROBLEMS, 200: {"content": {t: {} for t in types}}} if types else _PROBLEMS
        app.include_router(
            module.router,
            default_response_class=Response,
            responses=told,
            dependencies=[Depends(refuse_unknown)],
        )

    app.add_middleware(Guard, settings=service.settings, metrics=service.metrics)
    return app
