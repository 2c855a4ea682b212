"""The application."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Response

import kg
from api import problems
from api.assets import Assets
from api.deps import Service
from api.description import describe, find_section
from api.guard import Guard
from api.negotiate import HTML
from api.parameters import refuse_unknown
from api.routes import docs, exports, linked, meta, reasoning, resources, search, sparql
from kg.exports.delivery import Desk
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
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.service = service
    app.state.desk = Desk(service.settings.workers)
    problems.install(app)
    app.mount("/static", Assets(directory=Path(__file__).with_name("static")), name="static")
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
            tags=[find_section(module)],
            default_response_class=Response,
            responses=told,
            dependencies=[Depends(refuse_unknown)],
        )

    describe(app, service.queries, _PROBLEMS)
    app.add_middleware(Guard, service=service)
    return app
